namespace Shampoo.Runtime;

/// <summary>The eigenvectors of a factor matrix.</summary>
/// <typeparam name="TSolver">The solver, known at compile time.</typeparam>
/// <typeparam name="TRule">The rule, known at compile time.</typeparam>
/// <param name="solver">How eigenvectors are computed.</param>
/// <param name="rule">What becomes of the matrix before that.</param>
/// <param name="start">What the solver starts from.</param>
/// <param name="basis">What is replaced.</param>
/// <param name="overlaps">Gets R∘R, R = Q_oldᵀQ_new; null if nobody needs it.</param>
internal readonly struct EigenbasisFunction<TSolver, TRule>(TSolver solver, TRule rule, Eigenvectors start, Eigenvectors basis, BasisChange? overlaps) : IFactorFunction
    where TSolver : struct, IEigenbasisSolver
    where TRule : struct, IRankDeficiencyRule
{
    public required string Results { get; init; }

    public IInverseRootSolver Exact => new Eigh<TRule>(rule);

    public bool[]? Compute(Tensor matrices, int dimension, int firstBlock)
    {
        rule.BeforeDecomposition(matrices);
        var previous = start.Of(matrices, dimension, firstBlock);
        var (_, eigenvectors) = solver.Basis(matrices, previous);
        basis.RequireFinite(eigenvectors, dimension, firstBlock);
        overlaps?.Set(previous, eigenvectors, dimension, firstBlock);
        basis.Adopt(eigenvectors, dimension, firstBlock);
        return null;
    }
}
