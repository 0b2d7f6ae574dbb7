namespace Shampoo.Generators.Model;

/// <summary>What makes the direction of Ĝ. <paramref name="Attribute"/> is how comments call it: RootInverse(Eigh).</summary>
internal abstract record Preconditioner(string Attribute);

internal enum MatrixMethod { RootInverse, Eigendecomposed, EigenvalueCorrected, Soap }

/// <summary>
/// Preconditioners with factor matrices. <paramref name="Beta2"/> is null where these are plain sums, <paramref name="Epsilon"/> where the
/// solver has none. <paramref name="CorrectionExponents"/> go before <paramref name="CorrectionExponent"/> for blocks of their orders.
/// </summary>
internal sealed record MatrixPreconditioner(
    string Attribute,
    MatrixMethod Method,
    SolverChoice Solver,
    Number? Beta2,
    Number? Epsilon,
    bool BiasCorrection,
    bool KullbackLeibler,
    Number? TraceScalingExponent,
    Number? CorrectionExponent,
    Number ExponentMultiplier,
    EquatableArray<DimensionExponent> Exponents,
    EquatableArray<DimensionExponent> Ignored,
    bool TransportsEigenvalues = false,
    SoapMoments? Moments = null,
    EquatableArray<DimensionExponent> CorrectionExponents = default) : Preconditioner(Attribute)
{
    /// <summary>Whether it has eigenvectors and no inverse roots.</summary>
    public bool HasEigenbases => Method is MatrixMethod.EigenvalueCorrected or MatrixMethod.Soap;

    /// <summary>Whether ε may be 0: of <c>[EigenvalueCorrected]</c> with the pseudo-inverse.</summary>
    public bool AllowsZeroEpsilon => Epsilon is not null && Solver.RankDeficiency == RankDeficiency.PseudoInverse;

    /// <summary>Whether a refresh reads ε: as the smallest trace that is divided by, or as what is added to matrices or their eigenvalues.</summary>
    public bool RefreshesByEpsilon => Epsilon is not null
        && (TraceScalingExponent is not null || (HasEigenbases ? Solver.RankDeficiency == RankDeficiency.PerturbBefore : Solver.RankDeficiency != RankDeficiency.PseudoInverse));

    /// <summary>Whether the exponent of corrected eigenvalues depends on the order of the blocks.</summary>
    public bool CorrectsByOrder => CorrectionExponents.Count > 0;

    public bool Debiases => BiasCorrection && Beta2 is not null;

    /// <summary>Whether the exponents are all 1/(2d).</summary>
    public bool HasDefaultExponents => ExponentMultiplier.Value == 1 && Exponents.Count == 0;

    /// <summary>A factor without its bias, for formulas; u is how often it has been updated.</summary>
    public string Unbiased(string factor, Preconditioning schedule) =>
        !Debiases ? factor : schedule.UpdatesEveryStep ? $"{factor} / (1 − β₂ᵗ)" : $"{factor} / (1 − β₂ᵘ)";

    /// <summary>e of X_k = L_k^(−e), for formulas.</summary>
    public string ExponentText => HasDefaultExponents ? "1/2d" : "e_k";
}

/// <summary>
/// What of SOAP is in the eigenbasis. The factor matrices have the decay <paramref name="ShampooBeta"/>; null where that is β₂.
/// <paramref name="CorrectsBias"/> is of the step: the matrices need none.
/// </summary>
internal sealed record SoapMoments(Number Beta1, Number? ShampooBeta, bool CorrectsBias);

internal enum RankDeficiency { PerturbBefore, PerturbAfter, PseudoInverse }

/// <summary>A solver and what is declared of it; null for the solver's own value. The tolerances of the rank are the pseudo-inverse's.</summary>
internal sealed record SolverChoice(
    string Name, RankDeficiency RankDeficiency, Number? Tolerance, int? MaxIterations, int? Order, Number? RelativeEpsilon, Number? AbsoluteEpsilon,
    Number? RankTolerance = null, Number? AbsoluteRankTolerance = null);

/// <summary>An exponent of blocks of an order; of all dimensions if <paramref name="Dimension"/> is −1.</summary>
internal sealed record DimensionExponent(int Order, int Dimension, Number Exponent);

internal enum SignScaling { Constant, MeanMagnitude, L1Norm }

/// <summary>Steps along the sign of Ĝ.</summary>
internal sealed record SignDescent(Number Scale, SignScaling Scaling) : Preconditioner("SignDescent");

internal enum SpectralScaling { Unscaled, AspectRatio, MatchRmsAdamW, SpectralNorm }

/// <summary>Steps along the orthogonal factor of Ĝ.</summary>
internal sealed record SpectralDescent(string Attribute, string Solver, int Iterations, bool ScaleByNuclearNorm, SpectralScaling Scaling) : Preconditioner(Attribute);
