using System.Numerics;

namespace Shampoo.Runtime;

/// <summary>The orthogonal factors of stacks of square matrices: in the memory of the CPU by <see cref="HouseholderQR{T}"/>, by an operator of torch elsewhere.</summary>
internal static unsafe class QRFactors
{
    /// <summary>Q of A = QR, for every matrix.</summary>
    /// <param name="matrices">A, [matrices, n, n], finite.</param>
    /// <returns>A fresh tensor, contiguous, owned by the caller.</returns>
    public static Tensor Orthogonal(Tensor matrices)
    {
        if (!Blas.IsAvailable || !matrices.AreInMemory())
        {
            using var scope = torch.NewDisposeScope();
            var (factors, _) = torch.linalg.qr(matrices);
            return factors.contiguous().MoveToOuterDisposeScope();
        }
        var q = torch.empty_like(matrices);
        if (matrices.dtype == ScalarType.Float32)
            Orthogonalise<float>(matrices, q);
        else
            Orthogonalise<double>(matrices, q);
        return q;
    }

    private static void Orthogonalise<T>(Tensor matrices, Tensor factors) where T : unmanaged, IFloatingPointIeee754<T>
    {
        long count = matrices.size(0), n = matrices.size(-1), elements = n * n;
        T* a = (T*)NativeTensor.Data(matrices.Handle), q = (T*)NativeTensor.Data(factors.Handle);
        using var working = ThreadMemory.OfMatrices((elements + HouseholderQR<T>.Elements(n)) * sizeof(T));
        var columns = (T*)working.Address;
        for (long i = 0; i < count; i++, a += elements, q += elements)
        {
            Symmetry.Transpose(a, columns, n);
            HouseholderQR<T>.Orthogonalise(columns, q, n, columns + elements);
            Symmetry.Transpose(q, n);
        }
    }
}
