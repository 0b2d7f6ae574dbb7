namespace Shampoo.Runtime;

/// <summary>What the elements of a parameter are and where they live; blocks of different kinds share no bucket.</summary>
internal readonly record struct StorageKind(int ElementType, int DeviceType, int DeviceIndex);

/// <summary>Where a block is: the <paramref name="Block"/>-th one of the <paramref name="Parameter"/>-th parameter.</summary>
internal readonly record struct BlockReference(int Parameter, int Block);

/// <summary>
/// The blocks of one parameter, and the place of each in its bucket; (−1, −1) for blocks that another rank owns. If it <paramref name="IsSkipped"/> it is
/// not preconditioned.
/// </summary>
internal sealed record ParameterPlan(long[] MergedShape, BlockRegion[] Blocks, (int Bucket, int Position)[] Places, bool IsSkipped = false);

/// <summary>
/// Blocks of equal shape and kind, in the order of parameters and then of blocks. They are <paramref name="IsLarge"/> if a dimension is
/// too large for a preconditioner, and they are preconditioned element by element for that; they are skipped if their parameters are not
/// preconditioned at all.
/// </summary>
internal sealed record BucketPlan(long[] BlockShape, StorageKind Kind, IReadOnlyList<BlockReference> Members, bool IsLarge = false, bool IsSkipped = false);

/// <summary>The blocks of a parameter group and the buckets that they are stacked in.</summary>
internal sealed class BlockPlan
{
    private readonly List<BucketPlan> _buckets = [];
    private readonly List<ParameterPlan> _parameters = [];

    private BlockPlan()
    {
    }

    public IReadOnlyList<ParameterPlan> Parameters => _parameters;

    /// <summary>The buckets, in the order of their first blocks.</summary>
    public IReadOnlyList<BucketPlan> Buckets => _buckets;

    /// <summary>All blocks, bucket by bucket.</summary>
    public IEnumerable<(BucketPlan Bucket, BlockReference Block)> Members =>
        _buckets.SelectMany(bucket => bucket.Members.Select(block => (bucket, block)));

    /// <summary>Plans a group. A parameter without elements takes part without blocks.</summary>
    public static BlockPlan Create(BlockingRules rules, IEnumerable<(long[] Shape, StorageKind Kind)> parameters)
    {
        var plan = new BlockPlan();
        var index = new Dictionary<BucketKey, int>();
        foreach (var (shape, kind) in parameters)
            plan.Add(rules, shape, kind, index);
        return plan;
    }

    /// <summary>The part of the plan that one rank owns: the same parameters, and buckets of its own blocks, in the same order.</summary>
    /// <param name="owners">The owner of every block, in the order of <see cref="Members"/>.</param>
    /// <param name="rank">Whose part.</param>
    public BlockPlan OwnedBy(ReadOnlySpan<int> owners, int rank)
    {
        var plan = new BlockPlan();
        foreach (var parameter in _parameters)
            plan._parameters.Add(parameter with { Places = [.. parameter.Places.Select(_ => (-1, -1))] });
        var next = 0;
        foreach (var bucket in _buckets)
        {
            var owned = new List<BlockReference>();
            foreach (var member in bucket.Members)
            {
                if (owners[next++] != rank)
                    continue;
                plan._parameters[member.Parameter].Places[member.Block] = (plan._buckets.Count, owned.Count);
                owned.Add(member);
            }
            if (owned.Count > 0)
                plan._buckets.Add(bucket with { Members = owned });
        }
        return plan;
    }

    private void Add(BlockingRules rules, long[] shape, StorageKind kind, Dictionary<BucketKey, int> index)
    {
        var merged = rules.Merge(shape);
        var isSkipped = rules.IsSkipped(shape);
        var blocks = rules.Split(merged, isSkipped);
        var places = new (int, int)[blocks.Length];
        for (var b = 0; b < blocks.Length; b++)
        {
            var bucket = BucketOf(rules, [.. blocks[b].Size], kind, isSkipped, index);
            var members = (List<BlockReference>)_buckets[bucket].Members;
            places[b] = (bucket, members.Count);
            members.Add(new BlockReference(_parameters.Count, b));
        }
        _parameters.Add(new ParameterPlan(merged, blocks, places, isSkipped));
    }

    private int BucketOf(BlockingRules rules, long[] blockShape, StorageKind kind, bool isSkipped, Dictionary<BucketKey, int> index)
    {
        var key = new BucketKey(blockShape, kind, isSkipped);
        if (index.TryGetValue(key, out var bucket))
            return bucket;
        _buckets.Add(new BucketPlan(blockShape, kind, new List<BlockReference>(), !isSkipped && rules.IsElementwise(blockShape), isSkipped));
        return index[key] = _buckets.Count - 1;
    }

    private readonly struct BucketKey(long[] shape, StorageKind kind, bool isSkipped) : IEquatable<BucketKey>
    {
        private readonly long[] _shape = shape;
        private readonly StorageKind _kind = kind;
        private readonly bool _isSkipped = isSkipped;

        public bool Equals(BucketKey other) => _kind == other._kind && _isSkipped == other._isSkipped && _shape.AsSpan().SequenceEqual(other._shape);

        public override bool Equals(object? obj) => obj is BucketKey other && Equals(other);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            hash.Add(_kind);
            hash.Add(_isSkipped);
            foreach (var size in _shape)
                hash.Add(size);
            return hash.ToHashCode();
        }
    }
}
