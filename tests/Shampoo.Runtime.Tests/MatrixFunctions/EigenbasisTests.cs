using static Shampoo.Runtime.Tests.Matrices;

namespace Shampoo.Runtime.Tests;

public sealed class EigenbasisTests
{
    private const int N = 6;
    private static readonly double[] Eigenvalues = [0.1, 0.3, 1, 2, 5, 9];

    public static TheoryData<ScalarType> Types => [ScalarType.Float32, ScalarType.Float64];

    [Theory]
    [MemberData(nameof(Types))]
    public void Eigh_finds_the_basis_in_ascending_order(ScalarType type)
    {
        var q = RandomOrthogonal(N, seed: 1);
        var (values, vectors) = Basis(new EighBasis(), Compose(q, Eigenvalues), Flat(Identity(N)), N, type);

        Data.AssertClose(Eigenvalues, values, 1e-5, 1e-6);
        AssertColumns(Flat(q), vectors, type == ScalarType.Float64 ? 1e-12 : 1e-4);
    }

    // Against the same iteration in double by Gram–Schmidt; the columns are unique but for their signs.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void QR_iterates(int iterations)
    {
        var matrix = Compose(RandomOrthogonal(N, seed: 2), Eigenvalues);
        var previous = RandomOrthogonal(N, seed: 3);
        double[] basis = Flat(previous), rotated = Multiply(Transposed(basis), Multiply(matrix, basis, N), N);
        for (var i = 0; i < iterations; i++)
        {
            var q = GramSchmidt(rotated);
            rotated = Multiply(Multiply(Transposed(q), rotated, N), q, N); // RQ = QᵀBQ
            basis = Multiply(basis, q, N);
        }
        int[] order = [.. Enumerable.Range(0, N).OrderBy(i => rotated[i * N + i])];

        var (values, vectors) = Basis(new QRBasis(iterations), matrix, Flat(previous), N, ScalarType.Float64);

        Data.AssertClose([.. order.Select(i => rotated[i * N + i])], values, 1e-12);
        AssertColumns(Columns(basis, order), vectors, 1e-11);
    }

    [Fact]
    public void QR_makes_one_iteration_by_default()
    {
        var matrix = Compose(RandomOrthogonal(N, seed: 2), Eigenvalues);

        Assert.Equal(
            Basis(new QRBasis(1), matrix, Flat(Identity(N)), N, ScalarType.Float64).Vectors,
            Basis(new QRBasis(), matrix, Flat(Identity(N)), N, ScalarType.Float64).Vectors);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void QR_converges_from_any_basis(ScalarType type)
    {
        var q = RandomOrthogonal(N, seed: 4);
        var (values, vectors) = Basis(new QRBasis(200), Compose(q, Eigenvalues), Flat(RandomOrthogonal(N, seed: 5)), N, type);

        Data.AssertClose(Eigenvalues, values, 1e-5, 1e-6);
        AssertColumns(Flat(q), vectors, type == ScalarType.Float64 ? 1e-12 : 1e-4);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Bases_of_every_size_are_orthogonal_and_diagonalise(ScalarType type)
    {
        foreach (var n in (int[])[1, 2, 3, 5, 8, 16, 31, 64, 65])
        {
            var matrix = Compose(RandomOrthogonal(n, seed: n), Geometric(n, 100));
            var tolerance = type == ScalarType.Float64 ? 1e-12 : 1e-4;
            var (values, vectors) = Basis(new EighBasis(), matrix, Flat(Identity(n)), n, type);
            Check(values, vectors);
            // From the basis itself there is nothing left to do, but the iteration has to turn round its order.
            (values, vectors) = Basis(new QRBasis(1), matrix, vectors, n, type);
            Check(values, vectors);

            void Check(double[] values, double[] vectors)
            {
                var transposed = Transposed(vectors, n);
                AssertRelative(Flat(Identity(n)), Multiply(transposed, vectors, n), tolerance);
                AssertRelative(Compose(Identity(n), values), Multiply(transposed, Multiply(matrix, vectors, n), n), tolerance);
            }
        }
    }

    // The first matrix is diagonal in its previous basis up to 1e-3, the second one is not, the third up to rounding.
    [Fact]
    public void QR_stops_for_every_matrix_alone()
    {
        double[][] matrices = [[1, 1e-3, 1e-3, 2], [1, 0.5, 0.5, 3], [4, 0, 0, 7], [1, 0.1, 0.1, 2]];
        double[] identities = [.. Enumerable.Range(0, 4).SelectMany(static _ => Flat(Identity(2)))];
        foreach (var (iterations, tolerance) in (IEnumerable<(int, double)>)[(1, 0.01), (3, 0.01), (50, 0.01), (50, 1e-9)])
        {
            var solver = new QRBasis(iterations, tolerance);
            var (values, vectors) = Basis(solver, [.. matrices.SelectMany(static matrix => matrix)], identities, 2, ScalarType.Float64);
            for (var i = 0; i < 4; i++)
            {
                var (ownValues, ownVectors) = Basis(solver, matrices[i], Flat(Identity(2)), 2, ScalarType.Float64);
                Assert.Equal(ownValues, values[(2 * i)..(2 * i + 2)]);
                Assert.Equal(ownVectors, vectors[(4 * i)..(4 * i + 4)]);
                if (iterations == 50)
                    Assert.InRange(OffDiagonal(matrices[i], ownVectors, 2), 0, tolerance);
            }
            if (tolerance == 0.01)
                Assert.Equal(Flat(Identity(2)), vectors[..4]); // kept
        }
    }

    [Fact]
    public void QR_sorts_a_basis_that_it_keeps()
    {
        var (values, vectors) = Basis(new QRBasis(1, 0.5), [3, 0.1, 0.1, 1], Flat(Identity(2)), 2, ScalarType.Float64);

        Assert.Equal([1, 3], values);
        Assert.Equal([0, 1, 1, 0], vectors);
    }

    // ‖offdiag‖_F/‖·‖_F of [[a, b], [b, c]] is √2·b/√(a² + c² + 2b²).
    [Theory]
    [InlineData(1.0001, true)]
    [InlineData(0.9999, false)]
    public void Adaptive_keeps_a_basis_that_is_good_enough(double factor, bool kept)
    {
        var tolerance = Math.Sqrt(2) * 0.4 / Math.Sqrt(3 * 3 + 1 + 2 * 0.4 * 0.4) * factor;

        var (values, vectors) = Basis(new AdaptiveBasis<EighBasis>(new(), tolerance), [3, 0.4, 0.4, 1], Flat(Identity(2)), 2, ScalarType.Float64);

        Assert.Equal(kept, vectors.SequenceEqual(Flat(Identity(2))));
        if (kept)
            Assert.Equal([3, 1], values);
        else
            Data.AssertClose([2 - Math.Sqrt(1.16), 2 + Math.Sqrt(1.16)], values, 1e-14);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Adaptive_computes_the_bases_that_are_not(ScalarType type)
    {
        var q = RandomOrthogonal(N, seed: 6);
        var matrix = Compose(q, Eigenvalues);
        double[] reversed = [.. Enumerable.Range(0, N * N).Select(i => Flat(q)[i / N * N + N - 1 - i % N])];
        double[] previous = [.. reversed, .. Flat(Identity(N)), .. Flat(q)];

        var (values, vectors) = Basis(new AdaptiveBasis<EighBasis>(new(), 0.01), [.. matrix, .. matrix, .. matrix], previous, N, type);

        Data.AssertClose([.. Eigenvalues.Reverse(), .. Eigenvalues, .. Eigenvalues], values, 1e-5, 1e-6);
        Data.AssertClose(reversed, vectors[..(N * N)], 1e-6); // kept, in its order
        AssertColumns(Flat(q), vectors[(N * N)..(2 * N * N)], 1e-4);
        Data.AssertClose(Flat(q), vectors[(2 * N * N)..], 1e-6);
    }

    [Fact]
    public void Leaves_no_tensor_but_the_results()
    {
        var before = Data.LiveTensors();

        double[] matrices = [.. Compose(RandomOrthogonal(N, 1), Eigenvalues), .. Flat(Identity(N))], identities = [.. Flat(Identity(N)), .. Flat(Identity(N))];
        Basis(new QRBasis(3, 1e-3), matrices, identities, N, ScalarType.Float64);
        Basis(new AdaptiveBasis<QRBasis>(new(3), 1e-3), matrices, identities, N, ScalarType.Float64);

        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    private static (double[] Values, double[] Vectors) Basis<TSolver>(TSolver solver, double[] matrices, double[] previous, int n, ScalarType type)
        where TSolver : struct, IEigenbasisSolver
    {
        var count = matrices.Length / (n * n);
        using var stack = Data.Tensor(matrices, [count, n, n], type);
        using var start = Data.Tensor(previous, [count, n, n], type);
        var startValues = Data.Values(start);
        var (values, vectors) = solver.Basis(stack, start);
        using (values)
        using (vectors)
        {
            Assert.Equal([count, n], values.shape);
            Assert.Equal([count, n, n], vectors.shape);
            Assert.Equal((type, type), (values.dtype, vectors.dtype));
            Assert.Equal(startValues, Data.Values(start));
            return (Data.Values(values), Data.Values(vectors));
        }
    }

    // The columns agree up to their signs.
    private static void AssertColumns(double[] expected, double[] actual, double tolerance)
    {
        var n = (int)Math.Sqrt(expected.Length);
        for (var column = 0; column < n; column++)
        {
            var product = Enumerable.Range(0, n).Sum(i => expected[i * n + column] * actual[i * n + column]);
            for (var i = 0; i < n; i++)
                Assert.Equal(expected[i * n + column], Math.Sign(product) * actual[i * n + column], tolerance);
        }
    }

    private static double OffDiagonal(double[] matrix, double[] basis, int n)
    {
        var rotated = Multiply(Transposed(basis, n), Multiply(matrix, basis, n), n);
        return Norm([.. rotated.Where((_, i) => i / n != i % n)]) / Norm(rotated);
    }

    private static double[] Transposed(double[] matrix, int n = N) => [.. Enumerable.Range(0, n * n).Select(i => matrix[i % n * n + i / n])];

    private static double[] Columns(double[] matrix, int[] order) => [.. Enumerable.Range(0, N * N).Select(i => matrix[i / N * N + order[i % N]])];

    private static double[] GramSchmidt(double[] matrix)
    {
        var q = (double[])matrix.Clone();
        for (var column = 0; column < N; column++)
        {
            for (var pass = 0; pass < 2; pass++)
            {
                for (var other = 0; other < column; other++)
                {
                    var product = Enumerable.Range(0, N).Sum(i => q[i * N + column] * q[i * N + other]);
                    for (var i = 0; i < N; i++)
                        q[i * N + column] -= product * q[i * N + other];
                }
            }
            var norm = Math.Sqrt(Enumerable.Range(0, N).Sum(i => q[i * N + column] * q[i * N + column]));
            for (var i = 0; i < N; i++)
                q[i * N + column] /= norm;
        }
        return q;
    }
}
