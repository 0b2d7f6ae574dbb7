using System.Runtime.InteropServices;

namespace Shampoo.Runtime;

/// <summary>
/// Decides whether eigendecompositions of stacks on a device are those of cuSOLVER that take a stack at once, and makes it ready. torch gives it matrices of more than 32
/// rows one after the other (as of early 2026).
/// </summary>
internal static class CudaSolver
{
    /// <summary>The name of the <see cref="AppContext"/> switch that leaves decompositions to torch when it is set to false.</summary>
    public const string Switch = "Shampoo.CudaSolver";

    /// <summary>Those that were prepared.</summary>
    public static Preparation<CudaEigensolver> Prepared { get; } = new(
        Switch, Prepare, static kind => $"no eigendecompositions of {(ScalarType)kind.ElementType} by cuSOLVER on {kind.Device()}, torch's are used instead");

    /// <summary>A = Q diag(λ) Qᵀ. What keeps cuSOLVER from it is said once, by <see cref="ShampooLog.Warning"/>.</summary>
    /// <param name="matrices">A, [matrices, n, n]; unchanged.</param>
    /// <returns>λ, [matrices, n], ascending, and Q, [matrices, n, n], owned by the caller; null if torch has to do it.</returns>
    public static (Tensor Eigenvalues, Tensor Eigenvectors)? TryDecompose(Tensor matrices)
    {
        if (!IsStack(matrices))
            return null;
        var kind = new StorageKind((int)matrices.dtype, (int)matrices.device_type, matrices.device_index);
        if (Prepared.Find(kind) is not { } solver)
            return null;
        try
        {
            if (solver.TryDecompose(matrices, SideStream.Current) is { } decomposed)
                return decomposed;
            Prepared.Warn(kind, "it did not converge");
        }
        catch (Exception exception) when (exception is CudaException or ExternalException)
        {
            Prepared.Warn(kind, exception.Message);
        }
        return null;
    }

    // A single matrix is torch's: for large ones it has a method that uses the whole device.
    private static bool IsStack(Tensor matrices) =>
        Prepared.IsFor(matrices.device_type) && NativeTensor.IsAvailable && matrices.dtype is ScalarType.Float32 or ScalarType.Float64
        && matrices.dim() == 3 && matrices.size(0) > 1 && matrices.size(1) == matrices.size(2) && matrices.is_contiguous() && matrices.numel() > 0;

    private static CudaEigensolver Prepare(StorageKind kind)
    {
        var device = Cuda.Device(Math.Max(0, kind.DeviceIndex));
        CudaSolverTest.LetTorchLoad(kind);
        var solver = new CudaEigensolver(new CuSolver(Prepared.Load("cuSOLVER (libcusolver.so)", CudaLibrary.Solver)), device, kind);
        CudaSolverTest.Run(solver, kind);
        return solver;
    }
}
