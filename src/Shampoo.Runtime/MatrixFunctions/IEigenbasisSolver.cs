namespace Shampoo.Runtime;

/// <summary>Computes eigenbases of symmetric positive semi-definite matrices. Solvers are structs, chosen at compile time.</summary>
public interface IEigenbasisSolver
{
    /// <summary>Computes, exactly or nearly, an eigenbasis of every matrix of a stack.</summary>
    /// <param name="matrices">A, [matrices, n, n] in float32 or float64; finite. The solver may change it.</param>
    /// <param name="previous">Q, an orthogonal matrix for each, [matrices, n, n] of the same type, from which a solver may start; unchanged.</param>
    /// <returns>
    /// λ, [matrices, n], the diagonal of QᵀAQ, and Q, [matrices, n, n], whose columns are the eigenvectors: owned by the caller. Q may be in
    /// the memory of A.
    /// </returns>
    /// <exception cref="System.Runtime.InteropServices.ExternalException">The solver failed for at least one of the matrices.</exception>
    (Tensor Eigenvalues, Tensor Eigenvectors) Basis(Tensor matrices, Tensor previous);
}
