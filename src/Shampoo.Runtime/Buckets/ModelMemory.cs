namespace Shampoo.Runtime;

/// <summary>Where a tensor of the model is in the memory of its device, in the current step.</summary>
internal readonly struct ModelMemory(nint data, BlockAddresses addresses)
{
    /// <summary>The first element of a block, and its elements from there.</summary>
    public void Locate(int block, int elementSize, out nint address, out ReadOnlySpan<Axis> axes)
    {
        address = data == 0 ? 0 : data + (nint)(addresses.Offset(block) * elementSize);
        axes = addresses.Axes(block);
    }
}
