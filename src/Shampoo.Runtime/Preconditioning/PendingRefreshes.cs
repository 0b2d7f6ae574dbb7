using System.Runtime.InteropServices;

namespace Shampoo.Runtime;

/// <summary>What is computed of the blocks of a bucket beside the steps, and what has become of it until it is adopted.</summary>
/// <param name="outcomes">Of every block; saved with the state.</param>
internal sealed class PendingRefreshes(int[] outcomes) : IDisposable
{
    /// <summary>What the outcomes are called in saved state.</summary>
    public const string Name = "next_outcomes";

    // Numbers in saved state.
    private const int None = 0, Computed = 1, Failed = 2, NotFinite = 3, Broken = 4;

    private readonly List<PendingRefresh> _running = [];
    private readonly Exception?[] _errors = new Exception?[outcomes.Length];
    private readonly LastRefresh?[] _told = new LastRefresh?[outcomes.Length];

    /// <summary>Takes over a refresh of blocks that have no other one running.</summary>
    public void Add(PendingRefresh refresh) => _running.Add(refresh);

    /// <summary>Waits for all of them.</summary>
    public void Wait() => Wait(0, outcomes.Length);

    /// <summary>Waits for those in which some neighbouring blocks take part.</summary>
    public void Wait(int start, int count)
    {
        for (var i = _running.Count - 1; i >= 0; i--)
        {
            if (!_running[i].Overlaps(start, count))
                continue;
            _running[i].Wait();
            Record(_running[i]);
            _running[i].Dispose();
            _running.RemoveAt(i);
        }
    }

    /// <summary>Whether there is something to adopt for a block, which may be that it has failed.</summary>
    public bool IsPending(int block) => outcomes[block] != None;

    public bool HasFailed(int block) => outcomes[block] == Failed;

    public bool IsNotFinite(int block) => outcomes[block] == NotFinite;

    /// <summary>Whether something else has gone wrong, which is no failure of the function.</summary>
    public bool IsBroken(int block) => outcomes[block] == Broken;

    /// <summary>Why there is no result; null if there is one, or if that was before the state was saved.</summary>
    public Exception? Error(int block) => _errors[block];

    /// <summary>What the refresh of a block was told; null if that was before the state was saved.</summary>
    public LastRefresh? Told(int block) => _told[block];

    /// <summary>The results of a block are adopted.</summary>
    public void Clear(int block) => (outcomes[block], _errors[block], _told[block]) = (None, null, null);

    /// <summary>Waits, and forgets what is not saved, because other state is about to be loaded.</summary>
    public void Forget()
    {
        Wait();
        Array.Clear(_errors);
        Array.Clear(_told);
    }

    public void Dispose()
    {
        foreach (var refresh in _running)
        {
            refresh.Cancel();
            refresh.Dispose();
        }
        _running.Clear();
    }

    private void Record(PendingRefresh refresh) => refresh.Report((block, error) =>
    {
        (_errors[block], _told[block]) = (error, refresh.Told);
        outcomes[block] = error switch { null => Computed, ExternalException => Failed, NotFiniteNumberException => NotFinite, _ => Broken };
    });
}
