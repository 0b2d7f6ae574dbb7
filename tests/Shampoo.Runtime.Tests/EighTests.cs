namespace Shampoo.Runtime.Tests;

public sealed class EighTests
{
    public static TheoryData<ScalarType> Types => [ScalarType.Float32, ScalarType.Float64];

    [Theory]
    [MemberData(nameof(Types))]
    public void Takes_the_root_of_a_diagonal(ScalarType type) =>
        Data.AssertClose([1, 0, 0, 0.5], Root([1, 0, 0, 4], 2, 0, 1 / 2.0, type), 1e-6, 1e-7);

    [Theory]
    [MemberData(nameof(Types))]
    public void Takes_the_root_of_a_matrix_of_integers(ScalarType type)
    {
        double[] matrix = [1195, -944, -224, -944, 746, 177, -224, 177, 42];

        Data.AssertClose([1, 1, 1, 1, 2, -3, 1, -3, 18], Root(matrix, 3, 0, 1 / 2.0, type), 1e-2, 0.05);
    }

    [Theory]
    [InlineData(2, new[] { .711347548, -.045084846, .004289866, -.000448102 })]
    [InlineData(4, new[] { .842989654, -.026673671, .002113491, -.000198907 })]
    public void Takes_the_root_of_a_Toeplitz_matrix(int p, double[] firstRow) =>
        Data.AssertClose(firstRow, Root(Tridiagonal(4, 2, 0.25), 4, 0, 1.0 / p, ScalarType.Float64)[..4], 0, 1e-9);

    [Fact]
    public void Lifts_all_eigenvalues_where_the_smallest_is_below_epsilon()
    {
        // diag(−1, 3) + ε: shifted by 1, so that λ = (ε, 4 + ε); exponent 1/2. Off the diagonal by a rotation.
        const double epsilon = 1e-2;
        double[,] rotated = Rotate(-1, 3, 0.7);

        var root = Root(Flat(rotated), 2, epsilon, 0.5, ScalarType.Float64);

        Data.AssertClose(Flat(Rotate(1 / Math.Sqrt(epsilon), 1 / Math.Sqrt(4 + epsilon), 0.7)), root, 1e-10);
    }

    [Fact]
    public void Keeps_epsilon_when_it_is_far_below_the_rounding_error_of_the_eigenvalues()
    {
        var root = Root(Flat(Rotate(-1e3, 1e3, 0.3)), 2, 1e-12, 0.25, ScalarType.Float32);

        Assert.All(root, value => Assert.True(double.IsFinite(value)));
        Assert.Equal(1e3, Math.Max(root[0], root[3]), 1e3 * 0.2); // (1e-12)^(−1/4), times cos²(0.3)
    }

    [Fact]
    public void Takes_the_roots_of_tridiagonal_families()
    {
        foreach (var n in (int[])[10, 100])
        {
            foreach (var alpha in (double[])[0.001, 0.01, 0.1, 1, 10, 100])
            {
                foreach (var beta in (double[])[0.001, 0.01, 0.1, 1, 10, 100])
                {
                    if (2 * beta > alpha)
                        continue;
                    foreach (var p in (int[])[1, 2, 4, 8])
                        AssertRelative(TridiagonalRoot(n, alpha, beta, 1.0 / p), Root(Tridiagonal(n, alpha, beta), n, 0, 1.0 / p, ScalarType.Float32), 1e-4);
                }
            }
        }
    }

    [Theory]
    [InlineData(1e2, 1e-5)]
    [InlineData(1e3, 1e-4)]
    [InlineData(1e4, 1e-3)]
    [InlineData(1e5, 1e-2)]
    [InlineData(1e6, 1e-1)]
    public void Takes_the_roots_of_a_spectrum(double condition, double singleTolerance)
    {
        const int n = 16;
        var q = RandomOrthogonal(n, seed: 5);
        var eigenvalues = Enumerable.Range(0, n).Select(i => Math.Pow(condition, -i / 15.0)).ToArray();
        var matrix = Compose(q, eigenvalues);
        foreach (var p in (int[])[1, 2, 4, 8])
        {
            var expected = Compose(q, [.. eigenvalues.Select(value => Math.Pow(value, -1.0 / p))]);
            AssertRelative(expected, Root(matrix, n, 0, 1.0 / p, ScalarType.Float64), 1e-9);
            AssertRelative(expected, Root(matrix, n, 0, 1.0 / p, ScalarType.Float32), singleTolerance);
        }
    }

    [Fact]
    public void Treats_the_matrices_of_a_stack_alone()
    {
        double[][] matrices = [Flat(Rotate(-1, 3, 0.7)), Flat(Rotate(2, 5, 0.2)), Flat(Rotate(1e-9, 7, 1.1))];
        var stacked = Root([.. matrices.SelectMany(matrix => matrix)], 2, 1e-4, 0.25, ScalarType.Float64);

        for (var i = 0; i < 3; i++)
            Data.AssertClose(Root(matrices[i], 2, 1e-4, 0.25, ScalarType.Float64), stacked[(4 * i)..(4 * i + 4)], 1e-12);
    }

    [Fact]
    public void Leaves_no_tensor_but_the_result()
    {
        using var matrices = Data.Tensor(Flat(Rotate(2, 5, 0.2)), [1, 2, 2]);
        var before = Data.LiveTensors();

        using var root = new Eigh(1e-6).InverseRoot(matrices, 0.25);

        Assert.Equal(before + 1, Tensor.TotalCount);
    }

    private static double[] Root(double[] matrices, int n, double epsilon, double exponent, ScalarType type)
    {
        using var stack = Data.Tensor(matrices, [matrices.Length / (n * n), n, n], type);
        using var root = new Eigh(epsilon).InverseRoot(stack, exponent);
        Assert.Equal(type, root.dtype);
        return Data.Values(root);
    }

    private static void AssertRelative(double[] expected, double[] actual, double tolerance)
    {
        var error = Math.Sqrt(expected.Zip(actual, (e, a) => (e - a) * (e - a)).Sum());
        var norm = Math.Sqrt(expected.Sum(e => e * e));
        Assert.True(error <= tolerance * norm, $"relative error {error / norm}");
    }

    private static double[] Tridiagonal(int n, double alpha, double beta)
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
    private static double[] TridiagonalRoot(int n, double alpha, double beta, double exponent)
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

    private static double[] Compose(double[,] q, double[] eigenvalues)
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

    private static double[,] RandomOrthogonal(int n, int seed)
    {
        var numbers = Data.Normal(seed, n * n);
        var q = new double[n, n];
        for (var column = 0; column < n; column++)
        {
            var vector = numbers[(column * n)..(column * n + n)];
            for (var pass = 0; pass < 2; pass++)
            {
                for (var other = 0; other < column; other++)
                {
                    var product = Enumerable.Range(0, n).Sum(i => vector[i] * q[i, other]);
                    for (var i = 0; i < n; i++)
                        vector[i] -= product * q[i, other];
                }
            }
            var norm = Math.Sqrt(vector.Sum(x => x * x));
            for (var i = 0; i < n; i++)
                q[i, column] = vector[i] / norm;
        }
        return q;
    }

    private static double[,] Rotate(double a, double b, double angle)
    {
        var (c, s) = (Math.Cos(angle), Math.Sin(angle));
        return new[,] { { c * c * a + s * s * b, c * s * (a - b) }, { c * s * (a - b), s * s * a + c * c * b } };
    }

    private static double[] Flat(double[,] matrix) => [.. matrix.Cast<double>()];
}
