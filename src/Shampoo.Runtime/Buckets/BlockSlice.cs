namespace Shampoo.Runtime;

/// <summary>
/// Neighbouring blocks of a bucket that are worked on together: all of them have a gradient, and they fit the workspace.
/// Stacked tensors are <c>[blocks, …block shape]</c>.
/// </summary>
public abstract class BlockSlice
{
    private readonly BlockState? _ownedState;
    private readonly long[] _blockDimensions;

    private protected BlockSlice(Bucket bucket, int start, int count)
    {
        Bucket = bucket;
        Start = start;
        Count = count;
        if (start == 0 && count == bucket.Count)
            State = bucket.State;
        else
            State = _ownedState = bucket.StateOf(start, count);
        _blockDimensions = [.. Enumerable.Range(1, bucket.BlockShape.Length).Select(k => (long)k)];
    }

    /// <summary>The number of blocks.</summary>
    internal int Count { get; }

    /// <summary>The shape that all of the blocks have.</summary>
    internal IReadOnlyList<long> BlockShape => Bucket.BlockShape;

    /// <summary>The state of these blocks.</summary>
    public BlockState State { get; }

    private protected Bucket Bucket { get; }

    private protected int Start { get; }

    /// <summary>Copies the gradients of the blocks together.</summary>
    /// <returns>[blocks, …]: a shared workspace that the caller may change; valid until the next slice gathers its own.</returns>
    public abstract Tensor GatherGradients();

    /// <summary>Copies the blocks of the parameters together.</summary>
    /// <returns>[blocks, …]: another shared workspace; valid until the next slice gathers its own.</returns>
    public abstract Tensor GatherParameters();

    /// <summary>W ← W + alpha·P, for the blocks of the parameters themselves.</summary>
    /// <param name="direction">P, [blocks, …].</param>
    /// <param name="alpha">The factor, such as −lr.</param>
    public abstract void UpdateParameters(Tensor direction, Scalar alpha);

    /// <summary>The Frobenius norm of every block.</summary>
    /// <param name="blocks">[blocks, …]</param>
    /// <returns>[blocks, 1, …]: a fresh tensor, owned by the caller.</returns>
    public Tensor Norm(Tensor blocks) => torch.linalg.vector_norm(blocks, 2, _blockDimensions, keepdim: true);

    /// <summary>Releases the views that the slice made; no memory of state.</summary>
    internal virtual void Release() => _ownedState?.Dispose();

    private protected long[] StackShape => [Count, .. Bucket.BlockShape];

    private protected void RequireStack(Tensor direction)
    {
        if (direction.dtype != (ScalarType)Bucket.Kind.ElementType || direction.numel() != Count * Bucket.BlockElements)
        {
            throw new ArgumentException(
                $"The direction is [{string.Join(", ", direction.shape)}] of {direction.dtype}, but must be [{string.Join(", ", StackShape)}] of {(ScalarType)Bucket.Kind.ElementType}.",
                nameof(direction));
        }
    }
}

/// <summary>A slice of blocks in this process's memory.</summary>
internal sealed class MemorySlice : BlockSlice
{
    private readonly WorkspaceView _gradients;
    private readonly WorkspaceView _parameters;

    public MemorySlice(Bucket bucket, int start, int count) : base(bucket, start, count)
    {
        _gradients = bucket.View(WorkspacePool.Purpose.Gradients, StackShape, hasRows: false);
        _parameters = bucket.View(WorkspacePool.Purpose.Parameters, StackShape, hasRows: false);
    }

    public override Tensor GatherGradients()
    {
        var stack = _gradients.Stack();
        for (var i = 0; i < Count; i++)
            Member(i, out var block).GatherGradient(block, Row(_gradients.Data, i));
        return stack;
    }

    public override Tensor GatherParameters()
    {
        var stack = _parameters.Stack();
        for (var i = 0; i < Count; i++)
            Member(i, out var block).GatherParameter(block, Row(_parameters.Data, i));
        return stack;
    }

    public override void UpdateParameters(Tensor direction, Scalar alpha)
    {
        RequireStack(direction);
        var isContiguous = direction.is_contiguous();
        var stack = isContiguous ? direction : direction.contiguous();
        var (data, factor) = (NativeTensor.Data(stack.Handle), alpha.ToDouble());
        for (var i = 0; i < Count; i++)
            Member(i, out var block).Add(block, Row(data, i), factor);
        GC.KeepAlive(stack);
        if (!isContiguous)
            stack.Dispose();
    }

    internal override void Release()
    {
        base.Release();
        _gradients.Dispose();
        _parameters.Dispose();
    }

    private MemoryParameter Member(int index, out int block)
    {
        var (parameter, number) = Bucket.Members[Start + index];
        block = number;
        return (MemoryParameter)parameter;
    }

    private nint Row(nint data, int index) => data + (nint)(index * Bucket.BlockBytes);
}

/// <summary>A slice of blocks on any device.</summary>
internal sealed class OperatorSlice : BlockSlice
{
    private readonly WorkspaceView _gradients;
    private readonly WorkspaceView _parameters;
    private readonly WorkspaceView _directions;

    public OperatorSlice(Bucket bucket, int start, int count) : base(bucket, start, count)
    {
        _gradients = bucket.View(WorkspacePool.Purpose.Gradients, StackShape, hasRows: true);
        _parameters = bucket.View(WorkspacePool.Purpose.Parameters, StackShape, hasRows: true);
        _directions = bucket.View(WorkspacePool.Purpose.Directions, StackShape, hasRows: true);
    }

    public override Tensor GatherGradients()
    {
        var stack = _gradients.Stack();
        for (var i = 0; i < Count; i++)
            Member(i, out var block).GatherGradient(block, _gradients.Rows[i]);
        return stack;
    }

    public override Tensor GatherParameters()
    {
        var stack = _parameters.Stack();
        for (var i = 0; i < Count; i++)
            Member(i, out var block).GatherParameter(block, _parameters.Rows[i]);
        return stack;
    }

    // The direction is copied to a workspace because that has its rows already.
    public override void UpdateParameters(Tensor direction, Scalar alpha)
    {
        RequireStack(direction);
        _directions.Stack().copy_(direction);
        for (var i = 0; i < Count; i++)
            Member(i, out var block).Add(block, _directions.Rows[i], alpha);
    }

    internal override void Release()
    {
        base.Release();
        _gradients.Dispose();
        _parameters.Dispose();
        _directions.Dispose();
    }

    private OperatorParameter Member(int index, out int block)
    {
        var (parameter, number) = Bucket.Members[Start + index];
        block = number;
        return (OperatorParameter)parameter;
    }
}
