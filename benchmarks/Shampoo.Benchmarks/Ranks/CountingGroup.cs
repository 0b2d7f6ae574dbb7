using Shampoo.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Shampoo.Benchmarks.Ranks;

/// <summary>A group that counts the bytes that a rank sends at least, as algorithms that go round the ranks send them.</summary>
internal sealed class CountingGroup(ProcessGroup inner) : ProcessGroup
{
    public override int Rank => inner.Rank;

    public override int Size => inner.Size;

    /// <summary>Bytes that this rank has sent; the mean over ranks where parts are unequal.</summary>
    public double Sent { get; private set; }

    public override CollectiveWork all_gather_async(Tensor output, Tensor input) => Count(1, output, inner.all_gather_async(output, input));

    public override CollectiveWork all_gather_async(Tensor output, Tensor input, ReadOnlySpan<long> counts) => Count(1, output, inner.all_gather_async(output, input, counts));

    // A reduce-scatter and an all-gather.
    public override CollectiveWork all_reduce_async(Tensor tensor, ReduceOp op = ReduceOp.Sum) => Count(2, tensor, inner.all_reduce_async(tensor, op));

    public override CollectiveWork reduce_scatter_async(Tensor output, Tensor input, ReadOnlySpan<long> counts, ReduceOp op = ReduceOp.Sum) =>
        Count(1, input, inner.reduce_scatter_async(output, input, counts, op));

    public override CollectiveWork all_to_all_async(Tensor output, Tensor input, ReadOnlySpan<long> outputCounts, ReadOnlySpan<long> inputCounts) =>
        Count(1, input, inner.all_to_all_async(output, input, outputCounts, inputCounts));

    public override CollectiveWork broadcast_async(Tensor tensor, int source) => Count(1, tensor, inner.broadcast_async(tensor, source));

    public override void barrier() => inner.barrier();

    public override ProcessGroup split(int colour, int key = 0) => inner.split(colour, key);

    private CollectiveWork Count(int times, Tensor whole, CollectiveWork work)
    {
        Sent += times * (double)whole.numel() * whole.element_size() * (Size - 1) / Size;
        return work;
    }
}
