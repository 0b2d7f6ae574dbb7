namespace Shampoo.Runtime;

/// <summary>
/// Eigenbases by simultaneous iteration from the previous basis (Rutishauser 1969), in the form of the QR algorithm: B = QᵀAQ, repeat
/// Q'R = B, B ← RQ', Q ← QQ' until ‖offdiag(B)‖_F ≤ tolerance·‖B‖_F or the limit of iterations. Ascending order of diag(B).
/// </summary>
/// <remarks>
/// Every matrix of a stack stops for itself, before the first iteration too; for that each iteration reads one number for each matrix back
/// to the host. With tolerance 0 nothing is read, and all matrices get all iterations. The limit is no failure and no warning: one
/// iteration at every refresh follows a basis that changes slowly. Of a basis in ascending order an iteration multiplies the rounding
/// error by the condition number, before it turns the order round; so several iterations with tolerance 0 may be less accurate than one.
/// What is far below rounding errors in Q' and B becomes 0 (<see cref="Deflation"/>).
/// </remarks>
/// <param name="maxIterations">≥ 1.</param>
/// <param name="tolerance">In [0, 1].</param>
public readonly struct QRBasis(int maxIterations, double tolerance = 0) : IEigenbasisSolver
{
    /// <summary>One iteration.</summary>
    public QRBasis() : this(1)
    {
    }

    /// <inheritdoc/>
    public (Tensor Eigenvalues, Tensor Eigenvectors) Basis(Tensor matrices, Tensor previous)
    {
        ArgumentNullException.ThrowIfNull(previous);
        using var precision = FullPrecision.For(matrices);
        using var scope = torch.NewDisposeScope();

        var stacks = new CoupledStacks(previous.clone(), Eigenbases.Rotate(matrices, previous));
        for (var iteration = 0; iteration < maxIterations && stacks.Remaining > 0; iteration++)
        {
            if (tolerance > 0)
                stacks.Finish(Eigenbases.IsDiagonal(stacks.Second, tolerance));
            if (stacks.Remaining > 0)
                Iterate(stacks);
        }
        stacks.FinishAll();
        var (eigenvalues, eigenvectors) = Sorted(stacks.Results.First, stacks.Results.Second);
        return (eigenvalues.MoveToOuterDisposeScope(), eigenvectors.MoveToOuterDisposeScope());
    }

    /// <summary>Q ← QQ', B ← RQ', where Q and B are the first and the second stack.</summary>
    internal static void Iterate(CoupledStacks stacks)
    {
        using var q = Rotation(stacks.Second);
        stacks.Replace(stacks.First.bmm(q), Eigenbases.Rotate(stacks.Second, q)); // R = Q'ᵀB
        Deflation.OfSymmetric(stacks.Second);
    }

    /// <summary>Q' of B = Q'R, for the caller to dispose.</summary>
    internal static Tensor Rotation(Tensor b)
    {
        var q = QRFactors.Orthogonal(b);
        Deflation.OfOrthogonal(q);
        return q;
    }

    private static (Tensor, Tensor) Sorted(Tensor eigenvectors, Tensor rotated)
    {
        var (eigenvalues, order) = rotated.diagonal(0, -2, -1).sort(-1, stable: true);
        return (eigenvalues, eigenvectors.gather(-1, order.unsqueeze(-2).expand(eigenvectors.shape)));
    }
}
