namespace Shampoo.Runtime;

/// <summary>The eigenvalues of A, each λ ← (λ − min(min λ, 0)) + ε: ε is not rounded away where A is large.</summary>
/// <param name="epsilon">ε, positive.</param>
public readonly struct PerturbAfter(double epsilon) : IRankDeficiencyRule
{
    /// <inheritdoc/>
    public void BeforeDecomposition(Tensor matrices)
    {
    }

    /// <inheritdoc/>
    public Tensor InverseRoots(Tensor eigenvalues, double exponent)
    {
        using var scope = torch.NewDisposeScope();
        using Scalar ridge = epsilon, zero = 0.0;
        var shift = eigenvalues.amin([-1L], keepdim: true).clamp_max_(zero);
        return Powers.Of(eigenvalues.sub(shift).add_(ridge), -exponent).MoveToOuterDisposeScope();
    }
}
