using static Shampoo.Runtime.Tests.Matrices;

namespace Shampoo.Runtime.Tests;

public sealed class OrthogonalFactorTests
{
    private static readonly double[] SingularValues = [3, 1.5, 0.4, 0.05];

    public static TheoryData<int, int, ScalarType> Shapes => new()
    {
        { 4, 4, ScalarType.Float64 }, { 4, 7, ScalarType.Float64 }, { 9, 4, ScalarType.Float64 },
        { 4, 4, ScalarType.Float32 }, { 4, 7, ScalarType.Float32 }, { 9, 4, ScalarType.Float32 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Svd_makes_all_singular_values_one(int rows, int columns, ScalarType type)
    {
        var matrix = Compose(rows, columns, SingularValues);
        double[] factor = Compose(rows, columns, [1, 1, 1, 1]), scaled = [.. factor.Select(static x => 4.95 * x)]; // 3 + 1.5 + .4 + .05

        AssertRelative(factor, Factor(new Svd(), matrix, rows, columns, type), type == ScalarType.Float64 ? 1e-13 : 1e-5);
        AssertRelative(scaled, Factor(new Svd(scaleByNuclearNorm: true), matrix, rows, columns, type), type == ScalarType.Float64 ? 1e-13 : 1e-5);
    }

    [Fact]
    public void Svd_of_a_known_matrix() => Data.AssertClose(
        [.478911864, .856123957, -.194152508, .255558395, .075620342, .963831661],
        Factor(new Svd(), [1, 2, -1, 0.5, -0.25, 3], 2, 3, ScalarType.Float64), 0, 1e-9);

    [Theory]
    [MemberData(nameof(Shapes))]
    public void NewtonSchulz_is_a_polynomial_of_every_singular_value(int rows, int columns, ScalarType type)
    {
        foreach (var iterations in (int[])[1, 2, 5])
        {
            var expected = Compose(rows, columns, Iterated(SingularValues, iterations, Norm(SingularValues)));
            AssertRelative(expected, Factor(new NewtonSchulz(iterations), Compose(rows, columns, SingularValues), rows, columns, type), type == ScalarType.Float64 ? 1e-12 : 1e-5);
        }
    }

    [Fact]
    public void NewtonSchulz_makes_five_iterations_by_default() => Assert.Equal(
        Factor(new NewtonSchulz(5), Compose(4, 7, SingularValues), 4, 7, ScalarType.Float64),
        Factor(new NewtonSchulz(), Compose(4, 7, SingularValues), 4, 7, ScalarType.Float64));

    [Fact]
    public void NewtonSchulz_leaves_singular_values_near_one() =>
        Assert.All(Iterated([.. Enumerable.Range(1, 1000).Select(static i => i / 1000.0)], 5, 1)[100..], static value => Assert.InRange(value, 0.65, 1.25));

    // ‖G‖_F below 1e-8 is taken for 1e-8, so that zero stays zero.
    [Fact]
    public void NewtonSchulz_of_almost_nothing_is_small()
    {
        Assert.Equal(new double[6], Factor(new NewtonSchulz(), new double[6], 2, 3, ScalarType.Float32));
        var tiny = Factor(new NewtonSchulz(1), [1e-12, 0, 0, 2e-12], 2, 2, ScalarType.Float64);
        Data.AssertClose([3.4445e-4, 0, 0, 6.889e-4], tiny, 1e-6);
    }

    // Jordan's bound is on X = G/‖G‖_F: squares of these overflow or underflow in float32.
    [Theory]
    [InlineData(1e25)]
    [InlineData(1e-5)]
    public void NewtonSchulz_does_not_depend_on_the_scale(double scale)
    {
        var matrix = Compose(5, 4, SingularValues);

        var scaled = Factor(new NewtonSchulz(), [.. matrix.Select(x => scale * x)], 5, 4, ScalarType.Float32);

        AssertRelative(Factor(new NewtonSchulz(), matrix, 5, 4, ScalarType.Float32), scaled, 1e-5);
    }

    [Fact]
    public void Every_matrix_of_a_stack_gets_the_factor_that_it_gets_alone()
    {
        double[][] matrices = [Compose(5, 4, SingularValues), Data.Normal(1, 20), Data.Normal(2, 20, 1e3)];
        double[] stack = [.. matrices.SelectMany(static matrix => matrix)];
        double[] fast = Factor(new NewtonSchulz(), stack, 5, 4, ScalarType.Float32), exact = Factor(new Svd(true), stack, 5, 4, ScalarType.Float32);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(Factor(new NewtonSchulz(), matrices[i], 5, 4, ScalarType.Float32), fast[(20 * i)..(20 * i + 20)]);
            Assert.Equal(Factor(new Svd(true), matrices[i], 5, 4, ScalarType.Float32), exact[(20 * i)..(20 * i + 20)]);
        }
    }

    [Fact]
    public void Leaves_no_tensor_but_the_result()
    {
        var before = Data.LiveTensors();

        Factor(new NewtonSchulz(), Compose(4, 7, SingularValues), 4, 7, ScalarType.Float32);
        Factor(new Svd(true), Compose(4, 7, SingularValues), 4, 7, ScalarType.Float32);

        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    private static double[] Iterated(double[] singularValues, int iterations, double norm) =>
        [.. singularValues.Select(value =>
        {
            var x = value / norm;
            for (var i = 0; i < iterations; i++)
                x = 3.4445 * x - 4.7750 * Math.Pow(x, 3) + 2.0315 * Math.Pow(x, 5);
            return x;
        })];

    // U diag(s) Vᵀ of fixed orthogonal U and V.
    private static double[] Compose(int rows, int columns, double[] singularValues)
    {
        double[,] u = RandomOrthogonal(rows, seed: 10), v = RandomOrthogonal(columns, seed: 11);
        var matrix = new double[rows * columns];
        for (var i = 0; i < matrix.Length; i++)
        {
            for (var k = 0; k < singularValues.Length; k++)
                matrix[i] += u[i / columns, k] * singularValues[k] * v[i % columns, k];
        }
        return matrix;
    }

    private static double[] Factor<TSolver>(TSolver solver, double[] matrices, int rows, int columns, ScalarType type) where TSolver : struct, IOrthogonalFactorSolver
    {
        using var stack = Data.Tensor(matrices, [matrices.Length / (rows * columns), rows, columns], type);
        var before = Data.Values(stack);
        using var factor = solver.OrthogonalFactor(stack);
        Assert.Equal(stack.shape, factor.shape);
        Assert.Equal(type, factor.dtype);
        Assert.Equal(before, Data.Values(stack));
        return Data.Values(factor);
    }
}
