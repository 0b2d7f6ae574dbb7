using System.Numerics;

namespace Shampoo.Runtime;

/// <summary>
/// What a refresh of the eigenbases of some neighbouring blocks does to an array that is kept in them: for every dimension k that has a basis a
/// matrix for each block, R_k = Q_oldᵀQ_new or R_k∘R_k, the identity until it is set. Its tensors belong to the dispose scope in which it is made.
/// </summary>
internal sealed class BasisChange
{
    private readonly StateSource _source;
    private readonly Tensor?[] _matrices;   // [blocks, d_k, d_k]
    private readonly bool _isSquared;
    private readonly int _first, _count, _origin;

    /// <param name="source">Of the state that the bases belong to.</param>
    /// <param name="factors">Their factor matrices, L_k, in whose arithmetic bases are computed; null where there is none.</param>
    /// <param name="isSquared">Whether the matrices are R_k∘R_k, for second moments.</param>
    /// <param name="first">The first block.</param>
    /// <param name="count">The number of blocks.</param>
    /// <param name="origin">The block that arrays begin with.</param>
    public BasisChange(StateSource source, Tensor?[] factors, bool isSquared, int first, int count, int origin = 0)
    {
        (_source, _isSquared, _first, _count, _origin) = (source, isSquared, first, count, origin);
        _matrices = Array.ConvertAll(factors, factor => factor is null ? null : Identities(factor.narrow(0, first, count)));
    }

    /// <summary>Sets the matrices of some neighbouring blocks; exactly the identity where the basis is kept.</summary>
    /// <param name="previous">Q_old, [matrices, d_k, d_k].</param>
    /// <param name="eigenvectors">Q_new</param>
    /// <param name="dimension">k</param>
    /// <param name="firstBlock">Which block the first one belongs to.</param>
    public void Set(Tensor previous, Tensor eigenvectors, int dimension, int firstBlock)
    {
        using var scope = torch.NewDisposeScope();
        var destination = _matrices[dimension]!.narrow(0, firstBlock - _first, eigenvectors.shape[0]);
        var areInMemory = Blas.IsAvailable && previous.AreInMemory() && eigenvectors.AreInMemory() && destination.AreInMemory();
        switch (areInMemory && previous.dtype == eigenvectors.dtype && previous.dtype == destination.dtype ? destination.dtype : (ScalarType?)null)
        {
            case ScalarType.Float32: Rotate<float>(previous, eigenvectors, destination); break;
            case ScalarType.Float64: Rotate<double>(previous, eigenvectors, destination); break;
            default: RotateByOperators(previous, eigenvectors, destination); break;
        }
        if (_isSquared)
            destination.mul_(destination);
    }

    /// <summary>array ← array ×₁ C₁ᵀ … ×_d C_dᵀ, where C_k are the matrices.</summary>
    /// <param name="array">[blocks, …]: a part of the state.</param>
    public void Apply(BlockArray array)
    {
        ArgumentNullException.ThrowIfNull(array);
        using var stack = array.Stack().narrow(0, _first - _origin, _count);
        ModeProducts.MultiplyTransposed(_source, stack, _matrices);
    }

    private static void RotateByOperators(Tensor previous, Tensor eigenvectors, Tensor destination)
    {
        using var precision = FullPrecision.For(previous);
        var kept = previous.eq(eigenvectors).all(-1, keepdim: true).all(-2, keepdim: true);
        destination.copy_(torch.where(kept, Identities(previous), previous.transpose(-2, -1).bmm(eigenvectors)));
    }

    private static unsafe void Rotate<T>(Tensor previous, Tensor eigenvectors, Tensor destination) where T : unmanaged, INumberBase<T>
    {
        long n = previous.shape[^1], elements = n * n;
        T* from = (T*)NativeTensor.Data(previous.Handle), to = (T*)NativeTensor.Data(eigenvectors.Handle), rotation = (T*)NativeTensor.Data(destination.Handle);
        for (var i = previous.shape[0]; i > 0; i--, from += elements, to += elements, rotation += elements)
        {
            if (!AreEqual(from, to, n))
                Blas.Multiply(T.One, Square(from, n).Transposed, Square(to, n), T.Zero, Square(rotation, n));
        }
    }

    private static unsafe bool AreEqual<T>(T* matrix, T* other, long n) where T : unmanaged, INumberBase<T>
    {
        for (long row = 0; row < n; row++)
        {
            if (!new ReadOnlySpan<T>(matrix + row * n, (int)n).SequenceEqual(new ReadOnlySpan<T>(other + row * n, (int)n)))
                return false;
        }
        return true;
    }

    private static unsafe MatrixView<T> Square<T>(T* matrix, long n) where T : unmanaged => new(matrix, n, n, n);

    private static Tensor Identities(Tensor factor)
    {
        using Scalar one = 1.0;
        return factor.zeros_like(dtype: factor.dtype.Arithmetic()).AddToDiagonal(one);
    }
}
