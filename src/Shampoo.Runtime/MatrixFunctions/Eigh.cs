namespace Shampoo.Runtime;

/// <summary>Inverse roots by eigendecomposition, A^(−e) = Q diag(λ^(−e)) Qᵀ, with eigenvalues regularised by a rule.</summary>
/// <remarks>Any positive exponent.</remarks>
/// <typeparam name="TRule">The rule, known at compile time.</typeparam>
/// <param name="rule">How eigenvalues near zero are treated.</param>
public readonly struct Eigh<TRule>(TRule rule) : IInverseRootSolver where TRule : struct, IRankDeficiencyRule
{
    /// <inheritdoc/>
    public Tensor InverseRoot(Tensor matrices, double exponent)
    {
        using var precision = FullPrecision.For(matrices);
        using var scope = torch.NewDisposeScope();

        Regularize(matrices);
        var (eigenvalues, eigenvectors) = SymmetricMatrices.Decompose(matrices);
        var weights = rule.InverseRoots(eigenvalues, exponent / 2);     // λ^(−e/2)
        return SymmetricMatrices.Compose(eigenvectors, weights).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Regularize(Tensor matrices) => rule.BeforeDecomposition(matrices);

    /// <inheritdoc/>
    public Tensor InverseEigenvalues(Tensor eigenvalues) => rule.InverseRoots(eigenvalues, 1);
}

/// <summary>Inverse roots by eigendecomposition of A + εI: <see cref="Eigh{TRule}"/> with <see cref="PerturbBefore"/>.</summary>
/// <param name="epsilon">ε, positive.</param>
public readonly struct Eigh(double epsilon) : IInverseRootSolver
{
    /// <inheritdoc/>
    public Tensor InverseRoot(Tensor matrices, double exponent) => Solver.InverseRoot(matrices, exponent);

    /// <inheritdoc/>
    public void Regularize(Tensor matrices) => Solver.Regularize(matrices);

    /// <inheritdoc/>
    public Tensor InverseEigenvalues(Tensor eigenvalues) => Solver.InverseEigenvalues(eigenvalues);

    private Eigh<PerturbBefore> Solver => new(new(epsilon));
}
