namespace Shampoo.Runtime;

/// <summary>One array of the state of a bucket: <c>[blocks, …]</c>.</summary>
internal class StackedArray(string name, Tensor tensor) : IDisposable
{
    public string Name => name;

    public Tensor Tensor { get; protected set; } = tensor;

    /// <summary>The dtype in which blocks are saved.</summary>
    public virtual ScalarType SavedType => Tensor.dtype;

    /// <summary>The memory that it takes.</summary>
    public virtual long Bytes => Tensor.numel() * Tensor.ElementSize;

    /// <summary>All numbers of a block, as they are saved.</summary>
    /// <returns>For the caller to dispose.</returns>
    public virtual Tensor Block(int position) => Tensor.select(0, position);

    /// <summary>Replaces the numbers of a block.</summary>
    /// <param name="position">Which one.</param>
    /// <param name="fill">Fills what <see cref="Block"/> returns.</param>
    public virtual void Replace(int position, Action<Tensor> fill)
    {
        using var block = Tensor.select(0, position);
        fill(block);
    }

    public virtual void Move(torch.Device device)
    {
        var moved = Tensor.to(device).DetachFromDisposeScope();
        Tensor.Dispose();
        Tensor = moved;
    }

    public virtual void Dispose() => Tensor.Dispose();
}
