namespace Shampoo.Runtime;

/// <summary>An array that a tensor holds: a part of the state.</summary>
internal sealed class DenseArray : BlockArray
{
    private readonly Tensor _stack;
    private readonly nint _data;

    /// <param name="stack">[blocks, …], contiguous; owned by the caller, and valid as long as this object is used.</param>
    public DenseArray(Tensor stack) : base(stack.shape[1..], stack.dtype)
    {
        _stack = stack;
        _data = NativeTensor.DataOf(stack);
    }

    public override Tensor Stack() => _stack;

    internal override nint Address(int block) => _data + (nint)(block * BlockElements * ElementSize);
}
