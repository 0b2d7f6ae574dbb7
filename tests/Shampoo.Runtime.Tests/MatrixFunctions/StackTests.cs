using static Shampoo.Runtime.Tests.Matrices;

namespace Shampoo.Runtime.Tests;

/// <summary>A matrix of a stack has nothing to do with its neighbours.</summary>
public sealed class StackTests
{
    private const int N = 9;

    public static TheoryData<string> Solvers => [.. RootSolver.All.Select(static solver => solver.Name)];

    // Of conditions from 2 to 1e5, so that the iterations of some end before those of others; two end together.
    private static double[][] Mixed()
    {
        double[] conditions = [1e3, 2, 1e5, 10, 10, 1e4];
        return [.. conditions.Select(static (condition, i) => Compose(RandomOrthogonal(N, seed: i), [.. Geometric(N, condition).Select(value => (i + 1) * value)]))];
    }

    [Theory]
    [MemberData(nameof(Solvers))]
    public void Every_matrix_gets_the_root_that_it_gets_alone(string name)
    {
        var matrices = Mixed();
        foreach (var (exponent, type) in (IEnumerable<(double, ScalarType)>)[(0.5, ScalarType.Float32), (0.25, ScalarType.Float32), (0.25, ScalarType.Float64)])
        {
            var stacked = RootSolver.Get(name).Root([.. matrices.SelectMany(static matrix => matrix)], N, exponent, type);

            for (var i = 0; i < matrices.Length; i++)
                AssertSame(RootSolver.Get(name).Root(matrices[i], N, exponent, type), stacked[(i * N * N)..((i + 1) * N * N)], type);
        }
    }

    // But for the last bits: torch's power of an element depends on whether it comes in a vector or at the end.
    private static void AssertSame(double[] expected, double[] actual, ScalarType type)
    {
        var unit = expected.Max(Math.Abs) * (type == ScalarType.Float32 ? 1.2e-7 : 2.3e-16);
        foreach (var (e, a) in expected.Zip(actual))
            Assert.True(Math.Abs(e - a) <= 4 * unit, $"{a} instead of {e}");
    }

    [Theory]
    [InlineData("CoupledNewton")]
    [InlineData("CoupledHigherOrder")]
    [InlineData("NewtonSchulzRoot")]
    [InlineData("MinimaxNewton")]
    public void A_matrix_that_an_iteration_fails_on_is_marked_and_does_not_harm_its_neighbours(string name)
    {
        foreach (var type in (ScalarType[])[ScalarType.Float32, ScalarType.Float64])
        {
            var matrices = Mixed();
            matrices[1][3] = double.NaN;
            matrices[4] = Compose(RandomOrthogonal(N, seed: 4), [-0.5, .. Geometric(N - 1, 10)]);
            var stacked = RootSolver.Get(name).Root([.. matrices.SelectMany(static matrix => matrix)], N, 0.25, type);

            foreach (var i in (int[])[0, 2, 3, 5])
                AssertSame(RootSolver.Get(name).Root(matrices[i], N, 0.25, type), stacked[(i * N * N)..((i + 1) * N * N)], type);
            foreach (var i in (int[])[1, 4])
                Assert.Contains(stacked[(i * N * N)..((i + 1) * N * N)], static value => !double.IsFinite(value));
        }
    }

    [Fact]
    public void A_failure_leaves_no_tensor()
    {
        var before = Data.LiveTensors();

        foreach (var name in (string[])["CoupledNewton", "CoupledHigherOrder"])
            Assert.All(RootSolver.Get(name).Root([1, double.NaN, double.NaN, 2], 2, 0.25, ScalarType.Float64), static value => Assert.True(double.IsNaN(value)));

        Assert.Equal(before, torch.Tensor.TotalCount);
    }
}
