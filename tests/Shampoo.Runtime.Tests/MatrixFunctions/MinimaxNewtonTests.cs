using Xunit.Abstractions;
using static Shampoo.Runtime.Tests.Matrices;

namespace Shampoo.Runtime.Tests;

public sealed class MinimaxNewtonTests(ITestOutputHelper output)
{
    // For p = 4 and l = 1e-6, classic Newton needs 17 iterations for what 8 of the best steps do.
    [Fact]
    public void The_best_steps_are_few() => Assert.Equal(8, MinimaxSchedule.Narrow(4, 1e-6, 1e-2, cushion: 0).Steps.Length);

    [Theory]
    [InlineData(2, ScalarType.Float32, 11)]
    [InlineData(4, ScalarType.Float32, 9)]
    [InlineData(2, ScalarType.Float64, 23)]
    [InlineData(4, ScalarType.Float64, 20)]
    public void A_root_takes_as_many_iterations_as_documented_and_the_last_step(int p, ScalarType type, int iterations)
    {
        var u = type == ScalarType.Float64 ? Math.Pow(2, -53) : Math.Pow(2, -24);

        Assert.Equal(iterations, MinimaxSchedule.Of(p, u / 2, 8 * u).Steps.Count);
    }

    [Fact]
    public void The_last_step_is_as_exact_as_it_says_in_its_interval_and_too_small_below()
    {
        const double Rounding = 1e-15;
        foreach (var p in (int[])[1, 2, 3, 4, 6, 64])
        {
            foreach (var error in (double[])[1e-5, 4.8e-7, 8.9e-16])
            {
                var l = 1 - FinalStep.WidestInterval(p, error);
                var step = new FinalStep(p, l);
                var largest = 0.0;
                for (var i = 1; i <= 1000; i++)
                {
                    double inside = l + (1 - l) * i / 1000, below = l * i / 1000;
                    largest = Math.Max(largest, Math.Abs(Value(step, inside) * Math.Pow(inside, 1.0 / p) - 1));
                    Assert.InRange(Value(step, below) * Math.Pow(below, 1.0 / p), 0, 1 + error + Rounding);
                }
                Assert.InRange(largest, error < Rounding ? 0 : error / 20, error + Rounding);
            }
        }

        // Of narrower intervals, down to nothing: eigenvalues far below, where the polynomial is far from them.
        foreach (var p in (int[])[1, 2, 4, 5, 6, 10, 64])
        {
            foreach (var width in (double[])[1e-3, 1e-5, 0])
            {
                var step = new FinalStep(p, 1 - width);
                foreach (var x in (double[])[0.5, 1e-3, 1e-10, 1e-17, 1e-25])
                    Assert.InRange(Value(step, x) * Math.Pow(x, 1.0 / p), 0, 1);
            }
        }

        static double Value(FinalStep step, double x) =>
            step.Coefficients.Reverse().Aggregate(0.0, (sum, c) => sum * ((x - step.Center) / step.Half) + c);
    }

    // The image of [l, 1] is [l', 1] after every step, and in the end all of it is 1.
    [Fact]
    public void Every_step_keeps_the_spectrum_below_one_and_raises_its_lower_end()
    {
        foreach (var cushion in (double[])[0, 0.02])
        {
            foreach (var p in (int[])[1, 2, 3, 4, 6, 8, 16, 64])
            {
                foreach (var l in (double[])[0.5, 1e-3, 1e-7, 1e-16])
                {
                    double[] spectrum = [.. Enumerable.Range(0, 501).Select(i => Math.Pow(l, i / 500.0))];
                    var lowest = l;
                    foreach (var (a, r) in MinimaxSchedule.Narrow(p, l, 1e-10, cushion).Steps)
                    {
                        spectrum = [.. spectrum.Select(x => x * Math.Pow(a * (1 - r * x), p))];
                        Assert.InRange(spectrum.Max(), 0, 1 + 1e-9);
                        Assert.InRange(spectrum.Min(), lowest, 1 + 1e-9);
                        lowest = spectrum.Min();
                    }
                    Assert.InRange(lowest, 1 - 1e-9, 1 + 1e-9);
                }
            }
        }
    }

    // No r makes the image of [l, 1] narrower than the one with f(l) = f(1).
    [Theory]
    [InlineData(1, 1e-2)]
    [InlineData(2, 1e-4)]
    [InlineData(4, 1e-6)]
    [InlineData(5, 0.3)]
    public void The_first_step_is_the_best_one(int p, double l)
    {
        var (_, best) = MinimaxSchedule.Narrow(p, l, 1e-2, cushion: 0).Steps[0];
        var narrowest = Width(best);
        for (var factor = 0.5; factor < 1.5; factor += 0.01)
            Assert.True(Width(best * factor) >= narrowest * (1 - 1e-12));

        double Width(double r)
        {
            double F(double x) => x * Math.Pow(1 - r * x, p);
            if (r >= 1)
                return double.PositiveInfinity; // to 0
            return Math.Max(F(1), Math.Max(F(l), F(Math.Clamp(1 / ((p + 1) * r), l, 1)))) / Math.Min(F(l), F(1));
        }
    }

    // The errors of all solvers, and the price of MinimaxNewton's ridge of u·s₀, which is above the rounding error of A.
    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void Is_as_accurate_as_its_ridge_allows(int p)
    {
        const int n = 48;
        var q = RandomOrthogonal(n, seed: 3);
        double[] unperturbed = [2e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 6e-1];
        output.WriteLine($"float32, n = {n}, p = {p}\ncondition     eigh         Newton         Schulz  Schulz, rel 0        minimax minimax, rel 0");
        for (var i = 0; i < unperturbed.Length; i++)
        {
            // The root of the matrix as float32 has it.
            var matrix = Rounded(Compose(q, Geometric(n, Math.Pow(10, i + 2))));
            var (values, vectors) = Oracle.Jacobi(Square(matrix));
            var expected = Compose(vectors, Powers(values, -1.0 / p));
            double minimax = Error(new MinimaxNewton(0)), without = Error(new MinimaxNewton(0, 0));
            double[] others = [Error(new Eigh(1e-12)), Error(new CoupledNewton(0, 1e-5)), Error(new NewtonSchulzRoot(0)), Error(new NewtonSchulzRoot(0, 0))];
            output.WriteLine($"1e{i + 2}  {string.Join(" ", others.Append(minimax).Append(without).Select(static error => $"{error,14:e1}"))}");
            Assert.InRange(minimax, 0, unperturbed[i] + 2.5 * 6e-8 * Math.Pow(10, i + 2) / p); // s₀ is about 2
            Assert.InRange(without, 0, unperturbed[i]);

            double Error<TSolver>(TSolver solver) where TSolver : struct, IInverseRootSolver => RelativeError(expected, Root(solver, matrix, n, 1.0 / p, ScalarType.Float32));
        }
    }

    [Fact]
    public void Is_accurate_in_float64()
    {
        const int n = 48;
        var q = RandomOrthogonal(n, seed: 3);
        foreach (var condition in (double[])[1e2, 1e4, 1e6, 1e8])
        {
            foreach (var p in (int[])[1, 2, 3, 4, 6])
            {
                var expected = Compose(q, Powers(Geometric(n, condition), -1.0 / p));
                AssertRelative(expected, Root(new MinimaxNewton(0), Compose(q, Geometric(n, condition)), n, 1.0 / p, ScalarType.Float64), 1e-13 + 5e-16 * condition);
            }
        }
    }

    // Sums of products in float32: eigenvalues that should be 0 are rounding errors of either sign, up to a third of u·s₀ and more.
    [Theory]
    [InlineData(3, 1)]
    [InlineData(16, 2)]
    [InlineData(64, 8)]
    [InlineData(128, 127)]
    public void Is_stable_where_rounding_errors_are_the_smallest_eigenvalues(int n, int rank)
    {
        for (var seed = 0; seed < 5; seed++)
        {
            using var scope = torch.NewDisposeScope();
            var g = Data.Tensor(Data.Normal(seed, n * rank), [1, n, rank], ScalarType.Float32);
            var matrix = g.bmm(g.transpose(1, 2));
            var values = Data.Values(torch.linalg.eigvalsh(matrix.to_type(ScalarType.Float64)));
            var bound = Math.Min(Norm(values), Data.Values(matrix.abs().sum(-1)).Max());
            double[] roots = [.. values.Select(value => Math.Pow(Math.Max(value, 0) + Math.Pow(2, -24) * bound, -0.25))];

            var actual = Norm(Data.Values(new MinimaxNewton(1e-12).InverseRoot(matrix, 0.25)));

            Assert.InRange(actual / Norm(roots), 0.7, 1.4);
        }
    }

    [Fact]
    public void Undershoots_below_its_range()
    {
        double[] eigenvalues = [1, 0.3, 1e-5, 1e-17, 1e-20, 1e-25];
        foreach (var p in (int[])[1, 2, 3, 4, 5, 6, 9, 10, 12, 40, 64])
        {
            var root = Root(new MinimaxNewton(0, 0), Compose(Identity(6), eigenvalues), 6, 1.0 / p, ScalarType.Float64);

            for (var i = 0; i < 6; i++)
            {
                var exact = Math.Pow(eigenvalues[i], -1.0 / p);
                Assert.InRange(root[7 * i], i < 3 ? exact * (1 - 1e-9) : Math.Pow(1e-16, -1.0 / p) / 10, exact * (1 + 1e-9));
            }
        }
    }

    // As it works on a GPU: with fresh tensors.
    [Fact]
    public void Comes_to_the_same_without_BLAS_and_leaves_the_caller_its_tensor()
    {
        const int n = 9;
        foreach (var p in (int[])[1, 2, 3, 4, 6])
        {
            var matrix = Compose(RandomOrthogonal(n, seed: p), Geometric(n, 1e3));
            var expected = Root(new MinimaxNewton(0), matrix, n, 1.0 / p, ScalarType.Float64);
            var before = Data.LiveTensors();
            using (new BlasAvailability(false))
            {
                using var stored = Data.Tensor(matrix, [1, n, n]);
                using var matrices = stored.transpose(1, 2);
                using (var root = new MinimaxNewton(0).InverseRoot(matrices, 1.0 / p))
                    AssertRelative(expected, Data.Values(root), 1e-12);
                Assert.Equal(n * n, matrices.numel());
                Assert.All(Data.Values(matrices), static value => Assert.True(double.IsFinite(value)));
            }
            Assert.Equal(before, torch.Tensor.TotalCount);
        }
    }

    private static double[] Rounded(double[] matrix) => [.. matrix.Select(static value => (double)(float)value)];
}
