namespace Shampoo.Runtime;

/// <summary>
/// The eigenbases in which eigenvalue-corrected Shampoo (George et al. 2018; SOAP, Vyas et al. 2024) keeps its second moment: for every
/// dimension k of a stack of blocks the factor matrix L_k, a sum of G₍ₖ₎G₍ₖ₎ᵀ over the steps, and its eigenvectors, the columns of Q_k.
/// </summary>
/// <remarks>Ignored dimensions, and those of blocks that are not preconditioned, have no matrices, and keep their basis; a block in which no other dimension is left is copied.</remarks>
public sealed class FactorEigenbases
{
    private readonly StateSource _source;
    private readonly Factors _factors;
    private readonly Eigenvectors _eigenvectors;
    private readonly IModeProducts _rotation;

    internal FactorEigenbases(StateSource source, Precision factors, Precision eigenvectors, int toleratedFailures, IgnoredDimensions? ignored)
    {
        _source = source;
        _factors = new Factors(source, factors, k => !source.IsSkipped && !(ignored ?? IgnoredDimensions.None).Contains(source.BlockShape.Count, k), toleratedFailures);
        _eigenvectors = new Eigenvectors(source, _factors, eigenvectors);
        source.Offer(new FactorDiagnostics(_factors, _eigenvectors, null));
        _rotation = ModeProducts.Choose(source, _eigenvectors.Matrices);
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
        _factors.Refresh.Run(new Function<TSolver>(solver, epsilon, _eigenvectors, overlaps: null), biasCorrection);

    /// <summary>
    /// The same, and carries the second moment over to the new bases: E ← E ×₁ (R₁∘R₁)ᵀ … ×_d (R_d∘R_d)ᵀ, R_k = Q_oldᵀQ_new. That is what it would
    /// be if the coordinates of the gradient in the old basis were uncorrelated; it keeps the sum of E. A basis that is kept keeps its E.
    /// </summary>
    /// <inheritdoc cref="Refresh{TSolver}(in TSolver, double, double)"/>
    /// <param name="solver">How eigenvectors are computed.</param>
    /// <param name="epsilon">ε ≥ 0</param>
    /// <param name="eigenvalues">E, [blocks, …]: a part of the state.</param>
    /// <param name="biasCorrection">1 − β₂ᵗ; 1 for none.</param>
    public void Refresh<TSolver>(in TSolver solver, double epsilon, BlockArray eigenvalues, double biasCorrection = 1) where TSolver : struct, IEigenbasisSolver
    {
        using var scope = torch.NewDisposeScope();
        var overlaps = new BasisChange(_source, _factors.Matrices);
        _factors.Refresh.Run(new Function<TSolver>(solver, epsilon, _eigenvectors, overlaps), biasCorrection);
        overlaps.Apply(eigenvalues);
    }

    /// <summary>
    /// Follows the bases as SOAP's authors do (Vyas et al. 2024): sorts the columns of Q_k by diag(Q_kᵀL_kQ_k), largest first, and takes one step
    /// of simultaneous iteration, Q_k ← qr(L_kQ_k). v is sorted like the columns; m stays what it is in the space of the parameters,
    /// m ← m ×₁ R₁ᵀ … ×_d R_dᵀ, R_k = Q_oldᵀQ_new.
    /// </summary>
    /// <remarks>Failures are those of <see cref="Refresh{TSolver}(in TSolver, double, double)"/>; a basis that is kept keeps its moments.</remarks>
    /// <param name="firstMoment">m, [blocks, …] in the basis: a part of the state.</param>
    /// <param name="secondMoment">v, [blocks, …] in the basis: a part of the state.</param>
    /// <exception cref="NotFiniteNumberException">A factor matrix or an eigenbasis contains NaN or infinity.</exception>
    /// <exception cref="InvalidOperationException">More consecutive refreshes of a block have failed than are tolerated; the inner
    /// exception is the solver's last one for that block.</exception>
    public void Follow(BlockArray firstMoment, BlockArray secondMoment)
    {
        using var scope = torch.NewDisposeScope();
        BasisChange rotation = new(_source, _factors.Matrices), order = new(_source, _factors.Matrices);
        _factors.Refresh.Run(new SortedIteration(_eigenvectors, rotation, order), biasCorrection: 1);
        rotation.Apply(firstMoment);
        order.Apply(secondMoment);
    }

    private void Multiply(BlockArray source, BlockArray destination, bool isTransposed)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(destination);
        _rotation.Multiply(source, destination, isTransposed);
    }

    private readonly struct Function<TSolver>(TSolver solver, double epsilon, Eigenvectors basis, BasisChange? overlaps) : IFactorFunction where TSolver : struct, IEigenbasisSolver
    {
        public string Results => "eigenbases";

        public IInverseRootSolver Exact => new Eigh(epsilon);

        public bool[]? Compute(Tensor matrices, int dimension, int firstBlock)
        {
            using Scalar ridge = epsilon;
            matrices.AddToDiagonal(ridge);
            var previous = basis.Of(matrices, dimension, firstBlock);
            var (_, eigenvectors) = solver.Basis(matrices, previous);
            basis.RequireFinite(eigenvectors, dimension, firstBlock);
            overlaps?.Set(Overlaps(previous, eigenvectors), dimension, firstBlock);
            basis.Adopt(eigenvectors, dimension, firstBlock);
            return null;
        }

        // R∘R, and exactly the identity where the basis is kept.
        private static Tensor Overlaps(Tensor previous, Tensor eigenvectors)
        {
            using var precision = FullPrecision.For(previous);
            using Scalar one = 1.0;
            var kept = previous.eq(eigenvectors).all(-1, keepdim: true).all(-2, keepdim: true);
            var rotation = previous.transpose(-2, -1).bmm(eigenvectors);
            return torch.where(kept, rotation.zeros_like().AddToDiagonal(one), rotation.square());
        }
    }
}
