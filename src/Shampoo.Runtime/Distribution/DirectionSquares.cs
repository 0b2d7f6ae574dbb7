namespace Shampoo.Runtime;

/// <summary>
/// The squares of the directions of all blocks of a parameter group, which several ranks work on: one double for each block, gathered from their owners,
/// and a first one of every rank that says whether it has failed.
/// </summary>
internal sealed class DirectionSquares : IDisposable
{
    private readonly ProcessGroup _ranks;
    private readonly int _firstRank;
    private readonly Tensor _all;
    private readonly Tensor _own;
    private readonly long[] _counts;
    private readonly long[] _starts;
    private readonly List<(BlockedParameter Parameter, Bucket Bucket, int Position)> _ownBlocks = [];
    private readonly Dictionary<BlockedParameter, List<long>> _places = [];

    /// <param name="group">Its blocks, and who owns them.</param>
    /// <param name="ranks">Who they are exchanged with.</param>
    /// <param name="firstRank">What the first of them is among all ranks, for messages.</param>
    public DirectionSquares(ShardedGroup group, ProcessGroup ranks, int firstRank)
    {
        _ranks = ranks;
        _firstRank = firstRank;
        _counts = new long[ranks.Size];
        _starts = new long[ranks.Size];
        foreach (var owner in group.Owners)
            _counts[owner]++;
        for (var rank = 0; rank < ranks.Size; rank++)
        {
            _counts[rank]++;
            _starts[rank] = rank == 0 ? 0 : _starts[rank - 1] + _counts[rank - 1];
        }
        Place(group);
        using var _ = torch.no_grad();
        _all = torch.zeros([_counts.Sum()], dtype: ScalarType.Float64, device: group.Blocks[0].Parameter.Kind.Device()).DetachFromDisposeScope();
        _own = _all.narrow(0, _starts[ranks.Rank], _counts[ranks.Rank]).DetachFromDisposeScope();
    }

    /// <summary>Whether the host would have to wait to read what has come: then who has failed is not known before the end of the step.</summary>
    public bool IsReadLate => _ranks.RunsAheadOf(_all.device_type);

    /// <summary>Exchanges the squares of this step. Who fails here has not been heard by the others.</summary>
    /// <param name="direction">The name of P, an array that is held in the state; null if this rank has failed, and tells the others.</param>
    public void Exchange(string? direction)
    {
        using var noGrad = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        using Scalar failed = direction is null ? 1.0 : 0.0;
        _own.narrow(0, 0, 1).fill_(failed);
        for (var i = 0; i < _ownBlocks.Count && direction is not null; i++)
        {
            var (parameter, bucket, position) = _ownBlocks[i];
            if (parameter.IsActive)
                _own.select(0, i + 1).copy_(LayerScale.Squares(bucket.Held(direction).select(0, position)));
        }
        _ranks.all_gather(_all, _own, _counts);
    }

    /// <summary>Looks who has failed, unless the host would have to wait.</summary>
    /// <exception cref="InvalidOperationException">Another rank has failed.</exception>
    public void RequireAgreement()
    {
        for (var rank = 0; rank < _counts.Length && !IsReadLate; rank++)
        {
            if (rank != _ranks.Rank && _all[_starts[rank]].item<double>() != 0)
                throw Shards.Failed(_firstRank + rank);
        }
    }

    /// <summary>The squares of all blocks of a parameter, in the order in which one process has its blocks.</summary>
    /// <returns>Tensors of the dispose scope.</returns>
    public IEnumerable<Tensor> Of(BlockedParameter parameter) => _places[parameter].Select(place => _all.select(0, place));

    public void Dispose()
    {
        _own.Dispose();
        _all.Dispose();
    }

    private void Place(ShardedGroup group)
    {
        var next = Array.ConvertAll(_starts, start => start + 1);
        for (var b = 0; b < group.Blocks.Length; b++)
        {
            var (parameter, block, owner) = group.Blocks[b];
            if (!_places.TryGetValue(parameter, out var places))
                _places[parameter] = places = [];
            places.Add(next[owner]++);
            if (owner != _ranks.Rank)
                continue;
            var (bucket, position) = parameter.Plan.Places[block];
            _ownBlocks.Add((parameter, group.Buckets[bucket], position));
        }
    }
}
