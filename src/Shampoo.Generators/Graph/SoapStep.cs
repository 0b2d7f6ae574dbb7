using Shampoo.Generators.Model;
using static Shampoo.Generators.Graph.Array;

namespace Shampoo.Generators.Graph;

/// <summary>What is SOAP's own in a step: its moments are kept in the eigenbases, which follow the statistics once they have been used.</summary>
/// <param name="matrices">The preconditioner.</param>
/// <param name="numbers">The scalars.</param>
/// <param name="gradient">G, after clipping and L2 decay.</param>
internal sealed class SoapStep(MatrixPreconditioner matrices, Numbers numbers, Array gradient)
{
    private readonly SoapMoments _moments = matrices.Moments!;

    /// <summary>What the first gradient does, once it has become part of the statistics.</summary>
    public Product FirstBasis => new(ProductKind.FirstBasis, "Q_k ← eigenvectors of L_k", matrices.Attribute, [FactorMatrices], [Eigenvectors]);

    /// <summary>P of all others.</summary>
    public IReadOnlyList<Operation> Direction =>
    [
        new Product(ProductKind.Rotate, "QᵀG = G ×₁ Q₁ᵀ … ×_d Q_dᵀ", matrices.Attribute, [gradient, Eigenvectors], [RotatedGradient]),
        new Stage("m ← β₁m + (1 − β₁)QᵀG", matrices.Attribute, new Assignment(Array.FirstMoment, numbers.Beta1 * Array.FirstMoment + numbers.OneMinusBeta1 * RotatedGradient)),
        new Stage("v ← β₂v + (1 − β₂)(QᵀG)²", matrices.Attribute,
            new Assignment(RotatedSecondMoment, numbers.Beta2 * RotatedSecondMoment + numbers.OneMinusBeta2 * (RotatedGradient * RotatedGradient))),
        Divide(),
        new Product(ProductKind.RotateBack, "P = QᵀP ×₁ Q₁ … ×_d Q_d", matrices.Attribute, [RotatedDirection, Eigenvectors], [Array.Direction]),
    ];

    /// <summary>Takes the bases, and the moments with them, to the statistics that contain this gradient.</summary>
    public Product Follow => new(
        ProductKind.Follow, "Q_k ← qr(L_kQ_k), of columns sorted by diag(Q_kᵀL_kQ_k) like v; m ← m ×₁ R₁ᵀ … ×_d R_dᵀ, R_k = Q_oldᵀQ_new", matrices.Attribute,
        [FactorMatrices, Eigenvectors, Array.FirstMoment, RotatedSecondMoment], [Eigenvectors, Array.FirstMoment, RotatedSecondMoment]);

    private Stage Divide()
    {
        (string text, Expression moment) = _moments.CorrectsBias ? ("m · √(1 − β₂ᵗ) / (1 − β₁ᵗ)", numbers.MomentsBiasCorrection * Array.FirstMoment) : ("m", (Expression)Array.FirstMoment);
        return new Stage($"QᵀP = {text} / (√v + ε)", matrices.Attribute,
            new Assignment(RotatedDirection, moment / (Expression.Sqrt(RotatedSecondMoment) + numbers.Epsilon).As("denominator")));
    }
}
