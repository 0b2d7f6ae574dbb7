namespace Shampoo.Runtime;

/// <summary>
/// What a refresh of the eigenbases of some neighbouring blocks does to an array that is kept in them: for every dimension k that has a basis a
/// matrix C_k for each block, the identity until it is set. Its tensors belong to the dispose scope in which it is made.
/// </summary>
internal sealed class BasisChange
{
    private readonly Tensor?[] _matrices;   // C_k  [blocks, d_k, d_k]
    private readonly TorchModeProducts _products;
    private readonly int _first, _count, _origin;

    /// <param name="source">Of the state that the bases belong to.</param>
    /// <param name="factors">Their factor matrices, L_k, in whose arithmetic bases are computed; null where there is none.</param>
    /// <param name="first">The first block.</param>
    /// <param name="count">The number of blocks.</param>
    /// <param name="origin">The block that arrays begin with.</param>
    public BasisChange(StateSource source, Tensor?[] factors, int first, int count, int origin = 0)
    {
        (_first, _count, _origin) = (first, count, origin);
        _matrices = Array.ConvertAll(factors, factor => factor is null ? null : Identities(factor.narrow(0, first, count)));
        _products = new TorchModeProducts(source, _matrices);
    }

    /// <summary>Sets C_k of some neighbouring blocks.</summary>
    public void Set(Tensor matrices, int dimension, int firstBlock)
    {
        using var destination = _matrices[dimension]!.narrow(0, firstBlock - _first, matrices.shape[0]);
        destination.copy_(matrices);
    }

    /// <summary>array ← array ×₁ C₁ᵀ … ×_d C_dᵀ.</summary>
    /// <param name="array">[blocks, …]: a part of the state.</param>
    public void Apply(BlockArray array)
    {
        ArgumentNullException.ThrowIfNull(array);
        using var stack = array.Stack().narrow(0, _first - _origin, _count);
        using var precision = FullPrecision.For(stack);
        using var changed = _products.Multiply(stack, isTransposed: true);
        stack.copy_(changed);
    }

    /// <summary>R, R = Q_oldᵀQ_new; exactly the identity where the basis is kept.</summary>
    /// <param name="previous">Q_old, [matrices, d_k, d_k].</param>
    /// <param name="eigenvectors">Q_new</param>
    public static Tensor Rotation(Tensor previous, Tensor eigenvectors)
    {
        using var precision = FullPrecision.For(previous);
        var kept = previous.eq(eigenvectors).all(-1, keepdim: true).all(-2, keepdim: true);
        return torch.where(kept, Identities(previous), previous.transpose(-2, -1).bmm(eigenvectors));
    }

    /// <summary>R∘R</summary>
    /// <inheritdoc cref="Rotation"/>
    public static Tensor Overlaps(Tensor previous, Tensor eigenvectors) => Rotation(previous, eigenvectors).square();

    /// <summary>The matrices that sort columns.</summary>
    /// <param name="order">Which one comes to every place, [matrices, d_k]; of any dtype.</param>
    /// <param name="like">Whose dtype they have, [matrices, d_k, d_k].</param>
    public static Tensor Permutation(Tensor order, Tensor like) =>
        Identities(like).gather(-1, order.to_type(ScalarType.Int64).unsqueeze(-2).expand(like.shape));

    private static Tensor Identities(Tensor factor)
    {
        using Scalar one = 1.0;
        return factor.zeros_like(dtype: factor.dtype.Arithmetic()).AddToDiagonal(one);
    }
}
