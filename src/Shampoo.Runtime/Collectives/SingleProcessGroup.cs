namespace Shampoo.Runtime;

/// <summary>A group of one process: every collective is a copy, on any device. It needs no library.</summary>
public sealed class SingleProcessGroup : CheckedProcessGroup
{
    private bool _isDisposed;

    /// <inheritdoc/>
    public override int Rank => 0;

    /// <inheritdoc/>
    public override int Size => 1;

    private protected override void ThrowIfUnusable() => ObjectDisposedException.ThrowIf(_isDisposed, this);

    private protected override string? Misplaced(Tensor tensor) => null;

    private protected override void Refuse(CollectiveCall call)
    {
    }

    private protected override CollectiveWork Start(CollectiveCall call)
    {
        if (call.Input is not null && CollectiveMemory.Address(call.Output!) != CollectiveMemory.Address(call.Input))
            CollectiveMemory.Assign(call.Output!, call.Input);
        return CompletedWork.Instance;
    }

    private protected override ProcessGroup Divide(int colour, int key) => new SingleProcessGroup();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _isDisposed = true;

    private sealed class CompletedWork : CollectiveWork
    {
        public static CompletedWork Instance { get; } = new();

        public override bool IsCompleted => true;

        public override void Wait()
        {
        }
    }
}
