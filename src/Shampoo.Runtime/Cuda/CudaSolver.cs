using System.Runtime.InteropServices;

namespace Shampoo.Runtime;

/// <summary>
/// Decides whether eigendecompositions of stacks on a device are those of cuSOLVER that take a stack at once, and makes it ready. torch gives it matrices of more than 32
/// rows one after the other (as of 2025).
/// </summary>
internal static class CudaSolver
{
    /// <summary>The name of the <see cref="AppContext"/> switch that leaves decompositions to torch when it is set to false.</summary>
    public const string Switch = "Shampoo.CudaSolver";

    private static readonly object s_lock = new();
    private static readonly Dictionary<(int Device, ScalarType Type), CudaEigensolver?> s_solvers = [];
    private static readonly HashSet<string> s_said = [];
    private static string? s_library;
    private static bool s_takesMemory;

    /// <summary>A = Q diag(λ) Qᵀ. What keeps cuSOLVER from it is said once, by <see cref="ShampooLog.Warning"/>.</summary>
    /// <param name="matrices">A, [matrices, n, n]; unchanged.</param>
    /// <returns>λ, [matrices, n], ascending, and Q, [matrices, n, n], owned by the caller; null if torch has to do it.</returns>
    public static (Tensor Eigenvalues, Tensor Eigenvectors)? TryDecompose(Tensor matrices)
    {
        if (!IsStack(matrices) || Find(matrices) is not { } solver)
            return null;
        try
        {
            if (solver.TryDecompose(matrices, Stream) is { } decomposed)
                return decomposed;
            WarnOnce(matrices, "it did not converge");
        }
        catch (Exception exception) when (exception is CudaException or ExternalException)
        {
            WarnOnce(matrices, exception.Message);
        }
        return null;
    }

    /// <summary>Takes another library, or the usual ones again, and forgets what was prepared; for tests, whose device is the driver's that <see cref="Cuda"/> uses.</summary>
    internal static void Use(string? library, bool takesMemory)
    {
        lock (s_lock)
        {
            (s_library, s_takesMemory) = (library, takesMemory);
            s_solvers.Clear();
            s_said.Clear();
        }
    }

    // torch's stream: the legacy default one, as for the driver.
    private static nint Stream => 0;

    // A single matrix is torch's: for large ones it has a method that uses the whole device.
    private static bool IsStack(Tensor matrices) =>
        (matrices.device_type == DeviceType.CUDA || s_takesMemory) && NativeTensor.IsAvailable && matrices.dtype is ScalarType.Float32 or ScalarType.Float64
        && matrices.dim() == 3 && matrices.size(0) > 1 && matrices.size(1) == matrices.size(2) && matrices.is_contiguous() && matrices.numel() > 0;

    private static CudaEigensolver? Find(Tensor matrices)
    {
        if (AppContext.TryGetSwitch(Switch, out var isOn) && !isOn)
            return null;
        var key = (Math.Max(0, matrices.device_index), matrices.dtype);
        lock (s_lock)
        {
            if (!s_solvers.TryGetValue(key, out var solver))
                s_solvers[key] = solver = Prepare(matrices, key.Item1);
            return solver;
        }
    }

    private static CudaEigensolver? Prepare(Tensor matrices, int ordinal)
    {
        try
        {
            var device = Cuda.Device(ordinal);
            CudaSolverTest.LetTorchLoad(matrices);
            var solver = new CudaEigensolver(
                new CuSolver(new CudaLibrary("cuSOLVER (libcusolver.so)", s_library is null ? CudaLibrary.Solver : [s_library])), device, matrices.device, matrices.dtype);
            CudaSolverTest.Run(solver, matrices, Stream);
            return solver;
        }
        catch (Exception exception) when (exception is CudaException or ExternalException)
        {
            WarnOnce(matrices, exception.Message);
            return null;
        }
    }

    private static void WarnOnce(Tensor matrices, string why)
    {
        var line = $"no eigendecompositions of {matrices.dtype} by cuSOLVER on {matrices.device}, torch's are used instead: {why}";
        lock (s_lock)
        {
            if (!s_said.Add(line))
                return;
        }
        ShampooLog.Warning(line);
    }
}
