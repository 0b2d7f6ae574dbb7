namespace Shampoo.Runtime;

/// <summary>Eigenbases by eigendecomposition, in ascending order of the eigenvalues; the previous basis is not used.</summary>
public readonly struct EighBasis : IEigenbasisSolver
{
    /// <inheritdoc/>
    public (Tensor Eigenvalues, Tensor Eigenvectors) Basis(Tensor matrices, Tensor previous) => SymmetricMatrices.Decompose(matrices);
}
