namespace Shampoo.Runtime;

/// <summary>
/// The offsets of all blocks of a parameter group, before the group is divided among ranks: by how many steps a block is refreshed earlier
/// than in the schedule of all together.
/// </summary>
/// <remarks>
/// The most expensive blocks come first, and each gets the offset that has the least to do so far. So no step has more to do than the
/// average and one block. Blocks of one offset are neighbours in their bucket.
/// </remarks>
internal sealed class RefreshTurns
{
    private readonly StaggeredRefresh _schedule;
    private readonly Dictionary<BlockReference, int> _offsets = [];

    public RefreshTurns(BlockPlan plan, StaggeredRefresh schedule)
    {
        _schedule = schedule;
        var blocks = plan.Buckets.Sum(static bucket => bucket.Members.Count);
        var costs = new double[Math.Clamp(blocks, 1, schedule.Frequency)];
        foreach (var bucket in plan.Buckets.OrderByDescending(schedule.Cost))
            Assign(bucket.Members, Shares(costs, bucket.Members.Count, schedule.Cost(bucket)));
    }

    /// <summary>The turns of the blocks of a bucket.</summary>
    public BlockTurns Of(IReadOnlyList<BlockReference> members) => new(_schedule, [.. members.Select(member => _offsets[member])]);

    // How many of some blocks of equal cost get each offset.
    private static int[] Shares(double[] costs, int blocks, double cost)
    {
        var shares = new int[costs.Length];
        for (var block = 0; block < blocks; block++)
        {
            var least = Array.IndexOf(costs, costs.Min());
            costs[least] += cost;
            shares[least]++;
        }
        return shares;
    }

    private void Assign(IReadOnlyList<BlockReference> members, int[] shares)
    {
        var next = 0;
        for (var offset = 0; offset < shares.Length; offset++)
        {
            for (var i = 0; i < shares[offset]; i++)
                _offsets[members[next++]] = offset;
        }
    }
}

/// <summary>When the blocks of a bucket are refreshed.</summary>
/// <param name="schedule">That of all together.</param>
/// <param name="offsets">Of every block; blocks of one offset are neighbours.</param>
internal sealed class BlockTurns(StaggeredRefresh schedule, int[] offsets)
{
    /// <summary>Where the blocks begin, from <paramref name="start"/> on and before <paramref name="end"/>, whose turn it is at step t, and how many there are.</summary>
    public (int Start, int Count) Next(int start, int end, long t)
    {
        while (start < end && !schedule.IsDue(t + offsets[start]))
            start++;
        var next = start;
        while (next < end && schedule.IsDue(t + offsets[next]))
            next++;
        return (start, next - start);
    }
}

/// <summary>Runs of neighbouring blocks of a slice whose turn it is at a step. Going through them allocates nothing.</summary>
/// <param name="turns">Of all blocks of the bucket.</param>
/// <param name="start">The first block of the slice.</param>
/// <param name="blocks">The number of its blocks.</param>
/// <param name="t">The step.</param>
internal struct DueBlocks(BlockTurns turns, int start, int blocks, long t)
{
    private int _next; // from the first block of the slice

    /// <summary>The first block of the run, counted from that of the slice, and their number.</summary>
    public (int First, int Count) Current { get; private set; }

    public readonly DueBlocks GetEnumerator() => this;

    public bool MoveNext()
    {
        var (first, count) = turns.Next(start + _next, start + blocks, t);
        Current = (first - start, count);
        _next = first - start + count;
        return count > 0;
    }
}
