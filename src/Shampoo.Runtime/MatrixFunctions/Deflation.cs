using System.Numerics;

namespace Shampoo.Runtime;

/// <summary>
/// Sets to 0 what an iteration that converges to diagonal matrices has made smaller than rounding errors of rounding errors. Left alone it becomes subnormal, or its
/// products do, and processors take a hundred times as long for these. What is subnormal already becomes 0, too. In the memory of the CPU; other devices
/// compute with them as fast.
/// </summary>
internal static unsafe class Deflation
{
    /// <summary>q_ij ← 0 where |q_ij| ≤ u² and i ≠ j.</summary>
    /// <param name="matrices">Q, [matrices, n, n], orthogonal.</param>
    public static void OfOrthogonal(Tensor matrices) => Apply(matrices, byDiagonal: false);

    /// <summary>b_ij ← 0 where |b_ij| ≤ u²√|b_ii b_jj| and i ≠ j: eigenvalues keep their digits relatively, small ones too.</summary>
    /// <param name="matrices">B, [matrices, n, n], symmetric.</param>
    public static void OfSymmetric(Tensor matrices) => Apply(matrices, byDiagonal: true);

    private static void Apply(Tensor matrices, bool byDiagonal)
    {
        if (!matrices.AreInMemory())
            return;
        if (matrices.dtype == ScalarType.Float32)
            Apply<float>(matrices, byDiagonal);
        else
            Apply<double>(matrices, byDiagonal);
    }

    private static void Apply<T>(Tensor matrices, bool byDiagonal) where T : unmanaged, IFloatingPointIeee754<T>
    {
        long count = matrices.size(0), n = matrices.size(-1);
        var u = T.CreateChecked(matrices.dtype.Epsilon() / 2);
        var bounds = new T[n];
        Array.Fill(bounds, u);
        var matrix = (T*)NativeTensor.Data(matrices.Handle);
        for (long k = 0; k < count; k++, matrix += n * n)
        {
            for (long i = 0; byDiagonal && i < n; i++)
                bounds[i] = u * T.Sqrt(T.Abs(matrix[i * n + i]));
            for (long i = 0; i < n; i++)
                Drop(matrix + i * n, i, bounds);
        }
    }

    private static void Drop<T>(T* row, long i, T[] bounds) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var diagonal = row[i];
        for (var j = 0; j < bounds.Length; j++)
        {
            if (T.IsSubnormal(row[j]) || T.Abs(row[j]) <= bounds[i] * bounds[j])
                row[j] = T.Zero;
        }
        row[i] = diagonal;
    }
}
