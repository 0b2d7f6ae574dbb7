namespace Shampoo.Runtime.Tests.Refreshing;

/// <summary>
/// Bases that are adopted later, and what that does to moments: bit for bit what a refresh does at once that begins from the same matrices, bases
/// and moments.
/// </summary>
public sealed class OverlappedEigenbasesTests
{
    public static TheoryData<long[], int[]> Cases => new()
    {
        { [5], [] }, { [3, 4], [] }, { [3, 4], [1] },
        { [2, 4, 3], [] }, { [40, 24], [] },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Second_moments_are_carried_over_when_bases_are_adopted(long[] shape, int[] ignored)
    {
        using Case late = new(shape, ignored), plain = new(shape, ignored);
        plain.Eigenbases.Refresh(new QRBasis(2), new PerturbBefore(1e-6), plain.Second, 0.5);

        late.Eigenbases.BeginRefresh(new QRBasis(2), new PerturbBefore(1e-6), 0.5);
        var before = late.Values(late.Second);
        late.Accumulate(8);
        Assert.Equal(before, late.Values(late.Second));
        late.Eigenbases.AdoptRefresh(late.Second);

        Assert.Equal(plain.Bases(), late.Bases());
        Assert.Equal(plain.Values(plain.Second), late.Values(late.Second));
        Assert.NotEqual(before, late.Values(late.Second));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Moments_follow_when_bases_are_adopted(long[] shape, int[] ignored)
    {
        using Case late = new(shape, ignored), plain = new(shape, ignored);
        for (var refresh = 0; refresh < 2; refresh++)
        {
            plain.Eigenbases.Follow(plain.First, plain.Second);

            late.Eigenbases.BeginFollowing();
            late.Accumulate(8);
            late.Eigenbases.AdoptFollowing(late.First, late.Second);
            plain.Accumulate(8);

            Assert.Equal(plain.Bases(), late.Bases());
            Assert.Equal(plain.Values(plain.First), late.Values(late.First));
            Assert.Equal(plain.Values(plain.Second), late.Values(late.Second));
        }
    }

    /// <summary>Adoption may find slices that other steps did not have.</summary>
    [Fact]
    public void Blocks_that_take_part_adopt_and_others_wait()
    {
        using Case late = new([3, 4], []), plain = new([3, 4], []);
        plain.Eigenbases.Follow(plain.First, plain.Second);
        var (first, bases) = (late.Values(late.First), late.Bases());

        late.Eigenbases.BeginFollowing();
        Part(late, 1, 2);
        for (var block = 0; block < late.Blocks; block++)
        {
            Assert.Equal((block is 1 or 2 ? plain.Values(plain.First) : first)[block], late.Values(late.First)[block]);
            Assert.Equal((block is 1 or 2 ? plain.Bases() : bases)[block], late.Bases()[block]);
        }
        Part(late, 0, 4);
        Assert.Equal(plain.Values(plain.First), late.Values(late.First));
        Assert.Equal(plain.Values(plain.Second), late.Values(late.Second));

        static void Part(Case test, int start, int count)
        {
            var slice = test.Bucket.Slice(start, count, out var isTemporary);
            var state = (State)slice.State;
            state.Bases.AdoptFollowing(state.First, state.Second);
            if (isTemporary)
                slice.Release();
        }
    }

    [Fact]
    public void A_basis_that_is_kept_keeps_its_moments_and_counts_when_it_is_adopted()
    {
        using var test = new Case([3, 4], [1]);
        var (before, bases) = (test.Values(test.Second), test.Bases());
        test.Eigenbases.BeginRefresh(new FactorEigenbasesTests.FailingBasis(BlocksCase.Matrix(test.Eigenbases.Factor(0), 1)[0]), new PseudoInverse());
        test.Bucket.Settle();
        Assert.Equal([0, 0, 0, 0], test.Failures);
        test.Eigenbases.AdoptRefresh(test.Second);

        Assert.Equal(before[1], test.Values(test.Second)[1]);
        Assert.Equal(bases[1], test.Bases()[1]);
        Assert.NotEqual(before[2], test.Values(test.Second)[2]);
        Assert.Equal([0, 1, 0, 0], test.Failures);
    }

    [Fact]
    public void Diagnostics_are_told_what_is_adopted()
    {
        using var test = new Case([3, 4], []);
        var told = test.Bucket.LastRefreshes[2];
        test.Eigenbases.BeginRefresh(new EighBasis(), new PerturbBefore(0.25), 0.5);
        Assert.Same(told, test.Bucket.LastRefreshes[2]);
        test.Eigenbases.AdoptRefresh();
        Assert.Equal(0.5, test.Bucket.LastRefreshes[2]!.BiasCorrection);
    }

    /// <summary>State that was saved between the two does not say it.</summary>
    [Fact]
    public void Diagnostics_are_told_nothing_of_what_began_before_a_load()
    {
        using var test = new Case([3, 4], []);
        test.Eigenbases.BeginRefresh(new EighBasis(), new PerturbBefore(0.25), 0.5);
        test.Bucket.Forget();
        Assert.Null(test.Bucket.LastRefreshes[2]);
        test.Eigenbases.AdoptRefresh();
        Assert.Null(test.Bucket.LastRefreshes[2]);
    }

    private sealed class Case : BlocksCase
    {
        private readonly int[] _ignored;

        /// <summary>With statistics of full rank, bases of older ones, and moments.</summary>
        public Case(long[] shape, int[] ignored)
            : base(shape, ScalarType.Float64, source => new State(source, ignored))
        {
            _ignored = ignored;
            for (var seed = 1; seed <= 6; seed++)
                Accumulate(seed);
            Eigenbases.Refresh(new EighBasis(), new PerturbBefore(1e-6));
            Fill(First, 20, static x => x);
            Fill(Second, 21, static x => x * x);
            Accumulate(7);
        }

        private State Own => (State)Slice.State;

        public FactorEigenbases Eigenbases => Own.Bases;

        public BlockArray First => Own.First;

        public BlockArray Second => Own.Second;

        public int[] Failures => Bucket.Counters.Single(counters => counters.Name == "failed_refreshes").Values;

        public void Accumulate(int seed)
        {
            Fill(Destination, seed, static x => x);
            Eigenbases.Accumulate(Destination, 0.9, 0.1);
        }

        public double[][] Bases() =>
            [.. Enumerable.Range(0, Blocks).Select(block => Enumerable.Range(0, Shape.Length).Where(k => !_ignored.Contains(k)).SelectMany(k => Matrix(Eigenbases.EigenvectorsOf(k), block)).ToArray())];

        public double[][] Values(BlockArray array) => [.. Enumerable.Range(0, Blocks).Select(block => Matrix(array.Stack(), block))];

        private static void Fill(BlockArray array, int seed, Func<double, double> value)
        {
            var stack = array.Stack();
            using var tensor = Data.Tensor([.. Data.Normal(seed, (int)stack.numel()).Select(value)], stack.shape, stack.dtype);
            stack.copy_(tensor);
        }
    }

    private sealed class State(StateSource source, int[] ignored) : BlockState(source)
    {
        public FactorEigenbases Bases { get; } = source.FactorEigenbases(
            ignored: new IgnoredDimensions().Ignore(source.BlockShape.Count, ignored), overlapped: true, sorted: true);

        public BlockArray First { get; } = source.Array("first");

        public BlockArray Second { get; } = source.Array("second");
    }
}
