using System;

namespace Shampoo;

/// <summary>Shampoo that keeps eigenvectors Q_k and eigenvalues λ_k instead of roots: X_k = Q_k diag(λ_k^(−1/2d)) Q_kᵀ.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false, Inherited = false)]
public sealed class EigendecomposedAttribute : Attribute
{
    /// <param name="solver">How the eigenvectors are computed: Eigh or QR.</param>
    public EigendecomposedAttribute(Solver solver) => Solver = solver;

    /// <summary>How the eigenvectors are computed.</summary>
    public Solver Solver { get; }

    /// <summary>Default of the argument <c>beta2</c>, in (0, 1); default 0.999. 1 accumulates a plain sum.</summary>
    public double Beta2 { get; set; } = 0.999;

    /// <summary>Default of the argument <c>epsilon</c>, added to the eigenvalues, &gt; 0; default 1e-12.</summary>
    public double Epsilon { get; set; } = 1e-12;

    /// <summary>Whether L_k is divided by 1 − β₂ᵗ; default true.</summary>
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

    /// <summary>A ← A · max(tr A, ε)^(−exponent), &gt; 0, before the eigendecomposition; not declared: no trace scaling.</summary>
    public double TraceScalingExponent { get; set; } = double.NaN;

    /// <summary>A basis is kept while ‖offdiag(QᵀAQ)‖ ≤ tolerance·‖QᵀAQ‖, in [0, 1]; default 0: always computed anew.</summary>
    public double Tolerance { get; set; }

    /// <summary>Largest number of QR iterations at a refresh, ≥ 1; default 1, as of the reference, which is too few for most models.</summary>
    public int MaxIterations { get; set; } = 1;
}
