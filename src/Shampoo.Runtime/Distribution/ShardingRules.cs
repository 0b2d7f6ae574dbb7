namespace Shampoo.Runtime;

/// <summary>How state and work of blocks are divided among the ranks of a group: what <see cref="DistributedAttribute"/> declares.</summary>
public sealed class ShardingRules
{
    private static readonly long[] s_cubic = [0, 0, 0, 1];

    private readonly BlockCost _cost;
    private readonly int _arrays;
    private readonly int _matrices;
    private readonly bool _packed;
    private readonly InverseExponents _exponents;
    private readonly IgnoredDimensions _ignored;

    /// <summary>Creates the rules.</summary>
    /// <param name="groupSize">The number of ranks that share one copy of the state, from 1; −1 for all.</param>
    /// <param name="communicates">What the owners of blocks send.</param>
    /// <param name="communication">The precision in which it travels.</param>
    /// <param name="cost">What is balanced.</param>
    /// <param name="arrays">How many arrays of the state are as large as a block.</param>
    /// <param name="matrices">How many matrices a dimension of a block has.</param>
    /// <param name="packed">Whether two of them share one array.</param>
    /// <param name="exponents">The exponents of the inverse roots; dimensions of exponent 0 have no matrices. Null for the usual ones.</param>
    /// <param name="ignored">The dimensions without a basis; null for none.</param>
    /// <param name="reducesGradients">Whether gradients are those of each rank alone, and their averages are made by the step.</param>
    /// <param name="clipsGradients">Whether the step uses the norm of all gradients of a group.</param>
    /// <param name="scalesLayers">Whether the step uses the norms of the directions of whole parameters.</param>
    /// <exception cref="ArgumentOutOfRangeException">The group size is 0 or less, and not −1.</exception>
    public ShardingRules(
        int groupSize = -1, Communicated communicates = Communicated.Directions, Precision communication = Precision.SameAsParameter,
        BlockCost cost = BlockCost.MemoryAndWork, int arrays = 0, int matrices = 0, bool packed = false, InverseExponents? exponents = null, IgnoredDimensions? ignored = null,
        bool reducesGradients = false, bool clipsGradients = false, bool scalesLayers = false)
    {
        if (groupSize != -1)
            ArgumentOutOfRangeException.ThrowIfLessThan(groupSize, 1);
        GroupSize = groupSize;
        Communicates = communicates;
        Communication = communication;
        _cost = cost;
        _arrays = arrays;
        _matrices = matrices;
        _packed = packed;
        (_exponents, _ignored) = (exponents ?? InverseExponents.Default, ignored ?? IgnoredDimensions.None);
        ReducesGradients = reducesGradients;
        ClipsGradients = clipsGradients;
        ScalesLayers = scalesLayers;
    }

    internal int GroupSize { get; }

    internal Communicated Communicates { get; }

    internal Precision Communication { get; }

    internal bool ReducesGradients { get; }

    internal bool ClipsGradients { get; }

    internal bool ScalesLayers { get; }

    /// <summary>What makes two assignments of blocks the same, for messages.</summary>
    internal string Assignment => $"blocks by {_cost}";

    /// <summary>
    /// What a block costs its owner, of what is balanced: bytes of its state and of what it sends; the cubes of its dimensions, as matrix functions take them.
    /// </summary>
    /// <param name="blocking">What large dimensions have.</param>
    /// <param name="bucket">Of the block.</param>
    internal BlockLoad CostOf(BlockingRules blocking, BucketPlan bucket)
    {
        var hasMatrices = _matrices > 0 && !bucket.IsLarge && !bucket.IsSkipped;
        long elements = 1, matrices = 0, work = 0;
        var shape = bucket.BlockShape;
        for (var k = 0; k < shape.Length; k++)
        {
            var size = shape[k];
            elements *= size;
            if (!hasMatrices || _exponents.Of(shape.Length, k) <= 0 || _ignored.Contains(shape.Length, k))
                continue;
            var isDiagonal = size > blocking.MaxDimension; // of a factor
            matrices += isDiagonal ? _matrices * size : _packed ? (_matrices - 2) * size * size + PackedMatrices.Distance(size, isPacked: true) : _matrices * size * size;
            work += isDiagonal ? size : BlockCosts.Polynomial([size], s_cubic);
        }
        var elementSize = ((ScalarType)bucket.Kind.ElementType).Arithmetic().Size();
        var memory = BlockCosts.Memory(elementSize * (elements * (_arrays + 1) + matrices));
        return _cost switch
        {
            BlockCost.Memory => new BlockLoad(memory, 0),
            BlockCost.Work => new BlockLoad(0, work > 0 ? work : memory), // memory is what a block without matrices has to go through
            _ => new BlockLoad(memory, work),
        };
    }
}
