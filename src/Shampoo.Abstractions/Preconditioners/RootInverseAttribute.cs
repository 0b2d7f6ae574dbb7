using System;

namespace Shampoo;

/// <summary>
/// Shampoo (Gupta et al. 2018): Ĝ is multiplied along every dimension k by X_k = L_k^(−1/2d), d the order of
/// the block, where L_k ← β₂L_k + (1 − β₂)·G₍ₖ₎G₍ₖ₎ᵀ. State: two matrices [n, n] for each dimension of size n of a block.
/// </summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false, Inherited = false)]
public sealed class RootInverseAttribute : Attribute
{
    /// <param name="solver">How the inverse roots are computed.</param>
    public RootInverseAttribute(Solver solver) => Solver = solver;

    /// <summary>How the inverse roots are computed.</summary>
    public Solver Solver { get; }

    /// <summary>
    /// Default of the argument <c>beta2</c>, the decay of the factor matrices, in (0, 1); default 0.999.
    /// 1 accumulates a plain sum, and then there is no such argument.
    /// </summary>
    public double Beta2 { get; set; } = 0.999;

    /// <summary>
    /// Default of the argument <c>epsilon</c>, added to the eigenvalues, &gt; 0; default 1e-12. <see cref="Shampoo.Solver.CoupledHigherOrder"/>
    /// adds others: there it is the smallest trace of <see cref="TraceScalingExponent"/>, without which there is no such argument.
    /// </summary>
    public double Epsilon { get; set; } = 1e-12;

    /// <summary>Whether L_k is divided by 1 − β₂ᵗ before the root; default true.</summary>
    public bool BiasCorrection { get; set; } = true;

    /// <summary>What the factor matrices average.</summary>
    public FactorStatistics Statistics { get; set; } = FactorStatistics.OuterProducts;

    /// <summary>How eigenvalues near zero are treated.</summary>
    public RankDeficiency RankDeficiency { get; set; } = RankDeficiency.PerturbBefore;

    /// <summary>
    /// Of the pseudo-inverse: eigenvalues up to max(absolute, relative·λ_max) contribute nothing. This is the relative one, ≥ 0; not
    /// declared: n times the rounding error of the type.
    /// </summary>
    public double RankTolerance { get; set; } = double.NaN;

    /// <summary>The absolute one beside <see cref="RankTolerance"/>, ≥ 0; not declared: 0.</summary>
    public double AbsoluteRankTolerance { get; set; } = double.NaN;

    /// <summary>Multiplies every exponent, &gt; 0; default 1.</summary>
    public double ExponentMultiplier { get; set; } = 1;

    /// <summary>A ← A · max(tr A, ε)^(−exponent) before the root; not declared: no trace scaling.</summary>
    public double TraceScalingExponent { get; set; } = double.NaN;

    /// <summary>Tolerance of an iterative solver; not declared: the solver's own.</summary>
    public double Tolerance { get; set; } = double.NaN;

    /// <summary>Largest number of iterations of an iterative solver; 0 (default): the solver's own.</summary>
    public int MaxIterations { get; set; }

    /// <summary>Order of convergence of <see cref="Shampoo.Solver.CoupledHigherOrder"/>, ≥ 2; 0 (default): 3.</summary>
    public int Order { get; set; }

    /// <summary>
    /// Added to the diagonal by <see cref="Shampoo.Solver.CoupledHigherOrder"/> as max(relative·‖A‖_∞, absolute), in place of
    /// <see cref="Epsilon"/>, and by <see cref="Shampoo.Solver.NewtonSchulz"/> as max(relative·‖A‖_F, <see cref="Epsilon"/>); ≥ 0, not
    /// declared: 1e-6.
    /// </summary>
    public double RelativeEpsilon { get; set; } = double.NaN;

    /// <summary>See <see cref="RelativeEpsilon"/>; of <see cref="Shampoo.Solver.CoupledHigherOrder"/>, ≥ 0, not declared: 0.</summary>
    public double AbsoluteEpsilon { get; set; } = double.NaN;
}
