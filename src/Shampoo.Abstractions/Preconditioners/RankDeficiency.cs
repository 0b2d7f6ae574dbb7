namespace Shampoo;

/// <summary>
/// How an inverse root treats eigenvalues that are zero or nearly so. <see cref="EigenvalueCorrectedAttribute"/> has eigenvectors alone: there it
/// is whether ε is added before they are computed.
/// </summary>
public enum RankDeficiency
{
    /// <summary>λ, Q = eigh(A + εI).</summary>
    PerturbBefore,

    /// <summary>λ, Q = eigh(A), then λ ← λ − min(min λ, 0) + ε.</summary>
    PerturbAfter,

    /// <summary>No perturbation: eigenvalues up to a tolerance contribute zero.</summary>
    PseudoInverse,
}
