namespace Shampoo.Runtime;

/// <summary>
/// What a refresh of eigenbases does to an array that is kept in them: for every dimension k that has a basis a matrix C_k for each block,
/// the identity until it is set. Its tensors belong to the dispose scope in which it is made.
/// </summary>
internal sealed class BasisChange
{
    private readonly Tensor?[] _matrices;   // C_k  [blocks, d_k, d_k]
    private readonly TorchModeProducts _products;

    /// <param name="source">Of the state that the bases belong to.</param>
    /// <param name="factors">Their factor matrices, L_k, in whose arithmetic bases are computed; null where there is none.</param>
    public BasisChange(StateSource source, Tensor?[] factors)
    {
        _matrices = Array.ConvertAll(factors, static factor => factor is null ? null : Identities(factor));
        _products = new TorchModeProducts(source, _matrices);
    }

    /// <summary>Sets C_k of some neighbouring blocks.</summary>
    public void Set(Tensor matrices, int dimension, int firstBlock)
    {
        using var destination = _matrices[dimension]!.narrow(0, firstBlock, matrices.shape[0]);
        destination.copy_(matrices);
    }

    /// <summary>array ← array ×₁ C₁ᵀ … ×_d C_dᵀ.</summary>
    /// <param name="array">[blocks, …]: a part of the state.</param>
    public void Apply(BlockArray array)
    {
        ArgumentNullException.ThrowIfNull(array);
        var stack = array.Stack();
        using var precision = FullPrecision.For(stack);
        using var changed = _products.Multiply(stack, isTransposed: true);
        stack.copy_(changed);
    }

    private static Tensor Identities(Tensor factor)
    {
        using Scalar one = 1.0;
        return factor.zeros_like(dtype: factor.dtype.Arithmetic()).AddToDiagonal(one);
    }
}
