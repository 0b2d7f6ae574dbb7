using static Shampoo.Runtime.Tests.Matrices;

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

    [Theory]
    [InlineData(3, 3)]
    [InlineData(2, 4, 3, 3)]
    public void Takes_a_matrix_alone_and_stacks_of_stacks(params int[] sizes)
    {
        double[] eigenvalues = [1, 4, 9];
        var q = RandomOrthogonal(3, seed: 9);
        var count = sizes.Aggregate(1, static (product, size) => product * size) / 9;
        using var matrices = Data.Tensor([.. Enumerable.Range(1, count).SelectMany(i => Compose(q, [.. eigenvalues.Select(value => i * value)]))], [.. sizes.Select(static size => (long)size)]);

        using var roots = new Eigh(0).InverseRoot(matrices, 0.5);

        Assert.Equal(sizes.Select(static size => (long)size), roots.shape);
        for (var i = 1; i <= count; i++)
            AssertRelative(Compose(q, [.. eigenvalues.Select(value => 1 / Math.Sqrt(i * value))]), Data.Values(roots)[(9 * (i - 1))..(9 * i)], 1e-13);
    }

    [Fact]
    public void Leaves_no_tensor_but_the_result()
    {
        using var matrices = Data.Tensor(Flat(Rotate(2, 5, 0.2)), [1, 2, 2]);
        var before = Data.LiveTensors();

        using var root = new Eigh(1e-6).InverseRoot(matrices, 0.25);

        Assert.Equal(before + 1, Tensor.TotalCount);
    }

    private static double[] Root(double[] matrices, int n, double epsilon, double exponent, ScalarType type) =>
        Matrices.Root(new Eigh(epsilon), matrices, n, exponent, type);
}
