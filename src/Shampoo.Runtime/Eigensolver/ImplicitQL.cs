namespace Shampoo.Runtime;

/// <summary>
/// Eigendecomposition of a small tridiagonal matrix by QL with implicit shifts (Golub and Van Loan, Matrix Computations, 8.3; the shift is Wilkinson's),
/// in double.
/// </summary>
internal static unsafe class ImplicitQL
{
    // Iterations for one eigenvalue; two or three are usual.
    private const int MaxIterations = 50;

    /// <summary>T = Q diag(λ) Qᵀ</summary>
    /// <param name="diagonal">T's diagonal, n numbers. Becomes λ, in no order.</param>
    /// <param name="beside">What is beside it, n − 1 numbers and one place more. Destroyed.</param>
    /// <param name="n">The size, at least 1.</param>
    /// <param name="tolerance">What is taken for 0 beside the diagonal.</param>
    /// <param name="rows">Becomes Qᵀ, n×n: eigenvectors are rows.</param>
    /// <returns>Whether the algorithm has converged.</returns>
    public static bool TryDecompose(double* diagonal, double* beside, int n, double tolerance, double* rows)
    {
        new Span<double>(rows, n * n).Clear();
        for (var i = 0; i < n; i++)
            rows[i * n + i] = 1;
        beside[n - 1] = 0;
        for (var i = 0; i < n; i++)
        {
            for (var iteration = 0; EndOfBlock(beside, i, n, tolerance) is var end && end != i; iteration++)
            {
                if (iteration == MaxIterations)
                    return false;
                Iterate(diagonal, beside, i, end, n, rows);
            }
        }
        return true;
    }

    private static int EndOfBlock(double* beside, int start, int n, double tolerance)
    {
        var end = start;
        while (end < n - 1 && !(Math.Abs(beside[end]) <= tolerance))
            end++;
        return end;
    }

    // Rotations chase what the shifted one of the last two rows leaves beside the diagonal up to the first row.
    private static void Iterate(double* d, double* e, int start, int end, int n, double* rows)
    {
        var ratio = (d[start + 1] - d[start]) / (2 * e[start]);
        var shifted = d[end] - d[start] + e[start] / (ratio + Math.CopySign(Math.Sqrt(ratio * ratio + 1), ratio));
        double sine = 1, cosine = 1, shift = 0;
        for (var i = end - 1; i >= start; i--)
        {
            double f = sine * e[i], b = cosine * e[i];
            var length = Math.Sqrt(f * f + shifted * shifted);
            e[i + 1] = length;
            if (length == 0)
            {
                d[i + 1] -= shift;
                e[end] = 0;
                return;
            }
            (sine, cosine) = (f / length, shifted / length);
            var next = d[i + 1] - shift;
            var sum = (d[i] - next) * sine + 2 * cosine * b;
            shift = sine * sum;
            d[i + 1] = next + shift;
            shifted = cosine * sum - b;
            Rows.Rotate(rows + i * n, rows + (i + 1) * n, cosine, -sine, n);
        }
        d[start] -= shift;
        e[start] = shifted;
        e[end] = 0;
    }
}
