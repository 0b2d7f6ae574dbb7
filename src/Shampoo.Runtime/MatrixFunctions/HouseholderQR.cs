using System.Numerics;

namespace Shampoo.Runtime;

/// <summary>
/// The orthogonal factor of A = QR by Householder reflections, as LAPACK's <c>geqrf</c> and <c>orgqr</c> compute it, signs included: diag(R) has the signs that
/// cancel nothing. Reflections are applied in blocks (<see cref="CompactWY{T}"/>), which come from recursion (Elmroth and Gustavson 2000), so that nearly all of the
/// work is products.
/// </summary>
/// <remarks>
/// Matrices lie in memory column by column: below they are seen as their transposes, so that a reflection is a row. For one thread, and for any number of them
/// beside one another.
/// </remarks>
/// <typeparam name="T">float or double.</typeparam>
internal static unsafe class HouseholderQR<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    // Reflections of a block.
    private const long Block = 32;

    // Squares of less may be rounded away; ten times as many digits as there are between the numbers of a column that count.
    private static readonly T s_smallest = T.CreateChecked(typeof(T) == typeof(float) ? 1e-24 : 1e-200);

    /// <summary>How many elements of memory a decomposition of order n needs.</summary>
    public static long Elements(long n) => 3 * n * Block;

    /// <summary>Q of A = QR.</summary>
    /// <param name="matrix">A, n×n, column by column; finite. Undefined afterwards.</param>
    /// <param name="q">Gets Q, n×n, column by column.</param>
    /// <param name="n">The size.</param>
    /// <param name="memory">Of <see cref="Elements"/>.</param>
    public static void Orthogonalise(T* matrix, T* q, long n, T* memory)
    {
        var (rows, basis) = (new MatrixView<T>(matrix, n, n, n), new MatrixView<T>(q, n, n, n));
        var products = memory + n * Block;
        new Span<T>(memory, checked((int)(n * Block))).Clear();
        for (long first = 0; first < n; first += Block)
        {
            var (reflections, t) = BlockAt(rows, memory, first);
            Factorise(reflections, t, products);
            var end = first + reflections.Rows;
            Reflect(rows.RowRange(end, n - end).ColumnRange(first, n - first), reflections, t, products);
        }

        SetToIdentity(q, n);
        for (var first = (n - 1) / Block * Block; first >= 0; first -= Block)
        {
            var (reflections, t) = BlockAt(rows, memory, first);
            Reflect(basis.RowRange(first, n - first).ColumnRange(first, n - first), reflections, t.Transposed, products);
        }
    }

    // Vᵀ and T of a block: V has zeros above its part of the matrix.
    private static (MatrixView<T> Reflections, MatrixView<T> T) BlockAt(in MatrixView<T> rows, T* memory, long first)
    {
        var (n, count) = (rows.Columns, Math.Min(Block, rows.Rows - first));
        return (rows.RowRange(first, count).ColumnRange(first, n - first), new MatrixView<T>(memory + first * Block, count, count, Block));
    }

    // The columns become V, whose diagonal is 1. R is not kept.
    private static void Factorise(in MatrixView<T> rows, in MatrixView<T> t, T* products)
    {
        if (rows.Rows <= CompactWY<T>.Leaf)
        {
            FactoriseOneByOne(rows, t);
            return;
        }
        long half = rows.Rows / 2, rest = rows.Rows - half, columns = rows.Columns - half;
        MatrixView<T> left = rows.RowRange(0, half), right = rows.RowRange(half, rest);
        var t11 = t.RowRange(0, half).ColumnRange(0, half);
        Factorise(left, t11, products);
        Reflect(right, left, t11, products);
        for (long i = 0; i < rest; i++)
            new Span<T>(right.RowRange(i, 1).Data, (int)half).Clear();
        Factorise(right.ColumnRange(half, columns), t.RowRange(half, rest).ColumnRange(half, rest), products);
        CompactWY<T>.Join(rows, half, t, products);
    }

    private static void FactoriseOneByOne(in MatrixView<T> rows, in MatrixView<T> t)
    {
        for (long j = 0; j < rows.Rows; j++)
        {
            T* row = rows.RowRange(j, 1).Data, v = row + j;
            var length = rows.Columns - j;
            new Span<T>(row, (int)j).Clear();
            var tau = MakeReflection(v, length);
            for (var k = j + 1; k < rows.Rows; k++)
            {
                var other = rows.RowRange(k, 1).Data + j;
                Rows.Add(-tau * Rows.Dot(v, other, length), v, other, length);
            }
            CompactWY<T>.Append(rows, j, tau, t);
        }
    }

    /// <summary>I − τvvᵀ with v₁ = 1, which makes x a multiple of the first unit vector.</summary>
    /// <param name="x">x, which becomes v.</param>
    /// <param name="length">Its length.</param>
    /// <returns>τ; 0 if all but the first element are 0 already, NaN if one is infinite.</returns>
    private static T MakeReflection(T* x, long length)
    {
        var (first, rest) = (x[0], Rows.Dot(x + 1, x + 1, length - 1));
        if (!(rest > s_smallest && T.IsFinite(rest + first * first)))
        {
            var largest = Rows.LargestMagnitude(x, length);
            if (largest > T.Zero)
                Divide(x, largest, length); // which changes nothing about v and τ
            (first, rest) = (x[0], Rows.Dot(x + 1, x + 1, length - 1));
        }
        x[0] = T.One;
        if (rest == T.Zero)
            return T.IsFinite(first) ? T.Zero : T.NaN;
        var norm = T.Sqrt(first * first + rest);
        var beta = T.IsNegative(first) ? norm : -norm;
        Rows.Scale(T.One / (first - beta), x + 1, length - 1);
        return (beta - first) / beta;
    }

    // Not by the reciprocal, which is infinite for the smallest numbers.
    private static void Divide(T* x, T divisor, long length)
    {
        for (long i = 0; i < length; i++)
            x[i] /= divisor;
    }

    // C ← C − CV T Vᵀ, where the columns that are reflected are the rows of C.
    private static void Reflect(in MatrixView<T> c, in MatrixView<T> reflections, in MatrixView<T> t, T* products)
    {
        if (c.Rows == 0)
            return;
        var count = reflections.Rows;
        MatrixView<T> overlaps = new(products, c.Rows, count, count), weighted = new(products + c.Rows * count, c.Rows, count, count);
        Blas.Multiply(T.One, c, reflections.Transposed, T.Zero, overlaps);
        Blas.Multiply(T.One, overlaps, t, T.Zero, weighted);
        Blas.Multiply(-T.One, weighted, reflections, T.One, c);
    }

    private static void SetToIdentity(T* matrix, long n)
    {
        for (long i = 0; i < n; i++)
        {
            new Span<T>(matrix + i * n, (int)n).Clear();
            matrix[i * n + i] = T.One;
        }
    }
}
