using System.Diagnostics.Metrics;
using System.Runtime.InteropServices;

namespace Shampoo.Runtime.Tests.Refreshing;

public sealed class OverlappedRefreshTests
{
    private static readonly long[] BlockShape = [5, 4];

    [Fact]
    public void Adopts_the_roots_of_the_matrices_as_they_were()
    {
        using OverlappedCase late = new(), plain = new();
        late.Accumulate(1);
        plain.Accumulate(1);
        plain.Matrices.Refresh(new Eigh(1e-6), 0.5);

        late.Matrices.BeginRefresh(new Eigh(1e-6), 0.5);
        late.Accumulate(3);
        Assert.Equal(Identity(5), BlocksCase.Matrix(late.Matrices.InverseRoot(0), 2));
        late.Matrices.AdoptRefresh();

        for (var k = 0; k < 2; k++)
        {
            for (var block = 0; block < late.Blocks; block++)
                Assert.Equal(BlocksCase.Matrix(plain.Matrices.InverseRoot(k), block), BlocksCase.Matrix(late.Matrices.InverseRoot(k), block));
        }
    }

    [Fact]
    public void Adopts_nothing_where_nothing_was_begun()
    {
        using var test = new OverlappedCase();
        test.Accumulate(1);
        test.Matrices.AdoptRefresh();
        Assert.Equal(Identity(4), BlocksCase.Matrix(test.Matrices.InverseRoot(1), 0));
    }

    [Fact]
    public void Adopts_once()
    {
        using var test = new OverlappedCase();
        test.Accumulate(1);
        test.Matrices.BeginRefresh(new Eigh(1e-6));
        test.Matrices.AdoptRefresh();
        BlocksCase.SetMatrix(test.Matrices.InverseRoot(0), 1, Identity(5));
        test.Matrices.AdoptRefresh();
        Assert.Equal(Identity(5), BlocksCase.Matrix(test.Matrices.InverseRoot(0), 1));
    }

    [Fact]
    public void A_matrix_that_fails_keeps_its_root_and_counts_when_it_is_adopted()
    {
        using var test = new OverlappedCase();
        test.Accumulate(1);
        var corner = BlocksCase.Matrix(test.Matrices.Factor(0), 1)[0];
        var solver = new Scripted(matrices => matrices.shape[^1] == 5 && (matrices.shape[0] > 1 || BlocksCase.Matrix(matrices, 0)[0] == corner)
            ? throw new ExternalException("no convergence") : matrices);
        for (var refresh = 1; refresh <= 3; refresh++)
        {
            test.Matrices.BeginRefresh(solver);
            test.Bucket.Settle();
            Assert.Equal(refresh - 1, test.Failures[1]);
            test.Matrices.AdoptRefresh();
            Assert.Equal([0, refresh, 0, 0], test.Failures);
        }
        Assert.Equal(Identity(5), BlocksCase.Matrix(test.Matrices.InverseRoot(0), 1));
        // The other dimension of the block, and the other blocks, have what was computed: the solver returns its argument.
        Assert.Equal(BlocksCase.Matrix(test.Matrices.Factor(1), 1), BlocksCase.Matrix(test.Matrices.InverseRoot(1), 1));
        Assert.Equal(BlocksCase.Matrix(test.Matrices.Factor(0), 2), BlocksCase.Matrix(test.Matrices.InverseRoot(0), 2));

        test.Matrices.BeginRefresh(solver);
        var error = Assert.Throws<InvalidOperationException>(test.Matrices.AdoptRefresh);
        Assert.Contains("block 1 [0..5, 4..8] of 'weight'", error.Message);
        Assert.Contains("4 refreshes", error.Message);
        Assert.Equal("no convergence", Assert.IsType<ExternalException>(error.InnerException).Message);
    }

    /// <summary>Where a solver marks what has failed, the rest of the stack is adopted; the matrix is tried alone.</summary>
    [Fact]
    public void A_matrix_that_a_solver_marks_keeps_its_root_and_counts_when_it_is_adopted()
    {
        using var test = new OverlappedCase();
        test.Accumulate(1);
        var corner = BlocksCase.Matrix(test.Matrices.Factor(0), 1)[0];
        test.Matrices.BeginRefresh(new Marking(corner));
        test.Matrices.AdoptRefresh();
        Assert.Equal([0, 1, 0, 0], test.Failures);
        Assert.Equal(Identity(5), BlocksCase.Matrix(test.Matrices.InverseRoot(0), 1));
        Assert.Equal(BlocksCase.Matrix(test.Matrices.Factor(0), 2), BlocksCase.Matrix(test.Matrices.InverseRoot(0), 2));
        test.Matrices.BeginRefresh(new Marking(double.NaN));
        test.Matrices.AdoptRefresh();
        Assert.Equal([0, 0, 0, 0], test.Failures);
    }

    [Fact]
    public void A_result_that_is_not_finite_is_an_error_when_it_is_adopted()
    {
        using var test = new OverlappedCase();
        test.Accumulate(1);
        test.Matrices.BeginRefresh(new Scripted(matrices => matrices.mul(double.NaN)));
        var error = Assert.Throws<NotFiniteNumberException>(test.Matrices.AdoptRefresh);
        Assert.Contains("of dimension 0 of block 0 [0..5, 0..4] of 'weight'", error.Message);
    }

    [Fact]
    public void A_bug_in_a_solver_is_not_hidden()
    {
        using var test = new OverlappedCase();
        test.Accumulate(1);
        test.Matrices.BeginRefresh(new Scripted(_ => throw new InvalidCastException("a bug")));
        Assert.Equal("a bug", Assert.Throws<InvalidCastException>(test.Matrices.AdoptRefresh).Message);
    }

    /// <summary>The exception is not saved; that there was one is, and it was not NaN.</summary>
    [Fact]
    public void A_bug_in_a_solver_is_no_NaN_in_saved_state()
    {
        using var test = new OverlappedCase();
        test.Accumulate(1);
        test.Matrices.BeginRefresh(new Scripted(_ => throw new InvalidCastException("a bug")));
        test.Bucket.Forget(); // as loading does, and the outcomes are those of the state
        var error = Assert.Throws<InvalidOperationException>(test.Matrices.AdoptRefresh);
        Assert.Contains("of block 0 [0..5, 0..4] of 'weight' were not computed", error.Message);
    }

    [Fact]
    public void Durations_are_measured_before_whoever_waits_goes_on()
    {
        using var durations = new Durations();
        for (var i = 0; i < 3000; i++)
        {
            using var matrices = new PendingParts(1);
            RefreshThreads.Start(matrices.Refresh);
            Thread.SpinWait(i % 300); // the part is taken by the other thread, as a rule
            matrices.Refresh.Wait();
            matrices.Refresh.Report(static (_, _) => { });
        }
        Assert.NotEmpty(durations.Seconds);
        Assert.All(durations.Seconds, static seconds => Assert.InRange(seconds, 0, 60));
    }

    [Fact]
    public void Nothing_that_is_computed_has_no_duration()
    {
        using var durations = new Durations();
        using var matrices = new PendingParts(0);
        matrices.Refresh.Wait();
        matrices.Refresh.Report(static (_, _) => { });
        Assert.Empty(durations.Seconds);
    }

    [Fact]
    public void Disposing_waits_for_what_is_computed_and_leaves_out_the_rest()
    {
        var before = Data.LiveTensors();
        using (ManualResetEventSlim begun = new(), goOn = new())
        {
            var calls = 0;
            var test = new OverlappedCase();
            test.Accumulate(1);
            test.Matrices.BeginRefresh(new Scripted(matrices =>
            {
                Interlocked.Increment(ref calls);
                begun.Set();
                goOn.Wait();
                return matrices;
            }));
            begun.Wait();
            var disposing = new Thread(test.Dispose);
            disposing.Start();
            Assert.False(disposing.Join(100));
            goOn.Set();
            Assert.True(disposing.Join(60_000));
            Assert.Equal(Math.Min(2, Math.Max(1, ShampooThreads.Count - 1)), calls);
        }
        Assert.Equal(before, Data.LiveTensors());
    }

    [Fact]
    public void Waiting_helps()
    {
        using ManualResetEventSlim goOn = new();
        using var test = new OverlappedCase();
        var threads = new HashSet<int>();
        test.Accumulate(1);
        // As many refreshes as keep all threads busy, so that the last one is left to the thread that waits.
        OverlappedCase[] others = [.. Enumerable.Range(0, ShampooThreads.Count).Select(_ => new OverlappedCase())];
        foreach (var other in others)
        {
            other.Accumulate(1);
            other.Matrices.BeginRefresh(new Scripted(matrices =>
            {
                goOn.Wait();
                return matrices;
            }));
        }
        test.Matrices.BeginRefresh(new Scripted(matrices =>
        {
            lock (threads)
                threads.Add(Environment.CurrentManagedThreadId);
            return matrices;
        }));
        test.Matrices.AdoptRefresh();
        Assert.Equal([Environment.CurrentManagedThreadId], threads);
        goOn.Set();
        foreach (var other in others)
            other.Dispose();
    }

    private static double[] Identity(int n) => [.. Enumerable.Range(0, n * n).Select(i => i % (n + 1) == 0 ? 1.0 : 0)];

    /// <summary>What a test makes of the matrices.</summary>
    private readonly struct Scripted(Func<Tensor, Tensor> function) : IInverseRootSolver
    {
        public Tensor InverseRoot(Tensor matrices, double exponent) => function(matrices);

        public void Regularize(Tensor matrices)
        {
        }
    }

    /// <summary>Returns its argument, but NaN for matrices with a number in their first place.</summary>
    private readonly struct Marking(double corner) : IInverseRootSolver
    {
        public static bool MarksFailures => true;

        public Tensor InverseRoot(Tensor matrices, double exponent)
        {
            using Scalar nan = double.NaN, failing = corner;
            return matrices.masked_fill(matrices.narrow(1, 0, 1).narrow(2, 0, 1).eq(failing), nan);
        }

        public void Regularize(Tensor matrices)
        {
        }
    }

    /// <summary>Parts that take no time.</summary>
    private sealed class PendingParts : Work, IDisposable
    {
        public PendingParts(int parts) => Refresh = new PendingRefresh(
            this, [.. Enumerable.Range(0, parts).Select(static _ => new FactorRefresh.Part(torch.zeros([1, 1, 1]), 0, 0, 1))], new ExternalException?[1], 0, 1)
        {
            Results = "tests",
            Told = default!,
            Start = System.Diagnostics.Stopwatch.GetTimestamp(),
        };

        public PendingRefresh Refresh { get; }

        public override void Do(int index)
        {
        }

        public void Dispose() => Refresh.Dispose();
    }

    /// <summary>What this thread measures.</summary>
    private sealed class Durations : IDisposable
    {
        private readonly MeterListener _listener = new();

        public Durations()
        {
            var thread = Environment.CurrentManagedThreadId; // other tests refresh, too
            _listener.InstrumentPublished = static (instrument, self) =>
            {
                if (instrument.Name == "shampoo.refresh.duration")
                    self.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<double>((_, value, _, _) =>
            {
                if (Environment.CurrentManagedThreadId == thread)
                    Seconds.Add(value);
            });
            _listener.Start();
        }

        public List<double> Seconds { get; } = [];

        public void Dispose() => _listener.Dispose();
    }

    private sealed class OverlappedCase() : BlocksCase(BlockShape, ScalarType.Float64, source => new OverlappedState(source))
    {
        public FactorMatrices Matrices => ((OverlappedState)Slice.State).Matrices;

        public int[] Failures => Bucket.Counters.Single(counters => counters.Name == "failed_refreshes").Values;

        public void Accumulate(double weight) => Matrices.Accumulate(Slice.Gradient, 1, weight);
    }

    private sealed class OverlappedState(StateSource source) : BlockState(source)
    {
        public FactorMatrices Matrices { get; } = source.FactorMatrices(overlapped: true);
    }
}
