namespace Shampoo.Runtime;

/// <summary>What groups of all engines have in common: every call is checked before the engine begins it.</summary>
public abstract class CheckedProcessGroup : ProcessGroup
{
    private protected CheckedProcessGroup()
    {
    }

    /// <inheritdoc/>
    public sealed override CollectiveWork all_gather_async(Tensor output, Tensor input) =>
        Submit(new CollectiveCall(CollectiveKind.AllGather) { Output = output, Input = input });

    /// <inheritdoc/>
    public sealed override CollectiveWork all_gather_async(Tensor output, Tensor input, ReadOnlySpan<long> counts) =>
        Submit(new CollectiveCall(CollectiveKind.AllGatherParts) { Output = output, Input = input, OutputCounts = counts.ToArray() });

    /// <inheritdoc/>
    public sealed override CollectiveWork all_reduce_async(Tensor tensor, ReduceOp op = ReduceOp.Sum) =>
        Submit(new CollectiveCall(CollectiveKind.AllReduce) { Output = tensor, Op = op });

    /// <inheritdoc/>
    public sealed override CollectiveWork reduce_scatter_async(Tensor output, Tensor input, ReadOnlySpan<long> counts, ReduceOp op = ReduceOp.Sum) =>
        Submit(new CollectiveCall(CollectiveKind.ReduceScatter) { Output = output, Input = input, InputCounts = counts.ToArray(), Op = op });

    /// <inheritdoc/>
    public sealed override CollectiveWork all_to_all_async(Tensor output, Tensor input, ReadOnlySpan<long> outputCounts, ReadOnlySpan<long> inputCounts) =>
        Submit(new CollectiveCall(CollectiveKind.AllToAll)
        {
            Output = output,
            Input = input,
            OutputCounts = outputCounts.ToArray(),
            InputCounts = inputCounts.ToArray(),
        });

    /// <inheritdoc/>
    public sealed override CollectiveWork broadcast_async(Tensor tensor, int source) =>
        Submit(new CollectiveCall(CollectiveKind.Broadcast) { Output = tensor, Source = source });

    /// <inheritdoc/>
    public sealed override void barrier() => Submit(new CollectiveCall(CollectiveKind.Barrier)).Wait();

    /// <inheritdoc/>
    public sealed override ProcessGroup split(int colour, int key = 0)
    {
        Submit(new CollectiveCall(CollectiveKind.Split) { Colour = colour }).Wait();
        var group = Divide(colour, key);
        group.Timeout = Timeout;
        return group;
    }

    /// <summary>The error of a call after one that failed.</summary>
    private protected CollectiveException AfterFailure(CollectiveException failure) => new(
        Rank, "a collective after a failed one", failure.Message, "End all processes, and start again from a checkpoint");

    /// <summary>Throws if the group cannot be used any more.</summary>
    private protected abstract void ThrowIfUnusable();

    /// <summary>Why a tensor is not where the engine needs it, beginning with a verb; null if it is.</summary>
    private protected abstract string? Misplaced(Tensor tensor);

    /// <summary>Tells the other ranks, at this place in the order of calls, that this one does not take part.</summary>
    private protected abstract void Refuse(CollectiveCall call);

    /// <summary>Begins a call whose arguments are right on this rank.</summary>
    private protected abstract CollectiveWork Start(CollectiveCall call);

    /// <summary>Makes the new group; all ranks have come.</summary>
    private protected abstract ProcessGroup Divide(int colour, int key);

    private CollectiveWork Submit(CollectiveCall call)
    {
        ThrowIfUnusable();
        if (call.Problem(this, Misplaced) is not { } problem)
            return Start(call);
        var error = new CollectiveException(
            Rank, Name(call.Kind), problem, "Nothing was exchanged; the group ends here, on all ranks");
        Refuse(call);
        throw error;
    }

    private static string Name(CollectiveKind kind) => kind switch
    {
        CollectiveKind.AllGather or CollectiveKind.AllGatherParts => nameof(all_gather),
        CollectiveKind.AllReduce => nameof(all_reduce),
        CollectiveKind.ReduceScatter => nameof(reduce_scatter),
        CollectiveKind.AllToAll => nameof(all_to_all),
        CollectiveKind.Broadcast => nameof(broadcast),
        CollectiveKind.Barrier => nameof(barrier),
        _ => nameof(split),
    };
}
