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

    private int End => source.Start + source.Count;

    /// <summary>Begins to compute a function of the factor matrices as they are now.</summary>
    public void Begin<TFunction>(in TFunction function, double biasCorrection) where TFunction : struct, IFactorFunction
    {
        var pending = source.PendingRefreshes;
        pending.Wait(source.Start, source.Count);
        Copy(source.Start, source.Count, isAdopted: false);
        var begun = refresh.Begin(function, biasCorrection, source.Start, source.Count);
        pending.Add(begun);
        if (source.IsOnCpu)
            RefreshThreads.Start(begun);
        else
            pending.Wait(source.Start, source.Count);
    }

    /// <summary>Adopts what was computed, and counts what has failed.</summary>
    /// <param name="before">What is done before some neighbouring blocks of the bucket adopt their results: the first one, and how many. Null for nothing.</param>
    public void Adopt(Action<int, int>? before = null)
    {
        var pending = source.PendingRefreshes;
        pending.Wait(source.Start, source.Count);
        for (var block = source.Start; block < End; block++)
        {
            if (pending.IsNotFinite(block))
                ThrowNotFinite(block, pending.Error(block));
        }
        for (var (first, count) = NextRun(source.Start); count > 0; (first, count) = NextRun(first + count))
        {
            before?.Invoke(first, count);
            Adopt(first, count);
        }
    }

    private void Adopt(int first, int count)
    {
        var pending = source.PendingRefreshes;
        Copy(first, count, isAdopted: true);
        for (var block = first; block < first + count; block++)
        {
            refresh.Count(block, pending.HasFailed(block));
            if (pending.Told(block) is { } told)
                refresh.Remember(block, told);
        }
        for (var block = first; block < first + count; block++)
        {
            refresh.RequireTolerated(block, results, pending.Error(block));
            pending.Clear(block);
        }
    }

    // Neighbouring blocks that have something to adopt.
    private (int First, int Count) NextRun(int first)
    {
        var pending = source.PendingRefreshes;
        while (first < End && !pending.IsPending(first))
            first++;
        var end = first;
        while (end < End && pending.IsPending(end))
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
                using var used = inUse[k]!.narrow(0, first, count);
                using var other = next[k]!.narrow(0, first, count);
                (isAdopted ? used : other).copy_(isAdopted ? other : used);
            }
        }
    }

    private void ThrowNotFinite(int block, Exception? error)
    {
        if (error is not null)
            ExceptionDispatchInfo.Throw(error);
        throw new NotFiniteNumberException($"The {results} of {_whole.Describe(block)} contain NaN or infinity.");
    }
}
