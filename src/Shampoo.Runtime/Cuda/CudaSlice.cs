namespace Shampoo.Runtime;

/// <summary>What the kernels of a slice have on the device: the addresses of its blocks, and the partial sums of its norms.</summary>
internal sealed class CudaSlice(BlockSlice slice) : IDisposable
{
    private readonly BlockTable _table = new(slice.Bucket.Module!.Device, slice.Count, slice.Bucket.Kind.Device());
    private readonly Dictionary<BlockNorms, Tensor> _squares = [];
    private nint _address;

    /// <summary>Begins the turn of the slice: its tensors may be anywhere.</summary>
    public void Begin() => _address = 0;

    /// <summary>The address of the table, right for this turn of the slice.</summary>
    public nint Table()
    {
        if (_address == 0)
        {
            Describe(_table.Begin());
            _address = _table.Upload();
        }
        return _address;
    }

    /// <summary>The address of the sums of squares of every chunk of every block, [blocks, chunks].</summary>
    public nint Squares(BlockNorms norms)
    {
        if (!_squares.TryGetValue(norms, out var squares))
        {
            squares = torch.zeros([slice.Count, Chunks.Of(slice.BlockElements)], dtype: ScalarType.Float64, device: slice.Bucket.Kind.Device());
            _squares[norms] = squares.DetachFromDisposeScope();
        }
        return NativeTensor.Data(squares.Handle);
    }

    public void Dispose()
    {
        _table.Dispose();
        foreach (var squares in _squares.Values)
            squares.Dispose();
    }

    private void Describe(Span<BlockAddress> table)
    {
        var isInPlace = true;
        for (var block = 0; block < table.Length; block++)
        {
            isInPlace &= TryDescribe(slice.Gradient, block, out table[block].Gradient);
            if (!TryDescribe(slice.Parameters, block, out table[block].Parameters))
                throw new InvalidOperationException(
                    $"The memory layout of {slice.Bucket.Describe(slice.Start + block)} has changed since the optimizer was made, to one that its kernels cannot reach. "
                    + "Make a new optimizer, or keep the parameter's strides.");
        }
        if (!isInPlace)
            DescribeStack(slice.StoredGradients(), table);
    }

    // For gradients that were copied together.
    private void DescribeStack(Tensor gradients, Span<BlockAddress> table)
    {
        var data = NativeTensor.Data(gradients.Handle);
        for (var block = 0; block < table.Length; block++)
            Region.TryDescribe(out table[block].Gradient, data + (nint)(block * slice.BlockElements * slice.Gradient.ElementSize), [new Axis(slice.BlockElements, 1)]);
    }

    private static bool TryDescribe(BlockArray array, int block, out Region region)
    {
        array.Locate(block, out var address, out var axes);
        return Region.TryDescribe(out region, address, axes);
    }
}
