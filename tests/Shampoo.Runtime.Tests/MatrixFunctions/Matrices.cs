namespace Shampoo.Runtime.Tests;

/// <summary>Matrices with known roots, row by row in double, and tensors of them.</summary>
internal static class Matrices
{
    public static double[] Tridiagonal(int n, double alpha, double beta)
    {
        var matrix = new double[n * n];
        for (var i = 0; i < n; i++)
        {
            matrix[i * n + i] = alpha;
            if (i + 1 < n)
                matrix[i * n + i + 1] = matrix[(i + 1) * n + i] = beta;
        }
        return matrix;
    }

    // The eigenvalues of tridiagonal(β, α, β) are α + 2β cos(kπ/(n+1)), its eigenvectors √(2/(n+1)) sin(ikπ/(n+1)).
    public static double[] TridiagonalRoot(int n, double alpha, double beta, double exponent)
    {
        var vectors = new double[n, n];
        var values = new double[n];
        for (var k = 1; k <= n; k++)
        {
            values[k - 1] = Math.Pow(alpha + 2 * beta * Math.Cos(k * Math.PI / (n + 1)), -exponent);
            for (var i = 1; i <= n; i++)
                vectors[i - 1, k - 1] = Math.Sqrt(2.0 / (n + 1)) * Math.Sin(i * k * Math.PI / (n + 1));
        }
        return Compose(vectors, values);
    }

    /// <summary>Q diag(λ) Qᵀ.</summary>
    public static double[] Compose(double[,] q, double[] eigenvalues)
    {
        var n = eigenvalues.Length;
        var matrix = new double[n * n];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                double sum = 0;
                for (var e = 0; e < n; e++)
                    sum += q[i, e] * eigenvalues[e] * q[j, e];
                matrix[i * n + j] = matrix[j * n + i] = sum;
            }
        }
        return matrix;
    }

    /// <summary>c^(−i/(n − 1)), i = 0 … n − 1: from 1 to 1/c, evenly on a logarithmic scale.</summary>
    public static double[] Geometric(int n, double condition) =>
        [.. Enumerable.Range(0, n).Select(i => Math.Pow(condition, n == 1 ? 0 : -i / (n - 1.0)))];

    public static double[] Powers(double[] eigenvalues, double exponent) => [.. eigenvalues.Select(value => Math.Pow(value, exponent))];

    public static double[,] Identity(int n)
    {
        var identity = new double[n, n];
        for (var i = 0; i < n; i++)
            identity[i, i] = 1;
        return identity;
    }

    public static double[,] RandomOrthogonal(int n, int seed)
    {
        var columns = new double[n][];
        var numbers = Data.Normal(seed, n * n);
        for (var column = 0; column < n; column++)
        {
            var vector = columns[column] = numbers[(column * n)..(column * n + n)];
            for (var pass = 0; pass < 2; pass++)
            {
                for (var other = 0; other < column; other++)
                    Subtract(vector, columns[other]);
            }
            var norm = Norm(vector);
            for (var i = 0; i < n; i++)
                vector[i] /= norm;
        }
        var q = new double[n, n];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
                q[i, j] = columns[j][i];
        }
        return q;
    }

    public static double[,] Rotate(double a, double b, double angle)
    {
        var (c, s) = (Math.Cos(angle), Math.Sin(angle));
        return new[,] { { c * c * a + s * s * b, c * s * (a - b) }, { c * s * (a - b), s * s * a + c * c * b } };
    }

    public static double[,] Transposed(double[,] matrix)
    {
        var n = matrix.GetLength(0);
        var transposed = new double[n, n];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
                transposed[i, j] = matrix[j, i];
        }
        return transposed;
    }

    public static double[] Flat(double[,] matrix) => [.. matrix.Cast<double>()];

    public static double[,] Square(double[] matrix)
    {
        var n = (int)Math.Round(Math.Sqrt(matrix.Length));
        var square = new double[n, n];
        for (var i = 0; i < matrix.Length; i++)
            square[i / n, i % n] = matrix[i];
        return square;
    }

    public static double[] Multiply(double[] a, double[] b, int n)
    {
        var product = new double[n * n];
        for (var i = 0; i < n; i++)
        {
            for (var k = 0; k < n; k++)
            {
                for (var j = 0; j < n; j++)
                    product[i * n + j] += a[i * n + k] * b[k * n + j];
            }
        }
        return product;
    }

    public static double Norm(double[] x) => Math.Sqrt(x.Sum(value => value * value));

    /// <summary>‖actual − expected‖_F / ‖expected‖_F.</summary>
    public static double RelativeError(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        var scale = expected.Max(Math.Abs); // so that squares do not overflow
        return Norm([.. expected.Zip(actual, (e, a) => (e - a) / scale)]) / Norm([.. expected.Select(e => e / scale)]);
    }

    public static void AssertRelative(double[] expected, double[] actual, double tolerance, string what = "")
    {
        var error = RelativeError(expected, actual);
        Assert.True(error <= tolerance, $"{what} relative error {error}, more than {tolerance}");
    }

    /// <summary>The root that a solver computes of every matrix of a stack.</summary>
    public static double[] Root<TSolver>(TSolver solver, double[] matrices, int n, double exponent, ScalarType type) where TSolver : struct, IInverseRootSolver
    {
        using var stack = Data.Tensor(matrices, [matrices.Length / (n * n), n, n], type);
        using var root = solver.InverseRoot(stack, exponent);
        Assert.Equal(type, root.dtype);
        Assert.Equal(stack.shape, root.shape);
        return Data.Values(root);
    }

    private static void Subtract(double[] vector, double[] direction)
    {
        double product = 0;
        for (var i = 0; i < vector.Length; i++)
            product += vector[i] * direction[i];
        for (var i = 0; i < vector.Length; i++)
            vector[i] -= product * direction[i];
    }
}
