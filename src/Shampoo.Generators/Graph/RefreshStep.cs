using Shampoo.Generators.Model;
using static Shampoo.Generators.Graph.Array;

namespace Shampoo.Generators.Graph;

/// <summary>What a step does to have roots or bases of newer statistics: all of it at once, in turns, or beginning and adopting.</summary>
internal sealed class RefreshStep
{
    private const string Turn = ", where it is a block's turn", Overlapped = "Preconditioning(Refresh = Overlapped)", Staggered = "Preconditioning(Refresh = Staggered)";

    // E is carried over by these, R_k = Q_oldᵀQ_new.
    private const string Transport = "E ← E ×₁ (R₁∘R₁)ᵀ … ×_d (R_d∘R_d)ᵀ, R_k = Q_oldᵀQ_new";

    private readonly Preconditioning _schedule;
    private readonly MatrixPreconditioner? _matrices;

    public RefreshStep(Declaration declaration)
    {
        (_schedule, _matrices) = (declaration.Preconditioning, declaration.Matrices);
        (FromStart, BeforeStart) = _matrices is null or { Moments: not null } ? ([], []) : Operations();
        Following = _matrices is { Moments: not null } ? Follow() : [];
    }

    /// <summary>What there is of it from step Start on.</summary>
    public IReadOnlyList<Operation> FromStart { get; }

    /// <summary>What there is of it before.</summary>
    public IReadOnlyList<Operation> BeforeStart { get; }

    /// <summary>What SOAP does at the end of a step.</summary>
    public IReadOnlyList<Operation> Following { get; }

    private string Method => _matrices!.Attribute;

    private bool Transports => _matrices!.TransportsEigenvalues;

    /// <summary>Q_k or X_k.</summary>
    private Array Computed => _matrices!.Method == MatrixMethod.EigenvalueCorrected ? Eigenvectors : InverseRoots;

    private Array[] ReadWithResults => Transports ? [Eigenvectors, CorrectedEigenvalues] : [];

    private Array[] Results => Transports ? [Eigenvectors, CorrectedEigenvalues] : [Computed];

    private (IReadOnlyList<Operation> FromStart, IReadOnlyList<Operation> BeforeStart) Operations()
    {
        switch (_schedule.Refresh)
        {
            case Refresh.Staggered:
                Operation[] turn = [new Product(ProductKind.RefreshInTurn, $"{Formula("")}{Carried()}{Turn}", $"{Method}, {Staggered}", [FactorMatrices, .. ReadWithResults], Results)];
                return (turn, turn);
            case Refresh.Overlapped:
                // After the statistics, as a refresh: some are made of the roots in use.
                var adopt = new Product(ProductKind.AdoptRefresh, $"{Computed.Symbol}_k ← {Computed.Symbol}'_k{Carried()}", Overlapped, [FactorMatrices, NextMatrices, .. ReadWithResults], Results);
                return ([adopt, Begin(ProductKind.BeginRefresh)], [Begin(ProductKind.BeginFirstRefresh)]);
            default:
                return ([new Product(ProductKind.Refresh, $"{Formula("")}{Carried()}", Method, [FactorMatrices, .. ReadWithResults], Results)], []);
        }
    }

    private Product Begin(ProductKind kind) => new(kind, $"{Formula("'")}{Beside}", $"{Method}, {Overlapped}", [FactorMatrices, Computed], [NextMatrices]);

    private string Beside => $"; computed beside the next {_schedule.Staleness} steps";

    private string Carried() => Transports ? $"; {Transport}" : "";

    private IReadOnlyList<Operation> Follow()
    {
        const string Iteration = "qr(L_kQ_k), of columns sorted by diag(Q_kᵀL_kQ_k)", Moment = "m ← m ×₁ R₁ᵀ … ×_d R_dᵀ, R_k = Q_oldᵀQ_new";
        Array[] inBasis = [Eigenvectors, Array.FirstMoment, RotatedSecondMoment];
        return _schedule.Refresh switch
        {
            Refresh.Staggered => [new Product(ProductKind.FollowInTurn, $"Q_k ← {Iteration} like v; {Moment}{Turn}", $"{Method}, {Staggered}", [FactorMatrices, .. inBasis], inBasis)],
            Refresh.Overlapped =>
            [
                new Product(ProductKind.AdoptFollowing, $"Q_k ← Q'_k, v sorted like its columns; {Moment}", Overlapped, [NextMatrices, .. inBasis], inBasis),
                new Product(ProductKind.BeginFollowing, $"Q'_k ← {Iteration}{Beside}", $"{Method}, {Overlapped}", [FactorMatrices, Eigenvectors], [NextMatrices]),
            ],
            _ => [new Product(ProductKind.Follow, $"Q_k ← {Iteration} like v; {Moment}", Method, [FactorMatrices, .. inBasis], inBasis)],
        };
    }

    /// <summary>What is computed.</summary>
    private string Formula(string prime)
    {
        string unbiased = _matrices!.Unbiased("L_k", _schedule);
        return Computed == Eigenvectors
            ? $"Q{prime}_k ← eigenvectors of {Regularised(unbiased)}"
            : $"X{prime}_k ← ({Regularised(unbiased)})^(−{_matrices.ExponentText}){(_matrices.HasDefaultExponents ? ", d the order of the blocks" : "")}";
    }

    /// <summary>Whether ε is on the diagonal. Eigenvalues may have it afterwards, eigenvectors not.</summary>
    private bool HasRidge => _matrices!.HasEigenbases
        ? _matrices.Solver.RankDeficiency == RankDeficiency.PerturbBefore
        : _matrices.Epsilon is not null && _matrices.Solver.Name != "CoupledHigherOrder";

    private string Regularised(string unbiased)
    {
        string scaled = _matrices!.TraceScalingExponent is { } exponent ? $"{unbiased} · tr(…)^−{exponent.Text}" : unbiased;
        return HasRidge ? $"{scaled} + εI" : scaled;
    }
}
