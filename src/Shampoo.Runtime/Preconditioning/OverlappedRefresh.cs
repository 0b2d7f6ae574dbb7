using System.Runtime.ExceptionServices;

namespace Shampoo.Runtime;

/// <summary>Refreshes that are computed beside the steps, and adopted a fixed number of steps later.</summary>
/// <remarks>
/// Where the results go begins as what is in use, so a matrix that the function fails on is adopted as it is. A block that takes no part in a
/// step that adopts does so in the next one of them in which it does, unless another refresh of it has begun.
/// </remarks>
/// <param name="source">The blocks of a step.</param>
/// <param name="refresh">Of all blocks of the bucket.</param>
/// <param name="results">What is computed, for messages.</param>
/// <param name="matrices">For every dimension that has one the matrices in use, and those that are adopted, of all blocks of the bucket.</param>
internal sealed class OverlappedRefresh(StateSource source, FactorRefresh refresh, string results, params (Tensor?[] InUse, Tensor?[] Next)[] matrices)
{
    private readonly StateSource _whole = source.Whole;
    private readonly PendingRefreshes _pending = source.PendingRefreshes;   // a part of the state from the beginning

    private int End => source.Start + source.Count;

    /// <summary>Begins to compute a function of the factor matrices as they are now.</summary>
    public void Begin<TFunction>(in TFunction function, double biasCorrection) where TFunction : struct, IFactorFunction
    {
        _pending.Wait(source.Start, source.Count);
        Copy(source.Start, source.Count, isAdopted: false);
        var begun = refresh.Begin(function, biasCorrection, source.Start, source.Count);
        _pending.Add(begun);
        if (source.IsOnCpu || begun.HasStream)
            RefreshThreads.Start(begun);
        else
            _pending.Wait(source.Start, source.Count);
    }

    /// <summary>Adopts what was computed, and counts what has failed.</summary>
    /// <param name="before">What is done before some neighbouring blocks of the bucket adopt their results: the first one, and how many. Null for nothing.</param>
    public void Adopt(Action<int, int>? before = null)
    {
        _pending.Wait(source.Start, source.Count);
        for (var block = source.Start; block < End; block++)
        {
            if (_pending.IsNotFinite(block) || _pending.IsBroken(block))
                Throw(block, _pending.Error(block));
        }
        for (var (first, count) = NextRun(source.Start); count > 0; (first, count) = NextRun(first + count))
        {
            before?.Invoke(first, count);
            Adopt(first, count);
        }
    }

    private void Adopt(int first, int count)
    {
        Copy(first, count, isAdopted: true);
        for (var block = first; block < first + count; block++)
        {
            refresh.Count(block, _pending.HasFailed(block));
            refresh.Remember(block, _pending.Told(block));
        }
        for (var block = first; block < first + count; block++)
        {
            refresh.RequireTolerated(block, results, _pending.Error(block));
            _pending.Clear(block);
        }
    }

    // Neighbouring blocks that have something to adopt.
    private (int First, int Count) NextRun(int first)
    {
        while (first < End && !_pending.IsPending(first))
            first++;
        var end = first;
        while (end < End && _pending.IsPending(end))
            end++;
        return (first, end - first);
    }

    private void Copy(int first, int count, bool isAdopted)
    {
        foreach (var (inUse, next) in matrices)
        {
            for (var k = 0; k < next.Length; k++)
            {
                if (next[k] is null)
                    continue;
                using var scope = torch.NewDisposeScope();
                var used = inUse[k]!.narrow(0, first, count);
                var other = next[k]!.narrow(0, first, count);
                if (isAdopted)
                    used.Store(other);
                else
                    other.copy_(used.Whole());
            }
        }
    }

    private void Throw(int block, Exception? error)
    {
        if (error is not null)
            ExceptionDispatchInfo.Throw(error);
        throw _pending.IsNotFinite(block)
            ? new NotFiniteNumberException($"The {results} of {_whole.Describe(block)} contain NaN or infinity.")
            : new InvalidOperationException(
                $"The {results} of {_whole.Describe(block)} were not computed: an exception ended it before the state was saved. Load a state from before it, or find it in the run that saved this one.");
    }
}
