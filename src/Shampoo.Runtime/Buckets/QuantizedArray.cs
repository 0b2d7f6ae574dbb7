namespace Shampoo.Runtime;

/// <summary>An array of numbers of 8 bits (<see cref="EightBitCode"/>). It is saved by its values, which lead back to the same codes.</summary>
internal sealed class QuantizedArray : StackedArray
{
    private readonly ScalarType _arithmetic;
    private Tensor _scales;     // [blocks, groups]

    /// <param name="name">Its name in saved state.</param>
    /// <param name="shape">[blocks, …]</param>
    /// <param name="arithmetic">The dtype that is computed in.</param>
    /// <param name="device">Where it is.</param>
    public QuantizedArray(string name, long[] shape, ScalarType arithmetic, torch.Device device)
        : base(name, torch.zeros(shape, dtype: ScalarType.Int8, device: device).DetachFromDisposeScope())
    {
        _arithmetic = arithmetic;
        var blockElements = shape.Skip(1).Aggregate(1L, (product, size) => product * size);
        _scales = torch.zeros([shape[0], EightBitCode.Groups(blockElements)], dtype: ScalarType.Float32, device: device).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public override ScalarType SavedType => _arithmetic;

    /// <inheritdoc/>
    public override long Bytes => Tensor.numel() + _scales.numel() * sizeof(float);

    /// <summary>Some neighbouring blocks.</summary>
    /// <returns>For the caller to dispose; valid until the array is moved.</returns>
    public QuantizedBlocks Blocks(int start, int count) =>
        new(Tensor.narrow(0, start, count).DetachFromDisposeScope(), _scales.narrow(0, start, count).DetachFromDisposeScope(), _arithmetic);

    /// <inheritdoc/>
    public override Tensor Block(int position)
    {
        using var blocks = Blocks(position, 1);
        using var values = Values();
        blocks.CopyTo(values);
        return values.squeeze(0);
    }

    /// <inheritdoc/>
    public override void Replace(int position, Action<Tensor> fill)
    {
        using var blocks = Blocks(position, 1);
        using var values = Values();
        using var block = values.squeeze(0);
        fill(block);
        blocks.TakeFrom(values);
    }

    /// <inheritdoc/>
    public override void Move(torch.Device device)
    {
        base.Move(device);
        var moved = _scales.to(device).DetachFromDisposeScope();
        _scales.Dispose();
        _scales = moved;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _scales.Dispose();
    }

    private Tensor Values() => torch.empty([1, .. Tensor.shape.AsSpan(1)], dtype: _arithmetic, device: Tensor.device);
}
