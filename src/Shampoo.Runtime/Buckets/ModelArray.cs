namespace Shampoo.Runtime;

/// <summary>Which of a parameter's tensors.</summary>
internal enum ModelTensor
{
    Gradient,
    Parameter,
}

/// <summary>The gradient or the parameters of the blocks of a slice, where the model has them.</summary>
internal sealed class ModelArray(BlockSlice slice, ModelTensor which) : BlockArray(slice.BlockShape, (ScalarType)slice.Bucket.Kind.ElementType)
{
    private readonly WorkspaceView _stack = slice.Bucket.View(which == ModelTensor.Gradient ? "gradient stack" : "parameter stack", slice.Count, isModel: true);
    private readonly WorkspaceView? _direction = which == ModelTensor.Parameter ? slice.Bucket.View("direction stack", slice.Count, isModel: true) : null;
    private WorkspaceView? _stored;
    private bool _isGathered;

    internal override ScalarType StackType => slice.Bucket.WorkspaceType;

    public override Tensor Stack()
    {
        var stack = _stack.Stack();
        for (var i = 0; i < slice.Count && !_isGathered; i++)
            Member(i, out var block).Gather(which, block, _stack, i);
        _isGathered = true;
        return stack;
    }

    /// <summary>The same in the dtype that the model has it in. As valid as <see cref="Stack"/>.</summary>
    public Tensor StoredStack()
    {
        if (StackType == ElementType)
            return Stack();
        _stored ??= slice.Bucket.View("stack as stored", slice.Count, type: ElementType);
        return _stored.Stack().copy_(Stack());
    }

    // The direction is copied to a workspace because that has its rows already.
    public override void Add(Tensor direction, Scalar alpha)
    {
        if (_direction is null)
        {
            base.Add(direction, alpha);
            return;
        }
        RequireStack(direction, slice.Count, nameof(direction));
        _direction.Stack().copy_(direction);
        for (var i = 0; i < slice.Count; i++)
            Member(i, out var block).Add(block, _direction, i, alpha);
        _isGathered = false;
    }

    internal override void Locate(int block, out nint address, out ReadOnlySpan<Axis> axes)
    {
        var parameter = Member(block, out var number);
        parameter.Memory(which).Locate(number, ElementSize, out address, out axes);
    }

    internal override nint Address(int block) => throw new NotSupportedException("The blocks of a model's tensors are not dense; use Locate.");

    internal override void MarkChanged()
    {
        for (var i = 0; i < slice.Count; i++)
            Member(i, out _).MarkChanged();
        _isGathered = false;
    }

    internal override void End() => _isGathered = false;

    internal override void Release()
    {
        _stack.Dispose();
        _direction?.Dispose();
        _stored?.Dispose();
    }

    private BlockedParameter Member(int index, out int block)
    {
        (var parameter, block) = slice.Bucket.Members[slice.Start + index];
        return parameter;
    }
}
