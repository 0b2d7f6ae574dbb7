namespace Shampoo.Runtime;

/// <summary>An array whose contents are valid in one turn of its slice: a tensor that was adopted, or else memory that all slices share.</summary>
internal sealed class WorkspaceArray(BlockSlice slice, string name, WorkspaceView view) : BlockArray(slice.BlockShape, slice.Bucket.WorkspaceType)
{
    private Tensor? _adopted;
    private nint _data;

    public string Name => name;

    public override Tensor Stack() => _adopted ?? view.Stack();

    public override Tensor Adopt(Tensor contents)
    {
        RequireStack(contents, slice.Count, nameof(contents));
        if (ReferenceEquals(contents, _adopted))
            return contents;
        ReleaseAdopted();
        _adopted = slice.Dialect == Dialect.Torch ? contents.DetachFromDisposeScope() : Dense(contents);
        _data = NativeTensor.DataOf(_adopted);
        return _adopted;
    }

    internal override nint Address(int block) => _data + (nint)(block * BlockElements * ElementSize);

    // Operators make tensors of their own; only the others write to the shared memory.
    internal override void Begin()
    {
        if (slice.Dialect == Dialect.Torch)
            return;
        view.Stack();
        _data = view.Data;
    }

    internal override void End() => ReleaseAdopted();

    internal override void Release()
    {
        ReleaseAdopted();
        view.Dispose();
    }

    private static Tensor Dense(Tensor contents)
    {
        if (contents.is_contiguous())
            return contents.DetachFromDisposeScope();
        var dense = contents.contiguous().DetachFromDisposeScope();
        contents.Dispose();
        return dense;
    }

    private void ReleaseAdopted()
    {
        _adopted?.Dispose();
        _adopted = null;
    }
}
