namespace Shampoo.Runtime;

/// <summary>Computes orthogonal factors: UVᵀ of the singular value decomposition USVᵀ. Solvers are structs, chosen at compile time.</summary>
public interface IOrthogonalFactorSolver
{
    /// <summary>Computes, exactly or nearly, the orthogonal factor of every matrix of a stack.</summary>
    /// <param name="matrices">G, [matrices, m, n] in float32 or float64; finite. Unchanged.</param>
    /// <returns>[matrices, m, n]: a fresh tensor, owned by the caller.</returns>
    /// <exception cref="System.Runtime.InteropServices.ExternalException">The solver failed for at least one of the matrices.</exception>
    Tensor OrthogonalFactor(Tensor matrices);
}
