namespace Shampoo.Runtime.Tests;

/// <summary>
/// What a refresh makes of a factor matrix and of the basis that there is, written down a second time, in double. Nothing here is shared
/// with what it tests.
/// </summary>
public sealed record TranscribedBasis
{
    /// <summary>s of A ← A·max(tr A, ε)^(−s); null for none.</summary>
    public double? TraceScaling { get; init; }

    /// <summary>Whether ε is added to the diagonal.</summary>
    public bool IsPerturbed { get; init; } = true;

    /// <summary>The limit of QR iterations; 0 for an eigendecomposition.</summary>
    public int Iterations { get; init; }

    /// <summary>A basis is good enough if ‖offdiag(QᵀAQ)‖_F ≤ tolerance·‖QᵀAQ‖_F; 0 if none is.</summary>
    public double Tolerance { get; init; }

    /// <summary>The columns of Q.</summary>
    /// <param name="matrix">A, without its bias.</param>
    /// <param name="epsilon">ε</param>
    /// <param name="previous">The basis that there is.</param>
    public double[,] Of(double[,] matrix, double epsilon, double[,] previous)
    {
        var a = Regularised(matrix, epsilon);
        return Iterations == 0 ? Decomposed(a, previous) : Iterated(a, previous);
    }

    private double[,] Regularised(double[,] matrix, double epsilon)
    {
        var n = matrix.GetLength(0);
        var trace = Enumerable.Range(0, n).Sum(i => matrix[i, i]);
        var scale = TraceScaling is { } exponent ? Math.Pow(Math.Max(trace, epsilon), -exponent) : 1;
        return Square(n, (i, j) => matrix[i, j] * scale + (IsPerturbed && i == j ? epsilon : 0));
    }

    private double[,] Decomposed(double[,] a, double[,] previous)
    {
        if (IsGoodEnough(Rotated(a, previous))) return previous;
        var (values, vectors) = Oracle.Jacobi(a);
        return Sorted(vectors, values);
    }

    private double[,] Iterated(double[,] a, double[,] previous)
    {
        var (q, b) = (previous, Rotated(a, previous));
        for (var iteration = 0; iteration < Iterations && !IsGoodEnough(b); iteration++)
        {
            var factor = Orthogonalised(b);
            (q, b) = (Product(q, factor), Rotated(b, factor)); // RQ' = Q'ᵀBQ'
        }
        return Sorted(q, [.. Enumerable.Range(0, b.GetLength(0)).Select(i => b[i, i])]);
    }

    private bool IsGoodEnough(double[,] b)
    {
        double off = 0, all = 0;
        for (var i = 0; i < b.GetLength(0); i++)
        {
            for (var j = 0; j < b.GetLength(0); j++)
            {
                all += b[i, j] * b[i, j];
                off += i == j ? 0 : b[i, j] * b[i, j];
            }
        }
        return Tolerance > 0 && Math.Sqrt(off) <= Tolerance * Math.Sqrt(all);
    }

    /// <summary>Ascending.</summary>
    private static double[,] Sorted(double[,] vectors, double[] values)
    {
        int[] order = [.. Enumerable.Range(0, values.Length).OrderBy(i => values[i])];
        return Square(values.Length, (i, j) => vectors[i, order[j]]);
    }

    /// <summary>QᵀAQ</summary>
    private static double[,] Rotated(double[,] a, double[,] q) => Product(Square(a.GetLength(0), (i, j) => q[j, i]), Product(a, q));

    private static double[,] Product(double[,] a, double[,] b) =>
        Square(a.GetLength(0), (i, j) => Enumerable.Range(0, a.GetLength(0)).Sum(k => a[i, k] * b[k, j]));

    /// <summary>The orthogonal factor of a QR decomposition, by Gram and Schmidt, twice.</summary>
    private static double[,] Orthogonalised(double[,] matrix)
    {
        var n = matrix.GetLength(0);
        var q = (double[,])matrix.Clone();
        for (var column = 0; column < n; column++)
        {
            for (var pass = 0; pass < 2; pass++)
            {
                for (var other = 0; other < column; other++)
                    Add(column, other, -Dot(column, other));
            }
            var length = Math.Sqrt(Dot(column, column));
            for (var i = 0; i < n; i++)
                q[i, column] /= length;
        }
        return q;

        double Dot(int one, int other) => Enumerable.Range(0, n).Sum(i => q[i, one] * q[i, other]);

        void Add(int column, int other, double weight)
        {
            for (var i = 0; i < n; i++)
                q[i, column] += weight * q[i, other];
        }
    }

    private static double[,] Square(int n, Func<int, int, double> element)
    {
        var matrix = new double[n, n];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
                matrix[i, j] = element(i, j);
        }
        return matrix;
    }
}
