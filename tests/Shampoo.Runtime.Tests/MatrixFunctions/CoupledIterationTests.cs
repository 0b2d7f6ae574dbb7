using static Shampoo.Runtime.Tests.Matrices;

namespace Shampoo.Runtime.Tests;

/// <summary>
/// Iterate by iterate, against the same iteration of every eigenvalue alone: all matrices of a coupled iteration are functions of A. The limit
/// of iterations makes every iterate visible.
/// </summary>
public sealed class CoupledIterationTests : IDisposable
{
    private const int N = 7;
    private readonly Action<string> _handler = SolverWarnings.Handler;
    private readonly List<string> _warnings = [];
    private readonly double[,] _q = RandomOrthogonal(N, seed: 2);
    private readonly double[] _eigenvalues = [9, 4, 3, 1, 0.5, 0.2, 0.1];

    public CoupledIterationTests() => SolverWarnings.Handler = _warnings.Add;

    public void Dispose() => SolverWarnings.Handler = _handler;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(7)]
    public void CoupledNewton_iterates(int p)
    {
        const double epsilon = 0.05;
        var z = (p + 1) / (2 * Norm([.. _eigenvalues.Select(value => value + epsilon)]));
        for (var limit = 1; limit <= 5; limit++)
        {
            var expected = _eigenvalues.Select(value =>
            {
                double x = Math.Pow(z, 1.0 / p), m = z * (value + epsilon);
                for (var iteration = 0; iteration < limit; iteration++)
                {
                    var t = (1 + 1.0 / p) - m / p;
                    (x, m) = (x * t, Math.Pow(t, p) * m);
                }
                return x;
            });
            AssertRelative(Compose(_q, [.. expected]), Root(new CoupledNewton(epsilon, 0, limit), Compose(_q, _eigenvalues), N, 1.0 / p, ScalarType.Float64), 1e-13);
        }
    }

    [Fact]
    public void CoupledNewton_converges_to_the_root_of_the_perturbed_matrix()
    {
        var expected = Compose(_q, [.. _eigenvalues.Select(static value => Math.Pow(value + 0.05, -0.25))]);

        AssertRelative(expected, Root(new CoupledNewton(0.05, 1e-12), Compose(_q, _eigenvalues), N, 0.25, ScalarType.Float64), 1e-11);
        Assert.Empty(_warnings);
    }

    [Theory]
    [InlineData(2, 1, 2)]
    [InlineData(4, 1, 3)]
    [InlineData(3, 1, 4)]
    [InlineData(4, 3, 3)]
    [InlineData(1, 1, 5)]
    public void CoupledHigherOrder_iterates(int p, int q, int order)
    {
        const double relative = 0.01, absolute = 0.001;
        var matrix = Compose(_q, _eigenvalues);
        var ridge = relative * Enumerable.Range(0, N).Max(row => Enumerable.Range(0, N).Sum(column => Math.Abs(matrix[row * N + column])));
        var z = 1 / _eigenvalues.Sum(value => value + ridge);
        for (var limit = 4; limit <= 7; limit++) // earlier ones are too inaccurate to be accepted
        {
            var expected = _eigenvalues.Select(value => Math.Pow(HigherOrderIterate(z, value + ridge, p, order, limit), q));
            var actual = Root(new CoupledHigherOrder(relative, absolute, 0, limit, order), matrix, N, (double)q / p, ScalarType.Float64);
            if (limit < 7 && actual.All(double.IsNaN))
                continue;
            AssertRelative(Compose(_q, [.. expected]), actual, 1e-12);
        }
    }

    [Fact]
    public void CoupledHigherOrder_takes_the_larger_of_its_two_epsilons()
    {
        var matrix = Compose(_q, _eigenvalues);
        var norm = Enumerable.Range(0, N).Max(row => Enumerable.Range(0, N).Sum(column => Math.Abs(matrix[row * N + column])));
        foreach (var (relative, absolute) in (IEnumerable<(double, double)>)[(0, 0.3), (1e-3, 0.3), (0.1, 0.3)])
        {
            var ridge = Math.Max(relative * norm, absolute);
            var expected = Compose(_q, [.. _eigenvalues.Select(value => Math.Pow(value + ridge, -0.5))]);
            AssertRelative(expected, Root(new CoupledHigherOrder(relative, absolute, 1e-14), matrix, N, 0.5, ScalarType.Float64), 1e-12);
        }
    }

    [Fact]
    public void CoupledHigherOrder_takes_the_roots_of_fractions()
    {
        foreach (var (q, p) in (IEnumerable<(int, int)>)[(2, 3), (3, 4), (5, 6), (3, 2)])
        {
            var expected = Compose(_q, Powers(_eigenvalues, -(double)q / p));
            AssertRelative(expected, Root(new CoupledHigherOrder(0, tolerance: 0), Compose(_q, _eigenvalues), N, (double)q / p, ScalarType.Float64), 1e-11);
            AssertRelative(expected, Root(new MinimaxNewton(0), Compose(_q, _eigenvalues), N, (double)q / p, ScalarType.Float64), 1e-11);
        }
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(3, 4)]
    [InlineData(3, 2)]
    public void CoupledHigherOrder_gives_the_identity_for_zeros_without_a_ridge(int q, int p)
    {
        double[] stack = [.. new double[N * N], .. Compose(_q, _eigenvalues)];
        foreach (var type in (ScalarType[])[ScalarType.Float32, ScalarType.Float64])
        {
            var roots = Root(new CoupledHigherOrder(1e-12, tolerance: 0), stack, N, (double)q / p, type);

            AssertRelative(Flat(Identity(N)), roots[..(N * N)], 1e-5);
            AssertRelative(Compose(_q, Powers(_eigenvalues, -(double)q / p)), roots[(N * N)..], type == ScalarType.Float64 ? 1e-9 : 1e-4);
        }

        // Where there is a ridge, it is what the root is of.
        var ridged = Root(new CoupledHigherOrder(1e-12, 1e-6, tolerance: 0), stack, N, (double)q / p, ScalarType.Float64);
        AssertRelative(Compose(Identity(N), [.. Enumerable.Repeat(Math.Pow(1e-6, -(double)q / p), N)]), ridged[..(N * N)], 1e-9);
    }

    // Tolerance 0 is never met: it is the stagnation of max|M − I| that ends the iteration, without a warning.
    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void CoupledHigherOrder_stops_when_it_stagnates(ScalarType type)
    {
        Root(new CoupledHigherOrder(0, tolerance: 0), Compose(_q, _eigenvalues), N, 0.25, type);

        Assert.Empty(_warnings);
    }

    [Fact]
    public void The_limit_of_iterations_is_a_warning_that_counts_the_matrices()
    {
        double[] stack = [.. Compose(_q, _eigenvalues), .. Compose(_q, [.. _eigenvalues.Select(static _ => 1.0)]), .. Compose(_q, Geometric(N, 1e6))];

        Root(new CoupledNewton(0, 1e-6, 9), stack, N, 0.25, ScalarType.Float64);
        Assert.Equal(["The coupled Newton iteration has not converged for 1 matrices in 9 iterations."], _warnings);

        _warnings.Clear();
        Root(new CoupledHigherOrder(0, 0, 0, 8, 3), [.. Compose(_q, _eigenvalues)], N, 0.25, ScalarType.Float64);
        Assert.Equal(["The coupled iteration of higher order has not converged for 1 matrices in 8 iterations."], _warnings);
    }

    // What a stack costs is what its matrices cost alone: nobody waits for the slowest.
    [Fact]
    public void Every_matrix_of_a_stack_takes_the_iterations_that_it_takes_alone()
    {
        double[][] matrices = [.. ((double[])[2, 1e6, 10, 1e3, 1.1]).Select((condition, i) => Compose(_q, Geometric(N, condition)))];
        int[] alone = [.. matrices.Select(matrix => Iterations(limit => Root(new CoupledNewton(0, 1e-9, limit), matrix, N, 0.25, ScalarType.Float64)))];
        Assert.True(alone.Distinct().Count() > 3);

        for (var limit = 1; limit < alone.Max(); limit++)
        {
            _warnings.Clear();
            Root(new CoupledNewton(0, 1e-9, limit), [.. matrices.SelectMany(static matrix => matrix)], N, 0.25, ScalarType.Float64);
            Assert.Equal([$"The coupled Newton iteration has not converged for {alone.Count(own => own > limit)} matrices in {limit} iterations."], _warnings);
        }
    }

    private int Iterations(Action<int> solve)
    {
        for (var limit = 1; ; limit++)
        {
            _warnings.Clear();
            solve(limit);
            if (_warnings.Count == 0)
                return limit;
        }
    }

    // max|AXᵖ − I| > 0.1: the condition is beyond what float32 resolves, but not float64.
    [Fact]
    public void CoupledHigherOrder_fails_where_the_residual_is_large()
    {
        var matrix = Compose(_q, Geometric(N, 1e9));

        Assert.All(Root(new CoupledHigherOrder(0), matrix, N, 0.25, ScalarType.Float32), static value => Assert.True(double.IsNaN(value)));
        AssertRelative(Compose(_q, Powers(Geometric(N, 1e9), -0.25)), Root(new CoupledHigherOrder(0), matrix, N, 0.25, ScalarType.Float64), 1e-6);
    }

    [Theory]
    [InlineData(2, 1.0, 1e-6)]
    [InlineData(4, 1.0, 1e-6)]
    [InlineData(8, 1.0, 1e-6)]
    [InlineData(4, 30.0, 0.01)]
    [InlineData(1, 30.0, 0.01)]
    public void NewtonSchulzRoot_is_ten_steps_of_every_eigenvalue(int p, double scale, double relative)
    {
        double[] eigenvalues = [.. _eigenvalues.Select(value => scale * value)];
        var ridge = relative * Norm(eigenvalues);
        var (root, inverse) = SquareRoots([.. eigenvalues.Select(value => value + ridge)]);
        for (var remaining = p; remaining > 2; remaining /= 2)
            (root, inverse) = SquareRoots(root);
        if (p == 1)
            inverse = Powers(inverse, 2);

        AssertRelative(Compose(_q, inverse), Root(new NewtonSchulzRoot(0, relative), Compose(_q, eigenvalues), N, 1.0 / p, ScalarType.Float64), 1e-12);
    }

    [Fact]
    public void NewtonSchulzRoot_takes_the_larger_of_its_two_ridges()
    {
        const double epsilon = 0.7;
        var expected = Compose(_q, [.. _eigenvalues.Select(static value => Math.Pow(value + epsilon, -0.25))]);

        AssertRelative(expected, Root(new NewtonSchulzRoot(epsilon), Compose(_q, _eigenvalues), N, 0.25, ScalarType.Float64), 1e-12);
    }

    [Fact]
    public void Exponents_that_a_solver_does_not_take_are_errors()
    {
        var matrix = Compose(_q, _eigenvalues);
        foreach (var exponent in (double[])[0.75, 0.4550001, 1.0 / 65, 0, -0.5, double.NaN])
            Assert.Throws<ArgumentOutOfRangeException>(() => Root(new CoupledNewton(0), matrix, N, exponent, ScalarType.Float64));
        foreach (var exponent in (double[])[1.0 / 3, 1.0 / 6, 0.75])
            Assert.Throws<ArgumentOutOfRangeException>(() => Root(new NewtonSchulzRoot(0), matrix, N, exponent, ScalarType.Float64));
        foreach (var exponent in (double[])[0.4550001, 65])
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => Root(new CoupledHigherOrder(0), matrix, N, exponent, ScalarType.Float64));
            Assert.Throws<ArgumentOutOfRangeException>(() => Root(new MinimaxNewton(0), matrix, N, exponent, ScalarType.Float64));
        }
    }

    [Theory]
    [InlineData(0.25, 1, 4)]
    [InlineData(1 / 6.0, 1, 6)]
    [InlineData(4 / 6.0, 2, 3)]
    [InlineData(1.5, 3, 2)]
    [InlineData(1, 1, 1)]
    [InlineData(1 / 64.0, 1, 64)]
    public void Exponents_are_fractions_in_lowest_terms(double exponent, int q, int p) =>
        Assert.Equal(new RootFraction(q, p), RootFraction.Of(exponent));

    private static double HigherOrderIterate(double z, double value, int p, int order, int iterations)
    {
        double x = Math.Pow(z, 1.0 / p), m = z * value;
        for (var iteration = 1; iteration <= iterations; iteration++)
        {
            double t = 1, term = 1;
            for (var j = 1; j < (iteration == 1 ? 2 : order); j++)
            {
                term *= (1 + (j - 1.0) * p) / (j * (double)p) * (1 - m);
                t += term;
            }
            (x, m) = (x * t, Math.Pow(t, p) * m);
        }
        return x;
    }

    private static (double[] Root, double[] Inverse) SquareRoots(double[] eigenvalues)
    {
        (double A, double B, double C)[] coefficients =
        [
            (8.28721201814563, -23.595886519098837, 17.300387312530933), (4.107059111542203, -2.9478499167379106, 0.5448431082926601),
            (3.9486908534822946, -2.908902115962949, 0.5518191394370137), (3.3184196573706015, -2.488488024314874, 0.51004894012372),
            (2.300652019954817, -1.6689039845747493, 0.4188073119525673), (1.891301407787398, -1.2679958271945868, 0.37680408948524835),
            (1.8750014808534479, -1.2500016453999487, 0.3750001645474248), (1.875, -1.25, 0.375), (1.875, -1.25, 0.375), (1.875, -1.25, 0.375),
        ];
        var s = Norm(eigenvalues);
        // The odd polynomial ax + bx³ + cx⁵ takes √(λ/s) to 1; what it has been multiplied by is the inverse of it.
        var inverse = eigenvalues.Select(value =>
        {
            var x = Math.Sqrt(value / s);
            var start = x;
            foreach (var (a, b, c) in coefficients)
                x = a * x + b * x * x * x + c * x * x * x * x * x;
            return x / start / Math.Sqrt(s);
        }).ToArray();
        return ([.. eigenvalues.Zip(inverse, static (value, z) => value * z)], inverse);
    }
}
