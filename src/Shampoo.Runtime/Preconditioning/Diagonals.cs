using System.Numerics;

namespace Shampoo.Runtime;

/// <summary>What stands for the matrices of a dimension that is too large for them: their diagonals, [blocks, d_k].</summary>
internal static unsafe class Diagonals
{
    // Sums of sums lose fewer digits than one long sum.
    private const long PartsOfSum = 64;

    /// <summary>Whether these are diagonals, and not matrices [blocks, d_k, d_k].</summary>
    public static bool AreDiagonals(this Tensor matrices) => matrices.dim() == 2;

    /// <summary>l ← decay·l + weight·diag(G₍ₖ₎G₍ₖ₎ᵀ), for some rows of G₍ₖ₎, a panel at most.</summary>
    /// <param name="diagonal">l, d_k elements.</param>
    /// <param name="unfolding">Of dimension k.</param>
    /// <param name="gradient">G</param>
    /// <param name="start">The first row.</param>
    /// <param name="end">The row after the last.</param>
    /// <param name="decay">The factor of l.</param>
    /// <param name="weight">The factor of the sums of squares.</param>
    public static void AddSquares<T>(T* diagonal, in Unfolding unfolding, in BlockMemory gradient, long start, long end, T decay, T weight)
        where T : unmanaged, INumberBase<T>
    {
        var sums = stackalloc T[(int)(end - start)];
        for (var i = start; i < end; i++)
            diagonal[i] *= decay;
        for (long part = 0; part < unfolding.Before; part += PartsOfSum)
        {
            new Span<T>(sums, (int)(end - start)).Clear();
            for (var p = part; p < Math.Min(part + PartsOfSum, unfolding.Before); p++)
                AddSquares(sums, unfolding, gradient, p, start, end);
            for (var i = start; i < end; i++)
                diagonal[i] += weight * sums[i - start];
        }
    }

    private static void AddSquares<T>(T* sums, in Unfolding unfolding, in BlockMemory gradient, long part, long start, long end)
        where T : unmanaged, INumberBase<T>
    {
        if (unfolding.IsOneMatrix)
        {
            var row = unfolding.Transpose<T>(gradient).RowRange(part, 1).Data;
            for (var i = start; i < end; i++)
                sums[i - start] += row[i] * row[i];
            return;
        }
        var rows = unfolding.Part<T>(gradient, part);
        for (var i = start; i < end; i++)
            sums[i - start] += SumOfSquares(rows.RowRange(i, 1).Data, rows.Columns);
    }

    /// <summary>C ← A diag(x)</summary>
    public static void MultiplyColumns<T>(in MatrixView<T> a, T* diagonal, in MatrixView<T> c) where T : unmanaged, INumberBase<T>
    {
        for (long i = 0; i < a.Rows; i++)
        {
            T* from = a.RowRange(i, 1).Data, to = c.RowRange(i, 1).Data;
            long j = 0;
            for (; j <= a.Columns - Vector<T>.Count; j += Vector<T>.Count)
                (Vector.Load(from + j) * Vector.Load(diagonal + j)).Store(to + j);
            for (; j < a.Columns; j++)
                to[j] = from[j] * diagonal[j];
        }
    }

    /// <summary>C ← diag(x) A</summary>
    public static void MultiplyRows<T>(T* diagonal, in MatrixView<T> a, in MatrixView<T> c) where T : unmanaged, INumberBase<T>
    {
        for (long i = 0; i < a.Rows; i++)
        {
            T* from = a.RowRange(i, 1).Data, to = c.RowRange(i, 1).Data;
            var factors = new Vector<T>(diagonal[i]);
            long j = 0;
            for (; j <= a.Columns - Vector<T>.Count; j += Vector<T>.Count)
                (Vector.Load(from + j) * factors).Store(to + j);
            for (; j < a.Columns; j++)
                to[j] = from[j] * diagonal[i];
        }
    }

    /// <summary>x ← (l/biasCorrection + ε)^(−exponent), by operators.</summary>
    public static void TakeRoots(Tensor diagonals, Tensor roots, double biasCorrection, double epsilon, double exponent)
    {
        using var scope = torch.NewDisposeScope();
        using Scalar divisor = biasCorrection, ridge = epsilon;
        roots.copy_(Powers.Of(diagonals.As(diagonals.dtype.Arithmetic()).div(divisor).add_(ridge), -exponent));
    }

    /// <summary>The same in the memory of the CPU. Allocates nothing.</summary>
    public static void TakeRoots<T>(Tensor diagonals, Tensor roots, long count, double biasCorrection, double epsilon, double exponent)
        where T : unmanaged, INumberBase<T>
    {
        T* from = (T*)NativeTensor.Data(diagonals.Handle), to = (T*)NativeTensor.Data(roots.Handle);
        for (long i = 0; i < count; i++)
            to[i] = T.CreateTruncating(Math.Pow(double.CreateTruncating(from[i]) / biasCorrection + epsilon, -exponent));
    }

    private static T SumOfSquares<T>(T* values, long count) where T : unmanaged, INumberBase<T>
    {
        var sums = Vector<T>.Zero;
        long i = 0;
        for (; i <= count - Vector<T>.Count; i += Vector<T>.Count)
            sums += Vector.Load(values + i) * Vector.Load(values + i);
        var sum = Vector.Sum(sums);
        for (; i < count; i++)
            sum += values[i] * values[i];
        return sum;
    }
}
