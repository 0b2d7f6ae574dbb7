namespace Shampoo;

/// <summary>
/// How a matrix function of a factor matrix is computed. One enum for all preconditioners; an attribute
/// rejects, at compile time, a solver that does not compute what it needs.
/// </summary>
public enum Solver
{
    /// <summary>Symmetric eigendecomposition. Inverse roots and eigenbases.</summary>
    Eigh,

    /// <summary>Coupled inverse Newton iteration (Guo and Higham 2006). Inverse roots 1/p with integer p.</summary>
    CoupledNewton,

    /// <summary>Coupled inverse Newton iteration of higher order. Inverse roots q/p.</summary>
    CoupledHigherOrder,

    /// <summary>A fixed number of Newton–Schulz steps, without a host round trip. Inverse roots and orthogonalisation.</summary>
    NewtonSchulz,

    /// <summary>Coupled Newton iteration whose every step is the minimax one for the known interval of the spectrum. Inverse roots.</summary>
    MinimaxNewton,

    /// <summary>QR (simultaneous) iteration from the previous basis. Eigenbases.</summary>
    QR,

    /// <summary>Singular value decomposition. Orthogonalisation.</summary>
    SVD,
}
