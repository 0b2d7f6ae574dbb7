using System.Runtime.InteropServices;

namespace Shampoo.Runtime;

/// <summary>What is computed of factor matrices at a refresh, and where it goes.</summary>
internal interface IFactorFunction
{
    /// <summary>What is computed, for messages.</summary>
    string Results { get; }

    /// <summary>A solver that regularises as this does, for diagnostics.</summary>
    IInverseRootSolver Exact { get; }

    /// <summary>Computes it for a stack of matrices, and stores it.</summary>
    /// <param name="matrices">A = L_k/bc₂ of some neighbouring blocks, [matrices, d_k, d_k] in float32 or float64; finite. May be changed.</param>
    /// <param name="dimension">k</param>
    /// <param name="firstBlock">Which block the first one belongs to.</param>
    /// <returns>For each matrix whether it could not be computed, and nothing was stored; null if all were.</returns>
    /// <exception cref="ExternalException">It could not be computed for at least one of the matrices; nothing was stored.</exception>
    /// <exception cref="NotFiniteNumberException">The result contains NaN or infinity.</exception>
    bool[]? Compute(Tensor matrices, int dimension, int firstBlock);
}

/// <summary>Refreshes of what depends on factor matrices L_k: how often they fail, and what happens then.</summary>
/// <remarks>
/// A matrix on which a function fails is tried alone, and where that fails in float64; so are all matrices of a stack if the function cannot tell
/// which it was. A matrix that still fails keeps what it has, and counts one failure for the block; a refresh of a block without failure
/// sets its count back.
/// </remarks>
internal sealed class FactorRefresh
{
    // How many elements the matrices of a part have together.
    private const long PartElements = 1 << 16;

    private readonly StateSource _source;
    private readonly Tensor?[] _factors;    // L_k  [blocks, d_k, d_k]
    private readonly Memory<int> _failures; // consecutive failing refreshes of every block
    private readonly ExternalException?[] _errors; // of a refresh: why the function failed on every block
    private readonly Memory<LastRefresh?> _lastRefreshes;
    private readonly int _toleratedFailures;
    private readonly bool _isSideBySide;    // by the threads of the workers

    public FactorRefresh(StateSource source, Tensor?[] factors, int toleratedFailures)
    {
        (_source, _factors, _toleratedFailures) = (source, factors, toleratedFailures);
        _failures = source.Counters("failed_refreshes");
        _errors = new ExternalException?[source.Count];
        _lastRefreshes = source.LastRefreshes;
        _isSideBySide = source.Dialect.IsVector() && Blas.IsAvailable && Blas.Threads.CanBeSet;
    }

    /// <summary>Computes the function of L_k/biasCorrection for every dimension k.</summary>
    /// <exception cref="NotFiniteNumberException">A factor matrix or a result contains NaN or infinity.</exception>
    /// <exception cref="InvalidOperationException">More consecutive refreshes of a block have failed than are tolerated.</exception>
    public void Run<TFunction>(in TFunction function, double biasCorrection) where TFunction : struct, IFactorFunction =>
        Run(function, biasCorrection, 0, _source.Count);

    /// <summary>The same for the blocks whose turn it is at step t; allocates nothing where there are none.</summary>
    public void RunDue<TFunction>(in TFunction function, double biasCorrection, long t) where TFunction : struct, IFactorFunction
    {
        foreach (var (first, count) in _source.DueAt(t))
            Run(function, biasCorrection, first, count);
    }

    /// <summary>The same for some neighbouring blocks, beside the steps: of the factor matrices as they are now, which are copied.</summary>
    /// <exception cref="NotFiniteNumberException">A factor matrix contains NaN or infinity.</exception>
    public PendingRefresh Begin<TFunction>(in TFunction function, double biasCorrection, int first, int count) where TFunction : struct, IFactorFunction
    {
        using var scope = torch.NewDisposeScope();
        var start = RefreshMetrics.Start();
        List<Part> parts = [.. Parts(biasCorrection, first, count).Select(part => part with { Factor = Unbiased(part), BiasCorrection = 1 })];
        parts.ForEach(static part => part.Factor.DetachFromDisposeScope());
        var errors = new ExternalException?[_source.Count];
        return new PendingRefresh(new Refreshing<TFunction>(this, function, parts, errors), parts, errors, first, count, SideStream.TryBegin(_source.Kind))
        {
            Results = function.Results,
            Told = new LastRefresh(function.Exact, biasCorrection),
            Start = start,
        };
    }

    /// <summary>The same for some neighbouring blocks.</summary>
    public void Run<TFunction>(in TFunction function, double biasCorrection, int first, int count) where TFunction : struct, IFactorFunction
    {
        using var scope = torch.NewDisposeScope();
        var start = RefreshMetrics.Start();
        Array.Clear(_errors, first, count);
        _lastRefreshes.Span.Slice(first, count).Fill(new LastRefresh(function.Exact, biasCorrection));
        var parts = Parts(biasCorrection, first, count);
        var work = new Refreshing<TFunction>(this, function, parts, _errors);
        // One thread for little work, too: what comes out depends on their number.
        using var oneThread = _isSideBySide ? Blas.Threads.OneThread() : default;
        if (_isSideBySide && parts.Sum(static part => part.Factor.numel()) > PartElements)
        {
            Workers.Run(work, parts.Count);
        }
        else
        {
            for (var part = 0; part < parts.Count; part++)
                work.Do(part);
        }
        RefreshMetrics.Report(start, function.Results, _errors.Skip(first).Take(count).Count(static error => error is not null));
        CountFailures(function.Results, first, count);
    }

    // The largest matrices come first: what is left for the end is small.
    private List<Part> Parts(double biasCorrection, int first, int count)
    {
        var parts = new List<Part>();
        for (var k = 0; k < _factors.Length; k++)
        {
            if (_factors[k]?.narrow(0, first, count) is not { } factor)
                continue;
            // Of all, before the first result is stored.
            _source.RequireFinite(factor, factor.AreDiagonals() ? $"diagonal factor of dimension {k}" : $"factor matrix of dimension {k}", first);
            if (!factor.AreDiagonals())
                parts.AddRange(Parts(factor, k, biasCorrection, first));
        }
        return [.. parts.OrderByDescending(static part => part.Factor.shape[^1])];
    }

    // On the CPU small stacks, whose size depends on nothing but that of the matrices, side by side; elsewhere all matrices of a dimension together.
    private IEnumerable<Part> Parts(Tensor factor, int k, double biasCorrection, int firstBlock)
    {
        long all = factor.shape[0], size = factor.shape[^1];
        var count = _isSideBySide ? Math.Clamp(PartElements / Math.Max(1, size * size), 1, all) : all;
        for (long start = 0; start < all; start += count)
            yield return new Part(factor.narrow(0, start, Math.Min(count, all - start)), k, firstBlock + (int)start, biasCorrection);
    }

    // A fresh tensor: functions may change their argument. The division may overflow; a GPU is not waited for because of that, as results are looked at.
    private Tensor Unbiased(Part part)
    {
        var matrices = Unbiased(part.Factor, part.BiasCorrection);
        if (_isSideBySide)
            _source.RequireFinite(matrices, $"factor matrix of dimension {part.Dimension}", part.FirstBlock);
        return matrices;
    }

    /// <summary>L_k of some neighbouring blocks.</summary>
    internal readonly record struct Part(Tensor Factor, int Dimension, int FirstBlock, double BiasCorrection);

    private sealed class Refreshing<TFunction>(FactorRefresh refresh, TFunction function, List<Part> parts, ExternalException?[] errors) : Work
        where TFunction : struct, IFactorFunction
    {
        public override void Do(int index)
        {
            using var thread = Blas.Threads.OneThreadHere();
            using var scope = torch.NewDisposeScope();
            var part = parts[index];
            var (first, k) = (part.FirstBlock, part.Dimension);
            if (Failures(refresh.Unbiased(part), k, first) is not { } failures)
                return;
            var again = refresh.Unbiased(part);
            for (var i = 0; i < failures.Length; i++)
            {
                // Another dimension of the block may fail meanwhile: what is not an error must not be written.
                if (failures[i] && RunOne(function, again.narrow(0, i, 1), k, first + i) is { } error)
                    errors[first + i] = error;
            }
        }

        // Of the stack together: all, if it cannot be told which.
        private bool[]? Failures(Tensor matrices, int k, int first)
        {
            try
            {
                return function.Compute(matrices, k, first);
            }
            catch (ExternalException)
            {
                return [.. Enumerable.Repeat(true, (int)matrices.shape[0])];
            }
        }
    }

    // Null, or why there is no new result.
    private static ExternalException? RunOne<TFunction>(in TFunction function, Tensor matrix, int k, int block) where TFunction : struct, IFactorFunction
    {
        var error = RunOne(function, matrix, matrix.dtype, k, block);
        return error is null || matrix.dtype == ScalarType.Float64 ? error : RunOne(function, matrix, ScalarType.Float64, k, block);
    }

    private static ExternalException? RunOne<TFunction>(in TFunction function, Tensor matrix, ScalarType precision, int k, int block) where TFunction : struct, IFactorFunction
    {
        using var scope = torch.NewDisposeScope();
        try
        {
            return function.Compute(matrix.to_type(precision, copy: true), k, block) is null
                ? null
                : new ExternalException($"The iteration for dimension {k} diverged, or ended far from the solution.");
        }
        catch (ExternalException error)
        {
            return error;
        }
    }

    private void CountFailures(string results, int first, int count)
    {
        for (var block = first; block < first + count; block++)
            Count(block, hasFailed: _errors[block] is not null);
        for (var block = first; block < first + count; block++)
            RequireTolerated(block, results, _errors[block]);
    }

    /// <summary>Counts a refresh of a block.</summary>
    public void Count(int block, bool hasFailed) => _failures.Span[block] = hasFailed ? _failures.Span[block] + 1 : 0;

    /// <summary>Remembers what a refresh of a block was told; null if that is not known.</summary>
    public void Remember(int block, LastRefresh? told) => _lastRefreshes.Span[block] = told;

    /// <summary>Throws if more consecutive refreshes of a block have failed than are tolerated.</summary>
    /// <param name="block">Which one.</param>
    /// <param name="results">What was computed.</param>
    /// <param name="error">Why the last one has failed, if that is known.</param>
    /// <exception cref="InvalidOperationException">So it is.</exception>
    public void RequireTolerated(int block, string results, Exception? error)
    {
        var failures = _failures.Span[block];
        if (failures > _toleratedFailures)
        {
            throw new InvalidOperationException(
                $"The {results} of {_source.Describe(block)} could not be computed in {failures} refreshes one after the other; {_toleratedFailures} are tolerated.",
                error);
        }
    }

    /// <summary>L/biasCorrection, whole, in the type of its arithmetic: a fresh tensor.</summary>
    public static Tensor Unbiased(Tensor factor, double biasCorrection)
    {
        using var scope = torch.NewDisposeScope();
        using Scalar divisor = biasCorrection;
        var wide = factor.Whole().As(factor.dtype.Arithmetic());
        return (ReferenceEquals(wide, factor) ? wide.div(divisor) : wide.div_(divisor)).MoveToOuterDisposeScope();
    }
}

internal static class FiniteMatrices
{
    /// <summary>Throws if a matrix contains NaN or infinity.</summary>
    /// <param name="source">Names the block.</param>
    /// <param name="matrices">[matrices, …] of neighbouring blocks.</param>
    /// <param name="what">What a matrix is.</param>
    /// <param name="firstBlock">Which block the first one belongs to.</param>
    public static void RequireFinite(this StateSource source, Tensor matrices, string what, int firstBlock)
    {
        if (matrices.IsFinite())
            return;
        for (var i = 0; i < matrices.shape[0]; i++)
        {
            using var matrix = matrices.select(0, i);
            if (!matrix.IsFinite())
                throw new NotFiniteNumberException($"The {what} of {source.Describe(firstBlock + i)} contains NaN or infinity.");
        }
    }

    /// <summary>For each matrix whether it contains neither NaN nor infinity, [matrices, 1, 1].</summary>
    public static Tensor AreFinite(this Tensor matrices)
    {
        using var finite = matrices.isfinite();
        using var rows = finite.all(-1, keepdim: true);
        return rows.all(-2, keepdim: true);
    }

    /// <summary>For each matrix whether it contains NaN or infinity; null if none does. On a GPU this waits for the device.</summary>
    public static bool[]? Failures(this Tensor matrices)
    {
        using var scope = torch.NewDisposeScope();
        bool[] failures = matrices.AreFinite().logical_not_().cpu().reshape(-1).data<bool>().ToArray();
        return failures.Contains(true) ? failures : null;
    }
}
