namespace Shampoo.Runtime;

/// <summary>The inverse root of A·max(tr A, ε)^(−s): with s = 1 a factor matrix has the trace 1, whatever the gradients' size.</summary>
/// <typeparam name="TSolver">The solver, known at compile time.</typeparam>
/// <param name="solver">How the roots of scaled matrices are computed; what it adds to a matrix is not scaled.</param>
/// <param name="exponent">s</param>
/// <param name="epsilon">ε ≥ 0: the smallest trace that is divided by. A matrix of trace 0 stays as it is where ε is 0.</param>
public readonly struct TraceScaled<TSolver>(TSolver solver, double exponent, double epsilon) : IInverseRootSolver
    where TSolver : struct, IInverseRootSolver
{
    /// <inheritdoc/>
    public static bool MarksFailures => TSolver.MarksFailures;

    /// <inheritdoc/>
    public Tensor InverseRoot(Tensor matrices, double exponent)
    {
        Scale(matrices);
        return solver.InverseRoot(matrices, exponent);
    }

    /// <inheritdoc/>
    public void Regularize(Tensor matrices)
    {
        Scale(matrices);
        solver.Regularize(matrices);
    }

    /// <inheritdoc/>
    public Tensor InverseEigenvalues(Tensor eigenvalues) => solver.InverseEigenvalues(eigenvalues);

    private void Scale(Tensor matrices) => TraceScaling.Scale(matrices, exponent, epsilon);
}

/// <summary>A rule for the eigenvalues of A·max(tr A, ε)^(−s), as <see cref="TraceScaled{TSolver}"/> is a solver of their roots.</summary>
/// <typeparam name="TRule">The rule, known at compile time.</typeparam>
/// <param name="rule">How eigenvalues near zero of scaled matrices are treated; what it adds to them is not scaled.</param>
/// <param name="exponent">s</param>
/// <param name="epsilon">ε ≥ 0: the smallest trace that is divided by. A matrix of trace 0 stays as it is where ε is 0.</param>
public readonly struct TraceScaledRule<TRule>(TRule rule, double exponent, double epsilon) : IRankDeficiencyRule
    where TRule : struct, IRankDeficiencyRule
{
    /// <inheritdoc/>
    public void BeforeDecomposition(Tensor matrices)
    {
        TraceScaling.Scale(matrices, exponent, epsilon);
        rule.BeforeDecomposition(matrices);
    }

    /// <inheritdoc/>
    public Tensor InverseRoots(Tensor eigenvalues, double exponent) => rule.InverseRoots(eigenvalues, exponent);
}

internal static class TraceScaling
{
    /// <summary>A ← A·max(tr A, ε)^(−s)</summary>
    public static void Scale(Tensor matrices, double exponent, double epsilon)
    {
        using var scope = torch.NewDisposeScope();
        using Scalar smallest = epsilon, zero = 0.0, one = 1.0;
        var traces = matrices.diagonal(0, -2, -1).sum([-1L], keepdim: true).clamp_min_(smallest);
        traces.masked_fill_(traces.eq(zero), one);
        matrices.mul_(Powers.Of(traces, -exponent).unsqueeze(-1));
    }
}
