namespace Shampoo.Runtime;

/// <summary>
/// Inverse roots by a coupled inverse Newton iteration whose every step is the best one for all spectra in an interval: with
/// s₀ = min(‖A‖_F, ‖A‖_∞), δ = max(ε, rel·s₀), s = s₀ + δ, X = I and M = (A + δI)/s, whose eigenvalues lie in [l, 1], repeat
/// T = aI − arM, X ← XT, M ← TᵖM, l ← l(a(1 − rl))ᵖ, until a polynomial T of M is M^(−1/p) up to 8u for all spectra in [l, 1], and X ← XT; then
/// (A + δI)^(−1/p) = s^(−1/p)X. See <see cref="MinimaxSchedule"/> for a and r, <see cref="FinalStep"/> for the polynomial.
/// </summary>
/// <remarks>
/// <para>
/// Exponents q/p with q and p from 1 to 64, as Xᵠ. Matrix products only, and a number of them that is known beforehand: nothing is read back to
/// the host.
/// </para>
/// <para>
/// rel is by default u, the relative rounding error of the matrices' type: what is below u·s₀ in a computed sum of products is rounding error,
/// and may be negative. l is half of the larger of rel and u. Smaller eigenvalues of M (rel = 0) give less than their root where they are
/// positive; negative ones grow, and may make the root of that matrix infinite or NaN, which is a failure. For p = 4 there are 10 iterations and 38 products of matrices in
/// float32, 21 and 82 in float64.
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
        var schedule = MinimaxSchedule.Of(p, Math.Max(Relative(matrices), rounding) / 2, 8 * rounding);
        var x = Iterate(matrices.div_(scale), schedule, p);
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

    private static Tensor Iterate(Tensor matrices, MinimaxSchedule schedule, int p)
    {
        var iteration = new Iteration(matrices.alias()); // what is disposed is not the caller's
        iteration.Begin(schedule.Steps[0], p);
        foreach (var step in schedule.Steps.Skip(1))
            iteration.Advance(step, p);
        return iteration.Finish(schedule.Last);
    }

    // X and M, and memory for what comes next: all of the dispose scope that is open.
    private struct Iteration(Tensor m)
    {
        private Tensor _m = m;
        private Tensor _x = StackProducts.Empty(m);
        private Tensor _step = StackProducts.Empty(m);
        private Tensor _power = StackProducts.Empty(m);
        private Tensor _product = StackProducts.Empty(m);

        // X is T.
        public void Begin((double A, double R) step, int p)
        {
            TakeStep(step);
            MultiplyM(p);
            (_x, _step) = (_step, _x);
        }

        public void Advance((double A, double R) step, int p)
        {
            TakeStep(step);
            MultiplyX();
            MultiplyM(p);
        }

        // Without M, which is not needed any more.
        public Tensor Finish(FinalStep step)
        {
            TakeStep(step);
            MultiplyX();
            return _x;
        }

        // T = aI − arM
        private void TakeStep((double A, double R) step)
        {
            using Scalar diagonal = step.A;
            StackProducts.Scale(_m, -step.A * step.R, ref _step);
            _step.AddToDiagonal(diagonal);
        }

        // T = c₀I + c₁E + c₂E² + E²(c₃E + c₄E²); M becomes the factor in brackets.
        private void TakeStep(FinalStep step)
        {
            using Scalar c0 = step.Coefficients[0], c1 = step.Coefficients[1], c2 = step.Coefficients[2], c3 = step.Coefficients[3];
            using Scalar minusCenter = -step.Center / step.Half;
            StackProducts.Scale(_m, 1 / step.Half, ref _step);
            _step.AddToDiagonal(minusCenter);
            Multiply(_step, _step);
            StackProducts.Scale(_power, step.Coefficients[4], ref _m);
            _m.add_(_step, alpha: c3);
            StackProducts.Multiply(_power, _m, ref _product);
            _product.add_(_power, alpha: c2).add_(_step, alpha: c1).AddToDiagonal(c0);
            (_step, _product) = (_product, _step);
        }

        // X ← XT
        private void MultiplyX()
        {
            StackProducts.Multiply(_x, _step, ref _product);
            (_x, _product) = (_product, _x);
        }

        // M ← TᵖM
        private void MultiplyM(int p)
        {
            StackProducts.Multiply(Power(p), _m, ref _product);
            (_m, _product) = (_product, _m);
        }

        // Tᵖ by repeated squaring.
        private Tensor Power(int p)
        {
            if (p == 1)
                return _step;
            var root = Power(p / 2);
            Multiply(root, root);
            if (p % 2 == 1)
                Multiply(_power, _step);
            return _power;
        }

        private void Multiply(Tensor left, Tensor right)
        {
            StackProducts.Multiply(left, right, ref _product);
            (_power, _product) = (_product, _power);
        }
    }
}
