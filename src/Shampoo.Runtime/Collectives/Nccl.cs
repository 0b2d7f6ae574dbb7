using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Shampoo.Runtime;

/// <summary>By what ranks that belong together find each other (ncclUniqueId); passed by value.</summary>
[InlineArray(Length)]
internal struct NcclId
{
    public const int Length = 128;
    private byte _first;
}

/// <summary>NVIDIA's library of collectives. Every error is a <see cref="NcclException"/>.</summary>
internal sealed unsafe class Nccl
{
    private const string Operation = "starting NCCL";

    private readonly nint _library;
    private readonly string _name;
    private readonly delegate* unmanaged<int, nint> _errorString;
    private readonly delegate* unmanaged<nint, nint> _lastError; // since 2.13; null where it is missing
    private readonly delegate* unmanaged<nint, int*, int> _asyncError;
    private readonly delegate* unmanaged<NcclId*, int> _uniqueId;
    private readonly delegate* unmanaged<nint*, int, NcclId, int, int> _initialize;
    private readonly delegate* unmanaged<nint, int, int, nint*, nint, int> _split; // since 2.18; null where it is missing
    private readonly delegate* unmanaged<nint, int> _destroy, _abort;
    private readonly delegate* unmanaged<int> _groupStart, _groupEnd;
    private readonly delegate* unmanaged<nint, nint, nuint, int, nint, nint, int> _allGather;
    private readonly delegate* unmanaged<nint, nint, nuint, int, int, nint, nint, int> _allReduce, _reduceScatter, _broadcast;
    private readonly delegate* unmanaged<nint, nint, nuint, int, int, int, nint, nint, int> _reduce;
    private readonly delegate* unmanaged<nint, nuint, int, int, nint, nint, int> _send, _receive;

    /// <param name="candidates">Paths, or names for the search of the system's loader.</param>
    /// <exception cref="CollectiveException">None of them is there, or it is too old.</exception>
    public Nccl(IEnumerable<string> candidates)
    {
        (_name, _library) = Load(candidates);
        _errorString = (delegate* unmanaged<int, nint>)Find("ncclGetErrorString");
        _lastError = (delegate* unmanaged<nint, nint>)NativeTensor.Find(_library, "ncclGetLastError");
        _asyncError = (delegate* unmanaged<nint, int*, int>)Find("ncclCommGetAsyncError");
        _uniqueId = (delegate* unmanaged<NcclId*, int>)Find("ncclGetUniqueId");
        _initialize = (delegate* unmanaged<nint*, int, NcclId, int, int>)Find("ncclCommInitRank");
        _split = (delegate* unmanaged<nint, int, int, nint*, nint, int>)NativeTensor.Find(_library, "ncclCommSplit");
        _destroy = (delegate* unmanaged<nint, int>)Find("ncclCommDestroy");
        _abort = (delegate* unmanaged<nint, int>)Find("ncclCommAbort");
        _groupStart = (delegate* unmanaged<int>)Find("ncclGroupStart");
        _groupEnd = (delegate* unmanaged<int>)Find("ncclGroupEnd");
        _allGather = (delegate* unmanaged<nint, nint, nuint, int, nint, nint, int>)Find("ncclAllGather");
        _allReduce = (delegate* unmanaged<nint, nint, nuint, int, int, nint, nint, int>)Find("ncclAllReduce");
        _reduceScatter = (delegate* unmanaged<nint, nint, nuint, int, int, nint, nint, int>)Find("ncclReduceScatter");
        _broadcast = (delegate* unmanaged<nint, nint, nuint, int, int, nint, nint, int>)Find("ncclBroadcast");
        _reduce = (delegate* unmanaged<nint, nint, nuint, int, int, int, nint, nint, int>)Find("ncclReduce");
        _send = (delegate* unmanaged<nint, nuint, int, int, nint, nint, int>)Find("ncclSend");
        _receive = (delegate* unmanaged<nint, nuint, int, int, nint, nint, int>)Find("ncclRecv");
    }

    /// <summary>Where the library may be: beside libtorch, where its Python packages keep what it needs, and in the system.</summary>
    public static IEnumerable<string> Candidates => [.. CudaLibrary.BesideTorch("../../nvidia/nccl/lib", "libnccl.so.2"), "libnccl.so.2"];

    /// <summary>torch's stream: the legacy default one, as for <see cref="CudaDriver"/>.</summary>
    private static nint Stream => 0;

    /// <summary>The number of a dtype (ncclDataType_t).</summary>
    public static int TypeOf(ScalarType type) => type switch
    {
        ScalarType.Int8 => 0,
        ScalarType.Byte => 1,
        ScalarType.Int32 => 2,
        ScalarType.Int64 => 4,
        ScalarType.Float16 => 6,
        ScalarType.Float32 => 7,
        ScalarType.Float64 => 8,
        ScalarType.BFloat16 => 9,
        _ => throw new NotSupportedException($"NCCL has no {type}."),
    };

    /// <summary>The number of a reduction (ncclRedOp_t).</summary>
    public static int OpOf(ReduceOp op) => op switch
    {
        ReduceOp.Sum => 0,
        ReduceOp.Max => 2,
        ReduceOp.Min => 3,
        _ => 4,
    };

    /// <summary>A new id; the one of the address in <c>NCCL_COMM_ID</c>, the same for all that ask, where that is set.</summary>
    public NcclId UniqueId()
    {
        NcclId id;
        Check(_uniqueId(&id), "ncclGetUniqueId");
        return id;
    }

    /// <summary>Joins the ranks of an id, on the current device. All ranks come together.</summary>
    public nint Initialize(int size, NcclId id, int rank)
    {
        nint communicator;
        Check(_initialize(&communicator, size, id, rank), "ncclCommInitRank");
        return communicator;
    }

    /// <summary>Divides a communicator. All ranks come together.</summary>
    public nint Split(nint communicator, int colour, int key)
    {
        if (_split == null)
            throw new NcclException($"{_name} has no ncclCommSplit; NCCL 2.18 or newer is needed");
        nint part;
        Check(_split(communicator, colour, key, &part, 0), "ncclCommSplit", communicator);
        return part;
    }

    public void Destroy(nint communicator) => Check(_destroy(communicator), "ncclCommDestroy");

    /// <summary>Ends a communicator and what it does on the device, without the other ranks.</summary>
    public void Abort(nint communicator) => _ = _abort(communicator);

    /// <summary>What went wrong after a call had returned; null if nothing did.</summary>
    public string? AsyncError(nint communicator)
    {
        int result;
        Check(_asyncError(communicator, &result), "ncclCommGetAsyncError");
        const int InProgress = 7;
        return result is 0 or InProgress ? null : $"NCCL reports code {result} ({Text(result, communicator)})";
    }

    /// <summary>What is called until <see cref="GroupEnd"/> is begun together.</summary>
    public void GroupStart() => Check(_groupStart(), "ncclGroupStart");

    public void GroupEnd(nint communicator) => Check(_groupEnd(), "ncclGroupEnd", communicator);

    public void AllGather(nint input, nint output, long count, int type, nint communicator) =>
        Check(_allGather(input, output, (nuint)count, type, communicator, Stream), "ncclAllGather", communicator);

    public void AllReduce(nint input, nint output, long count, int type, int op, nint communicator) =>
        Check(_allReduce(input, output, (nuint)count, type, op, communicator, Stream), "ncclAllReduce", communicator);

    /// <param name="input">The parts of all ranks.</param>
    /// <param name="output">This rank's.</param>
    /// <param name="count">The elements of one part.</param>
    /// <param name="type">The dtype.</param>
    /// <param name="op">The reduction.</param>
    /// <param name="communicator">The ranks.</param>
    public void ReduceScatter(nint input, nint output, long count, int type, int op, nint communicator) =>
        Check(_reduceScatter(input, output, (nuint)count, type, op, communicator, Stream), "ncclReduceScatter", communicator);

    public void Broadcast(nint input, nint output, long count, int type, int source, nint communicator) =>
        Check(_broadcast(input, output, (nuint)count, type, source, communicator, Stream), "ncclBroadcast", communicator);

    /// <summary>Reduces to one rank; the output of the others is not touched.</summary>
    public void Reduce(nint input, nint output, long count, int type, int op, int root, nint communicator) =>
        Check(_reduce(input, output, (nuint)count, type, op, root, communicator, Stream), "ncclReduce", communicator);

    public void Send(nint input, long count, int type, int rank, nint communicator) =>
        Check(_send(input, (nuint)count, type, rank, communicator, Stream), "ncclSend", communicator);

    public void Receive(nint output, long count, int type, int rank, nint communicator) =>
        Check(_receive(output, (nuint)count, type, rank, communicator, Stream), "ncclRecv", communicator);

    private static (string Name, nint Library) Load(IEnumerable<string> candidates)
    {
        foreach (var candidate in candidates)
        {
            if (NativeLibrary.TryLoad(candidate, out var library))
                return (candidate, library);
        }
        throw new CollectiveException(
            Launch.RankHint, Operation, "libnccl.so.2 was not found",
            "Install NCCL (NVIDIA's package libnccl2, or nvidia-nccl-cu12 beside PyTorch), or add its folder to LD_LIBRARY_PATH");
    }

    private nint Find(string function) => NativeLibrary.TryGetExport(_library, function, out var address)
        ? address
        : throw new CollectiveException(Launch.RankHint, Operation, $"{_name} has no {function}", "NCCL 2.11 or newer is needed");

    private void Check(int result, string call, nint communicator = 0)
    {
        if (result != 0)
            throw new NcclException($"{call} failed with code {result} ({Text(result, communicator)})");
    }

    private string Text(int result, nint communicator)
    {
        var text = Marshal.PtrToStringUTF8(_errorString(result)) ?? "unknown";
        var more = _lastError == null ? null : Marshal.PtrToStringUTF8(_lastError(communicator));
        return string.IsNullOrWhiteSpace(more) ? text : $"{text}: {more.Trim()}";
    }
}

/// <summary>What a function of NCCL returned, for a <see cref="CollectiveException"/> to say more about.</summary>
internal sealed class NcclException(string message) : Exception(message);
