using System.Runtime.InteropServices;

namespace Shampoo.Runtime;

/// <summary>The inverse roots X_k of factor matrices L_k, how often they could not be computed, and what happens then.</summary>
internal sealed class InverseRoots
{
    private readonly StateSource _source;
    private readonly Tensor[] _factors;     // L_k  [blocks, d_k, d_k]
    private readonly Tensor[] _roots;       // X_k  [blocks, d_k, d_k]
    private readonly double _exponent;
    private readonly Memory<int> _failures; // consecutive failing refreshes of every block
    private readonly ExternalException?[] _errors; // of a refresh: why the roots of every block could not be computed
    private readonly int _toleratedFailures;

    public InverseRoots(StateSource source, Tensor[] factors, Tensor[] roots, int toleratedFailures)
    {
        (_source, _factors, _roots, _toleratedFailures) = (source, factors, roots, toleratedFailures);
        _exponent = 1.0 / (2 * Math.Max(factors.Length, 1));
        _failures = source.Counters("failed_refreshes");
        _errors = new ExternalException?[source.Count];
    }

    /// <inheritdoc cref="FactorMatrices.Refresh"/>
    public void Refresh<TSolver>(in TSolver solver, double biasCorrection) where TSolver : struct, IInverseRootSolver
    {
        Array.Clear(_errors);
        for (var k = 0; k < _factors.Length; k++)
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
            Adopt(_roots[k], solver.InverseRoot(matrices.clone(), _exponent), k);
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
            Adopt(_roots[k].narrow(0, block, 1), solver.InverseRoot(matrix.to_type(precision, copy: true), _exponent), k, block);
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
        return factor.As(factor.dtype.Arithmetic()).div(divisor);
    }
}
