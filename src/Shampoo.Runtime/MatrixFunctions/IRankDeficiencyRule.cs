namespace Shampoo.Runtime;

/// <summary>What becomes of matrices before they are decomposed, and how eigenvalues that are zero or nearly so enter an inverse root. Rules are structs, chosen at compile time.</summary>
public interface IRankDeficiencyRule
{
    /// <summary>Changes a stack of matrices before its eigendecomposition, or before whatever else gives eigenvectors.</summary>
    /// <param name="matrices">A, [matrices, n, n]; changed in place.</param>
    void BeforeDecomposition(Tensor matrices);

    /// <summary>Computes λ^(−exponent) of the eigenvalues of a stack, regularised.</summary>
    /// <param name="eigenvalues">λ, [matrices, n], of the matrices that <see cref="BeforeDecomposition"/> left; in any order, unchanged.</param>
    /// <param name="exponent">Positive.</param>
    /// <returns>[matrices, n]: a fresh tensor, owned by the caller.</returns>
    Tensor InverseRoots(Tensor eigenvalues, double exponent);
}
