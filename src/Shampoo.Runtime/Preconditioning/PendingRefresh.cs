using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Shampoo.Runtime;

/// <summary>
/// A refresh of some neighbouring blocks of a bucket that is computed beside the steps, part by part. It works on matrices of its own, and
/// writes where no step reads before it has been waited for.
/// </summary>
/// <param name="work">Computes a part.</param>
/// <param name="parts">Their matrices, which this object owns.</param>
/// <param name="failures">Where the work says, for every block of the bucket, why the function has failed.</param>
/// <param name="first">The first block.</param>
/// <param name="count">The number of blocks.</param>
/// <param name="side">On a GPU the stream that it is computed on; this object owns it. When a part is computed, the stream is through with it.</param>
internal sealed class PendingRefresh(Work work, List<FactorRefresh.Part> parts, ExternalException?[] failures, int first, int count, SideWork? side = null) : IDisposable
{
    private readonly BlasThreads.ProcessScope _oneThread = side is null ? Blas.Threads.OneThread() : default;
    private readonly CountdownEvent _open = new(parts.Count);
    private readonly Exception?[] _errors = new Exception?[parts.Count]; // other than failures of the function
    private int _next;
    private long _end;

    /// <summary>What is computed, for whoever measures.</summary>
    public required string Results { get; init; }

    /// <summary>What the refresh was told.</summary>
    public required LastRefresh Told { get; init; }

    /// <summary>When it was begun; 0 if nobody measures.</summary>
    public long Start { get; init; }

    /// <summary>Whether it has a stream of its own.</summary>
    public bool HasStream => side is not null;

    /// <summary>Whether any of these blocks takes part.</summary>
    public bool Overlaps(int start, int blocks) => start < first + count && first < start + blocks;

    /// <summary>Computes the next part, if there is one that nobody has taken. From any thread.</summary>
    public bool DoNext()
    {
        var part = Interlocked.Increment(ref _next) - 1;
        if (part >= parts.Count)
            return false;
        try
        {
            using var turn = side?.Enter();
            work.Do(part);
        }
        catch (Exception e)
        {
            _errors[part] = e; // for whoever waits
        }
        Volatile.Write(ref _end, Stopwatch.GetTimestamp()); // before anyone goes on who reads it
        _open.Signal();
        return true;
    }

    /// <summary>Returns when all is computed; the caller helps.</summary>
    public void Wait()
    {
        while (DoNext())
        {
        }
        _open.Wait();
    }

    /// <summary>Returns when nothing is computed any more, and leaves out what nobody has begun.</summary>
    public void Cancel()
    {
        var left = parts.Count - Interlocked.Exchange(ref _next, parts.Count);
        if (left > 0)
            _open.Signal(left);
        _open.Wait();
    }

    /// <summary>Says for every block why there is no result; null if there is one. After <see cref="Wait"/>.</summary>
    public void Report(Action<int, Exception?> report)
    {
        for (var block = first; block < first + count; block++)
            report(block, Error(block));
        RefreshMetrics.Report(parts.Count > 0 ? Start : 0, Volatile.Read(ref _end), Results, failures.Count(static error => error is not null));
    }

    /// <summary>When nobody works on it any more.</summary>
    public void Dispose()
    {
        foreach (var part in parts)
            part.Factor.Dispose();
        _oneThread.Dispose();
        side?.Dispose();
    }

    // Of the first part, so that it does not depend on who was faster.
    private Exception? Error(int block)
    {
        for (var i = 0; i < parts.Count; i++)
        {
            if (_errors[i] is not null && parts[i].FirstBlock <= block && block < parts[i].FirstBlock + parts[i].Factor.shape[0])
                return _errors[i];
        }
        return failures[block];
    }
}
