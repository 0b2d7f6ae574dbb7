namespace Shampoo.Runtime;

/// <summary>A block of a parameter, and its owner.</summary>
internal readonly record struct OwnedBlock(BlockedParameter Parameter, int Block, int Owner)
{
    public BlockRegion Region => Parameter.Plan.Blocks[Block];
}

/// <summary>A block, and its first element in a flat buffer.</summary>
internal readonly record struct FlatBlock(BlockedParameter Parameter, int Block, int Owner, long Offset)
{
    public long Elements => Region.Elements;

    public BlockRegion Region => Parameter.Plan.Blocks[Block];
}

/// <summary>
/// Where blocks are in a flat buffer: the parts of all ranks one after the other, each a header and the blocks that the rank owns. It has all blocks,
/// those without a gradient, too, so that it is the same in every step.
/// </summary>
internal sealed class FlatLayout
{
    /// <param name="blocks">Those of a rank stay in this order.</param>
    /// <param name="ranks">The number of ranks.</param>
    /// <param name="header">The elements of each rank's header.</param>
    public FlatLayout(IEnumerable<OwnedBlock> blocks, int ranks, int header)
    {
        Counts = new long[ranks];
        Starts = new long[ranks];
        var placed = new List<FlatBlock>();
        long next = 0;
        var byOwner = blocks.ToLookup(block => block.Owner);
        for (var rank = 0; rank < ranks; rank++)
        {
            Starts[rank] = next;
            next += header;
            foreach (var block in byOwner[rank])
            {
                placed.Add(new FlatBlock(block.Parameter, block.Block, rank, next));
                next += block.Region.Elements;
            }
            Counts[rank] = next - Starts[rank];
        }
        Blocks = [.. placed];
        Elements = next;
    }

    /// <summary>The blocks of rank 0, of rank 1, and so on.</summary>
    public FlatBlock[] Blocks { get; }

    /// <summary>The elements of every rank's part.</summary>
    public long[] Counts { get; }

    /// <summary>The first element of every rank's part.</summary>
    public long[] Starts { get; }

    /// <summary>The elements of all parts.</summary>
    public long Elements { get; }
}
