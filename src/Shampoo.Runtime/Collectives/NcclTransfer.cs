namespace Shampoo.Runtime;

/// <summary>The calls of NCCL that make up a collective.</summary>
internal static class NcclTransfer
{
    /// <summary>Enqueues a collective.</summary>
    /// <param name="nccl">The library.</param>
    /// <param name="communicator">The ranks.</param>
    /// <param name="group">The group.</param>
    /// <param name="call">The arguments, checked.</param>
    /// <param name="scratch">A few numbers on the device, whose values nobody needs.</param>
    public static void Start(Nccl nccl, nint communicator, ProcessGroup group, CollectiveCall call, Tensor scratch)
    {
        var type = Nccl.TypeOf(call.Type);
        var op = Nccl.OpOf(call.Op);
        switch (call.Kind)
        {
            case CollectiveKind.AllGather:
                nccl.AllGather(Input(call), Output(call), call.Input!.numel(), type, communicator);
                break;
            case CollectiveKind.AllGatherParts when AreEqual(call.OutputCounts):
                nccl.AllGather(Input(call), Output(call), call.OutputCounts[0], type, communicator);
                break;
            case CollectiveKind.AllGatherParts:
                InGroup(nccl, communicator, group.Size, rank => GatherPart(nccl, communicator, call, type, rank));
                break;
            case CollectiveKind.AllReduce:
                nccl.AllReduce(Output(call), Output(call), call.Output!.numel(), type, op, communicator);
                break;
            case CollectiveKind.ReduceScatter when AreEqual(call.InputCounts):
                nccl.ReduceScatter(Input(call), Output(call), call.InputCounts[0], type, op, communicator);
                break;
            case CollectiveKind.ReduceScatter:
                InGroup(nccl, communicator, group.Size, rank => ReducePart(nccl, communicator, call, type, op, rank));
                break;
            case CollectiveKind.AllToAll:
                InGroup(nccl, communicator, group.Size, rank => ExchangePart(nccl, communicator, call, type, rank));
                break;
            case CollectiveKind.Broadcast:
                nccl.Broadcast(Output(call), Output(call), call.Output!.numel(), type, call.Source, communicator);
                break;
            default:
                var number = CollectiveMemory.Address(scratch);
                nccl.AllReduce(number, number, 1, Nccl.TypeOf(scratch.dtype), Nccl.OpOf(ReduceOp.Sum), communicator);
                break;
        }
    }

    private static void GatherPart(Nccl nccl, nint communicator, CollectiveCall call, int type, int rank)
    {
        if (call.OutputCounts[rank] > 0)
            nccl.Broadcast(Input(call), At(call.Output!, call.OutputCounts, rank), call.OutputCounts[rank], type, rank, communicator);
    }

    private static void ReducePart(Nccl nccl, nint communicator, CollectiveCall call, int type, int op, int rank)
    {
        if (call.InputCounts[rank] > 0)
            nccl.Reduce(At(call.Input!, call.InputCounts, rank), Output(call), call.InputCounts[rank], type, op, rank, communicator);
    }

    private static void ExchangePart(Nccl nccl, nint communicator, CollectiveCall call, int type, int rank)
    {
        if (call.InputCounts[rank] > 0)
            nccl.Send(At(call.Input!, call.InputCounts, rank), call.InputCounts[rank], type, rank, communicator);
        if (call.OutputCounts[rank] > 0)
            nccl.Receive(At(call.Output!, call.OutputCounts, rank), call.OutputCounts[rank], type, rank, communicator);
    }

    private static void InGroup(Nccl nccl, nint communicator, int size, Action<int> call)
    {
        nccl.GroupStart();
        try
        {
            for (var rank = 0; rank < size; rank++)
                call(rank);
        }
        finally
        {
            nccl.GroupEnd(communicator);
        }
    }

    private static bool AreEqual(long[] counts) => counts.AsSpan().IndexOfAnyExcept(counts[0]) < 0;

    private static nint Input(CollectiveCall call) => CollectiveMemory.Address(call.Input!);

    private static nint Output(CollectiveCall call) => CollectiveMemory.Address(call.Output!);

    private static nint At(Tensor tensor, long[] counts, int rank) => CollectiveMemory.Address(tensor, CollectiveMemory.Starts(counts)[rank]);
}
