namespace Shampoo.Runtime;

/// <summary>
/// Shampoo's preconditioner of a stack of blocks of order d (Gupta et al. 2018): for every dimension k the factor matrix L_k, a sum of
/// G₍ₖ₎G₍ₖ₎ᵀ over the steps, and its inverse root X_k = L_k^(−e), e = 1/(2·max(d, 1)) unless <see cref="InverseExponents"/> says otherwise.
/// G₍ₖ₎ is the block as a matrix with the rows of dimension k.
/// </summary>
/// <remarks>
/// A dimension of exponent 0 has no matrices, and is not multiplied; a block in which no dimension is left is copied. Of a dimension that is
/// too large for matrices there is the diagonal l of L_k, and x = (l + ε)^(−e) stands for X_k.
/// </remarks>
public sealed class FactorMatrices
{
    private const string Results = "inverse roots";

    private readonly Factors _factors;
    private readonly InverseRoots _roots;
    private readonly InverseRoots? _nextRoots;      // of the whole bucket, if refreshes overlap
    private readonly OverlappedRefresh? _overlapped;

    internal FactorMatrices(
        StateSource source, Precision factors, Precision roots, int toleratedFailures, InverseExponents? exponents, int maxDimension, bool isOverlapped, bool isPacked)
    {
        var values = InverseRoots.ExponentsOf(source, exponents);
        _factors = FactorsOf(source);
        _roots = new InverseRoots(source, _factors, roots, values);
        source.Offer(new FactorDiagnostics(_factors, null, _roots));
        if (!isOverlapped)
            return;
        var whole = source.Whole;
        var all = FactorsOf(whole);
        _nextRoots = new InverseRoots(whole, all, roots, values, isNext: true);
        _overlapped = new OverlappedRefresh(source, all.Refresh, Results, (new InverseRoots(whole, all, roots, values).Matrices, _nextRoots.Matrices));

        Factors FactorsOf(StateSource of) => new(of, factors, k => values[k] > 0, toleratedFailures, maxDimension, isPacked);
    }

    /// <summary>The number of dimensions of a block.</summary>
    internal int Order => _factors.Matrices.Length;

    /// <summary>L_k, [blocks, d_k, d_k].</summary>
    /// <param name="dimension">k, of an exponent other than 0.</param>
    internal Tensor Factor(int dimension) => _factors.Matrices[dimension]!;

    /// <summary>X_k, [blocks, d_k, d_k]; the identity before the first refresh.</summary>
    /// <param name="dimension">k, of an exponent other than 0.</param>
    internal Tensor InverseRoot(int dimension) => _roots.Matrices[dimension]!;

    /// <summary>L_k ← decay·L_k + weight·G₍ₖ₎G₍ₖ₎ᵀ, for every dimension k.</summary>
    /// <param name="gradient">G, [blocks, …].</param>
    /// <param name="decay">β₂</param>
    /// <param name="weight">1 − β₂</param>
    public void Accumulate(BlockArray gradient, double decay, double weight) => _factors.Accumulate(gradient, decay, weight);

    /// <summary>L_k ← L_k + G₍ₖ₎G₍ₖ₎ᵀ, for every dimension k: the form for β₂ = 1.</summary>
    /// <param name="gradient">G, [blocks, …].</param>
    public void Accumulate(BlockArray gradient) => Accumulate(gradient, 1, 1);

    /// <summary>
    /// L_k ← decay·L_k + weight·H₍ₖ₎H₍ₖ₎ᵀ, for every dimension k, where H is G multiplied by the roots X_j of all other dimensions j: the
    /// statistics of KL-Shampoo (Lin et al. 2025). The roots are those of the last refresh.
    /// </summary>
    /// <param name="gradient">G, [blocks, …].</param>
    /// <param name="decay">β₂</param>
    /// <param name="weight">1 − β₂</param>
    public void AccumulateKullbackLeibler(BlockArray gradient, double decay, double weight) =>
        _roots.AccumulateKullbackLeibler(gradient, decay, weight);

    /// <summary>L_k ← L_k + H₍ₖ₎H₍ₖ₎ᵀ, for every dimension k: the form for β₂ = 1.</summary>
    /// <param name="gradient">G, [blocks, …].</param>
    public void AccumulateKullbackLeibler(BlockArray gradient) => AccumulateKullbackLeibler(gradient, 1, 1);

    /// <summary>P = Ĝ ×₁ X₁ … ×_d X_d: multiplies every block along every dimension k by X_k.</summary>
    /// <param name="source">Ĝ, [blocks, …].</param>
    /// <param name="destination">P, [blocks, …]: a workspace other than the source.</param>
    public void Precondition(BlockArray source, BlockArray destination) => _roots.Precondition(source, destination);

    /// <summary>X_k ← (L_k/biasCorrection)^(−e) for every dimension k, regularised as the solver does it.</summary>
    /// <remarks>
    /// A matrix that the solver fails on is solved alone, and where that fails in float64; so are all of a stack where the solver cannot tell
    /// which it was. A matrix that still fails keeps its root, and counts one failure for the block; a refresh of a block without failure
    /// sets its count back.
    /// </remarks>
    /// <typeparam name="TSolver">The solver, known at compile time.</typeparam>
    /// <param name="solver">How roots are computed.</param>
    /// <param name="biasCorrection">1 − β₂ᵗ; 1 for none.</param>
    /// <exception cref="NotFiniteNumberException">A factor matrix or a root contains NaN or infinity.</exception>
    /// <exception cref="InvalidOperationException">More consecutive refreshes of a block have failed than are tolerated; the inner
    /// exception is the solver's last one for that block.</exception>
    public void Refresh<TSolver>(in TSolver solver, double biasCorrection = 1) where TSolver : struct, IInverseRootSolver =>
        _factors.Refresh.Run(new Function<TSolver>(solver, _roots), biasCorrection);

    /// <summary>The same for the blocks whose turn it is at step t, where refreshes are staggered (<see cref="StaggeredRefresh"/>).</summary>
    /// <typeparam name="TSolver">The solver, known at compile time.</typeparam>
    /// <param name="t">The number of the step, from 1.</param>
    /// <param name="solver">How roots are computed.</param>
    /// <param name="biasCorrection">1 − β₂ᵗ; 1 for none.</param>
    /// <exception cref="NotFiniteNumberException">A factor matrix or a root contains NaN or infinity.</exception>
    /// <exception cref="InvalidOperationException">More consecutive refreshes of a block have failed than are tolerated; the inner
    /// exception is the solver's last one for that block.</exception>
    public void RefreshInTurn<TSolver>(long t, in TSolver solver, double biasCorrection = 1) where TSolver : struct, IInverseRootSolver =>
        _factors.Refresh.RunDue(new Function<TSolver>(solver, _roots), biasCorrection, t);

    /// <summary>
    /// Begins to compute (L_k/biasCorrection)^(−e) of the L_k as they are now, beside the following steps; <see cref="AdoptRefresh"/> makes them
    /// the X_k. On a GPU that is on a stream of its own, and at once if there is none.
    /// </summary>
    /// <typeparam name="TSolver">The solver, known at compile time.</typeparam>
    /// <param name="solver">How roots are computed.</param>
    /// <param name="biasCorrection">1 − β₂ᵗ; 1 for none.</param>
    /// <exception cref="NotFiniteNumberException">A factor matrix contains NaN or infinity.</exception>
    public void BeginRefresh<TSolver>(in TSolver solver, double biasCorrection = 1) where TSolver : struct, IInverseRootSolver =>
        _overlapped!.Begin(new Function<TSolver>(solver, _nextRoots!), biasCorrection);

    /// <summary>Adopts what <see cref="BeginRefresh"/> has begun to compute, and waits for it where it is not ready.</summary>
    /// <remarks>A block for which nothing was begun since its last adoption keeps its roots. A failure counts as one of this step.</remarks>
    /// <exception cref="NotFiniteNumberException">A root contains NaN or infinity.</exception>
    /// <exception cref="InvalidOperationException">More consecutive refreshes of a block have failed than are tolerated.</exception>
    public void AdoptRefresh() => _overlapped!.Adopt();

    /// <summary>x ← (l/biasCorrection + ε)^(−e) for every dimension that has a diagonal l in the place of L_k. Cheap: for every step.</summary>
    /// <param name="epsilon">ε, positive.</param>
    /// <param name="biasCorrection">1 − β₂ᵗ; 1 for none.</param>
    public void RefreshDiagonals(double epsilon, double biasCorrection = 1) => _roots.RefreshDiagonals(_factors, epsilon, biasCorrection);

    private readonly struct Function<TSolver>(TSolver solver, InverseRoots roots) : IFactorFunction where TSolver : struct, IInverseRootSolver
    {
        public string Results => FactorMatrices.Results;

        public IInverseRootSolver Exact => solver;

        public bool[]? Compute(Tensor matrices, int dimension, int firstBlock) =>
            roots.Adopt(solver.InverseRoot(matrices, roots.Exponent(dimension)), dimension, firstBlock, TSolver.MarksFailures);
    }
}
