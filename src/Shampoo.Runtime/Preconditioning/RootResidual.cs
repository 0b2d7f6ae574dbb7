namespace Shampoo.Runtime;

/// <summary>
/// How well what preconditions one dimension of a block fits the statistics as they are now: directly after a refresh this is the error of
/// the solver, and later that of its age, too.
/// </summary>
/// <remarks>
/// A' is the factor matrix L_k/(1 − β₂ᵗ) as the solver regularises it, in float64; e is the exponent of X = A'^(−e), and ‖·‖ the Frobenius norm.
/// </remarks>
/// <param name="Parameter">The name of the parameter.</param>
/// <param name="Block">Which of its blocks, from 0.</param>
/// <param name="Dimension">k, the dimension of the block in the merged shape, from 0.</param>
/// <param name="Size">n, of that dimension.</param>
/// <param name="ConditionNumber">λ_max/λ_min of A', of the eigenvalues that count.</param>
/// <param name="Residual">‖A'·X^(1/e) − I‖/√n for the stored inverse root X; with the pseudo-inverse on the space that counts. Null where no
/// roots are stored.</param>
/// <param name="RelativeError">‖X − A'^(−e)‖/‖A'^(−e)‖ against the root by eigendecomposition in float64. Null where no roots are stored.</param>
/// <param name="OffDiagonality">‖offdiag(QᵀA'Q)‖/‖A'‖ for the stored eigenvectors Q, in [0, 1]. Null where none are stored.</param>
public sealed record RootResidual(
    string Parameter, int Block, int Dimension, long Size, double ConditionNumber, double? Residual, double? RelativeError, double? OffDiagonality);
