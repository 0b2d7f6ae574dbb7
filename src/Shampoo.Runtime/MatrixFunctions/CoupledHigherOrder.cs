namespace Shampoo.Runtime;

/// <summary>
/// Inverse roots by a coupled iteration of higher order (Lakić, "On the computation of the matrix k-th root", 1998): with
/// ε' = max(rel·‖A‖_∞, abs), or 1 where that and A are 0, A' = A + ε'I, z = 1/tr(A'), X = z^(1/p)I and M = zA', first one step of <see cref="CoupledNewton"/>, then
/// T = Σ_j b_j(I − M)ʲ for j = 0 … order − 1, b_j = Π_{i=1…j} (1 + (i − 1)p)/(ip), the series of M^(−1/p); X ← XT, M ← TᵖM.
/// </summary>
/// <remarks>
/// Exponents q/p with q and p from 1 to 64, as Xᵠ; small ones are more accurate. The optimizer's ε is not used. With e = max|M − I| a matrix
/// stops for itself when e ≤ tolerance, when e has grown by more than a fifth, or when it has not changed while below 1e-3; each iteration
/// reads one number for each matrix back to the host. Where max|A'Xᵖ − I| is above 0.1 in the end it is a failure, and the root NaN. Where the
/// limit of iterations is reached there is a warning. The root of a matrix of zeros is the identity where abs is 0: it has no scale that a
/// ridge could be relative to.
/// </remarks>
/// <param name="relativeEpsilon">rel, ≥ 0: about 1e-5 for float32, 1e-9 for float64.</param>
/// <param name="absoluteEpsilon">abs, ≥ 0.</param>
/// <param name="tolerance">≥ 0.</param>
/// <param name="maxIterations">Limit of iterations, ≥ 1; the first one is Newton's.</param>
/// <param name="order">Order of convergence, ≥ 2; 2 is Newton's iteration.</param>
public readonly struct CoupledHigherOrder(
    double relativeEpsilon, double absoluteEpsilon = 0, double tolerance = 1e-8, int maxIterations = 100, int order = 3) : IInverseRootSolver
{
    private const double Growth = 1.2, StagnationBelow = 1e-3, LargestResidual = 0.1;

    /// <inheritdoc/>
    public static bool MarksFailures => true;

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The exponent is no q/p with q and p from 1 to 64.</exception>
    public Tensor InverseRoot(Tensor matrices, double exponent)
    {
        var (q, p) = RootFraction.Of(exponent);
        using var precision = FullPrecision.For(matrices);
        using var scope = torch.NewDisposeScope();

        Regularize(matrices);
        var stacks = CoupledNewton.Start(matrices, InverseTrace(matrices), p);
        CoupledNewton.Step(stacks, p);
        Iterate(stacks, p);
        var roots = stacks.Results.First;
        MarkInaccurate(matrices, roots, p);
        return roots.Power(q).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Regularize(Tensor matrices)
    {
        using var ridge = Ridge(matrices);
        matrices.AddToDiagonal(ridge);
    }

    private void Iterate(CoupledStacks stacks, int p)
    {
        var coefficients = Coefficients(p);
        var previous = Enumerable.Repeat(double.PositiveInfinity, stacks.Remaining).ToArray();
        for (var iteration = 1; stacks.Remaining > 0; iteration++)
        {
            previous = FinishConverged(stacks, previous);
            if (iteration >= maxIterations && stacks.Remaining > 0)
            {
                SolverWarnings.ReportLimit("coupled iteration of higher order", stacks.Remaining, maxIterations);
                stacks.FinishAll();
            }
            else if (stacks.Remaining > 0)
            {
                using var step = Series(stacks.Second, coefficients);
                stacks.Multiply(step, p);
            }
        }
    }

    // The errors of the matrices that remain.
    private double[] FinishConverged(CoupledStacks stacks, double[] previous)
    {
        using var distances = stacks.Second.DistanceFromIdentity();
        var errors = distances.ToHost();
        var finished = new bool[errors.Length];
        for (var i = 0; i < errors.Length; i++)
        {
            // NaN is finished too, and marked by the check of the residual.
            finished[i] = !(errors[i] > tolerance) || errors[i] > Growth * previous[i] || (errors[i] == previous[i] && errors[i] < StagnationBelow);
        }
        stacks.Finish(finished);
        return [.. errors.Where((_, i) => !finished[i])];
    }

    private double[] Coefficients(int p)
    {
        var b = new double[order];
        b[0] = 1;
        for (var i = 1; i < order; i++)
            b[i] = b[i - 1] * (1 + (i - 1.0) * p) / ((double)i * p);
        return b;
    }

    // Σ_j b_j(I − M)ʲ by Horner's rule.
    private static Tensor Series(Tensor m, double[] b)
    {
        using Scalar one = 1.0, highest = b[^1], second = b[^2];
        using var difference = m.neg().AddToDiagonal(one);
        var sum = difference.mul(highest).AddToDiagonal(second);
        for (var j = b.Length - 3; j >= 0; j--)
        {
            using Scalar coefficient = b[j];
            SquareMatrices.Replace(ref sum, sum.bmm(difference).AddToDiagonal(coefficient));
        }
        return sum;
    }

    private Tensor Ridge(Tensor matrices)
    {
        using Scalar relative = relativeEpsilon, absolute = absoluteEpsilon, zero = 0.0, one = 1.0;
        var norm = matrices.MaxRowSum();
        using var isZero = norm.eq(zero);
        norm.mul_(relative).clamp_min_(absolute);
        return absoluteEpsilon > 0 ? norm : norm.masked_fill_(isZero, one);
    }

    private static Tensor InverseTrace(Tensor matrices)
    {
        using var diagonal = matrices.diagonal(0, -2, -1);
        return diagonal.sum([-1L], keepdim: true).unsqueeze_(-1).reciprocal_();
    }

    private static void MarkInaccurate(Tensor matrices, Tensor roots, int p)
    {
        using Scalar largest = LargestResidual, nan = double.NaN;
        using var power = roots.Power(p);
        using var product = matrices.bmm(power);
        using var residuals = product.DistanceFromIdentity();
        using var isInaccurate = residuals.le(largest).logical_not_(); // of NaN too
        roots.masked_fill_(isInaccurate, nan);
    }
}
