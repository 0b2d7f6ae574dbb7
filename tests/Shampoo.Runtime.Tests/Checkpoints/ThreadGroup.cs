namespace Shampoo.Runtime.Tests.Checkpoints;

/// <summary>Threads of this process as the ranks of a group: what checkpoints need of one.</summary>
internal sealed class ThreadGroup(int rank, ThreadGroup.Shared shared) : ProcessGroup
{
    public override int Rank => rank;

    public override int Size => shared.Size;

    /// <summary>Runs an action on every rank, and returns what each threw.</summary>
    public static Exception?[] Run(int size, Action<ThreadGroup> action)
    {
        var shared = new Shared(size);
        var failures = new Exception?[size];
        var threads = Enumerable.Range(0, size).Select(rank => new Thread(() =>
        {
            try
            {
                using var group = new ThreadGroup(rank, shared);
                action(group);
            }
            catch (Exception e)
            {
                failures[rank] = e;
            }
        })).ToArray();
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            Assert.True(thread.Join(TimeSpan.FromSeconds(60)), "a rank waits for ever");
        return failures;
    }

    public override CollectiveWork all_reduce_async(Tensor tensor, ReduceOp op = ReduceOp.Sum)
    {
        Assert.Equal((ScalarType.Int64, 1, ReduceOp.Max), (tensor.dtype, tensor.numel(), op));
        shared.Values[rank] = tensor.item<long>();
        barrier();
        var largest = shared.Values.Max();
        barrier();
        tensor.fill_(largest);
        return new Done();
    }

    public override void barrier() => Assert.True(shared.Barrier.SignalAndWait(TimeSpan.FromSeconds(30)), "a rank did not come");

    public override CollectiveWork all_gather_async(Tensor output, Tensor input) => throw new NotSupportedException();

    public override CollectiveWork all_gather_async(Tensor output, Tensor input, ReadOnlySpan<long> counts) => throw new NotSupportedException();

    public override CollectiveWork reduce_scatter_async(Tensor output, Tensor input, ReadOnlySpan<long> counts, ReduceOp op = ReduceOp.Sum) => throw new NotSupportedException();

    public override CollectiveWork all_to_all_async(Tensor output, Tensor input, ReadOnlySpan<long> outputCounts, ReadOnlySpan<long> inputCounts) => throw new NotSupportedException();

    public override CollectiveWork broadcast_async(Tensor tensor, int source) => throw new NotSupportedException();

    public override ProcessGroup split(int colour, int key = 0) => throw new NotSupportedException();

    /// <summary>What the threads have in common.</summary>
    internal sealed class Shared(int size)
    {
        public int Size => size;

        public Barrier Barrier { get; } = new(size);

        public long[] Values { get; } = new long[size];
    }

    private sealed class Done : CollectiveWork
    {
        public override bool IsCompleted => true;

        public override void Wait()
        {
        }
    }
}
