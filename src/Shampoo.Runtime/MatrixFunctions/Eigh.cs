namespace Shampoo.Runtime;

/// <summary>Inverse roots by eigendecomposition: A + εI = Q diag(λ) Qᵀ, A^(−e) = Q diag(λ^(−e)) Qᵀ.</summary>
/// <remarks>Where the smallest eigenvalue of a matrix is below ε, as rounding may have it, all of them are shifted so that it is ε.</remarks>
/// <param name="epsilon">ε, positive.</param>
public readonly struct Eigh(double epsilon) : IInverseRootSolver
{
    /// <inheritdoc/>
    public Tensor InverseRoot(Tensor matrices, double exponent)
    {
        using var scope = torch.NewDisposeScope();
        using Scalar ridge = epsilon, power = -exponent;

        matrices.diagonal(0, -2, -1).add_(ridge);                       // A + εI
        var (eigenvalues, eigenvectors) = torch.linalg.eigh(matrices);
        var weights = AtLeast(eigenvalues, ridge).pow_(power);          // λ^(−e)
        var scaled = eigenvectors.mul(weights.unsqueeze(-2));           // Q diag(λ^(−e))
        return scaled.matmul(eigenvectors.transpose(-2, -1)).MoveToOuterDisposeScope();
    }

    // (λ − min λ) + ε where min λ < ε. Not λ + (ε − min λ), which rounds ε away and leaves λ = 0.
    private static Tensor AtLeast(Tensor eigenvalues, Scalar ridge)
    {
        var smallest = eigenvalues.amin([-1L], keepdim: true);
        var shifted = eigenvalues.sub(smallest).add_(ridge);
        return shifted.where(smallest.lt(ridge), eigenvalues);
    }
}
