using System.Diagnostics;

namespace Shampoo.Ranks.Sharding;

/// <summary>A group that kills its process in place of one of its calls.</summary>
/// <param name="inner">Whose work it is.</param>
/// <param name="diesAtGather">At which <c>all_gather</c>, from 1.</param>
internal sealed class MortalGroup(ProcessGroup inner, int diesAtGather) : ProcessGroup
{
    private int _gathers;

    public override int Rank => inner.Rank;

    public override int Size => inner.Size;

    public override CollectiveWork all_gather_async(Tensor output, Tensor input) => inner.all_gather_async(output, input);

    public override CollectiveWork all_gather_async(Tensor output, Tensor input, ReadOnlySpan<long> counts)
    {
        if (++_gathers == diesAtGather)
            Process.GetCurrentProcess().Kill();
        return inner.all_gather_async(output, input, counts);
    }

    public override CollectiveWork all_reduce_async(Tensor tensor, ReduceOp op = ReduceOp.Sum) => inner.all_reduce_async(tensor, op);

    public override CollectiveWork reduce_scatter_async(Tensor output, Tensor input, ReadOnlySpan<long> counts, ReduceOp op = ReduceOp.Sum) =>
        inner.reduce_scatter_async(output, input, counts, op);

    public override CollectiveWork all_to_all_async(Tensor output, Tensor input, ReadOnlySpan<long> outputCounts, ReadOnlySpan<long> inputCounts) =>
        inner.all_to_all_async(output, input, outputCounts, inputCounts);

    public override CollectiveWork broadcast_async(Tensor tensor, int source) => inner.broadcast_async(tensor, source);

    public override void barrier() => inner.barrier();

    public override ProcessGroup split(int colour, int key = 0) => inner.split(colour, key);
}
