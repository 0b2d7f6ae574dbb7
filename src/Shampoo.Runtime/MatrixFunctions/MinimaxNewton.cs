namespace Shampoo.Runtime;

/// <summary>
/// Inverse roots by a coupled inverse Newton iteration whose every step is the best one for all spectra in an interval: with
/// s₀ = min(‖A‖_F, ‖A‖_∞), δ = max(ε, rel·s₀), s = s₀ + δ, X = I and M = (A + δI)/s, whose eigenvalues lie in [l, 1], repeat
/// T = aI − arM, X ← XT, M ← TᵖM, l ← l(a(1 − rl))ᵖ; then (A + δI)^(−1/p) = s^(−1/p)X. See <see cref="MinimaxSchedule"/> for a and r.
/// </summary>
/// <remarks>
/// <para>
/// Exponents q/p with q and p from 1 to 64, as Xᵠ. Matrix products only, and a number of them that is known beforehand: nothing is read back to
/// the host.
/// </para>
/// <para>
/// rel is by default u, the relative rounding error of the matrices' type: what is below u·s₀ in a computed sum of products is rounding error,
/// and may be negative. l is half of the larger of rel and u. Smaller eigenvalues of M (rel = 0) give less than their root where they are
/// positive; negative ones grow, and may make the root of that matrix infinite or NaN, which is a failure. For p = 4 there are 12 iterations in float32, 23
/// in float64.
/// </para>
/// </remarks>
/// <param name="epsilon">ε, ≥ 0.</param>
/// <param name="relativeEpsilon">rel, in [0, 1); null: u, 6e-8 for float32 and 1.1e-16 for float64.</param>
public readonly struct MinimaxNewton(double epsilon, double? relativeEpsilon = null) : IInverseRootSolver
{
    /// <inheritdoc/>
    public static bool MarksFailures => true;

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The exponent is no q/p with q and p from 1 to 64.</exception>
    public Tensor InverseRoot(Tensor matrices, double exponent)
    {
        var (q, p) = RootFraction.Of(exponent);
        using var precision = FullPrecision.For(matrices);
        using var scope = torch.NewDisposeScope();

        var rounding = matrices.dtype.Epsilon() / 2;
        var scale = AddRidge(matrices);
        var steps = MinimaxSchedule.Steps(p, Math.Max(Relative(matrices), rounding) / 2, 8 * rounding);
        var x = Iterate(matrices.div_(scale), steps, p);
        return x.mul_(Powers.Of(scale, -1.0 / p)).Power(q).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Regularize(Tensor matrices) => AddRidge(matrices).Dispose();

    private double Relative(Tensor matrices) => relativeEpsilon ?? matrices.dtype.Epsilon() / 2;

    // A ← A + δI; s
    private Tensor AddRidge(Tensor matrices)
    {
        using var scope = torch.NewDisposeScope();
        using Scalar factor = Relative(matrices), absolute = epsilon;
        var bound = matrices.MaxRowSum().minimum(matrices.FrobeniusNorm());
        var ridge = bound.mul(factor).clamp_min_(absolute);
        matrices.AddToDiagonal(ridge);
        return bound.add_(ridge).MoveToOuterDisposeScope();
    }

    private static Tensor Iterate(Tensor matrices, (double A, double R)[] steps, int p)
    {
        var x = Step(matrices, steps[0]);
        var m = Power(x, p, matrices);
        foreach (var coefficients in steps.AsSpan(1, steps.Length - 2))
        {
            using var step = Step(m, coefficients);
            SquareMatrices.Replace(ref x, x.bmm(step));
            SquareMatrices.Replace(ref m, Power(step, p, m));
        }
        return x.bmm(Step(m, steps[^1])); // without M, which is not needed any more
    }

    // T = aI − arM
    private static Tensor Step(Tensor m, (double A, double R) step)
    {
        using Scalar diagonal = step.A, factor = -step.A * step.R;
        return m.mul(factor).AddToDiagonal(diagonal);
    }

    // TᵖM
    private static Tensor Power(Tensor step, int p, Tensor m)
    {
        using var power = step.Power(p);
        return power.bmm(m);
    }
}
