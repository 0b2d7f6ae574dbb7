namespace Shampoo.Runtime;

/// <summary>
/// The eigenbases in which eigenvalue-corrected Shampoo (George et al. 2018; SOAP, Vyas et al. 2024) keeps its second moment: for every
/// dimension k of a stack of blocks the factor matrix L_k, a sum of G₍ₖ₎G₍ₖ₎ᵀ over the steps, and its eigenvectors, the columns of Q_k.
/// </summary>
/// <remarks>Ignored dimensions, and those of blocks that are not preconditioned, have no matrices, and keep their basis; a block in which no other dimension is left is copied.</remarks>
public sealed class FactorEigenbases
{
    /// <summary>What is computed, for messages.</summary>
    internal const string Results = "eigenbases";

    private readonly StateSource _source;
    private readonly Factors _factors;
    private readonly Eigenvectors _eigenvectors;
    private readonly IModeProducts _rotation;
    private readonly OverlappedEigenbases? _overlapped;

    internal FactorEigenbases(
        StateSource source, Precision factors, Precision eigenvectors, int toleratedFailures, IgnoredDimensions? ignored, bool isOverlapped, bool areSorted)
    {
        _source = source;
        _factors = FactorsOf(source);
        _eigenvectors = new Eigenvectors(source, _factors, eigenvectors);
        source.Offer(new FactorDiagnostics(_factors, _eigenvectors, null));
        _rotation = ModeProducts.Choose(source, _eigenvectors.Matrices);
        if (isOverlapped)
            _overlapped = new OverlappedEigenbases(source, FactorsOf(source.Whole), eigenvectors, Results, areSorted);

        Factors FactorsOf(StateSource of) =>
            new(of, factors, k => !source.IsSkipped && !(ignored ?? IgnoredDimensions.None).Contains(source.BlockShape.Count, k), toleratedFailures);
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

    /// <summary>Q_k ← the eigenvectors of L_k as it is, for every dimension k.</summary>
    /// <remarks>Failures are those of <see cref="Refresh{TSolver, TRule}(in TSolver, in TRule, double)"/>.</remarks>
    /// <typeparam name="TSolver">The solver, known at compile time.</typeparam>
    /// <param name="solver">How eigenvectors are computed.</param>
    /// <exception cref="NotFiniteNumberException">A factor matrix or an eigenbasis contains NaN or infinity.</exception>
    /// <exception cref="InvalidOperationException">More consecutive refreshes of a block have failed than are tolerated; the inner
    /// exception is the solver's last one for that block.</exception>
    public void Refresh<TSolver>(in TSolver solver) where TSolver : struct, IEigenbasisSolver => Refresh(solver, new PseudoInverse());

    /// <summary>Q_k ← the eigenvectors of what a rule makes of L_k/biasCorrection, for every dimension k.</summary>
    /// <remarks>
    /// A scale of the matrix, or an ε on its diagonal, changes no eigenvectors; but an ε changes what a few iterations make of a matrix, and
    /// what a tolerance is relative to, and where it is much larger than the matrix that is rounded away. A stack that the solver fails on is
    /// solved matrix by matrix, and where that fails in float64. A matrix that still fails keeps its basis, and counts one failure for the
    /// block; a refresh of a block without failure sets its count back.
    /// </remarks>
    /// <typeparam name="TSolver">The solver, known at compile time.</typeparam>
    /// <typeparam name="TRule">The rule, known at compile time.</typeparam>
    /// <param name="solver">How eigenvectors are computed.</param>
    /// <param name="rule">What becomes of the matrix before that. Of eigenvalues it says nothing here.</param>
    /// <param name="biasCorrection">1 − β₂ᵗ; 1 for none.</param>
    /// <exception cref="NotFiniteNumberException">A factor matrix or an eigenbasis contains NaN or infinity.</exception>
    /// <exception cref="InvalidOperationException">More consecutive refreshes of a block have failed than are tolerated; the inner
    /// exception is the solver's last one for that block.</exception>
    public void Refresh<TSolver, TRule>(in TSolver solver, in TRule rule, double biasCorrection = 1)
        where TSolver : struct, IEigenbasisSolver
        where TRule : struct, IRankDeficiencyRule =>
        _factors.Refresh.Run(Function(solver, rule), biasCorrection);

    /// <summary>
    /// The same, and carries the second moment over to the new bases: E ← E ×₁ (R₁∘R₁)ᵀ … ×_d (R_d∘R_d)ᵀ, R_k = Q_oldᵀQ_new. That is what it would
    /// be if the coordinates of the gradient in the old basis were uncorrelated; it keeps the sum of E. A basis that is kept keeps its E.
    /// </summary>
    /// <inheritdoc cref="Refresh{TSolver, TRule}(in TSolver, in TRule, double)"/>
    /// <param name="solver">How eigenvectors are computed.</param>
    /// <param name="rule">What becomes of the matrix before that.</param>
    /// <param name="eigenvalues">E, [blocks, …]: a part of the state.</param>
    /// <param name="biasCorrection">1 − β₂ᵗ; 1 for none.</param>
    public void Refresh<TSolver, TRule>(in TSolver solver, in TRule rule, BlockArray eigenvalues, double biasCorrection = 1)
        where TSolver : struct, IEigenbasisSolver
        where TRule : struct, IRankDeficiencyRule =>
        Refresh(solver, rule, eigenvalues, biasCorrection, 0, _source.Count);

    /// <summary>Only for the blocks whose turn it is at step t, where refreshes are staggered (<see cref="StaggeredRefresh"/>).</summary>
    /// <inheritdoc cref="Refresh{TSolver, TRule}(in TSolver, in TRule, double)"/>
    /// <param name="t">The number of the step, from 1.</param>
    /// <param name="solver">How eigenvectors are computed.</param>
    /// <param name="rule">What becomes of the matrix before that.</param>
    /// <param name="biasCorrection">1 − β₂ᵗ; 1 for none.</param>
    public void RefreshInTurn<TSolver, TRule>(long t, in TSolver solver, in TRule rule, double biasCorrection = 1)
        where TSolver : struct, IEigenbasisSolver
        where TRule : struct, IRankDeficiencyRule =>
        _factors.Refresh.RunDue(Function(solver, rule), biasCorrection, t);

    /// <summary>The same, and carries the second moment of these blocks over to the new bases.</summary>
    /// <inheritdoc cref="Refresh{TSolver, TRule}(in TSolver, in TRule, BlockArray, double)"/>
    /// <param name="t">The number of the step, from 1.</param>
    /// <param name="solver">How eigenvectors are computed.</param>
    /// <param name="rule">What becomes of the matrix before that.</param>
    /// <param name="eigenvalues">E, [blocks, …]: a part of the state.</param>
    /// <param name="biasCorrection">1 − β₂ᵗ; 1 for none.</param>
    public void RefreshInTurn<TSolver, TRule>(long t, in TSolver solver, in TRule rule, BlockArray eigenvalues, double biasCorrection = 1)
        where TSolver : struct, IEigenbasisSolver
        where TRule : struct, IRankDeficiencyRule
    {
        foreach (var (first, count) in _source.DueAt(t))
            Refresh(solver, rule, eigenvalues, biasCorrection, first, count);
    }

    /// <summary>
    /// Begins to compute the eigenvectors of what a rule makes of L_k/biasCorrection, of the L_k as they are now, beside the following steps,
    /// starting from the Q_k in use; <see cref="AdoptRefresh()"/> takes them over. On a GPU that is on a stream of its own, and at once if there is none.
    /// </summary>
    /// <typeparam name="TSolver">The solver, known at compile time.</typeparam>
    /// <typeparam name="TRule">The rule, known at compile time.</typeparam>
    /// <param name="solver">How eigenvectors are computed.</param>
    /// <param name="rule">What becomes of the matrix before that.</param>
    /// <param name="biasCorrection">1 − β₂ᵗ; 1 for none.</param>
    /// <exception cref="NotFiniteNumberException">A factor matrix contains NaN or infinity.</exception>
    public void BeginRefresh<TSolver, TRule>(in TSolver solver, in TRule rule, double biasCorrection = 1)
        where TSolver : struct, IEigenbasisSolver
        where TRule : struct, IRankDeficiencyRule =>
        _overlapped!.Begin(solver, rule, biasCorrection);

    /// <summary>Adopts what <c>BeginRefresh</c> has begun to compute, and waits for it where it is not ready.</summary>
    /// <remarks>A block for which nothing was begun since its last adoption keeps its bases. A failure counts as one of this step.</remarks>
    /// <exception cref="NotFiniteNumberException">An eigenbasis contains NaN or infinity.</exception>
    /// <exception cref="InvalidOperationException">More consecutive refreshes of a block have failed than are tolerated.</exception>
    public void AdoptRefresh() => _overlapped!.Adopt();

    /// <summary>The same, and carries the second moment over to the new bases, as a refresh does that is not overlapped.</summary>
    /// <inheritdoc cref="AdoptRefresh()"/>
    /// <param name="eigenvalues">E, [blocks, …]: a part of the state.</param>
    public void AdoptRefresh(BlockArray eigenvalues) => _overlapped!.Adopt(eigenvalues);

    /// <summary>
    /// Follows the bases as SOAP's authors do (Vyas et al. 2024): sorts the columns of Q_k by diag(Q_kᵀL_kQ_k), largest first, and takes one step
    /// of simultaneous iteration, Q_k ← qr(L_kQ_k). v is sorted like the columns; m stays what it is in the space of the parameters,
    /// m ← m ×₁ R₁ᵀ … ×_d R_dᵀ, R_k = Q_oldᵀQ_new.
    /// </summary>
    /// <remarks>Failures are those of <see cref="Refresh{TSolver, TRule}(in TSolver, in TRule, double)"/>; a basis that is kept keeps its moments.</remarks>
    /// <param name="firstMoment">m, [blocks, …] in the basis: a part of the state.</param>
    /// <param name="secondMoment">v, [blocks, …] in the basis: a part of the state.</param>
    /// <exception cref="NotFiniteNumberException">A factor matrix or an eigenbasis contains NaN or infinity.</exception>
    /// <exception cref="InvalidOperationException">More consecutive refreshes of a block have failed than are tolerated; the inner
    /// exception is the solver's last one for that block.</exception>
    public void Follow(BlockArray firstMoment, BlockArray secondMoment) => Follow(firstMoment, secondMoment, 0, _source.Count);

    /// <summary>Only for the blocks whose turn it is at step t, where refreshes are staggered (<see cref="StaggeredRefresh"/>).</summary>
    /// <inheritdoc cref="Follow(BlockArray, BlockArray)"/>
    /// <param name="t">How many gradients the blocks have had before.</param>
    /// <param name="firstMoment">m, [blocks, …] in the basis: a part of the state.</param>
    /// <param name="secondMoment">v, [blocks, …] in the basis: a part of the state.</param>
    public void FollowInTurn(long t, BlockArray firstMoment, BlockArray secondMoment)
    {
        foreach (var (first, count) in _source.DueAt(t))
            Follow(firstMoment, secondMoment, first, count);
    }

    /// <summary>
    /// Begins to compute the bases of <see cref="Follow(BlockArray, BlockArray)"/> from the L_k as they are now, beside the following steps;
    /// <see cref="AdoptFollowing"/> takes them over. On a GPU that is on a stream of its own, and at once if there is none.
    /// </summary>
    /// <exception cref="NotFiniteNumberException">A factor matrix contains NaN or infinity.</exception>
    public void BeginFollowing() => _overlapped!.BeginFollowing();

    /// <summary>Adopts what <see cref="BeginFollowing"/> has begun to compute, waits for it where it is not ready, and takes the moments along.</summary>
    /// <inheritdoc cref="AdoptRefresh()"/>
    /// <param name="firstMoment">m, [blocks, …] in the basis: a part of the state.</param>
    /// <param name="secondMoment">v, [blocks, …] in the basis: a part of the state.</param>
    public void AdoptFollowing(BlockArray firstMoment, BlockArray secondMoment) => _overlapped!.AdoptFollowing(firstMoment, secondMoment);

    private void Refresh<TSolver, TRule>(in TSolver solver, in TRule rule, BlockArray eigenvalues, double biasCorrection, int first, int count)
        where TSolver : struct, IEigenbasisSolver
        where TRule : struct, IRankDeficiencyRule
    {
        using var scope = torch.NewDisposeScope();
        var overlaps = new BasisChange(_source, _factors.Matrices, isSquared: true, first, count);
        _factors.Refresh.Run(Function(solver, rule, overlaps), biasCorrection, first, count);
        overlaps.Apply(eigenvalues);
    }

    private void Follow(BlockArray firstMoment, BlockArray secondMoment, int first, int count)
    {
        using var scope = torch.NewDisposeScope();
        var rotation = new BasisChange(_source, _factors.Matrices, isSquared: false, first, count);
        var order = new ColumnOrder(_factors.Matrices, first, count);
        _factors.Refresh.Run(new SortedIteration(_eigenvectors, rotation, order), biasCorrection: 1, first, count);
        rotation.Apply(firstMoment);
        order.Apply(secondMoment);
    }

    private EigenbasisFunction<TSolver, TRule> Function<TSolver, TRule>(in TSolver solver, in TRule rule, BasisChange? overlaps = null)
        where TSolver : struct, IEigenbasisSolver
        where TRule : struct, IRankDeficiencyRule =>
        new(solver, rule, _eigenvectors, _eigenvectors, overlaps) { Results = Results };

    private void Multiply(BlockArray source, BlockArray destination, bool isTransposed)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(destination);
        _rotation.Multiply(source, destination, isTransposed);
    }
}
