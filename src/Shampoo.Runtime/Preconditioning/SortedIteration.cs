namespace Shampoo.Runtime;

/// <summary>
/// A basis as SOAP's authors follow it (Vyas et al. 2024): its columns are sorted by diag(QᵀLQ), largest first, and one step of simultaneous
/// iteration is taken from there, Q ← qr(LQ).
/// </summary>
/// <param name="basis">The bases, which are replaced.</param>
/// <param name="rotation">Gets R = Q_oldᵀQ_new, for what is to stay the same in the space of the parameters.</param>
/// <param name="order">Gets the permutation that sorted the columns, for what belongs to them one by one.</param>
internal readonly struct SortedIteration(Eigenvectors basis, BasisChange rotation, BasisChange order) : IFactorFunction
{
    public string Results => FactorEigenbases.Results;

    public IInverseRootSolver Exact => WithoutRidge;

    public bool[]? Compute(Tensor matrices, int dimension, int firstBlock)
    {
        var previous = basis.Of(matrices, dimension, firstBlock);
        var (eigenvectors, columns) = Iterate(matrices, previous);
        basis.RequireFinite(eigenvectors, dimension, firstBlock);
        rotation.Set(BasisChange.Rotation(previous, eigenvectors), dimension, firstBlock);
        order.Set(BasisChange.Permutation(columns, previous), dimension, firstBlock);
        basis.Adopt(eigenvectors, dimension, firstBlock);
        return null;
    }

    /// <summary>Bases are those of L as it is.</summary>
    internal static IInverseRootSolver WithoutRidge { get; } = new Eigh<PseudoInverse>(new PseudoInverse());

    /// <summary>qr(LQ), and the order into which the columns of Q were brought before, [matrices, d_k].</summary>
    public static (Tensor Eigenvectors, Tensor Columns) Iterate(Tensor matrices, Tensor previous)
    {
        using var precision = FullPrecision.For(matrices);
        var (_, columns) = Eigenbases.Rotate(matrices, previous).diagonal(0, -2, -1).sort(-1, descending: true, stable: true);
        var index = columns.unsqueeze(-2).expand(previous.shape);
        var (eigenvectors, _) = torch.linalg.qr(matrices.bmm(previous.gather(-1, index)));
        return (eigenvectors, columns);
    }
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
        var (eigenvectors, columns) = SortedIteration.Iterate(matrices, basis.Of(matrices, dimension, firstBlock));
        next.RequireFinite(eigenvectors, dimension, firstBlock);
        using var order = orders[dimension]!.narrow(0, firstBlock, columns.shape[0]);
        order.copy_(columns);
        next.Adopt(eigenvectors, dimension, firstBlock);
        return null;
    }
}
