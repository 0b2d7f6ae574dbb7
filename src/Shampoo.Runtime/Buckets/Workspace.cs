namespace Shampoo.Runtime;

/// <summary>Memory that the slices of all buckets of one kind use in turn. Allocated when it is first needed.</summary>
internal sealed class Workspace(StorageKind kind) : IDisposable
{
    private long _elements;
    private Tensor? _memory;

    /// <summary>Differs for memory that was allocated at different times.</summary>
    public int Version { get; private set; }

    /// <summary>Bytes of an element.</summary>
    public int ElementSize { get; } = ((ScalarType)kind.ElementType).Size();

    /// <summary>Makes the next <see cref="Memory"/> at least so large.</summary>
    public void Reserve(long elements)
    {
        if (elements <= _elements)
            return;
        _elements = elements;
        Dispose();
    }

    public Tensor Memory()
    {
        if (_memory is null)
        {
            _memory = torch.empty(_elements, dtype: (ScalarType)kind.ElementType, device: kind.Device()).DetachFromDisposeScope();
            Version++;
        }
        return _memory;
    }

    public void Dispose()
    {
        _memory?.Dispose();
        _memory = null;
    }
}

/// <summary>The workspaces of an optimizer: one for each kind and purpose.</summary>
internal sealed class WorkspacePool : IDisposable
{
    private readonly Dictionary<(StorageKind, string), Workspace> _workspaces = [];

    public Workspace Get(StorageKind kind, string purpose, long elements)
    {
        if (!_workspaces.TryGetValue((kind, purpose), out var workspace))
            _workspaces[(kind, purpose)] = workspace = new Workspace(kind);
        workspace.Reserve(elements);
        return workspace;
    }

    public void Dispose()
    {
        foreach (var workspace in _workspaces.Values)
            workspace.Dispose();
    }
}

/// <summary>The first elements of a workspace, seen as a stack of blocks; made again only when the workspace is.</summary>
internal sealed class WorkspaceView(Workspace workspace, long[] shape, bool hasRows) : IDisposable
{
    private readonly long _elements = shape.Aggregate(1L, (product, size) => product * size);
    private Tensor? _stack;
    private int _version = -1;

    /// <summary>The blocks one by one, if they were asked for.</summary>
    public Tensor[] Rows { get; private set; } = [];

    /// <summary>The address of the first element; 0 where <see cref="NativeTensor"/> is not available.</summary>
    public nint Data { get; private set; }

    /// <summary>The address of the first element of a block.</summary>
    public nint RowData(int row) => Data + (nint)(row * (_elements / shape[0]) * workspace.ElementSize);

    public Tensor Stack()
    {
        var memory = workspace.Memory();
        if (_stack is not null && _version == workspace.Version)
            return _stack;

        Dispose();
        _version = workspace.Version;
        using var used = memory.narrow(0, 0, _elements);
        _stack = used.view(shape).DetachFromDisposeScope();
        Data = NativeTensor.DataOf(_stack);
        if (hasRows)
            Rows = [.. Enumerable.Range(0, (int)shape[0]).Select(i => _stack.select(0, i).DetachFromDisposeScope())];
        return _stack;
    }

    public void Dispose()
    {
        foreach (var row in Rows)
            row.Dispose();
        Rows = [];
        _stack?.Dispose();
        _stack = null;
    }
}

internal static class StorageKindExtensions
{
    public static torch.Device Device(this StorageKind kind) => torch.device((DeviceType)kind.DeviceType, kind.DeviceIndex);
}
