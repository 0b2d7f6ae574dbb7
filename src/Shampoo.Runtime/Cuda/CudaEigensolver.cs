using System.Runtime.InteropServices;

namespace Shampoo.Runtime;

/// <summary>Eigendecompositions of stacks of symmetric matrices of a dtype on a device, by cuSOLVER.</summary>
/// <param name="solver">The library.</param>
/// <param name="device">The device.</param>
/// <param name="kind">Float32 or Float64 on the device.</param>
internal sealed class CudaEigensolver(CuSolver solver, CudaDevice device, StorageKind kind)
{
    // A call has n²·count ≤ 2³¹ − 1 elements, as NVIDIA documents, and fewer matrices than a grid has blocks.
    private const long MostElements = int.MaxValue, MostMatrices = 1 << 15;

    // Several calls for what needs more working memory.
    private const nuint MostBytes = 1 << 30;

    private readonly ScalarType _type = (ScalarType)kind.ElementType;
    private readonly torch.Device _place = kind.Device();
    private readonly object _lock = new();
    private readonly Dictionary<nint, CuSolverHandle> _handles = [];    // by stream

    /// <summary>A = Q diag(λ) Qᵀ. Waits for the device, as torch does, to see whether all matrices were decomposed.</summary>
    /// <param name="matrices">A, [matrices, n, n], contiguous; unchanged, so that torch can try it if this cannot.</param>
    /// <param name="stream">Where the work is queued.</param>
    /// <returns>λ, [matrices, n], ascending, and Q, [matrices, n, n]; owned by the caller. Null if a matrix could not be decomposed.</returns>
    /// <exception cref="CudaException">A call failed.</exception>
    /// <exception cref="ExternalException">There is not enough memory.</exception>
    public (Tensor Eigenvalues, Tensor Eigenvectors)? TryDecompose(Tensor matrices, nint stream)
    {
        using var scope = torch.NewDisposeScope();
        var rows = matrices.clone(); // becomes Qᵀ
        var eigenvalues = torch.empty(matrices.shape[..2], dtype: _type, device: _place);
        var failures = torch.zeros(matrices.shape[..1], dtype: ScalarType.Int32, device: _place);
        var stack = new CuSolverStack(
            NativeTensor.Data(rows.Handle), NativeTensor.Data(eigenvalues.Handle), matrices.shape[0], matrices.shape[^1], _type);
        Queue(stack, NativeTensor.Data(failures.Handle), stream);
        using Scalar none = 0;
        return failures.ne(none).any().item<bool>()
            ? null
            : (eigenvalues.MoveToOuterDisposeScope(), rows.transpose(-2, -1).MoveToOuterDisposeScope());
    }

    // The scope of the caller, who waits for the device, has the working memory.
    private void Queue(in CuSolverStack stack, nint failures, nint stream)
    {
        lock (_lock)
        {
            var handle = HandleOf(stream);
            var (count, deviceBytes, hostBytes) = Plan(handle, stack);
            var onDevice = torch.empty([Math.Max(1, (long)deviceBytes)], dtype: ScalarType.Byte, device: _place);
            var onHost = torch.empty([Math.Max(1, (long)hostBytes)], dtype: ScalarType.Byte, device: torch.CPU);
            for (long start = 0; start < stack.Count; start += count)
            {
                onDevice.zero_(); // the first version, 11.7.1, relies on that
                using var current = device.Use();
                solver.Decompose(
                    handle, stack.Range(start, Math.Min(count, stack.Count - start)), NativeTensor.Data(onDevice.Handle), deviceBytes,
                    NativeTensor.Data(onHost.Handle), hostBytes, failures + (nint)start * sizeof(int));
            }
        }
    }

    // How many matrices a call has, and the bytes that suffice for all calls.
    private (long Count, nuint OnDevice, nuint OnHost) Plan(CuSolverHandle handle, in CuSolverStack stack)
    {
        using var current = device.Use();
        var count = Math.Min(stack.Count, Math.Clamp(MostElements / (stack.Size * stack.Size), 1, MostMatrices));
        nuint onDevice, onHost;
        while (!solver.TryGetSizes(handle, stack.Range(0, count), out onDevice, out onHost) || (onDevice > MostBytes && count > 1))
            count = (count + 1) / 2;
        // The last call has fewer matrices, and another algorithm for them may need more.
        if (stack.Count % count is > 0 and var rest)
        {
            if (!solver.TryGetSizes(handle, stack.Range(0, rest), out var lastOnDevice, out var lastOnHost))
                throw new CudaException($"cuSOLVER takes {count} matrices of {stack.Size} rows, but not the {rest} that remain");
            (onDevice, onHost) = (nuint.Max(onDevice, lastOnDevice), nuint.Max(onHost, lastOnHost));
        }
        return (count, onDevice, onHost);
    }

    // A handle has memory of its own, which work of two streams must not share.
    private CuSolverHandle HandleOf(nint stream)
    {
        if (_handles.TryGetValue(stream, out var handle))
            return handle;
        using var current = device.Use();
        return _handles[stream] = solver.Create(stream);
    }
}
