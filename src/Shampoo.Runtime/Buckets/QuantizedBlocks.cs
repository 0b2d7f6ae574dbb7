namespace Shampoo.Runtime;

/// <summary>Neighbouring blocks in the form of <see cref="EightBitCode"/>.</summary>
/// <param name="codes">[blocks, …] of int8, contiguous; owned by this object, as all that follows.</param>
/// <param name="scales">[blocks, groups] of float32, contiguous.</param>
/// <param name="arithmetic">The dtype of their values.</param>
internal sealed class QuantizedBlocks(Tensor codes, Tensor scales, ScalarType arithmetic) : IDisposable
{
    private readonly EightBitMemory? _memory = NativeTensor.IsAvailable && codes.device_type == DeviceType.CPU
        ? EightBitMemory.Of(arithmetic, scales.shape[0], codes.numel() / scales.shape[0])
        : null;

    public Tensor Codes => codes;

    /// <summary>values ← the values of the blocks.</summary>
    /// <param name="values">[blocks, …], contiguous.</param>
    public void CopyTo(Tensor values)
    {
        if (_memory is null)
            EightBitCode.Decode(codes, scales, values);
        else
            _memory.Decode(NativeTensor.Data(codes.Handle), NativeTensor.Data(scales.Handle), NativeTensor.Data(values.Handle));
    }

    /// <summary>The blocks ← values, rounded. The values may be used up.</summary>
    /// <inheritdoc cref="CopyTo"/>
    public void TakeFrom(Tensor values)
    {
        if (_memory is null)
            EightBitCode.Encode(codes, scales, values);
        else
            _memory.Encode(NativeTensor.Data(codes.Handle), NativeTensor.Data(scales.Handle), NativeTensor.Data(values.Handle));
    }

    public void Dispose()
    {
        codes.Dispose();
        scales.Dispose();
    }
}
