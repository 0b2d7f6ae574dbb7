namespace Shampoo.Runtime;

/// <summary>
/// A basis as SOAP's authors follow it (Vyas et al. 2024): its columns are sorted by diag(QᵀLQ), largest first, and one step of simultaneous
/// iteration is taken from there, Q ← qr(LQ).
/// </summary>
/// <param name="basis">The bases, which are replaced.</param>
/// <param name="rotation">Gets R = Q_oldᵀQ_new, for what is to stay the same in the space of the parameters.</param>
/// <param name="order">Gets the order into which the columns were brought, for what belongs to them one by one.</param>
internal readonly struct SortedIteration(Eigenvectors basis, BasisChange rotation, ColumnOrder order) : IFactorFunction
{
    public string Results => FactorEigenbases.Results;

    public IInverseRootSolver Exact => WithoutRidge;

    public bool[]? Compute(Tensor matrices, int dimension, int firstBlock)
    {
        var previous = basis.Of(matrices, dimension, firstBlock);
        var (eigenvectors, columns) = SimultaneousIteration.Step(matrices, previous);
        basis.RequireFinite(eigenvectors, dimension, firstBlock);
        rotation.Set(previous, eigenvectors, dimension, firstBlock);
        order.Set(columns, dimension, firstBlock);
        basis.Adopt(eigenvectors, dimension, firstBlock);
        return null;
    }

    /// <summary>Bases are those of L as it is.</summary>
    internal static IInverseRootSolver WithoutRidge { get; } = new Eigh<PseudoInverse>(new PseudoInverse());
}

/// <summary>The same beside the steps: the moments are changed when the bases are adopted.</summary>
/// <param name="basis">The bases in use.</param>
/// <param name="next">The bases that are adopted.</param>
/// <param name="orders">Get the order into which the columns were brought, for every dimension that has a basis [blocks, d_k].</param>
internal readonly struct NextIteration(Eigenvectors basis, Eigenvectors next, Tensor?[] orders) : IFactorFunction
{
    public string Results => FactorEigenbases.Results;

    public IInverseRootSolver Exact => SortedIteration.WithoutRidge;

    public bool[]? Compute(Tensor matrices, int dimension, int firstBlock)
    {
        var (eigenvectors, columns) = SimultaneousIteration.Step(matrices, basis.Of(matrices, dimension, firstBlock));
        next.RequireFinite(eigenvectors, dimension, firstBlock);
        using var order = orders[dimension]!.narrow(0, firstBlock, columns.shape[0]);
        order.copy_(columns);
        next.Adopt(eigenvectors, dimension, firstBlock);
        return null;
    }
}
