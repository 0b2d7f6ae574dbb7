using System.Runtime.InteropServices;

namespace Shampoo.Runtime.Tests.Refreshing;

/// <summary>Overlapped refreshes on a stream of their own, whose library is played on the host: where operators go, what waits for what, and what is done where there is none.</summary>
public sealed class SideStreamTests
{
    private const string Enter = "cuStreamWaitEvent", Leave = "cuStreamSynchronize";
    private static readonly long[] BlockShape = [5, 4];

    [CudaFact]
    public void A_refresh_is_computed_there_and_what_comes_out_is_the_same()
    {
        using var fakes = new CudaFakes();
        CudaFakes.UseStreams();
        CudaFakes.UseSolver();
        using OverlappedCase late = new(), plain = new();
        late.Accumulate();
        plain.Accumulate();
        plain.Matrices.Refresh(new Eigh(1e-6), 0.5);
        Assert.Equal(0, CudaFakes.SolverStream);

        late.Matrices.BeginRefresh(new Eigh(1e-6), 0.5);
        late.Matrices.AdoptRefresh();

        for (var k = 0; k < 2; k++)
            Assert.Equal(Data.Values(plain.Matrices.InverseRoot(k)), Data.Values(late.Matrices.InverseRoot(k)));
        Assert.NotEqual(0, CudaFakes.SolverStream);
        Assert.Equal(0, CudaFakes.CurrentStream);
        Assert.Equal(0, SideStream.Current);
        Assert.Empty(fakes.Warnings);
    }

    [CudaFact]
    public void Every_part_comes_after_what_was_queued_and_is_waited_for()
    {
        using var fakes = new CudaFakes();
        CudaFakes.UseStreams();
        using (var first = new OverlappedCase())
            first.Refresh(new Eigh(1e-6)); // with what is tried out
        var before = Counts();

        using (var test = new OverlappedCase())
        {
            var places = new HashSet<(long Stream, nint Handle)>();
            for (var refresh = 0; refresh < 3; refresh++)
            {
                test.Refresh(new Scripted(matrices =>
                {
                    lock (places)
                        places.Add((CudaFakes.CurrentStream, SideStream.Current));
                    return matrices;
                }));
            }
            var (stream, handle) = Assert.Single(places);
            Assert.True(stream > 0 && handle == 0x5000 + (nint)stream);
        }

        var parts = 3 * 2; // for each refresh the matrices of a dimension are one
        Assert.Equal((before.Entered + parts, before.Left + parts, before.Events + 3, before.EventsNow), Counts());

        static (int Entered, int Left, int Events, int EventsNow) Counts() =>
            (CudaFakes.Count(Enter), CudaFakes.Count(Leave), CudaFakes.Count("cuEventRecord"), CudaFakes.Count("cuEventCreate") - CudaFakes.Count("cuEventDestroy"));
    }

    [CudaFact]
    public void The_stream_is_left_when_a_solver_fails()
    {
        using var fakes = new CudaFakes();
        CudaFakes.UseStreams();
        using var test = new OverlappedCase();
        test.Refresh(new Scripted(_ => throw new ExternalException("no convergence")));
        Assert.Equal([1, 1, 1, 1], test.Failures);
        Assert.Throws<InvalidCastException>(() => test.Refresh(new Scripted(_ => throw new InvalidCastException("a bug"))));
        Assert.Equal((0, 0), (CudaFakes.CurrentStream, SideStream.Current));

        var streams = new HashSet<nint>();
        var thread = new Thread(() => streams.Add(SideStream.Current));
        thread.Start();
        thread.Join();
        Assert.Equal([0], streams);
    }

    [CudaFact]
    public void An_error_of_the_device_is_one_of_the_step_that_adopts()
    {
        using var fakes = new CudaFakes();
        CudaFakes.UseStreams();
        using var test = new OverlappedCase();
        test.Refresh(new Eigh(1e-6));
        using var failure = CudaFakes.Fail(Leave, 719);
        Assert.Equal("cuStreamSynchronize", Assert.Throws<CudaException>(() => test.Refresh(new Eigh(1e-6))).Call);
        Assert.Equal((0, 0), (CudaFakes.CurrentStream, SideStream.Current));
    }

    [CudaTheory]
    [InlineData("setCurrentCUDAStream", -1, "a stream that was tried out does not work")]
    [InlineData("setCurrentCUDAStream", -2, "the default stream did not come back when another one was tried out")]
    [InlineData(Enter, 400, "cuStreamWaitEvent failed with code 400 (unknown to this driver: unknown to this driver)")]
    [InlineData("cuEventCreate", 2, "cuEventCreate failed with code 2 (unknown to this driver: unknown to this driver)")]
    public void Does_without_one_that_fails_when_it_is_tried_out(string call, int code, string why)
    {
        using var fakes = new CudaFakes();
        CudaFakes.UseStreams();
        using var test = new OverlappedCase();
        using (CudaFakes.Fail(call, code))
            test.Refresh(new Eigh(1e-6));
        CudaFakes.ResetStream();

        AssertIsAlone(test);
        Assert.Equal("no stream for refreshes beside steps on cpu, they are computed between steps: " + why, Assert.Single(fakes.Warnings).TrimEnd('.'));
    }

    [CudaFact]
    public void Does_without_a_library_or_a_function_that_is_missing()
    {
        using var fakes = new CudaFakes();
        using var test = new OverlappedCase();
        CudaFakes.UseStreams("/nowhere/libc10_cuda.so");
        AssertIsAlone(test);
        CudaFakes.UseStreams(CudaFakes.Library("no_streams", "int nothing;"));
        AssertIsAlone(test);

        Assert.Equal(2, fakes.Warnings.Count);
        Assert.EndsWith("torch's libc10_cuda.so was not found", fakes.Warnings[0]);
        Assert.EndsWith("no_streams.so has no function _ZN3c104cuda17getStreamFromPoolEba; a newer version is needed", fakes.Warnings[1]);
    }

    [CudaFact]
    public void Is_silent_where_it_is_switched_off_and_where_products_are_rounded()
    {
        using var fakes = new CudaFakes();
        CudaFakes.UseStreams();
        using var test = new OverlappedCase();
        using (new SwitchedOff(SideStream.Switch))
            AssertIsAlone(test);

        torch.backends.cuda.matmul.allow_tf32 = true;
        try
        {
            AssertIsAlone(test);
        }
        finally
        {
            torch.backends.cuda.matmul.allow_tf32 = false;
        }

        var before = CudaFakes.Count(Enter);
        test.Refresh(new Eigh(1e-6));
        Assert.Equal(before + 3, CudaFakes.Count(Enter)); // and one that was tried out
        Assert.Empty(fakes.Warnings);
    }

    private static void AssertIsAlone(OverlappedCase test)
    {
        var before = CudaFakes.Count(Enter);
        test.Refresh(new Eigh(1e-6));
        Assert.Equal(before, CudaFakes.Count(Enter));
    }

    private readonly struct Scripted(Func<Tensor, Tensor> function) : IInverseRootSolver
    {
        public Tensor InverseRoot(Tensor matrices, double exponent) => function(matrices);

        public void Regularize(Tensor matrices)
        {
        }
    }

    private sealed class OverlappedCase() : BlocksCase(BlockShape, ScalarType.Float64, source => new OverlappedState(source))
    {
        public FactorMatrices Matrices => ((OverlappedState)Slice.State).Matrices;

        public int[] Failures => Bucket.Counters.Single(counters => counters.Name == "failed_refreshes").Values;

        public void Accumulate() => Matrices.Accumulate(Slice.Gradient, 1, 1);

        public void Refresh<TSolver>(TSolver solver) where TSolver : struct, IInverseRootSolver
        {
            Accumulate();
            Matrices.BeginRefresh(solver);
            Matrices.AdoptRefresh();
        }
    }

    private sealed class OverlappedState(StateSource source) : BlockState(source)
    {
        public FactorMatrices Matrices { get; } = source.FactorMatrices(overlapped: true);
    }
}
