namespace Shampoo.Runtime;

/// <summary>Computes inverse roots of symmetric positive semi-definite matrices. Solvers are structs, chosen at compile time.</summary>
public interface IInverseRootSolver
{
    /// <summary>Computes A^(−exponent) for every matrix of a stack.</summary>
    /// <param name="matrices">A, [matrices, n, n] in float32 or float64; finite. The solver may change it.</param>
    /// <param name="exponent">Positive.</param>
    /// <returns>
    /// [matrices, n, n]: a fresh tensor, owned by the caller. A solver that reads nothing back to the host does not notice its failures: there
    /// the root of a matrix that it failed on may contain NaN or infinity.
    /// </returns>
    /// <exception cref="System.Runtime.InteropServices.ExternalException">The solver failed for at least one of the matrices.</exception>
    Tensor InverseRoot(Tensor matrices, double exponent);
}
