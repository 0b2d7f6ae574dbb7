namespace Shampoo.Runtime;

/// <summary>The eigenvalues of A + εI; where the smallest of a matrix is below ε, as rounding may have it, all are shifted so that it is ε.</summary>
/// <param name="epsilon">ε, positive.</param>
public readonly struct PerturbBefore(double epsilon) : IRankDeficiencyRule
{
    /// <inheritdoc/>
    public void BeforeDecomposition(Tensor matrices)
    {
        using Scalar ridge = epsilon;
        matrices.AddToDiagonal(ridge);
    }

    /// <inheritdoc/>
    public Tensor InverseRoots(Tensor eigenvalues, double exponent)
    {
        using var scope = torch.NewDisposeScope();
        using Scalar ridge = epsilon;
        var smallest = eigenvalues.amin([-1L], keepdim: true);

        // (λ − min λ) + ε where min λ < ε. Not λ + (ε − min λ), which rounds ε away and leaves λ = 0.
        var shifted = eigenvalues.sub(smallest).add_(ridge);
        return Powers.Of(shifted.where(smallest.lt(ridge), eigenvalues), -exponent).MoveToOuterDisposeScope();
    }
}
