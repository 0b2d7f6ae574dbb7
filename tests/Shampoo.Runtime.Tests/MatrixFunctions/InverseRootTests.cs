using static Shampoo.Runtime.Tests.Matrices;

namespace Shampoo.Runtime.Tests;

/// <summary>What all solvers of inverse roots have in common: the roots.</summary>
public sealed class InverseRootTests
{
    public static TheoryData<string> Solvers => [.. RootSolver.All.Select(static solver => solver.Name)];

    [Theory]
    [MemberData(nameof(Solvers))]
    public void Takes_the_root_of_a_diagonal(string name)
    {
        foreach (var type in (ScalarType[])[ScalarType.Float32, ScalarType.Float64])
            Data.AssertClose([1, 0, 0, 0.5], RootSolver.Get(name).Root([1, 0, 0, 4], 2, 1 / 2.0, type), 2e-6, 1e-7);
    }

    [Theory]
    [MemberData(nameof(Solvers))]
    public void Takes_the_root_of_a_matrix_of_integers(string name)
    {
        double[] matrix = [1195, -944, -224, -944, 746, 177, -224, 177, 42];

        var root = RootSolver.Get(name).Root(matrix, 3, 1 / 2.0, ScalarType.Float64);

        Data.AssertClose([1, 1, 1, 1, 2, -3, 1, -3, 18], root, 1e-2, 0.05);
    }

    [Theory]
    [MemberData(nameof(Solvers))]
    public void Takes_the_root_of_a_Toeplitz_matrix(string name)
    {
        foreach (var (p, row) in (IEnumerable<(int, double[])>)[(2, [.711347548, -.045084846, .004289866, -.000448102]), (4, [.842989654, -.026673671, .002113491, -.000198907])])
        {
            Data.AssertClose(row, RootSolver.Get(name).Root(Tridiagonal(4, 2, 0.25), 4, 1.0 / p, ScalarType.Float64)[..4], 0, 1e-9);
            Data.AssertClose(row, RootSolver.Get(name).Root(Tridiagonal(4, 2, 0.25), 4, 1.0 / p, ScalarType.Float32)[..4], 0, 2e-6);
        }
    }

    [Theory]
    [MemberData(nameof(Solvers))]
    public void Takes_the_roots_of_tridiagonal_families(string name)
    {
        var solver = RootSolver.Get(name);
        double[] values = [0.001, 0.01, 0.1, 1, 10, 100];
        foreach (var (alpha, beta) in values.SelectMany(_ => values, (alpha, beta) => (alpha, beta)).Where(pair => 2 * pair.beta <= pair.alpha))
        {
            foreach (var n in (int[])[10, 100])
            {
                foreach (var p in (int[])[1, 2, 4, 8])
                    AssertRelative(TridiagonalRoot(n, alpha, beta, 1.0 / p), solver.Root(Tridiagonal(n, alpha, beta), n, 1.0 / p, ScalarType.Float32), 1e-4);
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(15)]
    [InlineData(31)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    public void Takes_the_roots_of_every_size(int n)
    {
        const double condition = 1e3;
        var q = RandomOrthogonal(n, seed: n);
        var eigenvalues = Geometric(n, condition).Select(value => 3 * value).ToArray();
        var matrix = Compose(q, eigenvalues);
        foreach (var p in n > 100 ? (int[])[4] : [1, 2, 4])
        {
            var expected = Compose(q, Powers(eigenvalues, -1.0 / p));
            foreach (var solver in RootSolver.All)
            {
                foreach (var type in (ScalarType[])[ScalarType.Float32, ScalarType.Float64])
                    AssertRelative(expected, solver.Root(matrix, n, 1.0 / p, type), solver.Tolerance(type, condition), solver.Name);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Solvers))]
    public void Takes_the_roots_of_spectra(string name)
    {
        const int n = 16;
        var solver = RootSolver.Get(name);
        var q = RandomOrthogonal(n, seed: 5);
        foreach (var condition in (double[])[1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8])
        {
            var eigenvalues = Geometric(n, condition);
            foreach (var p in (int[])[1, 2, 4, 8])
            {
                var expected = Compose(q, Powers(eigenvalues, -1.0 / p));
                if (name != "NewtonSchulzRoot" || condition < 1e7) // it resolves eigenvalues down to 1e-6·‖A‖_F
                    AssertRelative(expected, solver.Root(Compose(q, eigenvalues), n, 1.0 / p, ScalarType.Float64), solver.Tolerance(ScalarType.Float64, condition));
                if (condition > 1e6)
                    continue; // float32 does not hold the matrix
                AssertRelative(expected, solver.Root(Compose(q, eigenvalues), n, 1.0 / p, ScalarType.Float32), solver.Tolerance(ScalarType.Float32, condition));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Solvers))]
    public void Takes_the_roots_of_clusters(string name)
    {
        const int n = 24;
        const double condition = 1e4;
        var q = RandomOrthogonal(n, seed: 6);
        double[] eigenvalues = [.. Enumerable.Range(0, n).Select(i => (i % 3 == 0 ? 1 : i % 3 == 1 ? 1e-2 : 1e-4) * (1 + 1e-9 * i))];
        foreach (var type in (ScalarType[])[ScalarType.Float32, ScalarType.Float64])
        {
            var root = RootSolver.Get(name).Root(Compose(q, eigenvalues), n, 0.25, type);
            AssertRelative(Compose(q, Powers(eigenvalues, -0.25)), root, RootSolver.Get(name).Tolerance(type, condition));
        }
    }

    // Norms of these matrices neither overflow nor underflow, but their squares do in float32.
    [Theory]
    [MemberData(nameof(Solvers))]
    public void Takes_the_roots_of_tiny_and_huge_matrices(string name)
    {
        const int n = 8;
        var solver = RootSolver.Get(name);
        var q = RandomOrthogonal(n, seed: 7);
        foreach (var scale in (double[])[1e-30, 1e-20, 1e20, 1e30])
        {
            var eigenvalues = Geometric(n, 100).Select(value => scale * value).ToArray();
            foreach (var p in (int[])[2, 4])
            {
                var expected = Compose(q, Powers(eigenvalues, -1.0 / p));
                foreach (var type in (ScalarType[])[ScalarType.Float32, ScalarType.Float64])
                    AssertRelative(expected, solver.Root(Compose(q, eigenvalues), n, 1.0 / p, type), solver.Tolerance(type, 100));
            }
        }
    }

    // Sums of outer products, as factor matrices are, against their roots by Jacobi's method in double: nothing about them is chosen.
    [Theory]
    [MemberData(nameof(Solvers))]
    public void Takes_the_roots_of_sums_of_outer_products(string name)
    {
        var solver = RootSolver.Get(name);
        foreach (var (n, columns) in (IEnumerable<(int, int)>)[(2, 3), (7, 9), (16, 24), (31, 40)])
        {
            foreach (var type in (ScalarType[])[ScalarType.Float32, ScalarType.Float64])
            {
                var g = Data.Normal(n, n * columns);
                var matrix = new double[n * n];
                for (var i = 0; i < n * n; i++)
                    matrix[i] = Enumerable.Range(0, columns).Sum(c => g[i / n * columns + c] * g[i % n * columns + c]);
                if (type == ScalarType.Float32)
                    matrix = [.. matrix.Select(static value => (double)(float)value)];
                var (values, vectors) = Oracle.Jacobi(Square(matrix));
                var tolerance = solver.Tolerance(type, values.Max() / values.Min()) + n * solver.StopsAt(type);
                foreach (var p in (int[])[1, 2, 4, 8])
                    AssertRelative(Compose(vectors, Powers(values, -1.0 / p)), solver.Root(matrix, n, 1.0 / p, type), tolerance, $"{name} {type} {n}");
            }
        }
    }

    // ε is far above the rounding error, so that all of them see the same matrix.
    [Fact]
    public void Takes_the_roots_of_matrices_of_lower_rank()
    {
        const int n = 32;
        const double epsilon = 1e-3;
        var q = RandomOrthogonal(n, seed: 8);
        double[] eigenvalues = [.. Enumerable.Range(0, n).Select(static i => i < 5 ? 1.0 + i : 0)];
        var expected = Compose(q, [.. eigenvalues.Select(value => Math.Pow(value + epsilon, -0.25))]);
        var matrix = Compose(q, eigenvalues);
        foreach (var type in (ScalarType[])[ScalarType.Float32, ScalarType.Float64])
        {
            var tolerance = type == ScalarType.Float64 ? 1e-10 : 1e-3;
            AssertRelative(expected, Root(new Eigh(epsilon), matrix, n, 0.25, type), tolerance);
            AssertRelative(expected, Root(new Eigh<PerturbAfter>(new(epsilon)), matrix, n, 0.25, type), tolerance);
            AssertRelative(expected, Root(new CoupledNewton(epsilon, type == ScalarType.Float64 ? 1e-12 : 1e-5), matrix, n, 0.25, type), tolerance);
            AssertRelative(expected, Root(new CoupledHigherOrder(0, epsilon, tolerance: 0), matrix, n, 0.25, type), tolerance);
            AssertRelative(expected, Root(new NewtonSchulzRoot(epsilon), matrix, n, 0.25, type), tolerance);
            AssertRelative(expected, Root(new MinimaxNewton(epsilon), matrix, n, 0.25, type), tolerance);
        }
    }

    [Theory]
    [MemberData(nameof(Solvers))]
    public void Leaves_no_tensor_but_the_result(string name)
    {
        var before = Data.LiveTensors();

        RootSolver.Get(name).Root(Flat(Rotate(2, 5, 0.2)), 2, 0.25, ScalarType.Float64);

        Assert.Equal(before, torch.Tensor.TotalCount);
    }
}
