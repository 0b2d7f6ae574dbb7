namespace Shampoo.Runtime;

/// <summary>The part of a parameter, in its merged shape, that is preconditioned on its own.</summary>
internal sealed class BlockRegion
{
    internal BlockRegion(long[] start, long[] size)
    {
        Start = start;
        Size = size;
    }

    /// <summary>The first index of the block in every dimension of the merged shape.</summary>
    public IReadOnlyList<long> Start { get; }

    /// <summary>The extent of the block in every dimension of the merged shape; at least 1.</summary>
    public IReadOnlyList<long> Size { get; }

    /// <summary>The number of elements of the block.</summary>
    public long Elements => Size.Aggregate(1L, (product, size) => product * size);

    /// <summary>The block as a view.</summary>
    /// <param name="values">A tensor of the merged shape.</param>
    /// <returns>A tensor of the dispose scope.</returns>
    public Tensor Of(Tensor values)
    {
        for (var k = 0; k < Size.Count; k++)
            values = values.narrow(k, Start[k], Size[k]);
        return values;
    }

    /// <summary>The ranges of indices, such as <c>[0..128, 128..200]</c>.</summary>
    public override string ToString() =>
        $"[{string.Join(", ", Start.Zip(Size, (start, size) => $"{start}..{start + size}"))}]";
}
