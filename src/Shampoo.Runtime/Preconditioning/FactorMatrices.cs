using System.Runtime.InteropServices;

namespace Shampoo.Runtime;

/// <summary>
/// Shampoo's preconditioner of a stack of blocks of order d: for every dimension k the factor matrix L_k, a sum of G₍ₖ₎G₍ₖ₎ᵀ over the
/// steps, and its inverse root X_k = L_k^(−1/(2·max(d, 1))). G₍ₖ₎ is the block as a matrix with the rows of dimension k.
/// </summary>
public sealed class FactorMatrices
{
    private readonly StateSource _source;
    private readonly Tensor[] _factors;     // L_k  [blocks, d_k, d_k]
    private readonly Tensor[] _roots;       // X_k  [blocks, d_k, d_k]
    private readonly double[] _exponents;
    private readonly Memory<int> _failures; // consecutive failing refreshes of every block
    private readonly ExternalException?[] _errors; // of a refresh: why the roots of every block could not be computed
    private readonly int _toleratedFailures;

    internal FactorMatrices(StateSource source, Precision factors, Precision roots, int toleratedFailures)
    {
        _source = source;
        _toleratedFailures = toleratedFailures;
        var order = source.BlockShape.Count;
        _factors = new Tensor[order];
        _roots = new Tensor[order];
        _exponents = new double[order];
        for (var k = 0; k < order; k++)
        {
            _factors[k] = source.Zeros($"factor_matrices.{k}", k, factors);
            _roots[k] = source.Identities($"inverse_roots.{k}", k, roots);
            _exponents[k] = 1.0 / (2 * Math.Max(order, 1));
        }
        _failures = source.Counters("failed_refreshes");
        _errors = new ExternalException?[source.Count];
    }

    /// <summary>The number of dimensions, and so of factor matrices, of a block.</summary>
    internal int Order => _factors.Length;

    /// <summary>L_k, [blocks, d_k, d_k].</summary>
    /// <param name="dimension">k</param>
    internal Tensor Factor(int dimension) => _factors[dimension];

    /// <summary>X_k, [blocks, d_k, d_k]; the identity before the first refresh.</summary>
    /// <param name="dimension">k</param>
    internal Tensor InverseRoot(int dimension) => _roots[dimension];

    /// <summary>L_k ← decay·L_k + weight·G₍ₖ₎G₍ₖ₎ᵀ, for every dimension k.</summary>
    /// <param name="gradient">G, [blocks, …].</param>
    /// <param name="decay">β₂</param>
    /// <param name="weight">1 − β₂</param>
    public void Accumulate(BlockArray gradient, double decay, double weight)
    {
        ArgumentNullException.ThrowIfNull(gradient);
        using Scalar decayScalar = decay, weightScalar = weight;
        var stack = gradient.Stack();
        for (var k = 0; k < Order; k++)
        {
            using var product = OuterProduct(stack, k);
            _factors[k].mul_(decayScalar).add_(product, weightScalar);
        }
    }

    /// <summary>L_k ← L_k + G₍ₖ₎G₍ₖ₎ᵀ, for every dimension k: the form for β₂ = 1.</summary>
    /// <param name="gradient">G, [blocks, …].</param>
    public void Accumulate(BlockArray gradient)
    {
        ArgumentNullException.ThrowIfNull(gradient);
        var stack = gradient.Stack();
        for (var k = 0; k < Order; k++)
        {
            using var product = OuterProduct(stack, k);
            _factors[k].add_(product);
        }
    }

    /// <summary>Multiplies every block along every dimension k by X_k.</summary>
    /// <param name="source">Ĝ, [blocks, …].</param>
    /// <param name="destination">P, [blocks, …]: a workspace.</param>
    public void Precondition(BlockArray source, BlockArray destination)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(destination);
        using var scope = torch.NewDisposeScope();
        long blocks = _source.Count;
        var gradient = source.Stack();
        var rotated = gradient;

        // The first dimension is multiplied and becomes the last one; after d turns all are back in their places.
        for (var k = 0; k < Order; k++)
        {
            var rows = rotated.reshape(blocks, _source.BlockShape[k], -1).transpose(1, 2);
            var root = As(_roots[k], gradient.dtype).transpose(1, 2);
            rotated = rows.bmm(root);
        }
        destination.Adopt(rotated.view([blocks, .. _source.BlockShape]));
    }

    /// <summary>
    /// X_k ← (L_k/biasCorrection)^(−1/(2·max(d, 1))) for every dimension k, regularised as the solver does it.
    /// </summary>
    /// <remarks>
    /// A stack that the solver fails on is solved matrix by matrix, and where that fails in float64. A matrix that still fails keeps its
    /// root, and counts one failure for the block; a refresh of a block without failure sets its count back.
    /// </remarks>
    /// <typeparam name="TSolver">The solver, known at compile time.</typeparam>
    /// <param name="solver">How roots are computed.</param>
    /// <param name="biasCorrection">1 − β₂ᵗ; 1 for none.</param>
    /// <exception cref="NotFiniteNumberException">A factor matrix or a root contains NaN or infinity.</exception>
    /// <exception cref="InvalidOperationException">More consecutive refreshes of a block have failed than are tolerated; the inner
    /// exception is the solver's last one for that block.</exception>
    public void Refresh<TSolver>(in TSolver solver, double biasCorrection = 1) where TSolver : struct, IInverseRootSolver
    {
        Array.Clear(_errors);
        for (var k = 0; k < Order; k++)
            RefreshDimension(solver, k, biasCorrection);
        CountFailures();
    }

    private void RefreshDimension<TSolver>(in TSolver solver, int k, double biasCorrection) where TSolver : struct, IInverseRootSolver
    {
        using var scope = torch.NewDisposeScope();
        var matrices = Unbiased(_factors[k], biasCorrection);
        RequireFinite(matrices, $"factor matrix of dimension {k}");
        try
        {
            // The solver may change its argument, which the retry needs again.
            Adopt(_roots[k], solver.InverseRoot(matrices.clone(), _exponents[k]), k);
        }
        catch (ExternalException)
        {
            for (var block = 0; block < _errors.Length; block++)
                _errors[block] = RefreshMatrix(solver, matrices.narrow(0, block, 1), k, block) ?? _errors[block];
        }
    }

    // Null, or why there is no new root.
    private ExternalException? RefreshMatrix<TSolver>(in TSolver solver, Tensor matrix, int k, int block) where TSolver : struct, IInverseRootSolver
    {
        var error = RefreshMatrix(solver, matrix, matrix.dtype, k, block);
        return error is null || matrix.dtype == ScalarType.Float64 ? error : RefreshMatrix(solver, matrix, ScalarType.Float64, k, block);
    }

    private ExternalException? RefreshMatrix<TSolver>(in TSolver solver, Tensor matrix, ScalarType precision, int k, int block) where TSolver : struct, IInverseRootSolver
    {
        using var scope = torch.NewDisposeScope();
        try
        {
            Adopt(_roots[k].narrow(0, block, 1), solver.InverseRoot(matrix.to_type(precision, copy: true), _exponents[k]), k, block);
            return null;
        }
        catch (ExternalException error)
        {
            return error;
        }
    }

    private void Adopt(Tensor destination, Tensor roots, int k, int firstBlock = 0)
    {
        RequireFinite(roots, $"inverse root of dimension {k}", firstBlock);
        destination.copy_(roots);
    }

    private void CountFailures()
    {
        var failures = _failures.Span;
        for (var block = 0; block < failures.Length; block++)
            failures[block] = _errors[block] is not null ? failures[block] + 1 : 0;
        for (var block = 0; block < failures.Length; block++)
        {
            if (failures[block] > _toleratedFailures)
            {
                throw new InvalidOperationException(
                    $"The inverse roots of {_source.Describe(block)} could not be computed in {failures[block]} refreshes one after the other; {_toleratedFailures} are tolerated.",
                    _errors[block]);
            }
        }
    }

    private void RequireFinite(Tensor matrices, string what, int firstBlock = 0)
    {
        if (matrices.IsFinite())
            return;
        for (var i = 0; i < matrices.shape[0]; i++)
        {
            using var matrix = matrices.select(0, i);
            if (!matrix.IsFinite())
                throw new NotFiniteNumberException($"The {what} of {_source.Describe(firstBlock + i)} contains NaN or infinity.");
        }
    }

    private static Tensor Unbiased(Tensor factor, double biasCorrection)
    {
        using Scalar divisor = biasCorrection;
        return As(factor, factor.dtype.Arithmetic()).div(divisor);
    }

    // G₍ₖ₎G₍ₖ₎ᵀ, [blocks, d_k, d_k]; the order of the columns of G₍ₖ₎ does not matter.
    private Tensor OuterProduct(Tensor gradient, int k)
    {
        using var scope = torch.NewDisposeScope();
        var typed = As(gradient, _factors[k].dtype.Arithmetic());
        var rows = typed.transpose(1, k + 1).reshape(_source.Count, _source.BlockShape[k], -1);
        return rows.bmm(rows.transpose(1, 2)).MoveToOuterDisposeScope();
    }

    private static Tensor As(Tensor tensor, ScalarType type) => tensor.dtype == type ? tensor : tensor.to_type(type);
}
