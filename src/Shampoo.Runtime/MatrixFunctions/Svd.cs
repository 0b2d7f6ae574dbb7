namespace Shampoo.Runtime;

/// <summary>Orthogonal factors by singular value decomposition, G = U diag(s) Vᵀ: UVᵀ, or UVᵀ·Σs.</summary>
/// <param name="scaleByNuclearNorm">Whether the factor of each matrix is multiplied by its nuclear norm Σs: the direction of steepest
/// descent in the spectral norm with its length.</param>
public readonly struct Svd(bool scaleByNuclearNorm = false) : IOrthogonalFactorSolver
{
    /// <inheritdoc/>
    public Tensor OrthogonalFactor(Tensor matrices)
    {
        using var precision = FullPrecision.For(matrices);
        using var scope = torch.NewDisposeScope();

        var (u, s, vTransposed) = torch.linalg.svd(matrices, fullMatrices: false);
        var factor = u.bmm(vTransposed);
        if (scaleByNuclearNorm)
            factor.mul_(s.sum([-1L], keepdim: true).unsqueeze_(-1));
        return factor.MoveToOuterDisposeScope();
    }
}
