namespace TorchSharp;

/// <summary>Counts of what happened to disposables on one thread, since it started or since <see cref="Reset"/>.</summary>
public class ThreadDisposeScopeStatistics
{
    /// <summary>Created while no scope was open.</summary>
    public long CreatedOutsideScopeCount { get; internal set; }

    /// <summary>Created within a scope.</summary>
    public long CreatedInScopeCount { get; internal set; }

    /// <summary>Disposed while a scope owned them.</summary>
    public long DisposedInScopeCount { get; internal set; }

    /// <summary>Disposed while no scope owned them.</summary>
    public long DisposedOutsideScopeCount { get; internal set; }

    /// <summary>Taken out of their scope.</summary>
    public long DetachedFromScopeCount { get; internal set; }

    /// <summary>Put into a scope although none owned them.</summary>
    public long AttachedToScopeCount { get; internal set; }

    /// <summary>Created and not yet disposed.</summary>
    public long ThreadTotalLiveCount =>
        CreatedInScopeCount - DisposedInScopeCount + CreatedOutsideScopeCount - DisposedOutsideScopeCount;

    /// <summary>Starts all counts again at zero.</summary>
    public void Reset()
    {
        CreatedOutsideScopeCount = 0;
        CreatedInScopeCount = 0;
        DisposedInScopeCount = 0;
        DisposedOutsideScopeCount = 0;
        DetachedFromScopeCount = 0;
        AttachedToScopeCount = 0;
    }
}
