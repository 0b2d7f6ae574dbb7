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
    public string Results => "eigenbases";

    public IInverseRootSolver Exact => new Eigh<PseudoInverse>(new PseudoInverse());

    public bool[]? Compute(Tensor matrices, int dimension, int firstBlock)
    {
        using var precision = FullPrecision.For(matrices);
        var previous = basis.Of(matrices, dimension, firstBlock);
        var (_, columns) = Eigenbases.Rotate(matrices, previous).diagonal(0, -2, -1).sort(-1, descending: true, stable: true);
        var index = columns.unsqueeze(-2).expand(previous.shape);
        var (eigenvectors, _) = torch.linalg.qr(matrices.bmm(previous.gather(-1, index)));
        basis.RequireFinite(eigenvectors, dimension, firstBlock);
        rotation.Set(previous.transpose(-2, -1).bmm(eigenvectors), dimension, firstBlock);
        order.Set(Identities(previous).gather(-1, index), dimension, firstBlock);
        basis.Adopt(eigenvectors, dimension, firstBlock);
        return null;
    }

    private static Tensor Identities(Tensor like)
    {
        using Scalar one = 1.0;
        return like.zeros_like().AddToDiagonal(one);
    }
}
