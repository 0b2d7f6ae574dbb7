using System;

namespace Shampoo;

/// <summary>
/// Eigenvalue-corrected Shampoo (George et al. 2018; SOAP, Vyas et al. 2024): a second moment E of the gradient in the
/// eigenbasis, P = Q[(QᵀĜ) / ((E/bc₂)^exponent + ε)].
/// </summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false, Inherited = false)]
public sealed class EigenvalueCorrectedAttribute : Attribute
{
    /// <param name="solver">How the eigenvectors are computed: Eigh or QR.</param>
    public EigenvalueCorrectedAttribute(Solver solver) => Solver = solver;

    /// <summary>How the eigenvectors are computed.</summary>
    public Solver Solver { get; }

    /// <summary>Default of the argument <c>beta2</c>, in (0, 1); default 0.999. 1 accumulates a plain sum.</summary>
    public double Beta2 { get; set; } = 0.999;

    /// <summary>
    /// Default of the argument <c>epsilon</c>, outside the root, &gt; 0, or 0 with <see cref="Shampoo.RankDeficiency.PseudoInverse"/>, where a coordinate
    /// without any gradient stays 0; default 1e-12.
    /// </summary>
    public double Epsilon { get; set; } = 1e-12;

    /// <summary>Whether E is divided by 1 − β₂ᵗ; default true.</summary>
    public bool BiasCorrection { get; set; } = true;

    /// <summary>Exponent of E, &gt; 0; default ½. <see cref="InverseExponentAttribute"/> replaces it for blocks of an order.</summary>
    public double Exponent { get; set; } = 0.5;

    /// <summary>Whether E is carried over to a new basis by (R∘R)ᵀ, R = Q_oldᵀQ_new; default false.</summary>
    public bool TransportEigenvalues { get; set; }

    /// <summary>
    /// Whether the eigenvectors are those of A + εI, A = L_k/bc₂, or of A. They are the same, but not what <see cref="Shampoo.Solver.QR"/> and
    /// <see cref="Tolerance"/> make of them. <see cref="Shampoo.RankDeficiency.PerturbAfter"/> and
    /// <see cref="Shampoo.RankDeficiency.PseudoInverse"/> add nothing to A; with the latter <see cref="Epsilon"/> may be 0.
    /// </summary>
    public RankDeficiency RankDeficiency { get; set; } = RankDeficiency.PerturbBefore;

    /// <summary>A ← A · max(tr A, ε)^(−exponent), &gt; 0, before ε is added, and only where it is; not declared: no trace scaling.</summary>
    public double TraceScalingExponent { get; set; } = double.NaN;

    /// <summary>A basis is kept while ‖offdiag(QᵀAQ)‖ ≤ tolerance·‖QᵀAQ‖, in [0, 1]; default 0: always computed anew.</summary>
    public double Tolerance { get; set; }

    /// <summary>Largest number of QR iterations at a refresh, ≥ 1; default 1, as of the reference, which is too few for most models.</summary>
    public int MaxIterations { get; set; } = 1;
}
