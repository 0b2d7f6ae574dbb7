using System.Numerics;
using System.Runtime.CompilerServices;

namespace Shampoo.Runtime;

/// <summary>
/// A step of simultaneous iteration (Rutishauser 1969) from a basis whose columns are sorted before. In the memory of the CPU BLAS does it in place, matrix by
/// matrix, operators of torch elsewhere.
/// </summary>
internal static unsafe class SimultaneousIteration
{
    // Columns that a pass over their products takes together: a line of the cache.
    private const long Tile = 16;

    // How many elements of memory are enough for several matrices.
    private const long ElementsTogether = 1 << 16;

    /// <summary>Q' of AQP = Q'R, where P sorts the columns of Q by diag(QᵀAQ), largest first.</summary>
    /// <param name="matrices">A, [matrices, n, n], symmetric and finite. May become Q'.</param>
    /// <param name="basis">Q, [matrices, n, n].</param>
    /// <returns>Q', and which column of Q came to every place, [matrices, n] of Int64: owned by the caller.</returns>
    public static (Tensor Basis, Tensor Columns) Step(Tensor matrices, Tensor basis)
    {
        if (!Blas.IsAvailable || !matrices.AreInMemory() || !basis.AreInMemory() || matrices.dtype != basis.dtype)
            return StepByOperators(matrices, basis);
        long count = matrices.shape[0], n = matrices.shape[^1], together = Math.Max(1, ElementsTogether / (n * n));
        var columns = torch.empty([count, n], dtype: ScalarType.Int64);
        using var scope = torch.NewDisposeScope();
        for (long first = 0; first < count; first += together)
        {
            var length = Math.Min(together, count - first);
            Tensor some = matrices.narrow(0, first, length), from = basis.narrow(0, first, length);
            columns.narrow(0, first, length).copy_(matrices.dtype == ScalarType.Float32 ? Step<float>(some, from) : Step<double>(some, from));
        }
        return (matrices.alias().MoveToOuterDisposeScope(), columns);
    }

    private static (Tensor, Tensor) StepByOperators(Tensor matrices, Tensor basis)
    {
        using var scope = torch.NewDisposeScope();
        using var precision = FullPrecision.For(matrices);
        var products = matrices.bmm(basis);
        var (_, columns) = products.mul(basis).sum([-2L]).sort(-1, descending: true, stable: true);
        var next = QRFactors.Orthogonal(products.gather(-1, columns.unsqueeze(-2).expand(basis.shape)));
        return (next.MoveToOuterDisposeScope(), columns.MoveToOuterDisposeScope());
    }

    // Where every column of Q' comes from.
    private static Tensor Step<T>(Tensor matrices, Tensor basis) where T : unmanaged, IFloatingPointIeee754<T>
    {
        long count = matrices.shape[0], n = matrices.shape[^1], elements = n * n;
        T* a = (T*)NativeTensor.Data(matrices.Handle), q = (T*)NativeTensor.Data(basis.Handle);
        using var working = ThreadMemory.OfMatrices((count * elements + HouseholderQR<T>.Elements(n)) * sizeof(T));
        var products = (T*)working.Address;
        var memory = products + count * elements;
        var quotients = torch.empty([count, n], dtype: matrices.dtype);
        var sums = (T*)NativeTensor.Data(quotients.Handle);
        for (long i = 0; i < count; i++)
        {
            // (AQ)ᵀ = QᵀA
            Blas.Multiply(T.One, Square(q, i, n).Transposed, Square(a, i, n), T.Zero, Square(products, i, n));
            SumProducts(products + i * elements, q + i * elements, n, sums + i * n);
        }
        var (_, columns) = quotients.sort(-1, descending: true, stable: true);
        var order = (long*)NativeTensor.Data(columns.Handle);
        for (long i = 0; i < count; i++, order += n)
        {
            T* matrix = a + i * elements, product = products + i * elements;
            for (long j = 0; j < n; j++)
                new ReadOnlySpan<T>(product + order[j] * n, (int)n).CopyTo(new Span<T>(matrix + j * n, (int)n));
            HouseholderQR<T>.Orthogonalise(matrix, product, n, memory);
            Symmetry.Transpose(product, matrix, n);
        }
        return columns;
    }

    private static MatrixView<T> Square<T>(T* matrices, long index, long n) where T : unmanaged => new(matrices + index * n * n, n, n, n);

    // Of the rows of one matrix and the columns of the other.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SumProducts<T>(T* rows, T* columns, long n, T* sums) where T : unmanaged, INumberBase<T>
    {
        new Span<T>(sums, (int)n).Clear();
        for (long first = 0; first < n; first += Tile)
        {
            var end = Math.Min(first + Tile, n);
            for (long i = 0; i < n; i++)
            {
                for (var j = first; j < end; j++)
                    sums[j] += rows[j * n + i] * columns[i * n + j];
            }
        }
    }
}
