namespace Shampoo.Runtime;

/// <summary>
/// Shampoo's preconditioner of a stack of blocks of order d by eigendecomposition: for every dimension k the factor matrix L_k, a sum of
/// G₍ₖ₎G₍ₖ₎ᵀ over the steps, its eigenvectors Q_k, which a solver can start from at the next refresh, and its inverse root
/// X_k = Q_k diag(λ_k^(−e)) Q_kᵀ, e = 1/(2·max(d, 1)) unless <see cref="InverseExponents"/> says otherwise.
/// </summary>
/// <remarks>
/// X_k is made once at a refresh, and not applied as three factors at every step. A dimension of exponent 0 has no matrices, and is not
/// multiplied; a block in which no dimension is left is copied.
/// </remarks>
public sealed class Eigendecomposition
{
    private const string Results = "eigendecompositions";

    private readonly Factors _factors;
    private readonly Eigenvectors _eigenvectors;
    private readonly InverseRoots _roots;
    private readonly Destination _next;             // of the whole bucket, if refreshes overlap
    private readonly OverlappedRefresh? _overlapped;

    internal Eigendecomposition(
        StateSource source, Precision factors, Precision eigenvectors, Precision roots, int toleratedFailures, InverseExponents? exponents, bool isOverlapped, bool isPacked)
    {
        var values = InverseRoots.ExponentsOf(source, exponents);
        _factors = FactorsOf(source);
        _eigenvectors = new Eigenvectors(source, _factors, eigenvectors);
        _roots = new InverseRoots(source, _factors, roots, values);
        source.Offer(new FactorDiagnostics(_factors, _eigenvectors, _roots));
        if (!isOverlapped)
            return;
        var whole = source.Whole;
        var all = FactorsOf(whole);
        var inUse = new Eigenvectors(whole, all, eigenvectors);
        _next = new Destination(inUse, new Eigenvectors(whole, all, eigenvectors, isNext: true), new InverseRoots(whole, all, roots, values, isNext: true));
        _overlapped = new OverlappedRefresh(
            source, all.Refresh, Results,
            (inUse.Matrices, _next.Eigenvectors.Matrices), (new InverseRoots(whole, all, roots, values).Matrices, _next.Roots.Matrices));

        Factors FactorsOf(StateSource of) => new(of, factors, k => values[k] > 0, toleratedFailures, isPacked: isPacked);
    }

    /// <summary>L_k, [blocks, d_k, d_k].</summary>
    /// <param name="dimension">k, of an exponent other than 0.</param>
    internal Tensor Factor(int dimension) => _factors.Matrices[dimension]!;

    /// <summary>Q_k, [blocks, d_k, d_k]; the identity before the first refresh.</summary>
    /// <param name="dimension">k, of an exponent other than 0.</param>
    internal Tensor EigenvectorsOf(int dimension) => _eigenvectors.Matrices[dimension]!;

    /// <summary>X_k, [blocks, d_k, d_k]; the identity before the first refresh.</summary>
    /// <param name="dimension">k, of an exponent other than 0.</param>
    internal Tensor InverseRoot(int dimension) => _roots.Matrices[dimension]!;

    /// <inheritdoc cref="FactorMatrices.Accumulate(BlockArray, double, double)"/>
    public void Accumulate(BlockArray gradient, double decay, double weight) => _factors.Accumulate(gradient, decay, weight);

    /// <inheritdoc cref="FactorMatrices.Accumulate(BlockArray)"/>
    public void Accumulate(BlockArray gradient) => Accumulate(gradient, 1, 1);

    /// <inheritdoc cref="FactorMatrices.AccumulateKullbackLeibler(BlockArray, double, double)"/>
    public void AccumulateKullbackLeibler(BlockArray gradient, double decay, double weight) =>
        _roots.AccumulateKullbackLeibler(gradient, decay, weight);

    /// <inheritdoc cref="FactorMatrices.AccumulateKullbackLeibler(BlockArray)"/>
    public void AccumulateKullbackLeibler(BlockArray gradient) => AccumulateKullbackLeibler(gradient, 1, 1);

    /// <inheritdoc cref="FactorMatrices.Precondition"/>
    public void Precondition(BlockArray source, BlockArray destination) => _roots.Precondition(source, destination);

    /// <summary>Q_k, λ_k ← the eigendecomposition of L_k/biasCorrection, and X_k ← Q_k diag(λ_k^(−e)) Q_kᵀ, for every dimension k.</summary>
    /// <remarks>
    /// A stack that the solver fails on is solved matrix by matrix, and where that fails in float64. A matrix that still fails keeps its
    /// eigenvectors and root, and counts one failure for the block; a refresh of a block without failure sets its count back.
    /// </remarks>
    /// <typeparam name="TSolver">The solver, known at compile time.</typeparam>
    /// <typeparam name="TRule">The rule, known at compile time.</typeparam>
    /// <param name="solver">How eigenvectors are computed.</param>
    /// <param name="rule">How eigenvalues near zero are treated.</param>
    /// <param name="biasCorrection">1 − β₂ᵗ; 1 for none.</param>
    /// <exception cref="NotFiniteNumberException">A factor matrix, an eigenbasis or a root contains NaN or infinity.</exception>
    /// <exception cref="InvalidOperationException">More consecutive refreshes of a block have failed than are tolerated; the inner
    /// exception is the solver's last one for that block.</exception>
    public void Refresh<TSolver, TRule>(in TSolver solver, in TRule rule, double biasCorrection = 1)
        where TSolver : struct, IEigenbasisSolver
        where TRule : struct, IRankDeficiencyRule =>
        _factors.Refresh.Run(new Function<TSolver, TRule>(solver, rule, new Destination(_eigenvectors, _eigenvectors, _roots)), biasCorrection);

    /// <summary>The same for the blocks whose turn it is at step t, where refreshes are staggered (<see cref="StaggeredRefresh"/>).</summary>
    /// <typeparam name="TSolver">The solver, known at compile time.</typeparam>
    /// <typeparam name="TRule">The rule, known at compile time.</typeparam>
    /// <param name="t">The number of the step, from 1.</param>
    /// <param name="solver">How eigenvectors are computed.</param>
    /// <param name="rule">How eigenvalues near zero are treated.</param>
    /// <param name="biasCorrection">1 − β₂ᵗ; 1 for none.</param>
    /// <exception cref="NotFiniteNumberException">A factor matrix, an eigenbasis or a root contains NaN or infinity.</exception>
    /// <exception cref="InvalidOperationException">More consecutive refreshes of a block have failed than are tolerated; the inner
    /// exception is the solver's last one for that block.</exception>
    public void RefreshInTurn<TSolver, TRule>(long t, in TSolver solver, in TRule rule, double biasCorrection = 1)
        where TSolver : struct, IEigenbasisSolver
        where TRule : struct, IRankDeficiencyRule =>
        _factors.Refresh.RunDue(new Function<TSolver, TRule>(solver, rule, new Destination(_eigenvectors, _eigenvectors, _roots)), biasCorrection, t);

    /// <summary>
    /// Begins to compute Q_k, λ_k and Q_k diag(λ_k^(−e)) Q_kᵀ of the L_k as they are now, beside the following steps, starting from the Q_k in
    /// use; <see cref="AdoptRefresh"/> takes them over. On a GPU that is on a stream of its own, and at once if there is none.
    /// </summary>
    /// <typeparam name="TSolver">The solver, known at compile time.</typeparam>
    /// <typeparam name="TRule">The rule, known at compile time.</typeparam>
    /// <param name="solver">How eigenvectors are computed.</param>
    /// <param name="rule">How eigenvalues near zero are treated.</param>
    /// <param name="biasCorrection">1 − β₂ᵗ; 1 for none.</param>
    /// <exception cref="NotFiniteNumberException">A factor matrix contains NaN or infinity.</exception>
    public void BeginRefresh<TSolver, TRule>(in TSolver solver, in TRule rule, double biasCorrection = 1)
        where TSolver : struct, IEigenbasisSolver
        where TRule : struct, IRankDeficiencyRule =>
        _overlapped!.Begin(new Function<TSolver, TRule>(solver, rule, _next), biasCorrection);

    /// <summary>Adopts what <see cref="BeginRefresh"/> has begun to compute, and waits for it where it is not ready.</summary>
    /// <remarks>A block for which nothing was begun since its last adoption keeps what it has. A failure counts as one of this step.</remarks>
    /// <exception cref="NotFiniteNumberException">An eigenbasis or a root contains NaN or infinity.</exception>
    /// <exception cref="InvalidOperationException">More consecutive refreshes of a block have failed than are tolerated.</exception>
    public void AdoptRefresh() => _overlapped!.Adopt();

    /// <summary>What a refresh starts from, and where its results go.</summary>
    private readonly record struct Destination(Eigenvectors Start, Eigenvectors Eigenvectors, InverseRoots Roots);

    private readonly struct Function<TSolver, TRule>(TSolver solver, TRule rule, Destination destination) : IFactorFunction
        where TSolver : struct, IEigenbasisSolver
        where TRule : struct, IRankDeficiencyRule
    {
        public string Results => Eigendecomposition.Results;

        public IInverseRootSolver Exact => new Eigh<TRule>(rule);

        public bool[]? Compute(Tensor matrices, int dimension, int firstBlock)
        {
            var (start, basis, roots) = destination;
            rule.BeforeDecomposition(matrices);
            var (eigenvalues, eigenvectors) = solver.Basis(matrices, start.Of(matrices, dimension, firstBlock));
            basis.RequireFinite(eigenvectors, dimension, firstBlock);
            var weights = rule.InverseRoots(eigenvalues, roots.Exponent(dimension) / 2);    // λ^(−e/2)
            roots.Adopt(SymmetricMatrices.Compose(eigenvectors.clone(), weights), dimension, firstBlock);
            basis.Adopt(eigenvectors, dimension, firstBlock);
            return null;
        }
    }
}
