namespace Shampoo.Runtime;

/// <summary>
/// Who owns which block: the longest processing time first (Graham 1969). The most expensive block that is left goes to the rank with the least
/// to do. Where one quantity is balanced, no rank gets more than the mean and the most expensive block together, nor more than 4/3 of what is possible.
/// </summary>
/// <remarks>
/// Where two are balanced, of a block the larger one counts, measured by its mean, and the block goes to the rank where the larger of the two sums is least;
/// what is uneven then is a matter of <see cref="BlockExchange"/>.
/// </remarks>
internal sealed class BlockAssignment
{
    private readonly BlockLoad[] _loads;

    /// <param name="ranks">The number of ranks, from 1.</param>
    public BlockAssignment(int ranks) : this(new BlockLoad[ranks])
    {
    }

    private BlockAssignment(BlockLoad[] loads) => _loads = loads;

    /// <summary>What every rank has been given so far.</summary>
    public ReadOnlySpan<BlockLoad> Loads => _loads;

    /// <summary>Another one, which has given away the same.</summary>
    public BlockAssignment Copy() => new([.. _loads]);

    /// <summary>Gives away more blocks. Every rank that asks with the same costs gets the same answer.</summary>
    /// <param name="costs">Of each block. Of equal ones the first goes first.</param>
    /// <returns>The owner of each block. Of ranks with equally little to do it is the first.</returns>
    public int[] Assign(BlockLoad[] costs)
    {
        var scale = new LoadScale(_loads.Concat(costs).Aggregate(default(BlockLoad), (sum, load) => sum + load), _loads.Length);
        var owners = new int[costs.Length];
        var order = Enumerable.Range(0, costs.Length).OrderByDescending(block => scale.Larger(costs[block])).ToArray();
        foreach (var block in order)
        {
            owners[block] = RankFor(costs[block], scale);
            _loads[owners[block]] += costs[block];
        }
        if (scale.HasBoth)
            new BlockExchange(costs, order, owners, _loads, scale).Run();
        return owners;
    }

    private int RankFor(BlockLoad cost, LoadScale scale)
    {
        var (best, least) = (0, double.PositiveInfinity);
        for (var rank = 0; rank < _loads.Length; rank++)
        {
            var load = scale.Larger(_loads[rank] + cost);
            if (load < least)
                (best, least) = (rank, load);
        }
        return best;
    }
}
