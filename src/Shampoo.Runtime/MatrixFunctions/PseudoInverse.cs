namespace Shampoo.Runtime;

/// <summary>
/// The eigenvalues of A, of which those up to max(absolute, relative·max(λ_max, 0)) contribute zero: the root of the Moore–Penrose inverse.
/// </summary>
/// <param name="relativeTolerance">≥ 0; null: n times the distance from 1 to the next number of the type, as for the numerical rank.</param>
/// <param name="absoluteTolerance">≥ 0.</param>
public readonly struct PseudoInverse(double? relativeTolerance, double absoluteTolerance = 0) : IRankDeficiencyRule
{
    /// <inheritdoc/>
    public void BeforeDecomposition(Tensor matrices)
    {
    }

    /// <inheritdoc/>
    public Tensor InverseRoots(Tensor eigenvalues, double exponent)
    {
        using var scope = torch.NewDisposeScope();
        using Scalar zero = 0.0, absolute = absoluteTolerance;
        using Scalar relative = relativeTolerance ?? eigenvalues.shape[^1] * eigenvalues.dtype.Epsilon();
        var cutoff = eigenvalues.amax([-1L], keepdim: true).clamp_min_(zero).mul_(relative).clamp_min_(absolute);
        return Powers.Of(eigenvalues, -exponent).masked_fill_(eigenvalues.le(cutoff), zero).MoveToOuterDisposeScope();
    }
}
