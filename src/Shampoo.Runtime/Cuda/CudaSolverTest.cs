using System.Runtime.InteropServices;

namespace Shampoo.Runtime;

/// <summary>Tries out what cuSOLVER makes of stacks, small and large: it has more than one method.</summary>
internal static class CudaSolverTest
{
    private const long Matrices = 3;

    /// <summary>torch loads cuSOLVER when it first calls it, so that there is one to be found, and that one fits.</summary>
    public static void LetTorchLoad(StorageKind kind)
    {
        try
        {
            using var scope = torch.NewDisposeScope();
            _ = torch.linalg.eigh(torch.eye(2, dtype: (ScalarType)kind.ElementType, device: kind.Device()));
        }
        catch (ExternalException)
        {
            // torch says so itself where it is asked for a result.
        }
    }

    /// <summary>Throws a <see cref="CudaException"/> if it does not decompose right. Waits for the device.</summary>
    public static void Run(CudaEigensolver solver, StorageKind kind)
    {
        using var scope = torch.NewDisposeScope();
        using var precision = FullPrecision.ForAll();
        var (type, device) = ((ScalarType)kind.ElementType, kind.Device());
        foreach (var n in (ReadOnlySpan<long>)[1, 5, 40])
        {
            using Scalar count = Matrices * n * n;
            var half = torch.arange(count, dtype: type, device: device).sin().view(Matrices, n, n);
            var matrices = half.add(half.transpose(1, 2));
            if (solver.TryDecompose(matrices, SideStream.Current) is not var (eigenvalues, eigenvectors))
                throw new CudaException("a decomposition that was tried out did not converge");
            var isRight = AreClose(matrices.bmm(eigenvectors), eigenvectors.mul(eigenvalues.unsqueeze(1)))
                .logical_and(AreClose(eigenvectors.transpose(1, 2).bmm(eigenvectors), torch.eye(n, dtype: type, device: device)))
                .logical_and(eigenvalues.narrow(1, 0, n - 1).le(eigenvalues.narrow(1, 1, n - 1)).all());
            if (!isRight.item<bool>())
                throw new CudaException("a decomposition that was tried out is wrong");
        }
    }

    // The numbers are of the order of √n; NaN is close to nothing.
    private static Tensor AreClose(Tensor left, Tensor right)
    {
        using Scalar tolerance = left.dtype == ScalarType.Float32 ? 1e-4 : 1e-11;
        return left.sub(right).abs().le(tolerance).all();
    }
}
