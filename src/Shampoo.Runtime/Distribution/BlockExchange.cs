namespace Shampoo.Runtime;

/// <summary>
/// Evens out an assignment of blocks by two quantities: the rank that is farthest from the mean exchanges a block with another one, or gives or takes one,
/// namely what brings the two nearest to the mean; until that helps no rank any more.
/// </summary>
/// <remarks>
/// The sum of <see cref="LoadScale.Unevenness"/> over all ranks falls with every exchange by a part of the largest one, so it ends. No rank comes to have more
/// than a tenth above the mean by it, or than some rank had in the beginning.
/// </remarks>
internal sealed class BlockExchange
{
    private const int None = -1;
    private const double NearEnough = 0.02 * 0.02;  // to the mean, for a rank to be left alone
    private const double LeastGain = 0.01;          // of the unevenness of a rank
    private const double Tolerated = 1.1;           // of the mean

    private readonly BlockLoad[] _costs;
    private readonly int[] _owners;
    private readonly BlockLoad[] _loads;
    private readonly LoadScale _scale;
    private readonly List<int>[] _blocks;           // of every rank, equal ones side by side
    private readonly bool[] _isSettled;
    private readonly double _limit;

    /// <param name="costs">Of each block.</param>
    /// <param name="order">The blocks, equal ones side by side.</param>
    /// <param name="owners">Of each block; changed by <see cref="Run"/>.</param>
    /// <param name="loads">Of every rank; changed by <see cref="Run"/>.</param>
    /// <param name="scale">What loads are measured by.</param>
    public BlockExchange(BlockLoad[] costs, int[] order, int[] owners, BlockLoad[] loads, LoadScale scale)
    {
        (_costs, _owners, _loads, _scale) = (costs, owners, loads, scale);
        _blocks = [.. loads.Select(_ => new List<int>())];
        _isSettled = new bool[loads.Length];
        _limit = Math.Max(Tolerated, loads.Max(load => scale.Larger(load)));
        foreach (var block in order)
            _blocks[owners[block]].Add(block);
    }

    /// <summary>Makes all exchanges.</summary>
    public void Run()
    {
        while (Farthest() is var rank and not None)
        {
            if (Best(rank) is var (given, other, taken) and not (_, None, _))
            {
                Move(given, other);
                Move(taken, rank);
                _isSettled[other] = false;
            }
            else
                _isSettled[rank] = true;
        }
    }

    private int Farthest()
    {
        var (farthest, largest) = (None, NearEnough);
        for (var rank = 0; rank < _loads.Length; rank++)
        {
            var unevenness = _scale.Unevenness(_loads[rank]);
            if (!_isSettled[rank] && unevenness > largest)
                (farthest, largest) = (rank, unevenness);
        }
        return farthest;
    }

    // What a rank gives to which other one, and what it takes; either may be nothing. No other rank if nothing helps.
    private (int Given, int Other, int Taken) Best(int rank)
    {
        var best = (None, None, None);
        var own = _scale.Unevenness(_loads[rank]);
        var most = LeastGain * own;
        int[] mine = [None, .. Different(_blocks[rank])];
        for (var other = 0; other < _loads.Length; other++)
        {
            if (other == rank)
                continue;
            var before = own + _scale.Unevenness(_loads[other]);
            foreach (var taken in Different(_blocks[other]).Append(None))
            {
                foreach (var given in mine)
                {
                    var change = Cost(taken) - Cost(given);
                    BlockLoad here = _loads[rank] + change, there = _loads[other] - change;
                    var gain = before - _scale.Unevenness(here) - _scale.Unevenness(there);
                    if (gain > most && Math.Max(_scale.Larger(here), _scale.Larger(there)) <= _limit)
                        (best, most) = ((given, other, taken), gain);
                }
            }
        }
        return best;
    }

    // Of blocks with the same costs one is enough to try.
    private IEnumerable<int> Different(List<int> blocks)
    {
        for (var i = 0; i < blocks.Count; i++)
        {
            if (i == 0 || _costs[blocks[i]] != _costs[blocks[i - 1]])
                yield return blocks[i];
        }
    }

    private BlockLoad Cost(int block) => block == None ? default : _costs[block];

    private void Move(int block, int rank)
    {
        if (block == None)
            return;
        _blocks[_owners[block]].Remove(block);
        _loads[_owners[block]] -= _costs[block];
        _owners[block] = rank;
        _loads[rank] += _costs[block];
        var equal = _blocks[rank].FindIndex(other => _costs[other] == _costs[block]);
        _blocks[rank].Insert(equal < 0 ? _blocks[rank].Count : equal, block);
    }
}
