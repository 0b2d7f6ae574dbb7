using Shampoo.Runtime;

namespace Shampoo.Tests.Distribution;

/// <summary>Who owns which block, on plans alone.</summary>
public sealed class AssignmentTests
{
    private const int Arrays = 3, Matrices = 2;

    private static readonly StorageKind Float = new((int)TorchSharp.torch.ScalarType.Float32, 0, -1);

    private static readonly BlockingRules Blocking = new(maxDimension: 1024);

    public static TheoryData<string, long> Models => new() { { nameof(ModelShapes.ResNet50), 25_557_032 }, { nameof(ModelShapes.ViTB), 86_567_656 }, { nameof(ModelShapes.GPT2), 124_439_808 } };

    [Fact]
    public void GivesBytesToTheRankWithTheFewest()
    {
        var assignment = new BlockAssignment(2);
        Assert.Equal([1, 1, 0, 1], assignment.Assign([.. new long[] { 128, 64, 500, 256 }.Select(BlockCosts.Memory)]));
        Assert.Equal([512, 448], assignment.Loads.ToArray());
    }

    [Fact]
    public void GivesSquaresToTheRankWithTheFewest() => Assert.Equal(
        [1, 1, 0, 1], new BlockAssignment(2).Assign([.. new long[] { 256, 128, 384, 256 }.Select(static size => BlockCosts.Polynomial([size], [0, 0, 1]))]));

    [Theory]
    [InlineData(0, 0), InlineData(1, 64), InlineData(64, 64), InlineData(65, 128), InlineData(500, 512)]
    public void RoundsBytesUp(long bytes, long cost) => Assert.Equal(cost, BlockCosts.Memory(bytes));

    [Fact]
    public void AddsPolynomialsOfDimensions()
    {
        Assert.Equal(2 + 3 * 5 + 7 * 25 + 2 + 3 * 4 + 7 * 16, BlockCosts.Polynomial([5, 4], [2, 3, 7]));
        Assert.Equal(125 + 100, BlockCosts.Polynomial([5, 4], [0, 0, 0, 1], minimum: 100));
    }

    [Fact]
    public void OfEqualBlocksTheFirstGoesFirstAndOfEqualRanksTheFirstGetsIt()
    {
        var assignment = new BlockAssignment(3);
        Assert.Equal([0, 1, 2, 0, 1], assignment.Assign([5, 5, 5, 5, 5]));
        Assert.Equal([2, 0, 1, 2], assignment.Assign([5, 1, 1, 1])); // the next group goes on where the first one has ended
    }

    [Fact]
    public void EveryBlockHasAnOwnerAndAPlaceThereAlone()
    {
        var plan = BlockPlan.Create(new BlockingRules(3), [([7, 5], Float), ([4], Float), ([0, 2], Float), ([3, 3], Float), ([], Float)]);
        int[] owners = new BlockAssignment(3).Assign([.. plan.Members.Select(static member => member.Bucket.BlockShape.Aggregate(1L, static (product, size) => product * size))]);
        BlockPlan[] parts = [.. Enumerable.Range(0, 3).Select(rank => plan.OwnedBy(owners, rank))];
        Assert.Equal(plan.Members.Count(), parts.Sum(static part => part.Members.Count()));
        for (int p = 0; p < plan.Parameters.Count; p++)
            for (int b = 0; b < plan.Parameters[p].Blocks.Length; b++)
            {
                BlockPlan owner = Assert.Single(parts, part => part.Parameters[p].Places[b].Bucket >= 0);
                (int bucket, int position) = owner.Parameters[p].Places[b];
                Assert.Equal(new BlockReference(p, b), owner.Buckets[bucket].Members[position]);
                Assert.Equal(plan.Buckets[plan.Parameters[p].Places[b].Bucket].BlockShape, owner.Buckets[bucket].BlockShape);
            }
    }

    [Theory, MemberData(nameof(Models))]
    public void ModelsAreComplete(string model, long numbers) =>
        Assert.Equal(numbers, Shapes(model).Sum(static shape => shape.Aggregate(1L, static (product, size) => product * size)));

    /// <summary>
    /// Two ranks differ by one block at most: so all are within 10 % of the mean as long as no block is more than a tenth of it. Where one dominates,
    /// its owner has what it has, and no rank has more than 4/3 of what the best assignment would give it.
    /// </summary>
    [Theory, MemberData(nameof(Models))]
    public void RanksHaveNearlyTheSame(string model, long numbers)
    {
        Assert.True(numbers > 0);
        foreach (BlockCost cost in Enum.GetValues<BlockCost>())
            for (int ranks = 1; ranks <= 1024; ranks *= 2)
            {
                (double[] loads, double largest) = Loads(model, cost, ranks, Blocking, cost);
                double mean = loads.Average();
                string where = $"{model}, {cost}, {ranks} ranks: {loads.Min() / mean:F3} to {loads.Max() / mean:F3}, the largest block {largest / mean:F3}";
                Assert.True(loads.Max() - loads.Min() <= 1.001 * largest, where);
                Assert.True(loads.Max() <= 1.001 * Math.Max(1.1 * mean, 4d / 3 * Math.Max(mean, largest)), where);
                if (largest <= 0.1 * mean) Assert.True(loads.Max() <= 1.1 * mean && loads.Min() >= 0.9 * mean, where);
                if (ranks <= 16) Assert.True(loads.Max() <= 1.1 * mean && loads.Min() >= 0.9 * mean, where);
            }
    }

    /// <summary>Memory and work, whichever of them is balanced: what docs/distributed.md says of the other one.</summary>
    [Theory]
    [InlineData(nameof(ModelShapes.ViTB), 1024, 16, 0.1), InlineData(nameof(ModelShapes.GPT2), 1024, 16, 0.1), InlineData(nameof(ModelShapes.ResNet50), 1024, 2, 0.1)]
    [InlineData(nameof(ModelShapes.ResNet50), 256, 8, 0.1), InlineData(nameof(ModelShapes.ViTB), 256, 64, 0.1), InlineData(nameof(ModelShapes.GPT2), 256, 64, 0.1)]
    [InlineData(nameof(ModelShapes.GPT2), 64, 1024, 0.1)]
    [InlineData(nameof(ModelShapes.ResNet50), 1024, 8, 0.5)]
    public void WhatIsNotBalancedComesNear(string model, int maxDimension, int ranks, double tolerance)
    {
        foreach (BlockCost cost in Enum.GetValues<BlockCost>())
            foreach (BlockCost measure in Enum.GetValues<BlockCost>())
            {
                (double[] loads, _) = Loads(model, cost, ranks, new BlockingRules(maxDimension), measure);
                double mean = loads.Average();
                string found = $"{measure} by {cost}: {loads.Min() / mean:F3} to {loads.Max() / mean:F3}";
                Assert.True(loads.Max() <= (1 + tolerance) * mean && loads.Min() >= (1 - tolerance) * mean, found);
            }
    }

    /// <summary>A factor matrix and its root in one array, and whatever other matrices there are.</summary>
    [Theory]
    [InlineData(2, 8 * 9 + 6 * 7), InlineData(3, 8 * 9 + 6 * 7 + 8 * 8 + 6 * 6)]
    public void PackedMatricesCostTheirBytes(int matrices, int numbers)
    {
        var blocking = new BlockingRules(8);
        BucketPlan bucket = BlockPlan.Create(blocking, [([8L, 6L], Float)]).Members.Single().Bucket;
        long cost = new ShardingRules(arrays: Arrays, matrices: matrices, packed: true).CostOf(blocking, bucket);
        Assert.Equal(BlockCosts.Memory(sizeof(float) * (numbers + (Arrays + 1) * 48)), cost);
    }

    /// <summary>What every rank has, counted by block and not by the costs that it was assigned by.</summary>
    private static (double[] Loads, double Largest) Loads(string model, BlockCost cost, int ranks, BlockingRules blocking, BlockCost measure)
    {
        var rules = new ShardingRules(cost: cost, arrays: Arrays, matrices: Matrices);
        var plan = BlockPlan.Create(blocking, Shapes(model).Select(static shape => (shape, Float)));
        int[] owners = new BlockAssignment(ranks).Assign([.. plan.Members.Select(member => rules.CostOf(blocking, member.Bucket))]);
        var loads = new double[ranks];
        double largest = 0;
        foreach ((double load, int owner) in plan.Members.Select(member => Load(member.Bucket.BlockShape, measure)).Zip(owners))
        {
            loads[owner] += load;
            largest = Math.Max(largest, load);
        }
        return (loads, largest);
    }

    // Bytes of the state and of what is sent; cubes of the dimensions.
    private static double Load(long[] shape, BlockCost cost) => cost == BlockCost.Work
        ? shape.Sum(static size => Math.Pow(size, 3))
        : sizeof(float) * ((Arrays + 1) * shape.Aggregate(1d, static (product, size) => product * size) + Matrices * shape.Sum(static size => Math.Pow(size, 2)));

    private static IReadOnlyList<long[]> Shapes(string model) => model switch
    {
        nameof(ModelShapes.ResNet50) => ModelShapes.ResNet50,
        nameof(ModelShapes.ViTB) => ModelShapes.ViTB,
        _ => ModelShapes.GPT2,
    };
}
