namespace TorchSharp;

/// <summary>The dispose scopes of one thread, innermost last. A tensor registers in the innermost one of the thread that makes it.</summary>
public class DisposeScopeManager
{
    [ThreadStatic] private static DisposeScopeManager? _ofThread;

    private readonly List<DisposeScope> _scopes = [];
    private readonly ThreadDisposeScopeStatistics _statistics = new();

    internal static DisposeScopeManager OfThread => _ofThread ??= new DisposeScopeManager();

    /// <summary>What was created, moved and disposed on this thread.</summary>
    public static ThreadDisposeScopeStatistics Statistics => OfThread._statistics;

    internal ThreadDisposeScopeStatistics Counts => _statistics;

    internal DisposeScope? Current => _scopes.Count == 0 ? null : _scopes[^1];

    internal DisposeScope Open()
    {
        var scope = new DisposeScope(this);
        _scopes.Add(scope);
        return scope;
    }

    internal void Close(DisposeScope scope) => _scopes.Remove(scope);


    /// <summary>Registers a new disposable in the innermost scope, which then owns it.</summary>
    internal DisposeScope? Register(IDisposable disposable)
    {
        var scope = Current;
        if (scope is null) {
            _statistics.CreatedOutsideScopeCount++;
            return null;
        }
        _statistics.CreatedInScopeCount++;
        scope.Disposables.Add(disposable);
        return scope;
    }
}
