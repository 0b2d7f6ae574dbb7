namespace Shampoo.Runtime;

/// <summary>
/// Decides whether eigendecompositions of stacks on a device are those of cuSOLVER that take a stack at once, and makes it ready. torch gives it matrices of more than 32
/// rows one after the other (as of early 2026).
/// </summary>
internal static class CudaSolver
{
    /// <summary>The name of the <see cref="AppContext"/> switch that leaves decompositions to torch when it is set to false.</summary>
    public const string Switch = "Shampoo.CudaSolver";

    private static readonly Preparation<StorageKind, CudaEigensolver> s_solvers = new(Switch);
    private static string? s_library;
    private static bool s_takesMemory;

    /// <summary>A = Q diag(λ) Qᵀ. What keeps cuSOLVER from it is said once, by <see cref="ShampooLog.Warning"/>.</summary>
    /// <param name="matrices">A, [matrices, n, n]; unchanged.</param>
    /// <returns>λ, [matrices, n], ascending, and Q, [matrices, n, n], owned by the caller; null if torch has to do it.</returns>
    public static (Tensor Eigenvalues, Tensor Eigenvectors)? TryDecompose(Tensor matrices)
    {
        if (!IsStack(matrices))
            return null;
        var kind = new StorageKind((int)matrices.dtype, (int)matrices.device_type, matrices.device_index);
        if (s_solvers.Find(kind, Prepare, What) is not { } solver)
            return null;
        try
        {
            if (solver.TryDecompose(matrices, SideStream.Current) is { } decomposed)
                return decomposed;
            s_solvers.Warn($"{What(kind)}: it did not converge");
        }
        catch (Exception exception) when (Preparation<StorageKind, CudaEigensolver>.IsExpected(exception))
        {
            s_solvers.Warn($"{What(kind)}: {exception.Message}");
        }
        return null;
    }

    /// <summary>Takes another library, or the usual ones again, and forgets what was prepared; for tests, whose device is the driver's that <see cref="Cuda"/> uses.</summary>
    internal static void Use(string? library, bool takesMemory)
    {
        (s_library, s_takesMemory) = (library, takesMemory);
        s_solvers.Forget();
    }

    // A single matrix is torch's: for large ones it has a method that uses the whole device.
    private static bool IsStack(Tensor matrices) =>
        (matrices.device_type == DeviceType.CUDA || s_takesMemory) && NativeTensor.IsAvailable && matrices.dtype is ScalarType.Float32 or ScalarType.Float64
        && matrices.dim() == 3 && matrices.size(0) > 1 && matrices.size(1) == matrices.size(2) && matrices.is_contiguous() && matrices.numel() > 0;

    private static CudaEigensolver Prepare(StorageKind kind)
    {
        var device = Cuda.Device(Math.Max(0, kind.DeviceIndex));
        CudaSolverTest.LetTorchLoad(kind);
        var library = new CudaLibrary("cuSOLVER (libcusolver.so)", s_library is null ? CudaLibrary.Solver : [s_library]);
        var solver = new CudaEigensolver(new CuSolver(library), device, kind);
        CudaSolverTest.Run(solver, kind);
        return solver;
    }

    private static string What(StorageKind kind) => $"no eigendecompositions of {(ScalarType)kind.ElementType} by cuSOLVER on {kind.Device()}, torch's are used instead";
}
