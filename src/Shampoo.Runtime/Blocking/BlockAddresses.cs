namespace Shampoo.Runtime;

/// <summary>
/// Where the blocks of a parameter lie in a tensor of its shape, for one choice of strides. Offsets and strides count elements.
/// A merged dimension is a run of neighbouring original ones; where those cannot be seen as one (a transposed tensor, say),
/// a table takes the place of its stride: the address of an element is the sum of one term for each merged dimension.
/// </summary>
internal sealed class BlockAddresses
{
    private readonly long[] _strides;
    private readonly Axis[] _whole;
    private readonly (long Offset, Axis[] Axes)[] _blocks;

    /// <param name="plan">The merged shape and the blocks.</param>
    /// <param name="shape">The original shape.</param>
    /// <param name="strides">The strides of the tensor, one for each original dimension.</param>
    public BlockAddresses(ParameterPlan plan, ReadOnlySpan<long> shape, ReadOnlySpan<long> strides)
    {
        _strides = strides.ToArray();
        _whole = Coalesce(Original(shape, strides));
        var merged = Merged(plan.MergedShape, shape, strides);
        IsViewable = Array.TrueForAll(merged, axis => axis.Offsets is null);
        _blocks = Array.ConvertAll(plan.Blocks, block => Locate(block, merged));
    }

    /// <summary>Whether the tensor can be viewed in the merged shape.</summary>
    public bool IsViewable { get; }

    /// <summary>All of the elements of the tensor.</summary>
    public ReadOnlySpan<Axis> Whole => _whole;

    /// <summary>The first element of a block.</summary>
    public long Offset(int block) => _blocks[block].Offset;

    /// <summary>The elements of a block, from its first one.</summary>
    public ReadOnlySpan<Axis> Axes(int block) => _blocks[block].Axes;

    /// <summary>Whether the addresses are right for a tensor of these strides.</summary>
    public bool IsFor(ReadOnlySpan<long> strides) => strides.SequenceEqual(_strides);

    private static Axis[] Original(ReadOnlySpan<long> shape, ReadOnlySpan<long> strides)
    {
        var axes = new Axis[shape.Length];
        for (var k = 0; k < axes.Length; k++)
            axes[k] = new Axis(shape[k], strides[k]);
        return axes;
    }

    // Walks through both shapes from the last dimension; dimensions of size 1 have no address to contribute.
    private static Axis[] Merged(long[] merged, ReadOnlySpan<long> shape, ReadOnlySpan<long> strides)
    {
        var axes = new Axis[merged.Length];
        var original = shape.Length - 1;
        for (var k = merged.Length - 1; k >= 0; k--)
        {
            axes[k] = new Axis(1, 0);
            while (axes[k].Count < merged[k])
            {
                if (shape[original] != 1)
                    axes[k] = Join(new Axis(shape[original], strides[original]), axes[k]);
                original--;
            }
        }
        return axes;
    }

    // The dimension whose index is outer·inner.Count + inner.
    private static Axis Join(Axis outer, Axis inner)
    {
        if (inner.Count == 1)
            return outer;
        if (inner.Offsets is null && outer.Stride == inner.Stride * inner.Count)
            return new Axis(outer.Count * inner.Count, inner.Stride);

        var offsets = new long[outer.Count * inner.Count];
        for (long i = 0; i < offsets.Length; i++)
            offsets[i] = outer.Offset(i / inner.Count) + inner.Offset(i % inner.Count);
        return new Axis(offsets.Length, 0, offsets);
    }

    private static (long Offset, Axis[] Axes) Locate(BlockRegion block, Axis[] merged)
    {
        long first = 0;
        var axes = new Axis[merged.Length];
        for (var k = 0; k < merged.Length; k++)
        {
            var (start, size) = (block.Start[k], block.Size[k]);
            if (merged[k].Offsets is { } offsets)
            {
                axes[k] = new Axis(size, 0, offsets[(int)start..(int)(start + size)]);
            }
            else
            {
                axes[k] = new Axis(size, merged[k].Stride);
                first += start * merged[k].Stride;
            }
        }
        return (first, Coalesce(axes));
    }

    // Fewer and longer runs: drops axes of one element and joins neighbours that are one axis.
    private static Axis[] Coalesce(Axis[] axes)
    {
        var joined = new List<Axis>(axes.Length + 1);
        foreach (var axis in axes)
        {
            if (axis is { Count: 1, Offsets: null })
                continue;
            if (joined.Count > 0 && joined[^1].Offsets is null && axis.Offsets is null && joined[^1].Stride == axis.Stride * axis.Count)
                joined[^1] = new Axis(joined[^1].Count * axis.Count, axis.Stride);
            else
                joined.Add(axis);
        }
        return joined.Count > 0 ? [.. joined] : [new Axis(1, 1)];
    }
}
