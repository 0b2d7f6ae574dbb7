namespace Shampoo.Runtime;

/// <summary>An array that a tensor holds: a part of the state, or of what is sent to other ranks.</summary>
internal sealed class DenseArray : BlockArray
{
    private readonly Tensor _stack;
    private readonly nint _data;
    private readonly ScalarType _arithmetic;

    /// <param name="stack">[blocks, …], contiguous; owned by the caller, and valid as long as this object is used.</param>
    /// <param name="arithmetic">The dtype that is computed in.</param>
    public DenseArray(Tensor stack, ScalarType arithmetic) : base(stack.shape[1..], stack.dtype)
    {
        _stack = stack;
        _arithmetic = arithmetic;
        _data = NativeTensor.DataOf(stack);
    }

    public override Tensor Stack() => _stack;

    public override Tensor Load() => ElementType == _arithmetic ? _stack.alias() : _stack.to_type(_arithmetic);

    public override void Store(Tensor contents)
    {
        if (ElementType != _arithmetic)
            _stack.copy_(contents);
    }

    public override void Clear()
    {
        using var cleared = _stack.zero_();
    }

    internal override nint Address(int block) => _data + (nint)(block * BlockElements * ElementSize);
}
