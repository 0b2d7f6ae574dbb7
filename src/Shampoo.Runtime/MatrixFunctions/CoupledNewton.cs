namespace Shampoo.Runtime;

/// <summary>
/// Inverse p-th roots by the coupled inverse Newton iteration (Guo and Higham, "A Schur–Newton method for the matrix pth root and its
/// inverse", 2006, eq. 4.8): with A' = A + εI and z = (p + 1)/(2‖A'‖_F), X = z^(1/p)I, M = zA', repeat
/// T = ((p + 1)I − M)/p, X ← XT, M ← TᵖM until max|M − I| ≤ tolerance.
/// </summary>
/// <remarks>
/// Exponents 1/p with p from 1 to 64. Every matrix of a stack stops for itself; each iteration reads one number for each matrix back to the
/// host. Where the limit of iterations is reached there is a warning, and the last X is the result. A matrix whose M is no longer finite,
/// as happens when A' has a negative eigenvalue, is a failure, and its root NaN.
/// </remarks>
/// <param name="epsilon">ε, ≥ 0.</param>
/// <param name="tolerance">Largest deviation of an element of M from the identity, ≥ 0.</param>
/// <param name="maxIterations">Limit of iterations, ≥ 1.</param>
public readonly struct CoupledNewton(double epsilon, double tolerance = 1e-6, int maxIterations = 100) : IInverseRootSolver
{
    /// <inheritdoc/>
    public static bool MarksFailures => true;

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The exponent is no 1/p with p from 1 to 64.</exception>
    public Tensor InverseRoot(Tensor matrices, double exponent)
    {
        var p = RootFraction.RootOf(exponent);
        using var precision = FullPrecision.For(matrices);
        using var scope = torch.NewDisposeScope();

        Regularize(matrices);
        var stacks = Start(matrices, Scale(matrices, p), p);
        for (var iteration = 0; stacks.Remaining > 0; iteration++)
        {
            FinishConverged(stacks, iteration);
            if (stacks.Remaining > 0)
                Step(stacks, p);
        }
        return stacks.Results.First.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Regularize(Tensor matrices)
    {
        using Scalar ridge = epsilon;
        matrices.AddToDiagonal(ridge);
    }

    /// <summary>X = z^(1/p)I, M = zA.</summary>
    internal static CoupledStacks Start(Tensor matrices, Tensor z, int p)
    {
        using var root = Powers.Of(z, 1.0 / p);
        return new(SquareMatrices.MultipleOfIdentity(root, matrices.shape[^1]), matrices.mul(z));
    }

    /// <summary>T = ((p + 1)I − M)/p, X ← XT, M ← TᵖM.</summary>
    internal static void Step(CoupledStacks stacks, int p)
    {
        using Scalar minusInverse = -1.0 / p, diagonal = 1 + 1.0 / p;
        using var step = stacks.Second.mul(minusInverse).AddToDiagonal(diagonal);
        stacks.Multiply(step, p);
    }

    private static Tensor Scale(Tensor matrices, int p)
    {
        using Scalar numerator = (p + 1) / 2.0;
        return matrices.FrobeniusNorm().reciprocal_().mul_(numerator);
    }

    private void FinishConverged(CoupledStacks stacks, int iteration)
    {
        using var distances = stacks.Second.DistanceFromIdentity();
        var errors = distances.ToHost();
        var bound = tolerance;
        stacks.MarkFailures([.. errors.Select(static error => !double.IsFinite(error))]);
        stacks.Finish([.. errors.Select(error => error <= bound || !double.IsFinite(error))]);
        if (iteration < maxIterations || stacks.Remaining == 0)
            return;
        SolverWarnings.ReportLimit("coupled Newton iteration", stacks.Remaining, maxIterations);
        stacks.FinishAll();
    }
}
