using System.Numerics;

namespace Shampoo.Runtime;

/// <summary>
/// Householder reflections after each other as one, H₁ … H_b = I − V T Vᵀ with an upper triangle T (Schreiber and Van Loan 1989). Vectors are rows
/// of Vᵀ, which has zeros before its diagonal; T comes from recursion (Elmroth and Gustavson 2000), so that most of it is products. What is below
/// the diagonal of T has to be 0 before.
/// </summary>
/// <typeparam name="T">float or double.</typeparam>
internal static unsafe class CompactWY<T> where T : unmanaged, INumberBase<T>
{
    /// <summary>How many reflections are not divided any further.</summary>
    public const long Leaf = 8;

    /// <summary>T of some reflections.</summary>
    /// <param name="v">Vᵀ</param>
    /// <param name="tau">τ of every one.</param>
    /// <param name="t">T</param>
    /// <param name="products">Memory for half as many elements as T has.</param>
    public static void ComputeTriangle(in MatrixView<T> v, T* tau, in MatrixView<T> t, T* products)
    {
        if (v.Rows <= Leaf)
        {
            for (long j = 0; j < v.Rows; j++)
                Append(v, j, tau[j], t);
            return;
        }
        long half = v.Rows / 2, rest = v.Rows - half;
        ComputeTriangle(v.RowRange(0, half), tau, t.RowRange(0, half).ColumnRange(0, half), products);
        ComputeTriangle(v.RowRange(half, rest).ColumnRange(half, v.Columns - half), tau + half, t.RowRange(half, rest).ColumnRange(half, rest), products);
        Join(v, half, t, products);
    }

    /// <summary>The column j of T, from the columns before it: −τ T V₁ᵀv, τ.</summary>
    /// <param name="v">Vᵀ, of <see cref="Leaf"/> rows at most.</param>
    /// <param name="j">j</param>
    /// <param name="tau">τ of the reflection j.</param>
    /// <param name="t">T</param>
    public static void Append(in MatrixView<T> v, long j, T tau, in MatrixView<T> t)
    {
        var products = stackalloc T[(int)Leaf];
        var vector = v.RowRange(j, 1).Data + j;
        for (long i = 0; i < j; i++)
            products[i] = Rows.Dot(v.RowRange(i, 1).Data + j, vector, v.Columns - j);
        for (long i = 0; i < j; i++)
        {
            var sum = T.Zero;
            for (var l = i; l < j; l++)
                sum += t.Data[i * t.Stride + l] * products[l];
            t.Data[i * t.Stride + j] = -tau * sum;
        }
        t.Data[j * t.Stride + j] = tau;
    }

    /// <summary>The corner of T, from its two triangles: T₁₂ = −T₁₁ V₁ᵀV₂ T₂₂.</summary>
    /// <param name="v">Vᵀ</param>
    /// <param name="half">How many rows V₁ᵀ has.</param>
    /// <param name="t">T</param>
    /// <param name="products">Memory for half as many elements as T has.</param>
    public static void Join(in MatrixView<T> v, long half, in MatrixView<T> t, T* products)
    {
        long rest = v.Rows - half, columns = v.Columns - half;
        MatrixView<T> overlaps = new(products, half, rest, rest), weighted = new(products + half * rest, half, rest, rest);
        Blas.Multiply(T.One, v.RowRange(0, half).ColumnRange(half, columns), v.RowRange(half, rest).ColumnRange(half, columns).Transposed, T.Zero, overlaps);
        Blas.Multiply(T.One, overlaps, t.RowRange(half, rest).ColumnRange(half, rest), T.Zero, weighted);
        Blas.Multiply(-T.One, t.RowRange(0, half).ColumnRange(0, half), weighted, T.Zero, t.RowRange(0, half).ColumnRange(half, rest));
    }
}
