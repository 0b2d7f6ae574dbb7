namespace Shampoo.Runtime;

/// <summary>What is used of cuSOLVER, which NVIDIA has had since CUDA 12.6 update 2. Every error is a <see cref="CudaException"/>.</summary>
/// <remarks>The device's context has to be current for the thread.</remarks>
internal sealed unsafe class CuSolver
{
    // cusolverEigMode_t, cublasFillMode_t and cudaDataType
    private const int Vectors = 1, Lower = 0, Float32 = 0, Float64 = 1;

    private readonly delegate* unmanaged<nint*, int> _create, _createParameters;
    private readonly delegate* unmanaged<nint, nint, int> _setStream;
    private readonly delegate* unmanaged<nint, nint, int, int, long, int, void*, long, int, void*, int, nuint*, nuint*, long, int> _sizes;
    private readonly delegate* unmanaged<nint, nint, int, int, long, int, void*, long, int, void*, int, void*, nuint, void*, nuint, int*, long, int> _decompose;

    /// <param name="library">Throws a <see cref="CudaException"/> if it has not all of the functions.</param>
    public CuSolver(CudaLibrary library)
    {
        _create = (delegate* unmanaged<nint*, int>)library.Find("cusolverDnCreate");
        _createParameters = (delegate* unmanaged<nint*, int>)library.Find("cusolverDnCreateParams");
        _setStream = (delegate* unmanaged<nint, nint, int>)library.Find("cusolverDnSetStream");
        _sizes = (delegate* unmanaged<nint, nint, int, int, long, int, void*, long, int, void*, int, nuint*, nuint*, long, int>)library.Find("cusolverDnXsyevBatched_bufferSize");
        _decompose = (delegate* unmanaged<nint, nint, int, int, long, int, void*, long, int, void*, int, void*, nuint, void*, nuint, int*, long, int>)
            library.Find("cusolverDnXsyevBatched");
    }

    /// <summary>A handle whose work goes to a stream, and its parameters; kept until the process ends.</summary>
    public CuSolverHandle Create(nint stream)
    {
        CuSolverHandle handle;
        Check(_create(&handle.Handle), "cusolverDnCreate");
        Check(_createParameters(&handle.Parameters), "cusolverDnCreateParams");
        Check(_setStream(handle.Handle, stream), "cusolverDnSetStream");
        return handle;
    }

    /// <summary>How many bytes a decomposition works with; false if there may not be so many matrices.</summary>
    public bool TryGetSizes(CuSolverHandle handle, in CuSolverStack stack, out nuint onDevice, out nuint onHost)
    {
        nuint device = 0, host = 0;
        var type = TypeOf(stack);
        var result = _sizes(
            handle.Handle, handle.Parameters, Vectors, Lower, stack.Size, type, (void*)stack.Matrices, stack.Size, type, (void*)stack.Eigenvalues, type, &device, &host, stack.Count);
        (onDevice, onHost) = (device, host);
        if (result != 0 && stack.Count == 1)
            Check(result, "cusolverDnXsyevBatched_bufferSize");
        return result == 0;
    }

    /// <summary>Queues the decomposition of matrices, of which one triangle is read. Each becomes its eigenvectors, row by row.</summary>
    /// <param name="handle">Of the stream.</param>
    /// <param name="stack">The matrices, and where their eigenvalues go, in ascending order.</param>
    /// <param name="device">Working memory on the device.</param>
    /// <param name="deviceBytes">Its size.</param>
    /// <param name="host">Working memory of the host.</param>
    /// <param name="hostBytes">Its size.</param>
    /// <param name="failures">On the device, for each matrix: 0 if it was decomposed.</param>
    public void Decompose(CuSolverHandle handle, in CuSolverStack stack, nint device, nuint deviceBytes, nint host, nuint hostBytes, nint failures)
    {
        var type = TypeOf(stack);
        Check(
            _decompose(
                handle.Handle, handle.Parameters, Vectors, Lower, stack.Size, type, (void*)stack.Matrices, stack.Size, type, (void*)stack.Eigenvalues, type,
                (void*)device, deviceBytes, (void*)host, hostBytes, (int*)failures, stack.Count),
            "cusolverDnXsyevBatched");
    }

    private static int TypeOf(in CuSolverStack stack) => stack.Type == ScalarType.Float32 ? Float32 : Float64;

    private static void Check(int result, string call)
    {
        if (result != 0)
            throw new CudaException(call, result, $"a cusolverStatus_t, {NameOf(result)}");
    }

    private static string NameOf(int result) => result switch
    {
        1 => "not initialized",
        2 => "out of memory",
        3 => "an invalid value",
        4 => "not for this architecture",
        6 => "the execution failed",
        7 => "an internal error",
        _ => "see NVIDIA's documentation",
    };
}

/// <summary>A library's context for one stream, and how it is to decompose.</summary>
internal struct CuSolverHandle
{
    public nint Handle, Parameters;
}

/// <summary>Symmetric matrices on a device, one after the other.</summary>
/// <param name="Matrices">[Count, Size, Size]</param>
/// <param name="Eigenvalues">[Count, Size]</param>
/// <param name="Count">How many there are.</param>
/// <param name="Size">n</param>
/// <param name="Type">Float32 or Float64.</param>
internal readonly record struct CuSolverStack(nint Matrices, nint Eigenvalues, long Count, long Size, ScalarType Type)
{
    /// <summary>Some of them.</summary>
    public CuSolverStack Range(long start, long count) => this with
    {
        Matrices = Matrices + (nint)(start * Size * Size * Type.Size()),
        Eigenvalues = Eigenvalues + (nint)(start * Size * Type.Size()),
        Count = count,
    };
}
