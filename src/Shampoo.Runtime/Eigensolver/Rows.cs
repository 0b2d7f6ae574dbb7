using System.Numerics;
using System.Runtime.CompilerServices;

namespace Shampoo.Runtime;

/// <summary>Sums and products of rows of a matrix, several rows at a time, so that what they share is read once.</summary>
internal static unsafe class Rows
{
    private static readonly Vector<int> s_numbers = new([.. Enumerable.Range(0, Vector<int>.Count)]);

    /// <summary>a·b + c</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> MultiplyAdd(Vector<float> a, Vector<float> b, Vector<float> c) =>
#if NET9_0_OR_GREATER
        Vector.MultiplyAddEstimate(a, b, c);
#else
        a * b + c;
#endif

    /// <inheritdoc cref="MultiplyAdd(Vector{float}, Vector{float}, Vector{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<double> MultiplyAdd(Vector<double> a, Vector<double> b, Vector<double> c) =>
#if NET9_0_OR_GREATER
        Vector.MultiplyAddEstimate(a, b, c);
#else
        a * b + c;
#endif

    /// <summary>Σ x_j·y_j</summary>
    public static T Dot<T>(T* x, T* y, long count) where T : unmanaged, INumberBase<T>
    {
        Vector<T> even = default, odd = default;
        long j = 0;
        for (; j <= count - 2 * Vector<T>.Count; j += 2 * Vector<T>.Count)
        {
            even += Vector.Load(x + j) * Vector.Load(y + j);
            odd += Vector.Load(x + j + Vector<T>.Count) * Vector.Load(y + j + Vector<T>.Count);
        }
        var sum = Vector.Sum(even + odd);
        for (; j < count; j++)
            sum += x[j] * y[j];
        return sum;
    }

    /// <summary>y ← y + factor·x</summary>
    public static void Add<T>(T factor, T* x, T* y, long count) where T : unmanaged, INumberBase<T>
    {
        var factors = new Vector<T>(factor);
        long j = 0;
        for (; j <= count - Vector<T>.Count; j += Vector<T>.Count)
            (Vector.Load(y + j) + factors * Vector.Load(x + j)).Store(y + j);
        for (; j < count; j++)
            y[j] += factor * x[j];
    }

    /// <summary>x ← factor·x</summary>
    public static void Scale<T>(T factor, T* x, long count) where T : unmanaged, INumberBase<T> => Scale(factor, x, x, count);

    /// <summary>y ← factor·x</summary>
    public static void Scale<T>(T factor, T* x, T* y, long count) where T : unmanaged, INumberBase<T>
    {
        var factors = new Vector<T>(factor);
        long j = 0;
        for (; j <= count - Vector<T>.Count; j += Vector<T>.Count)
            (factors * Vector.Load(x + j)).Store(y + j);
        for (; j < count; j++)
            y[j] = factor * x[j];
    }

    /// <summary>max |x_j|</summary>
    public static T LargestMagnitude<T>(T* x, long count) where T : unmanaged, INumber<T>
    {
        var largest = Vector<T>.Zero;
        long j = 0;
        for (; j <= count - Vector<T>.Count; j += Vector<T>.Count)
            largest = Vector.Max(largest, Vector.Abs(Vector.Load(x + j)));
        var result = T.Zero;
        for (var lane = 0; lane < Vector<T>.Count; lane++)
            result = T.Max(result, largest[lane]);
        for (; j < count; j++)
            result = T.Max(result, T.Abs(x[j]));
        return result;
    }

    /// <summary>x ← c·x + s·y, y ← c·y − s·x</summary>
    public static void Rotate<T>(T* x, T* y, T c, T s, long count) where T : unmanaged, INumberBase<T>
    {
        Vector<T> cosines = new(c), sines = new(s);
        long j = 0;
        for (; j <= count - Vector<T>.Count; j += Vector<T>.Count)
        {
            var (left, right) = (Vector.Load(x + j), Vector.Load(y + j));
            (cosines * left + sines * right).Store(x + j);
            (cosines * right - sines * left).Store(y + j);
        }
        for (; j < count; j++)
            (x[j], y[j]) = (c * x[j] + s * y[j], c * y[j] - s * x[j]);
    }

    /// <summary>The products of four rows with x.</summary>
    /// <param name="rows">Four rows.</param>
    /// <param name="x">x</param>
    /// <param name="count">How long all of them are.</param>
    /// <param name="sums">Four numbers.</param>
    public static void Dots(in FourRows rows, float* x, long count, float* sums)
    {
        float* row0 = rows.Row0, row1 = rows.Row1, row2 = rows.Row2, row3 = rows.Row3;
        Vector<float> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
        long j = 0;
        for (; j <= count - Vector<float>.Count; j += Vector<float>.Count)
        {
            var right = Vector.Load(x + j);
            sum0 = MultiplyAdd(Vector.Load(row0 + j), right, sum0);
            sum1 = MultiplyAdd(Vector.Load(row1 + j), right, sum1);
            sum2 = MultiplyAdd(Vector.Load(row2 + j), right, sum2);
            sum3 = MultiplyAdd(Vector.Load(row3 + j), right, sum3);
        }
        (sums[0], sums[1], sums[2], sums[3]) = (Vector.Sum(sum0), Vector.Sum(sum1), Vector.Sum(sum2), Vector.Sum(sum3));
        for (; j < count; j++)
        {
            sums[0] += row0[j] * x[j];
            sums[1] += row1[j] * x[j];
            sums[2] += row2[j] * x[j];
            sums[3] += row3[j] * x[j];
        }
    }

    /// <summary>y ← y − Σ factor_i·row_i</summary>
    /// <param name="rows">Four rows.</param>
    /// <param name="factors">Four numbers.</param>
    /// <param name="y">y</param>
    /// <param name="count">How long all of them are.</param>
    public static void Subtract(in FourRows rows, float* factors, float* y, long count)
    {
        float* row0 = rows.Row0, row1 = rows.Row1, row2 = rows.Row2, row3 = rows.Row3;
        Vector<float> factor0 = new(-factors[0]), factor1 = new(-factors[1]), factor2 = new(-factors[2]), factor3 = new(-factors[3]);
        long j = 0;
        for (; j <= count - Vector<float>.Count; j += Vector<float>.Count)
        {
            var half = MultiplyAdd(factor1, Vector.Load(row1 + j), MultiplyAdd(factor0, Vector.Load(row0 + j), Vector.Load(y + j)));
            MultiplyAdd(factor3, Vector.Load(row3 + j), MultiplyAdd(factor2, Vector.Load(row2 + j), half)).Store(y + j);
        }
        for (; j < count; j++)
            y[j] -= factors[0] * row0[j] + factors[1] * row1[j] + factors[2] * row2[j] + factors[3] * row3[j];
    }

    /// <summary>y ← Ax, of a symmetric matrix.</summary>
    /// <param name="a">A, of which the diagonal and what is right of it is read.</param>
    /// <param name="stride">From a row of A to the next one.</param>
    /// <param name="n">The size.</param>
    /// <param name="x">x</param>
    /// <param name="y">y: no memory of x.</param>
    /// <param name="sums">Memory for n numbers. Those of y that a register reads were not written one by one before, which it would wait for.</param>
    public static void MultiplySymmetric(float* a, long stride, long n, float* x, float* y, float* sums)
    {
        new Span<float>(y, (int)n).Clear();
        long i = 0;
        for (; i <= n - 4; i += 4)
        {
            MultiplyCorner(a + i * (stride + 1), stride, x + i, sums + i);
            AddBoth(new FourRows(a + i * stride, stride), x, y, sums, i, n);
        }
        new Span<float>(sums + i, (int)(n - i)).Clear();
        AddCorner(a + i * (stride + 1), stride, n - i, x + i, sums + i);
        Add(1, sums, y, n);
    }

    // y ← Ax, of four rows.
    private static void MultiplyCorner(float* a, long stride, float* x, float* y)
    {
        float* b = a + stride, c = b + stride;
        float x0 = x[0], x1 = x[1], x2 = x[2], x3 = x[3], a01 = a[1], a02 = a[2], a03 = a[3], b12 = b[2], b13 = b[3], c23 = c[3];
        y[0] = a[0] * x0 + a01 * x1 + (a02 * x2 + a03 * x3);
        y[1] = a01 * x0 + b[1] * x1 + (b12 * x2 + b13 * x3);
        y[2] = a02 * x0 + b12 * x1 + (c[2] * x2 + c23 * x3);
        y[3] = a03 * x0 + b13 * x1 + (c23 * x2 + c[stride + 3] * x3);
    }

    private static void AddCorner(float* a, long stride, long n, float* x, float* y)
    {
        for (long i = 0; i < n; i++)
        {
            y[i] += a[i * stride + i] * x[i];
            for (var j = i + 1; j < n; j++)
            {
                y[i] += a[i * stride + j] * x[j];
                y[j] += a[i * stride + j] * x[i];
            }
        }
    }

    // What lies right of the corner counts twice: yᵢ ← yᵢ + Σⱼ aᵢⱼxⱼ and yⱼ ← yⱼ + Σᵢ aᵢⱼxᵢ. From where y fills lines of the cache; what comes too early
    // does not count.
    private static void AddBoth(in FourRows rows, float* x, float* y, float* sums, long i, long n)
    {
        float* row0 = rows.Row0, row1 = rows.Row1, row2 = rows.Row2, row3 = rows.Row3;
        Vector<float> x0 = new(x[i]), x1 = new(x[i + 1]), x2 = new(x[i + 2]), x3 = new(x[i + 3]);
        Vector<float> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
        var first = i + 4;
        var j = AlignedBefore(y, first);
        if (j >= 0 && j <= n - Vector<float>.Count)
        {
            var mask = MaskOfFirst((int)(first - j));
            Vector<float> a0 = Vector.Load(row0 + j) & mask, a1 = Vector.Load(row1 + j) & mask, a2 = Vector.Load(row2 + j) & mask, a3 = Vector.Load(row3 + j) & mask, xj = Vector.Load(x + j) & mask;
            (sum0, sum1, sum2, sum3) = (a0 * xj, a1 * xj, a2 * xj, a3 * xj);
            (Vector.Load(y + j) + (a0 * x0 + a1 * x1) + (a2 * x2 + a3 * x3)).Store(y + j);
            first = j + Vector<float>.Count;
        }
        for (j = first; j <= n - Vector<float>.Count; j += Vector<float>.Count)
        {
            Vector<float> a0 = Vector.Load(row0 + j), a1 = Vector.Load(row1 + j), a2 = Vector.Load(row2 + j), a3 = Vector.Load(row3 + j), xj = Vector.Load(x + j);
            sum0 = MultiplyAdd(a0, xj, sum0);
            sum1 = MultiplyAdd(a1, xj, sum1);
            sum2 = MultiplyAdd(a2, xj, sum2);
            sum3 = MultiplyAdd(a3, xj, sum3);
            Vector<float> even = MultiplyAdd(a0, x0, Vector.Load(y + j)), odd = a1 * x1;
            (MultiplyAdd(a2, x2, even) + MultiplyAdd(a3, x3, odd)).Store(y + j);
        }
        float s0 = Vector.Sum(sum0), s1 = Vector.Sum(sum1), s2 = Vector.Sum(sum2), s3 = Vector.Sum(sum3);
        for (; j < n; j++)
        {
            float a0 = row0[j], a1 = row1[j], a2 = row2[j], a3 = row3[j];
            s0 += a0 * x[j];
            s1 += a1 * x[j];
            s2 += a2 * x[j];
            s3 += a3 * x[j];
            y[j] += a0 * x[i] + a1 * x[i + 1] + (a2 * x[i + 2] + a3 * x[i + 3]);
        }
        sums[i] += s0;
        sums[i + 1] += s1;
        sums[i + 2] += s2;
        sums[i + 3] += s3;
    }

    // The last place up to j from where a register of y is aligned.
    private static long AlignedBefore(float* y, long j)
    {
        var offset = (nint)y / sizeof(float);
        return ((offset + j) & -Vector<float>.Count) - offset;
    }

    // No bit of the first numbers, all bits of the others.
    private static Vector<float> MaskOfFirst(int count) => Vector.GreaterThanOrEqual(s_numbers, new Vector<int>(count)).As<int, float>();
}

/// <summary>Four rows of floats.</summary>
internal readonly unsafe struct FourRows(float* row0, float* row1, float* row2, float* row3)
{
    public FourRows(float* rows, long stride)
        : this(rows, rows + stride, rows + 2 * stride, rows + 3 * stride)
    {
    }

    public readonly float* Row0 = row0, Row1 = row1, Row2 = row2, Row3 = row3;
}
