namespace Shampoo.Runtime;

/// <summary>
/// Who owns which block: the longest processing time first (Graham 1969). The most expensive block that is left goes to the rank with the least
/// to do. No rank gets more than the mean and the most expensive block together, nor more than 4/3 of what is possible.
/// </summary>
internal sealed class BlockAssignment
{
    private readonly long[] _loads;

    /// <param name="ranks">The number of ranks, from 1.</param>
    public BlockAssignment(int ranks) : this(new long[ranks])
    {
    }

    private BlockAssignment(long[] loads) => _loads = loads;

    /// <summary>What every rank has been given so far.</summary>
    public ReadOnlySpan<long> Loads => _loads;

    /// <summary>Another one, which has given away the same.</summary>
    public BlockAssignment Copy() => new([.. _loads]);

    /// <summary>Gives away more blocks. Every rank that asks with the same costs gets the same answer.</summary>
    /// <param name="costs">Of each block. Of equal ones the first goes first.</param>
    /// <returns>The owner of each block. Of ranks with equally little to do it is the first.</returns>
    public int[] Assign(ReadOnlySpan<long> costs)
    {
        var order = new int[costs.Length];
        var keys = new (long Cost, int Index)[costs.Length];
        for (var i = 0; i < order.Length; i++)
            (order[i], keys[i]) = (i, (-costs[i], i));
        Array.Sort(keys, order);

        var ranks = new PriorityQueue<int, (long Load, int Rank)>();
        for (var rank = 0; rank < _loads.Length; rank++)
            ranks.Enqueue(rank, (_loads[rank], rank));
        var owners = new int[costs.Length];
        foreach (var block in order)
        {
            var owner = ranks.Dequeue();
            owners[block] = owner;
            _loads[owner] += costs[block];
            ranks.Enqueue(owner, (_loads[owner], owner));
        }
        return owners;
    }
}
