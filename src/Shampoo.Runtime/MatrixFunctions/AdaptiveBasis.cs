namespace Shampoo.Runtime;

/// <summary>
/// Keeps the previous basis Q of every matrix for which ‖offdiag(QᵀAQ)‖_F ≤ tolerance·‖QᵀAQ‖_F, and has those of the others computed. The
/// left side is ‖A − Q diag(QᵀAQ) Qᵀ‖_F, the right one ‖A‖_F times the tolerance.
/// </summary>
/// <remarks>Reads one truth value for each matrix back to the host. Eigenvalues of a basis that is kept are not sorted.</remarks>
/// <typeparam name="TSolver">The solver, known at compile time.</typeparam>
/// <param name="solver">How a basis is computed.</param>
/// <param name="tolerance">In (0, 1].</param>
public readonly struct AdaptiveBasis<TSolver>(TSolver solver, double tolerance) : IEigenbasisSolver where TSolver : struct, IEigenbasisSolver
{
    /// <inheritdoc/>
    public (Tensor Eigenvalues, Tensor Eigenvectors) Basis(Tensor matrices, Tensor previous)
    {
        ArgumentNullException.ThrowIfNull(previous);
        using var precision = FullPrecision.For(matrices);
        using var scope = torch.NewDisposeScope();

        var rotated = Eigenbases.Rotate(matrices, previous);
        var kept = Eigenbases.IsDiagonal(rotated, tolerance);
        var (eigenvalues, eigenvectors) = (rotated.diagonal(0, -2, -1).clone(), previous.clone());
        if (kept.Contains(false))
            Compute(matrices, Rows(kept, matrices), eigenvalues, eigenvectors);
        return (eigenvalues.MoveToOuterDisposeScope(), eigenvectors.MoveToOuterDisposeScope());
    }

    private void Compute(Tensor matrices, Tensor rows, Tensor eigenvalues, Tensor eigenvectors)
    {
        var (values, vectors) = solver.Basis(matrices.index_select(0, rows), eigenvectors.index_select(0, rows));
        eigenvalues.index_copy_(0, rows, values);
        eigenvectors.index_copy_(0, rows, vectors);
    }

    private static Tensor Rows(bool[] kept, Tensor matrices)
    {
        long[] rows = [.. Enumerable.Range(0, kept.Length).Where(row => !kept[row]).Select(static row => (long)row)];
        return torch.tensor(rows, device: matrices.device);
    }
}
