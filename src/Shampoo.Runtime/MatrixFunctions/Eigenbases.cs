namespace Shampoo.Runtime;

/// <summary>What solvers of eigenbases share.</summary>
internal static class Eigenbases
{
    /// <summary>QᵀAQ.</summary>
    public static Tensor Rotate(Tensor matrices, Tensor basis)
    {
        using var transposed = basis.transpose(-2, -1);
        using var product = transposed.bmm(matrices);
        return product.bmm(basis);
    }

    /// <summary>For each matrix B of a stack, whether ‖offdiag(B)‖_F ≤ tolerance·‖B‖_F. On a GPU this waits for the device.</summary>
    public static bool[] IsDiagonal(Tensor matrices, double tolerance)
    {
        using var scope = torch.NewDisposeScope();
        using Scalar factor = tolerance;
        var bound = matrices.FrobeniusNorm().mul_(factor);
        return matrices.OffDiagonalNorm().le(bound).cpu().reshape(-1).data<bool>().ToArray();
    }
}
