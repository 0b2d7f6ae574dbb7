namespace Shampoo.Runtime;

/// <summary>The part of a collective that moves tensors: one nonblocking call of MPI, and what is computed after it.</summary>
internal sealed unsafe class MpiTransfer
{
    private readonly MpiProcessGroup _group;
    private readonly CollectiveCall _call;
    private readonly int[] _outputCounts, _outputStarts, _inputCounts, _inputStarts;
    private Tensor? _workspace;

    /// <exception cref="OverflowException">There are more elements than MPI counts.</exception>
    public MpiTransfer(MpiProcessGroup group, CollectiveCall call)
    {
        _group = group;
        _call = call;
        var isReduced = call.Kind == CollectiveKind.ReduceScatter;
        var outputCounts = isReduced ? Enumerable.Repeat(call.InputCounts[group.Rank], group.Size).ToArray() : call.OutputCounts;
        (_outputCounts, _outputStarts) = Pinned(outputCounts);
        (_inputCounts, _inputStarts) = Pinned(call.InputCounts);
        _ = Count(call.Input?.numel() ?? call.Output?.numel() ?? 0);
    }

    /// <summary>What MPI reads or writes besides the arguments, while it does.</summary>
    public Tensor? Workspace => _workspace;

    /// <summary>Calls MPI.</summary>
    /// <returns>The request.</returns>
    public nint Start()
    {
        var mpi = _group.Library;
        var communicator = _group.Communicators.Data;
        var type = mpi.TypeOf(_call.Type);
        switch (_call.Kind)
        {
            case CollectiveKind.AllGather:
                return mpi.AllGather(InputOr(_group.Rank * _call.Input!.numel()), Count(_call.Input.numel()), Output, type, communicator);
            case CollectiveKind.AllGatherParts:
                return mpi.AllGather(
                    InputOr(_outputStarts[_group.Rank]), _outputCounts[_group.Rank], Output, First(_outputCounts), First(_outputStarts), type, communicator);
            case CollectiveKind.AllReduce:
                return StartAllReduce(mpi, communicator);
            case CollectiveKind.ReduceScatter:
                _workspace = Empty([_group.Size, _call.Output!.numel()], _call.Type);
                return AllToAll(mpi, CollectiveMemory.Address(_workspace), type, communicator);
            case CollectiveKind.AllToAll:
                return AllToAll(mpi, Output, type, communicator);
            case CollectiveKind.Broadcast:
                return mpi.Broadcast(Output, Count(_call.Output!.numel()), type, _call.Source, communicator);
            default:
                return mpi.Barrier(communicator);
        }
    }

    /// <summary>Computes what is left, once the request is done.</summary>
    public void Finish()
    {
        if (_call.Kind == CollectiveKind.ReduceScatter)
            CollectiveMemory.Reduce(_call.Output!, _workspace!, _call.Op, _call.IsWidened);
        if (_call.Kind == CollectiveKind.AllReduce)
            FinishAllReduce();
        _workspace?.Dispose();
        _workspace = null;
    }

    private nint Output => CollectiveMemory.Address(_call.Output!);

    private nint StartAllReduce(Mpi mpi, nint communicator)
    {
        using (var scope = new OperatorScope())
            _workspace = _call.IsWidened ? _call.Output!.to(ScalarType.Float32).DetachFromDisposeScope() : null;
        var values = _workspace ?? _call.Output!;
        return mpi.AllReduce(
            Mpi.InPlace, CollectiveMemory.Address(values), Count(values.numel()), mpi.TypeOf(values.dtype), mpi.OpOf(_call.Op), communicator);
    }

    private void FinishAllReduce()
    {
        using var scope = new OperatorScope();
        if (_call.Op == ReduceOp.Average)
            (_workspace ?? _call.Output!).div_(_group.Size);
        if (_workspace is not null)
            _call.Output!.copy_(_workspace);
    }

    private nint AllToAll(Mpi mpi, nint output, nint type, nint communicator) => mpi.AllToAll(
        CollectiveMemory.Address(_call.Input!), First(_inputCounts), First(_inputStarts),
        output, First(_outputCounts), First(_outputStarts), type, communicator);

    // The input, or the sign that it is its part of the output already.
    private nint InputOr(long start) =>
        CollectiveMemory.Address(_call.Input!) is var input && input == CollectiveMemory.Address(_call.Output!, start) && input != 0 ? Mpi.InPlace : input;

    private static Tensor Empty(long[] shape, ScalarType type) => torch.empty(shape, type).DetachFromDisposeScope();

    private static (int[] Counts, int[] Starts) Pinned(long[] counts)
    {
        var pinned = GC.AllocateArray<int>(counts.Length, pinned: true);
        var starts = GC.AllocateArray<int>(counts.Length, pinned: true);
        long start = 0;
        for (var i = 0; i < counts.Length; i++)
        {
            pinned[i] = Count(counts[i]);
            starts[i] = Count(start);
            start += counts[i];
        }
        return (pinned, starts);
    }

    private static int Count(long count) => count <= MpiProcessGroup.MaxCount ? (int)count : throw new OverflowException();

    // Arrays of the pinned heap do not move, and live as long as this object.
    private static int* First(int[] pinned) => (int*)System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(pinned, 0);
}
