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

    private void Scale(Tensor matrices)
    {
        using var scope = torch.NewDisposeScope();
        using Scalar smallest = epsilon, zero = 0.0, one = 1.0;
        var traces = matrices.diagonal(0, -2, -1).sum([-1L], keepdim: true).clamp_min_(smallest);
        traces.masked_fill_(traces.eq(zero), one);
        matrices.mul_(Powers.Of(traces, -exponent).unsqueeze(-1));
    }
}
