using System.Runtime.InteropServices;

namespace Shampoo.Runtime;

/// <summary>
/// OpenMPI's library. Its communicators, dtypes and operations are addresses of symbols that it exports. Calls are made one at a time, under
/// <see cref="Gate"/>, which is what MPI_THREAD_SERIALIZED asks for.
/// </summary>
internal sealed unsafe class Mpi
{
    /// <summary>The version of the interface of OpenMPI 3, 4 and 5.</summary>
    public const string LibraryName = "libmpi.so.40";

    private const string Operation = "starting MPI";
    private const int Serialized = 2, Multiple = 3; // MPI_THREAD_…

    private static Mpi? s_instance;
    private readonly nint _library;
    private readonly string _name;
    private readonly delegate* unmanaged<int, byte*, int*, int> _errorString;

    private readonly delegate* unmanaged<nint, int*, int> _rank, _size;
    private readonly delegate* unmanaged<nint, nint, int> _setErrorHandler;
    private readonly delegate* unmanaged<nint, int, int, nint*, int> _split;
    private readonly delegate* unmanaged<nint, nint*, int> _duplicate;
    private readonly delegate* unmanaged<nint*, int> _free;
    private readonly delegate* unmanaged<nint*, int*, nint, int> _test;
    private readonly delegate* unmanaged<nint, int, nint, nint, int, nint, nint, nint*, int> _allGather;
    private readonly delegate* unmanaged<nint, int, nint, nint, int*, int*, nint, nint, nint*, int> _allGatherParts;
    private readonly delegate* unmanaged<nint, nint, int, nint, nint, nint, nint*, int> _allReduce;
    private readonly delegate* unmanaged<nint, int*, int*, nint, nint, int*, int*, nint, nint, nint*, int> _allToAll;
    private readonly delegate* unmanaged<nint, int, nint, int, nint, nint*, int> _broadcast;
    private readonly delegate* unmanaged<nint, nint*, int> _barrier;
    private readonly delegate* unmanaged<nint, int, nint, int, int, nint, nint*, int> _send, _receive;
    private readonly delegate* unmanaged<int> _finalize;

    /// <summary>Initializes it, if nobody has.</summary>
    /// <param name="candidates">Paths, or names for the search of the system's loader.</param>
    /// <exception cref="CollectiveException">None of them is there, or it is another library.</exception>
    public Mpi(IEnumerable<string> candidates)
    {
        (_name, _library) = Load(candidates);
        _errorString = (delegate* unmanaged<int, byte*, int*, int>)Find("MPI_Error_string");
        _rank = (delegate* unmanaged<nint, int*, int>)Find("MPI_Comm_rank");
        _size = (delegate* unmanaged<nint, int*, int>)Find("MPI_Comm_size");
        _setErrorHandler = (delegate* unmanaged<nint, nint, int>)Find("MPI_Comm_set_errhandler");
        _split = (delegate* unmanaged<nint, int, int, nint*, int>)Find("MPI_Comm_split");
        _duplicate = (delegate* unmanaged<nint, nint*, int>)Find("MPI_Comm_dup");
        _free = (delegate* unmanaged<nint*, int>)Find("MPI_Comm_free");
        _test = (delegate* unmanaged<nint*, int*, nint, int>)Find("MPI_Test");
        _allGather = (delegate* unmanaged<nint, int, nint, nint, int, nint, nint, nint*, int>)Find("MPI_Iallgather");
        _allGatherParts = (delegate* unmanaged<nint, int, nint, nint, int*, int*, nint, nint, nint*, int>)Find("MPI_Iallgatherv");
        _allReduce = (delegate* unmanaged<nint, nint, int, nint, nint, nint, nint*, int>)Find("MPI_Iallreduce");
        _allToAll = (delegate* unmanaged<nint, int*, int*, nint, nint, int*, int*, nint, nint, nint*, int>)Find("MPI_Ialltoallv");
        _broadcast = (delegate* unmanaged<nint, int, nint, int, nint, nint*, int>)Find("MPI_Ibcast");
        _barrier = (delegate* unmanaged<nint, nint*, int>)Find("MPI_Ibarrier");
        _send = (delegate* unmanaged<nint, int, nint, int, int, nint, nint*, int>)Find("MPI_Isend");
        _receive = (delegate* unmanaged<nint, int, nint, int, int, nint, nint*, int>)Find("MPI_Irecv");
        _finalize = (delegate* unmanaged<int>)Find("MPI_Finalize");
        World = Find("ompi_mpi_comm_world");
        Sum = Find("ompi_mpi_op_sum");
        Int64 = Find("ompi_mpi_int64_t");
        Initialize();
    }

    /// <summary>Held during every call.</summary>
    public static object Gate { get; } = new();

    /// <summary>Whether a rank may be gone. Then MPI is not finalized, as that would wait for it.</summary>
    public static bool HasFailed { get; set; }

    /// <summary>The library, initialized.</summary>
    /// <exception cref="CollectiveException">It is not there, or another one.</exception>
    public static Mpi Instance
    {
        get
        {
            lock (Gate)
                return s_instance ??= new Mpi([LibraryName]);
        }
    }

    /// <summary>The address that stands for "where it is already" (MPI_IN_PLACE).</summary>
    public static nint InPlace => 1;

    /// <summary>The communicator of all processes (MPI_COMM_WORLD).</summary>
    public nint World { get; }

    public nint Sum { get; }

    public nint Int64 { get; }

    /// <summary>The dtype to compute with.</summary>
    public nint TypeOf(ScalarType type) => Find(type switch
    {
        ScalarType.Float32 => "ompi_mpi_float",
        ScalarType.Float64 => "ompi_mpi_double",
        ScalarType.Int8 => "ompi_mpi_int8_t",
        ScalarType.Byte => "ompi_mpi_uint8_t",
        ScalarType.Int32 => "ompi_mpi_int32_t",
        ScalarType.Int64 => "ompi_mpi_int64_t",
        _ => "ompi_mpi_uint16_t", // moved, never computed with
    });

    /// <summary>The reduction; an average is a sum that is divided later.</summary>
    public nint OpOf(ReduceOp op) => op switch
    {
        ReduceOp.Max => Find("ompi_mpi_op_max"),
        ReduceOp.Min => Find("ompi_mpi_op_min"),
        _ => Sum,
    };

    public int Rank(nint communicator)
    {
        int rank;
        Check(_rank(communicator, &rank), "MPI_Comm_rank");
        return rank;
    }

    public int Size(nint communicator)
    {
        int size;
        Check(_size(communicator, &size), "MPI_Comm_size");
        return size;
    }

    /// <summary>A communicator of the same ranks, whose errors are returned. All ranks come together.</summary>
    public nint Duplicate(nint communicator)
    {
        nint copy;
        Check(_duplicate(communicator, &copy), "MPI_Comm_dup");
        return WithErrors(copy);
    }

    /// <summary>Divides a communicator. All ranks come together.</summary>
    public nint Split(nint communicator, int colour, int key)
    {
        nint part;
        Check(_split(communicator, colour, key, &part), "MPI_Comm_split");
        return WithErrors(part);
    }

    public void Free(nint communicator) => Check(_free(&communicator), "MPI_Comm_free");

    /// <summary>Whether a request is done; then it is released.</summary>
    public bool Test(ref nint request)
    {
        var handle = request;
        int isDone;
        var code = _test(&handle, &isDone, 0);
        request = handle;
        Check(code, "MPI_Test");
        return isDone != 0;
    }

    public nint AllGather(nint input, int count, nint output, nint type, nint communicator)
    {
        nint request;
        Check(_allGather(input, count, type, output, count, type, communicator, &request), "MPI_Iallgather");
        return request;
    }

    /// <param name="input">This rank's part.</param>
    /// <param name="count">Its elements.</param>
    /// <param name="output">All parts.</param>
    /// <param name="counts">The elements of all parts. As <paramref name="starts"/>, it does not move, and lives until the request is done.</param>
    /// <param name="starts">Where they begin.</param>
    /// <param name="type">The dtype.</param>
    /// <param name="communicator">The ranks.</param>
    public nint AllGather(nint input, int count, nint output, int* counts, int* starts, nint type, nint communicator)
    {
        nint request;
        Check(_allGatherParts(input, count, type, output, counts, starts, type, communicator, &request), "MPI_Iallgatherv");
        return request;
    }

    public nint AllReduce(nint input, nint output, int count, nint type, nint op, nint communicator)
    {
        nint request;
        Check(_allReduce(input, output, count, type, op, communicator, &request), "MPI_Iallreduce");
        return request;
    }

    /// <inheritdoc cref="AllGather(nint, int, nint, int*, int*, nint, nint)"/>
    public nint AllToAll(nint input, int* inputCounts, int* inputStarts, nint output, int* outputCounts, int* outputStarts, nint type, nint communicator)
    {
        nint request;
        Check(_allToAll(input, inputCounts, inputStarts, type, output, outputCounts, outputStarts, type, communicator, &request), "MPI_Ialltoallv");
        return request;
    }

    public nint Broadcast(nint tensor, int count, nint type, int source, nint communicator)
    {
        nint request;
        Check(_broadcast(tensor, count, type, source, communicator, &request), "MPI_Ibcast");
        return request;
    }

    public nint Barrier(nint communicator)
    {
        nint request;
        Check(_barrier(communicator, &request), "MPI_Ibarrier");
        return request;
    }

    public nint Send(long* number, int rank, nint communicator)
    {
        nint request;
        Check(_send((nint)number, 1, Int64, rank, 0, communicator, &request), "MPI_Isend");
        return request;
    }

    public nint Receive(long* number, int rank, nint communicator)
    {
        nint request;
        Check(_receive((nint)number, 1, Int64, rank, 0, communicator, &request), "MPI_Irecv");
        return request;
    }

    private static (string Name, nint Library) Load(IEnumerable<string> candidates)
    {
        foreach (var candidate in candidates)
        {
            if (NativeLibrary.TryLoad(candidate, out var library))
                return (candidate, library);
        }
        throw new CollectiveException(
            Launch.RankHint, Operation, $"{LibraryName} was not found",
            "Install OpenMPI (Debian: openmpi-bin libopenmpi3), or add its folder to LD_LIBRARY_PATH, and start with its mpirun");
    }

    private void Initialize()
    {
        int isInitialized;
        Check(((delegate* unmanaged<int*, int>)Find("MPI_Initialized"))(&isInitialized), "MPI_Initialized");
        int provided;
        if (isInitialized != 0)
        {
            Check(((delegate* unmanaged<int*, int>)Find("MPI_Query_thread"))(&provided), "MPI_Query_thread");
        }
        else
        {
            Check(((delegate* unmanaged<nint, nint, int, int*, int>)Find("MPI_Init_thread"))(0, 0, Multiple, &provided), "MPI_Init_thread");
            AppDomain.CurrentDomain.ProcessExit += (_, _) => Leave();
        }
        _ = WithErrors(World); // where MPI reports what is nobody's
        if (provided < Serialized)
        {
            throw new CollectiveException(
                Launch.RankHint, Operation, $"this MPI gives thread level {provided}; {Serialized} (MPI_THREAD_SERIALIZED) is needed",
                "Initialize MPI with MPI_Init_thread, or leave it to this library");
        }
    }

    // A process that has failed leaves without a word, which mpirun notices: it ends the others.
    private void Leave()
    {
        if (HasFailed || Environment.ExitCode != 0)
            return;
        var thread = new Thread(() => _ = _finalize()) { IsBackground = true };
        thread.Start();
        thread.Join(Launch.Timeout);
    }

    private nint WithErrors(nint communicator)
    {
        Check(_setErrorHandler(communicator, Find("ompi_mpi_errors_return")), "MPI_Comm_set_errhandler");
        return communicator;
    }

    private nint Find(string symbol) => NativeLibrary.TryGetExport(_library, symbol, out var address)
        ? address
        : throw new CollectiveException(
            Launch.RankHint, Operation, $"{_name} has no {symbol}; it is not OpenMPI, or too old", "OpenMPI 3 or newer is needed");

    private void Check(int code, string function)
    {
        if (code == 0)
            return;
        var text = stackalloc byte[256]; // MPI_MAX_ERROR_STRING
        int length;
        var message = _errorString(code, text, &length) == 0 ? Marshal.PtrToStringUTF8((nint)text, length) : "unknown";
        throw new MpiException($"{function} failed with code {code} ({message})");
    }
}

/// <summary>What a function of MPI returned, for a <see cref="CollectiveException"/> to say more about.</summary>
internal sealed class MpiException(string message) : Exception(message);
