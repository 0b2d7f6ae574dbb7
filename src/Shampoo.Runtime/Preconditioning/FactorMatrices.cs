namespace Shampoo.Runtime;

/// <summary>
/// Shampoo's preconditioner of a stack of blocks of order d: for every dimension k the factor matrix L_k, a sum of G₍ₖ₎G₍ₖ₎ᵀ over the
/// steps, and its inverse root X_k = L_k^(−1/(2·max(d, 1))). G₍ₖ₎ is the block as a matrix with the rows of dimension k.
/// </summary>
public sealed class FactorMatrices
{
    private readonly Tensor[] _factors;     // L_k  [blocks, d_k, d_k]
    private readonly Tensor[] _roots;       // X_k  [blocks, d_k, d_k]
    private readonly InverseRoots _inverseRoots;
    private readonly MatrixProducts _statistics;    // with factor matrices
    private readonly MatrixProducts _preconditioning;   // with inverse roots

    internal FactorMatrices(StateSource source, Precision factors, Precision roots, int toleratedFailures)
    {
        var order = source.BlockShape.Count;
        _factors = new Tensor[order];
        _roots = new Tensor[order];
        for (var k = 0; k < order; k++)
        {
            _factors[k] = source.Zeros($"factor_matrices.{k}", k, factors);
            _roots[k] = source.Identities($"inverse_roots.{k}", k, roots);
        }
        _inverseRoots = new InverseRoots(source, _factors, _roots, toleratedFailures);
        _statistics = MatrixProducts.Choose(source, _factors);
        _preconditioning = MatrixProducts.Choose(source, _roots);
    }

    /// <summary>The number of dimensions, and so of factor matrices, of a block.</summary>
    internal int Order => _factors.Length;

    /// <summary>L_k, [blocks, d_k, d_k].</summary>
    /// <param name="dimension">k</param>
    internal Tensor Factor(int dimension) => _factors[dimension];

    /// <summary>X_k, [blocks, d_k, d_k]; the identity before the first refresh.</summary>
    /// <param name="dimension">k</param>
    internal Tensor InverseRoot(int dimension) => _roots[dimension];

    /// <summary>L_k ← decay·L_k + weight·G₍ₖ₎G₍ₖ₎ᵀ, for every dimension k.</summary>
    /// <param name="gradient">G, [blocks, …].</param>
    /// <param name="decay">β₂</param>
    /// <param name="weight">1 − β₂</param>
    public void Accumulate(BlockArray gradient, double decay, double weight)
    {
        ArgumentNullException.ThrowIfNull(gradient);
        _statistics.Accumulate(gradient, decay, weight);
    }

    /// <summary>L_k ← L_k + G₍ₖ₎G₍ₖ₎ᵀ, for every dimension k: the form for β₂ = 1.</summary>
    /// <param name="gradient">G, [blocks, …].</param>
    public void Accumulate(BlockArray gradient) => Accumulate(gradient, 1, 1);

    /// <summary>P = Ĝ ×₁ X₁ … ×_d X_d: multiplies every block along every dimension k by X_k.</summary>
    /// <param name="source">Ĝ, [blocks, …].</param>
    /// <param name="destination">P, [blocks, …]: a workspace other than the source.</param>
    public void Precondition(BlockArray source, BlockArray destination)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(destination);
        _preconditioning.Multiply(source, destination);
    }

    /// <summary>
    /// X_k ← (L_k/biasCorrection)^(−1/(2·max(d, 1))) for every dimension k, regularised as the solver does it.
    /// </summary>
    /// <remarks>
    /// A stack that the solver fails on is solved matrix by matrix, and where that fails in float64. A matrix that still fails keeps its
    /// root, and counts one failure for the block; a refresh of a block without failure sets its count back.
    /// </remarks>
    /// <typeparam name="TSolver">The solver, known at compile time.</typeparam>
    /// <param name="solver">How roots are computed.</param>
    /// <param name="biasCorrection">1 − β₂ᵗ; 1 for none.</param>
    /// <exception cref="NotFiniteNumberException">A factor matrix or a root contains NaN or infinity.</exception>
    /// <exception cref="InvalidOperationException">More consecutive refreshes of a block have failed than are tolerated; the inner
    /// exception is the solver's last one for that block.</exception>
    public void Refresh<TSolver>(in TSolver solver, double biasCorrection = 1) where TSolver : struct, IInverseRootSolver =>
        _inverseRoots.Refresh(solver, biasCorrection);
}
