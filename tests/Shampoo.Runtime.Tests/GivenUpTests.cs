using Shampoo.Ranks.DataParallel;

namespace Shampoo.Runtime.Tests;

/// <summary>Who cannot begin a collective waits for those that were begun: their memory is not to be released before.</summary>
public sealed class GivenUpTests
{
    [Fact]
    public void Averaging_that_fails_at_a_bucket_waits_for_those_before_it()
    {
        using var table = torch.nn.Embedding(5, 2, sparse: true);
        using var model = new Shelf([("embedding", table.weight!), ("weight", Data.Parameter(2, 3, 2)), ("bias", Data.Parameter(3, 4))]);
        using var group = new Counting();
        using var parallel = new DistributedDataParallel(model, group, bucket_cap_mb: 1e-6);
        foreach (var (name, parameter) in model.named_parameters())
        {
            if (name != "embedding")
                parameter.grad = torch.ones(parameter.shape, parameter.dtype);
        }
        table.call(torch.tensor(new long[] { 1, 2 })).sum().backward();
        var (begun, waited) = (group.Begun, group.Waited);

        var error = Assert.Throws<InvalidOperationException>(parallel.average_gradients);

        Assert.Contains("'embedding' is sparse", error.Message);
        Assert.Equal((2, 2), (group.Begun - begun, group.Waited - waited));
    }

    /// <summary>The second of two ranks is one that says what this one says. Counts the works that were begun, and those of them that were waited for.</summary>
    private sealed class Counting : ProcessGroup
    {
        public int Begun { get; private set; }

        public int Waited { get; private set; }

        public override int Rank => 0;

        public override int Size => 2;

        public override CollectiveWork all_reduce_async(Tensor tensor, ReduceOp op = ReduceOp.Sum) => new Counted(this);

        public override CollectiveWork broadcast_async(Tensor tensor, int source) => new Counted(this);

        public override CollectiveWork all_gather_async(Tensor output, Tensor input) => throw new NotSupportedException();

        public override CollectiveWork all_gather_async(Tensor output, Tensor input, ReadOnlySpan<long> counts) => throw new NotSupportedException();

        public override CollectiveWork reduce_scatter_async(Tensor output, Tensor input, ReadOnlySpan<long> counts, ReduceOp op = ReduceOp.Sum) => throw new NotSupportedException();

        public override CollectiveWork all_to_all_async(Tensor output, Tensor input, ReadOnlySpan<long> outputCounts, ReadOnlySpan<long> inputCounts) => throw new NotSupportedException();

        public override void barrier()
        {
        }

        public override ProcessGroup split(int colour, int key = 0) => throw new NotSupportedException();

        private sealed class Counted : CollectiveWork
        {
            private readonly Counting _group;
            private bool _isDone;

            public Counted(Counting group)
            {
                _group = group;
                group.Begun++;
            }

            public override bool IsCompleted => _isDone;

            public override void Wait()
            {
                _group.Waited += _isDone ? 0 : 1;
                _isDone = true;
            }
        }
    }
}
