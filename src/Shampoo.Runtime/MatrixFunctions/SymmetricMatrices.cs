using System.Numerics;
using System.Runtime.InteropServices;

namespace Shampoo.Runtime;

/// <summary>
/// Eigendecompositions of stacks of symmetric matrices, and what they are put together to. In the memory of the CPU they are computed in place,
/// matrix by matrix, by <see cref="SymmetricEigensolver"/> and LAPACK; on a GPU by <see cref="CudaSolver"/> where it is there; by operators of torch elsewhere.
/// </summary>
internal static unsafe class SymmetricMatrices
{
    private const long SmallSize = 48;

    /// <summary>A = Q diag(λ) Qᵀ</summary>
    /// <param name="matrices">A, [matrices, n, n], symmetric and finite. May become Q.</param>
    /// <returns>λ, [matrices, n], ascending, and Q, [matrices, n, n], whose columns are the eigenvectors; owned by the caller.</returns>
    /// <exception cref="ExternalException">At least one of the matrices could not be decomposed.</exception>
    public static (Tensor Eigenvalues, Tensor Eigenvectors) Decompose(Tensor matrices)
    {
        if (CudaSolver.TryDecompose(matrices) is { } decomposed)
            return decomposed;
        if (!matrices.AreInMemory() || !(Lapack.IsAvailable || IsOurs(matrices.dtype, matrices.size(-1))))
            return torch.linalg.eigh(matrices);
        var eigenvalues = torch.empty(matrices.shape[..2], dtype: matrices.dtype);
        if (matrices.dtype == ScalarType.Float32)
            Decompose<float>(matrices, eigenvalues);
        else
            Decompose<double>(matrices, eigenvalues);
        return (eigenvalues, matrices.alias());
    }

    /// <summary>Q diag(w²) Qᵀ, exactly symmetric on the CPU.</summary>
    /// <param name="eigenvectors">Q, [matrices, n, n]. Becomes Q diag(w).</param>
    /// <param name="weights">w, [matrices, n].</param>
    /// <returns>[matrices, n, n]: a fresh tensor, owned by the caller.</returns>
    public static Tensor Compose(Tensor eigenvectors, Tensor weights)
    {
        if (!Blas.IsAvailable || !eigenvectors.AreInMemory() || !weights.is_contiguous() || weights.dtype != eigenvectors.dtype)
        {
            using var scaled = eigenvectors.mul(weights.unsqueeze(-2));
            return scaled.matmul(scaled.transpose(-2, -1));
        }
        var products = torch.empty_like(eigenvectors);
        if (eigenvectors.dtype == ScalarType.Float32)
            Compose<float>(eigenvectors, weights, products);
        else
            Compose<double>(eigenvectors, weights, products);
        return products;
    }

    private static void Decompose<T>(Tensor matrices, Tensor eigenvalues) where T : unmanaged
    {
        long count = matrices.shape[0], n = matrices.shape[^1];
        T* a = (T*)NativeTensor.Data(matrices.Handle), lambda = (T*)NativeTensor.Data(eigenvalues.Handle);
        for (long i = 0; i < count; i++)
        {
            if (!TryDecompose(a + i * n * n, n, lambda + i * n))
                throw new ExternalException($"The eigendecomposition of matrix {i} of {count} did not converge.");
            Symmetry.Transpose(a + i * n * n, n);
        }
    }

    private static bool TryDecompose<T>(T* matrix, long n, T* eigenvalues) where T : unmanaged =>
        typeof(T) == typeof(float) && IsOurs(ScalarType.Float32, n)
            ? SymmetricEigensolver.TryDecompose((float*)matrix, n, (float*)eigenvalues)
            : Lapack.TryDecompose(matrix, n, eigenvalues);

    // Small ones LAPACK decomposes as fast, and those that have less than full rank a little more exactly, as it does not put off what changes a matrix.
    private static bool IsOurs(ScalarType type, long n) => type == ScalarType.Float32 && n > SmallSize && Blas.IsAvailable;

    private static void Compose<T>(Tensor eigenvectors, Tensor weights, Tensor products) where T : unmanaged, INumberBase<T>
    {
        long count = eigenvectors.shape[0], n = eigenvectors.shape[^1];
        T* q = (T*)NativeTensor.Data(eigenvectors.Handle), w = (T*)NativeTensor.Data(weights.Handle), x = (T*)NativeTensor.Data(products.Handle);
        for (long i = 0; i < count; i++, q += n * n, w += n, x += n * n)
        {
            var scaled = new MatrixView<T>(q, n, n, n);
            Diagonals.MultiplyColumns(scaled, w, scaled);
            Blas.MultiplyByTranspose(T.One, scaled, T.Zero, new MatrixView<T>(x, n, n, n));
            Symmetry.CopyToUpper(x, n, 0, n);
        }
    }
}
