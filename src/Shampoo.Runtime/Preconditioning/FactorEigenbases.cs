namespace Shampoo.Runtime;

/// <summary>
/// The eigenbases in which eigenvalue-corrected Shampoo (George et al. 2018; SOAP, Vyas et al. 2024) keeps its second moment: for every
/// dimension k of a stack of blocks the factor matrix L_k, a sum of G₍ₖ₎G₍ₖ₎ᵀ over the steps, and its eigenvectors, the columns of Q_k.
/// </summary>
/// <remarks>Ignored dimensions have no matrices, and keep their basis; a block in which no other dimension is left is copied.</remarks>
public sealed class FactorEigenbases
{
    private const string Results = "eigenbases";

    private readonly Factors _factors;
    private readonly Eigenvectors _eigenvectors;
    private readonly IModeProducts _rotation;
    private readonly Eigenvectors? _inUse;          // of the whole bucket, if refreshes overlap
    private readonly Eigenvectors? _next;
    private readonly OverlappedRefresh? _overlapped;

    internal FactorEigenbases(
        StateSource source, Precision factors, Precision eigenvectors, int toleratedFailures, IgnoredDimensions? ignored, bool isOverlapped)
    {
        _factors = FactorsOf(source);
        _eigenvectors = new Eigenvectors(source, _factors, eigenvectors);
        _rotation = ModeProducts.Choose(source, _eigenvectors.Matrices);
        if (!isOverlapped)
            return;
        var whole = source.Whole;
        var all = FactorsOf(whole);
        _inUse = new Eigenvectors(whole, all, eigenvectors);
        _next = new Eigenvectors(whole, all, eigenvectors, isNext: true);
        _overlapped = new OverlappedRefresh(source, all.Refresh, Results, (_inUse.Matrices, _next.Matrices));

        Factors FactorsOf(StateSource of) =>
            new(of, factors, k => !(ignored ?? IgnoredDimensions.None).Contains(source.BlockShape.Count, k), toleratedFailures);
    }

    /// <summary>L_k, [blocks, d_k, d_k].</summary>
    /// <param name="dimension">k, not ignored.</param>
    internal Tensor Factor(int dimension) => _factors.Matrices[dimension]!;

    /// <summary>Q_k, [blocks, d_k, d_k]; the identity before the first refresh.</summary>
    /// <param name="dimension">k, not ignored.</param>
    internal Tensor EigenvectorsOf(int dimension) => _eigenvectors.Matrices[dimension]!;

    /// <inheritdoc cref="FactorMatrices.Accumulate(BlockArray, double, double)"/>
    public void Accumulate(BlockArray gradient, double decay, double weight) => _factors.Accumulate(gradient, decay, weight);

    /// <inheritdoc cref="FactorMatrices.Accumulate(BlockArray)"/>
    public void Accumulate(BlockArray gradient) => Accumulate(gradient, 1, 1);

    /// <summary>Into the basis: destination ← source ×₁ Q₁ᵀ … ×_d Q_dᵀ.</summary>
    /// <param name="source">[blocks, …] in the space of the parameters.</param>
    /// <param name="destination">[blocks, …] in the basis: a workspace other than the source.</param>
    public void Rotate(BlockArray source, BlockArray destination) => Multiply(source, destination, isTransposed: true);

    /// <summary>Back from the basis: destination ← source ×₁ Q₁ … ×_d Q_d.</summary>
    /// <param name="source">[blocks, …] in the basis.</param>
    /// <param name="destination">[blocks, …] in the space of the parameters: a workspace other than the source.</param>
    public void RotateBack(BlockArray source, BlockArray destination) => Multiply(source, destination, isTransposed: false);

    /// <summary>Q_k ← the eigenvectors of L_k/biasCorrection + εI, for every dimension k.</summary>
    /// <remarks>
    /// ε changes no eigenvectors, but what a few iterations make of a singular matrix, and what a tolerance is relative to. A stack that the
    /// solver fails on is solved matrix by matrix, and where that fails in float64. A matrix that still fails keeps its basis, and counts one
    /// failure for the block; a refresh of a block without failure sets its count back.
    /// </remarks>
    /// <typeparam name="TSolver">The solver, known at compile time.</typeparam>
    /// <param name="solver">How eigenvectors are computed.</param>
    /// <param name="epsilon">ε ≥ 0</param>
    /// <param name="biasCorrection">1 − β₂ᵗ; 1 for none.</param>
    /// <exception cref="NotFiniteNumberException">A factor matrix or an eigenbasis contains NaN or infinity.</exception>
    /// <exception cref="InvalidOperationException">More consecutive refreshes of a block have failed than are tolerated; the inner
    /// exception is the solver's last one for that block.</exception>
    public void Refresh<TSolver>(in TSolver solver, double epsilon, double biasCorrection = 1) where TSolver : struct, IEigenbasisSolver =>
        _factors.Refresh.Run(new Function<TSolver>(solver, epsilon, _eigenvectors, _eigenvectors), biasCorrection);

    /// <summary>The same for the blocks whose turn it is at step t, where refreshes are staggered (<see cref="StaggeredRefresh"/>).</summary>
    /// <typeparam name="TSolver">The solver, known at compile time.</typeparam>
    /// <param name="t">The number of the step, from 1.</param>
    /// <param name="solver">How eigenvectors are computed.</param>
    /// <param name="epsilon">ε ≥ 0</param>
    /// <param name="biasCorrection">1 − β₂ᵗ; 1 for none.</param>
    /// <exception cref="NotFiniteNumberException">A factor matrix or an eigenbasis contains NaN or infinity.</exception>
    /// <exception cref="InvalidOperationException">More consecutive refreshes of a block have failed than are tolerated; the inner
    /// exception is the solver's last one for that block.</exception>
    public void RefreshInTurn<TSolver>(long t, in TSolver solver, double epsilon, double biasCorrection = 1) where TSolver : struct, IEigenbasisSolver =>
        _factors.Refresh.RunDue(new Function<TSolver>(solver, epsilon, _eigenvectors, _eigenvectors), biasCorrection, t);

    /// <summary>
    /// Begins to compute the eigenvectors of L_k/biasCorrection + εI of the L_k as they are now, beside the following steps, starting from the
    /// Q_k in use; <see cref="AdoptRefresh"/> takes them over. On a GPU they are computed at once.
    /// </summary>
    /// <typeparam name="TSolver">The solver, known at compile time.</typeparam>
    /// <param name="solver">How eigenvectors are computed.</param>
    /// <param name="epsilon">ε ≥ 0</param>
    /// <param name="biasCorrection">1 − β₂ᵗ; 1 for none.</param>
    /// <exception cref="NotFiniteNumberException">A factor matrix contains NaN or infinity.</exception>
    public void BeginRefresh<TSolver>(in TSolver solver, double epsilon, double biasCorrection = 1) where TSolver : struct, IEigenbasisSolver =>
        _overlapped!.Begin(new Function<TSolver>(solver, epsilon, _inUse!, _next!), biasCorrection);

    /// <summary>Adopts what <see cref="BeginRefresh"/> has begun to compute, and waits for it where it is not ready.</summary>
    /// <remarks>A block for which nothing was begun since its last adoption keeps its bases. A failure counts as one of this step.</remarks>
    /// <exception cref="NotFiniteNumberException">An eigenbasis contains NaN or infinity.</exception>
    /// <exception cref="InvalidOperationException">More consecutive refreshes of a block have failed than are tolerated.</exception>
    public void AdoptRefresh() => _overlapped!.Adopt();

    private void Multiply(BlockArray source, BlockArray destination, bool isTransposed)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(destination);
        _rotation.Multiply(source, destination, isTransposed);
    }

    private readonly struct Function<TSolver>(TSolver solver, double epsilon, Eigenvectors start, Eigenvectors basis) : IFactorFunction
        where TSolver : struct, IEigenbasisSolver
    {
        public string Results => FactorEigenbases.Results;

        public void Compute(Tensor matrices, int dimension, int firstBlock)
        {
            using Scalar ridge = epsilon;
            matrices.AddToDiagonal(ridge);
            var (_, eigenvectors) = solver.Basis(matrices, start.Of(matrices, dimension, firstBlock));
            basis.RequireFinite(eigenvectors, dimension, firstBlock);
            basis.Adopt(eigenvectors, dimension, firstBlock);
        }
    }
}
