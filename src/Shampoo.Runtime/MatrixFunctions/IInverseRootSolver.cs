namespace Shampoo.Runtime;

/// <summary>Computes inverse roots of symmetric positive semi-definite matrices. Solvers are structs, chosen at compile time.</summary>
public interface IInverseRootSolver
{
    /// <summary>
    /// Whether a matrix that the solver fails on has NaN or infinity in its root, while the others of the stack have theirs. Iterations do
    /// so, and need not read anything back to the host. Where it is false, NaN and infinity in a root are no failure but an error.
    /// </summary>
    static virtual bool MarksFailures => false;

    /// <summary>Computes A^(−exponent) for every matrix of a stack.</summary>
    /// <param name="matrices">A, [matrices, n, n] in float32 or float64; finite. The solver may change it.</param>
    /// <param name="exponent">Positive.</param>
    /// <returns>[matrices, n, n]: a fresh tensor, owned by the caller.</returns>
    /// <exception cref="System.Runtime.InteropServices.ExternalException">The solver failed for at least one of the matrices, and cannot tell
    /// for which.</exception>
    Tensor InverseRoot(Tensor matrices, double exponent);

    /// <summary>A ← A', the matrix whose root the solver computes. With <see cref="InverseEigenvalues"/> it defines the exact root, for diagnostics.</summary>
    /// <param name="matrices">A, [matrices, n, n]; changed in place.</param>
    void Regularize(Tensor matrices);

    /// <summary>1/λ of the eigenvalues of A', regularised further where the solver does that to eigenvalues; 0 for those that contribute nothing.</summary>
    /// <param name="eigenvalues">λ, [matrices, n]; unchanged.</param>
    /// <returns>[matrices, n]: a fresh tensor, owned by the caller.</returns>
    Tensor InverseEigenvalues(Tensor eigenvalues)
    {
        ArgumentNullException.ThrowIfNull(eigenvalues);
        return eigenvalues.reciprocal();
    }
}
