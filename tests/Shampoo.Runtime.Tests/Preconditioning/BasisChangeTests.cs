using static Shampoo.Runtime.Tests.Matrices;

namespace Shampoo.Runtime.Tests;

/// <summary>What a refresh does to moments that are kept in the eigenbases.</summary>
public sealed class BasisChangeTests
{
    public static TheoryData<long[], int[]> Cases => new()
    {
        { [5], [] }, { [3, 4], [] }, { [3, 4], [0] }, { [3, 4], [0, 1] }, { [2, 4, 3], [] }, { [2, 4, 3], [1] },
    };

    /// <summary>
    /// The gradient has a covariance C that the old basis diagonalises, C = Q diag(E) Qᵀ over all of its elements; the new E is the diagonal of C
    /// in the new basis.
    /// </summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void Eigenvalues_are_variances_in_the_new_basis(long[] shape, int[] ignored)
    {
        foreach (var isQr in (bool[])[false, true])
        {
            using var test = new Case(shape, ScalarType.Float64, ignored);
            test.Train();
            var (old, before) = (test.Bases(), test.Array(test.Second));
            test.Accumulate(seed: 7);
            if (isQr)
                test.Eigenbases.Refresh(new QRBasis(2), new PerturbBefore(1e-6), test.Second);
            else
                test.Eigenbases.Refresh(new EighBasis(), new PerturbBefore(1e-6), test.Second);

            var (current, after) = (test.Bases(), test.Array(test.Second));
            for (var block = 0; block < test.Blocks; block++)
            {
                var rotation = Product(Transposed(old[block]), current[block]);     // Q_oldᵀQ_new of all elements of a block
                double[] expected = [.. after[block].Select((_, j) => before[block].Select((e, i) => rotation[i, j] * e * rotation[i, j]).Sum())];
                Data.AssertClose(expected, after[block], 0, 1e-12 * before[block].Max());
                Assert.Equal(before[block].Sum(), after[block].Sum(), 1e-12 * before[block].Sum());
            }
        }
    }

    /// <summary>Of vectors E can be the eigenvalues themselves, and stay it. Statistics that do not change permute it at most.</summary>
    [Fact]
    public void Eigenvalues_that_fit_the_factors_stay_sorted_with_them()
    {
        using var test = new Case([4], ScalarType.Float64, []);
        test.Accumulate(seed: 1);
        test.Accumulate(seed: 2);
        test.Accumulate(seed: 3);
        test.Accumulate(seed: 4);
        test.Eigenbases.Refresh(new EighBasis());
        test.SetToVariances();
        for (var refresh = 0; refresh < 3; refresh++)
        {
            var before = test.Array(test.Second);
            test.Eigenbases.Refresh(new QRBasis(1), new PseudoInverse(), test.Second);
            test.RequireVariances();
            Data.AssertClose([.. before[0].Order()], [.. test.Array(test.Second)[0].Order()], 0, 1e-12 * before[0].Max());
        }
    }

    [Fact]
    public void Eigenvalues_of_a_basis_that_is_kept_are_kept_bit_for_bit()
    {
        using var test = new Case([3, 4], ScalarType.Float32, []);
        test.Train();
        var (before, bases) = (test.Array(test.Second), test.Bases());
        test.Accumulate(seed: 7);
        test.Eigenbases.Refresh(new AdaptiveBasis<EighBasis>(new EighBasis(), 1), new PseudoInverse(), test.Second);

        Assert.Equal(before, test.Array(test.Second));
        Assert.Equal(bases, test.Bases());
        test.Eigenbases.Refresh(new AdaptiveBasis<EighBasis>(new EighBasis(), 1e-9), new PseudoInverse(), test.Second);
        Assert.NotEqual(before, test.Array(test.Second));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void First_moments_stay_where_they_are_and_second_ones_are_sorted(long[] shape, int[] ignored)
    {
        using var test = new Case(shape, ScalarType.Float64, ignored);
        test.Train();
        var (old, first, second) = (test.Bases(), test.Array(test.First), test.Array(test.Second));
        test.Accumulate(seed: 7);
        test.Eigenbases.Follow(test.First, test.Second);

        var (current, moved, sorted) = (test.Bases(), test.Array(test.First), test.Array(test.Second));
        for (var block = 0; block < test.Blocks; block++)
        {
            Data.AssertClose(Times(old[block], first[block]), Times(current[block], moved[block]), 0, 1e-13);
            Assert.Equal(second[block].Order(), sorted[block].Order());
        }
    }

    /// <summary>A basis of 16 bits is made orthogonal before a solver starts from it; no column may turn round then, because moments would not.</summary>
    [Theory]
    [InlineData(Precision.Float32, 1e-5)]
    [InlineData(Precision.BFloat16, 5e-2)]
    public void First_moments_keep_their_signs_in_bases_of_any_precision(Precision eigenvectors, double tolerance)
    {
        using var test = new Case([6, 5], ScalarType.Float32, [], eigenvectors);
        test.Train();
        var (old, first) = (test.Bases(), test.Array(test.First));
        test.Accumulate(seed: 7);
        test.Eigenbases.Follow(test.First, test.Second);

        for (var block = 0; block < test.Blocks; block++)
            Data.AssertClose(Times(old[block], first[block]), Times(test.Bases()[block], test.Array(test.First)[block]), 0, tolerance * first[block].Max(Math.Abs));
    }

    [Fact]
    public void Moments_of_a_block_whose_solver_fails_are_kept()
    {
        using var test = new Case([3, 4], ScalarType.Float64, [1]);
        test.Train();
        var (before, bases) = (test.Array(test.Second), test.Bases());
        test.Accumulate(seed: 7);
        test.Eigenbases.Refresh(new FactorEigenbasesTests.FailingBasis(BlocksCase.Matrix(test.Eigenbases.Factor(0), 1)[0]), new PseudoInverse(), test.Second);

        Assert.Equal(before[1], test.Array(test.Second)[1]);
        Assert.Equal(bases[1], test.Bases()[1]);
        Assert.NotEqual(before[2], test.Array(test.Second)[2]);
        Assert.Equal([0, 1, 0, 0], test.Bucket.Counters[0].Values);
    }

    private static double[,] Product(double[,] a, double[,] b)
    {
        var n = a.GetLength(0);
        var product = new double[n, n];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
            {
                for (var k = 0; k < n; k++)
                    product[i, j] += a[i, k] * b[k, j];
            }
        }
        return product;
    }

    private static double[] Times(double[,] matrix, double[] x) => [.. x.Select((_, i) => x.Select((value, j) => matrix[i, j] * value).Sum())];

    private sealed class Case(long[] shape, ScalarType type, int[] ignored, Precision eigenvectors = Precision.SameAsParameter)
        : BlocksCase(shape, type, source => new State(source, ignored, eigenvectors))
    {
        private State Own => (State)Slice.State;

        public FactorEigenbases Eigenbases => Own.Bases;

        public BlockArray First => Own.First;

        public BlockArray Second => Own.Second;

        /// <summary>Gives it statistics of full rank, bases of them, and moments.</summary>
        public void Train()
        {
            for (var seed = 1; seed <= 6; seed++)
                Accumulate(seed);
            Eigenbases.Refresh(new EighBasis(), new PerturbBefore(1e-6));
            Fill(First, 20, static x => x);
            Fill(Second, 21, static x => x * x);
        }

        /// <summary>A gradient of normally distributed numbers becomes part of the statistics.</summary>
        public void Accumulate(int seed)
        {
            Fill(Destination, seed, static x => x);
            Eigenbases.Accumulate(Destination, 0.9, 0.1);
        }

        /// <summary>The second moments become diag(QᵀLQ), of blocks of order 1.</summary>
        public void SetToVariances()
        {
            using var variances = Variances();
            Second.Stack().copy_(variances);
        }

        public void RequireVariances()
        {
            using var variances = Variances();
            Data.AssertClose(Data.Values(variances), Data.Values(Second.Stack()), 0, 1e-12 * Data.Values(variances).Max());
        }

        /// <summary>The basis of each block over all of its elements: the Kronecker product of those of its dimensions.</summary>
        public double[][,] Bases() => [.. Enumerable.Range(0, Blocks).Select(Basis)];

        public double[][] Array(BlockArray array) => [.. Enumerable.Range(0, Blocks).Select(block => Matrix(array.Stack(), block))];

        private double[,] Basis(int block)
        {
            double[,] basis = { { 1 } };
            for (var k = 0; k < Shape.Length; k++)
                basis = Kronecker(basis, ignored.Contains(k) ? Identity((int)Shape[k]) : Matrix(Eigenbases.EigenvectorsOf(k), block), (int)Shape[k]);
            return basis;
        }

        private Tensor Variances()
        {
            using var scope = torch.NewDisposeScope();
            var basis = Eigenbases.EigenvectorsOf(0);
            return basis.transpose(-2, -1).bmm(Eigenbases.Factor(0)).bmm(basis).diagonal(0, -2, -1).clone().MoveToOuterDisposeScope();
        }

        private static double[] Identity(int n) => [.. Enumerable.Range(0, n * n).Select(i => i % (n + 1) == 0 ? 1.0 : 0)];

        private static double[,] Kronecker(double[,] left, double[] right, int n)
        {
            var m = left.GetLength(0);
            var product = new double[m * n, m * n];
            for (var i = 0; i < m * n; i++)
            {
                for (var j = 0; j < m * n; j++)
                    product[i, j] = left[i / n, j / n] * right[i % n * n + j % n];
            }
            return product;
        }

        private void Fill(BlockArray array, int seed, Func<double, double> value)
        {
            var stack = array.Stack();
            double[] values = [.. Data.Normal(seed, (int)stack.numel()).Select(value)];
            using var tensor = Data.Tensor(values, stack.shape, stack.dtype);
            stack.copy_(tensor);
        }
    }

    private sealed class State(StateSource source, int[] ignored, Precision eigenvectors) : BlockState(source)
    {
        public FactorEigenbases Bases { get; } = source.FactorEigenbases(eigenvectors: eigenvectors, ignored: new IgnoredDimensions().Ignore(source.BlockShape.Count, ignored));

        public BlockArray First { get; } = source.Array("first");

        public BlockArray Second { get; } = source.Array("second");
    }
}
