namespace Shampoo.Runtime;

public abstract partial class ProcessGroup
{
    /// <summary>All processes that were started together.</summary>
    public static ProcessGroup World { get; } = new OneRank();

    /// <summary>A group of this process alone: what it receives is what it sends.</summary>
    private sealed class OneRank : ProcessGroup
    {
        public override int Rank => 0;

        public override int Size => 1;

        public override CollectiveWork all_gather_async(Tensor output, Tensor input) => Copy(output, input);

        public override CollectiveWork all_gather_async(Tensor output, Tensor input, ReadOnlySpan<long> counts) => Copy(output, input);

        public override CollectiveWork all_reduce_async(Tensor tensor, ReduceOp op = ReduceOp.Sum) => Done.Work;

        public override CollectiveWork reduce_scatter_async(Tensor output, Tensor input, ReadOnlySpan<long> counts, ReduceOp op = ReduceOp.Sum) => Copy(output, input);

        public override CollectiveWork all_to_all_async(Tensor output, Tensor input, ReadOnlySpan<long> outputCounts, ReadOnlySpan<long> inputCounts) => Copy(output, input);

        public override CollectiveWork broadcast_async(Tensor tensor, int source) => Done.Work;

        public override void barrier()
        {
        }

        public override ProcessGroup split(int colour, int key = 0) => new OneRank();

        private static Done Copy(Tensor output, Tensor input)
        {
            output.copy_(input);
            return Done.Work;
        }
    }

    private sealed class Done : CollectiveWork
    {
        public static Done Work { get; } = new();

        public override bool IsCompleted => true;

        public override void Wait()
        {
        }
    }
}
