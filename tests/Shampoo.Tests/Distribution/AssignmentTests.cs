using System.Globalization;
using Shampoo.Runtime;

namespace Shampoo.Tests.Distribution;

/// <summary>Who owns which block, on plans alone.</summary>
public sealed class AssignmentTests
{
    private static readonly StorageKind Float = new((int)TorchSharp.torch.ScalarType.Float32, 0, -1);

    public static TheoryData<string, long> Models => new() { { nameof(ModelShapes.ResNet50), 25_557_032 }, { nameof(ModelShapes.ViTB), 86_567_656 }, { nameof(ModelShapes.GPT2), 124_439_808 } };

    [Fact]
    public void GivesBytesToTheRankWithTheFewest()
    {
        var assignment = new BlockAssignment(2);
        Assert.Equal([1, 1, 0, 1], assignment.Assign([.. new long[] { 128, 64, 500, 256 }.Select(static bytes => OfMemory(BlockCosts.Memory(bytes)))]));
        Assert.Equal([OfMemory(512), OfMemory(448)], assignment.Loads.ToArray());
    }

    [Fact]
    public void GivesSquaresToTheRankWithTheFewest() => Assert.Equal(
        [1, 1, 0, 1], new BlockAssignment(2).Assign([.. new long[] { 256, 128, 384, 256 }.Select(static size => new BlockLoad(0, BlockCosts.Polynomial([size], [0, 0, 1])))]));

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
        Assert.Equal([0, 1, 2, 0, 1], assignment.Assign([.. Enumerable.Repeat(OfMemory(5), 5)]));
        Assert.Equal([2, 0, 1, 2], assignment.Assign([OfMemory(5), OfMemory(1), OfMemory(1), OfMemory(1)])); // the next group goes on where the first one has ended
    }

    /// <summary>Means of 40 and 400: the larger of the two counts, measured by its mean, so the order is that of 35/40, 30/40, 190/400 and 140/400.</summary>
    [Fact]
    public void GivesBothToTheRankWhereTheLargerIsLeast()
    {
        var assignment = new BlockAssignment(2);
        Assert.Equal([1, 0, 0, 1], assignment.Assign([new(30, 200), new(35, 270), new(7, 140), new(8, 190)]));
        Assert.Equal([new(42, 410), new(38, 390)], assignment.Loads.ToArray());
    }

    /// <summary>The larger one of what each rank has leads to (10, 5) and (4, 9), of means of 7: a block for a block makes it (7, 7) and (7, 7).</summary>
    [Fact]
    public void ExchangesBlocksThatHaveMoreOfOneThanOfTheOther()
    {
        var assignment = new BlockAssignment(2);
        Assert.True(assignment.Assign([new(6, 1), new(1, 6), new(3, 3), new(4, 4)]) is [0, 0, 1, 1] or [1, 1, 0, 0]);
        Assert.Equal([new(7, 7), new(7, 7)], assignment.Loads.ToArray());
    }

    [Fact]
    public void BalancesMemoryAloneWhereThereIsNoWork()
    {
        var blocking = new BlockingRules(16);
        var plan = BlockPlan.Create(blocking, ModelShapes.ResNet50.Take(12).Select(static shape => (shape, Float)));
        int[] Owners(BlockCost cost) => new BlockAssignment(5).Assign([.. plan.Members.Select(member => new ShardingRules(cost: cost, arrays: 2).CostOf(blocking, member.Bucket))]);
        Assert.Equal(Owners(BlockCost.Memory), Owners(BlockCost.MemoryAndWork));
    }

    [Fact]
    public void EveryBlockHasAnOwnerAndAPlaceThereAlone()
    {
        var plan = BlockPlan.Create(new BlockingRules(3), [([7, 5], Float), ([4], Float), ([0, 2], Float), ([3, 3], Float), ([], Float)]);
        int[] owners = new BlockAssignment(3).Assign([.. plan.Members.Select(static member => OfMemory(member.Bucket.BlockShape.Aggregate(1L, static (product, size) => product * size)))]);
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
        Assert.Equal(numbers, ModelShapes.Of(model).Sum(static shape => shape.Aggregate(1L, static (product, size) => product * size)));

    /// <summary>
    /// Where one quantity is balanced, two ranks differ by one block at most: so all are within 10 % of the mean as long as no block is more than a tenth of it. Where
    /// one dominates, its owner has what it has, and no rank has more than 4/3 of what the best assignment would give it.
    /// </summary>
    [Theory, MemberData(nameof(Models))]
    public void RanksHaveNearlyTheSame(string model, long numbers)
    {
        Assert.True(numbers > 0);
        foreach (BlockCost cost in new[] { BlockCost.Memory, BlockCost.Work })
            for (int ranks = 1; ranks <= 1024; ranks *= 2)
            {
                ModelLoads loads = ModelLoads.Of(model, cost, 1024, ranks);
                RankLoads balanced = cost == BlockCost.Memory ? loads.Memory : loads.Work;
                Assert.True(balanced.Most - balanced.Least <= 1.001 * balanced.LargestBlock, $"{cost}, {loads}");
                Assert.True(balanced.Most <= 1.001 * Math.Max(1.1, 4d / 3 * Math.Max(1, balanced.LargestBlock)), $"{cost}, {loads}");
                if (balanced.LargestBlock <= 0.1 || ranks <= 16) Assert.True(balanced.IsEven, $"{cost}, {loads}");
            }
    }

    /// <summary>
    /// Where both are balanced, both are within 10 % of the mean as long as no block is more than a quarter of it; and whatever the blocks are, no rank has more than 4/3 of
    /// what one must have, in the larger of the two.
    /// </summary>
    [Theory, MemberData(nameof(Models))]
    public void RanksHaveNearlyTheSameOfBoth(string model, long numbers)
    {
        Assert.True(numbers > 0);
        foreach (int maxDimension in new[] { 2048, 1024, 512, 256, 128, 64, 32 })
            for (int ranks = 1; ranks <= 1024; ranks *= 2)
            {
                ModelLoads loads = ModelLoads.Of(model, BlockCost.MemoryAndWork, maxDimension, ranks);
                string where = $"blocks of {maxDimension}: {loads}";
                double bound = Math.Max(loads.Memory.Bound, loads.Work.Bound);
                if (Math.Max(loads.Memory.LargestBlock, loads.Work.LargestBlock) <= 0.25) Assert.True(loads.Memory.IsEven && loads.Work.IsEven, where);
                Assert.True(Math.Max(loads.Memory.Most, loads.Work.Most) <= 1.001 * Math.Max(1.1, 4d / 3 * bound), where);
                if (bound > 1.5) Assert.Equal(bound, Math.Max(loads.Memory.Most, loads.Work.Most), 0.001 * bound);
            }
    }

    /// <summary>A factor matrix and its root in one array, and whatever other matrices there are.</summary>
    [Theory]
    [InlineData(2, 8 * 9 + 6 * 7), InlineData(3, 8 * 9 + 6 * 7 + 8 * 8 + 6 * 6)]
    public void PackedMatricesCostTheirBytes(int matrices, int numbers)
    {
        const int Arrays = 3;
        var blocking = new BlockingRules(8);
        BucketPlan bucket = BlockPlan.Create(blocking, [([8L, 6L], Float)]).Members.Single().Bucket;
        BlockLoad cost = new ShardingRules(arrays: Arrays, matrices: matrices, packed: true, cost: BlockCost.Memory).CostOf(blocking, bucket);
        Assert.Equal(OfMemory(BlockCosts.Memory(sizeof(float) * (numbers + (Arrays + 1) * 48))), cost);
    }

    [Fact]
    public void DimensionsWithoutMatricesCostNothing()
    {
        var blocking = new BlockingRules(60000);
        BucketPlan bucket = BlockPlan.Create(blocking, [([50000L, 6L], Float)]).Members.Single().Bucket;
        BlockLoad expected = new(BlockCosts.Memory(sizeof(float) * (2 * 36 + 300000)), 6 * 6 * 6);
        Assert.Equal(expected, new ShardingRules(matrices: 2, exponents: new InverseExponents().Override(2, 0, 0)).CostOf(blocking, bucket));
        Assert.Equal(expected, new ShardingRules(matrices: 2, ignored: new IgnoredDimensions().Ignore(2, 0)).CostOf(blocking, bucket));
    }

    /// <summary>The table of docs/distributed.md: the largest group, of powers of two, up to which all ranks are within 10 % of the mean in memory and work.</summary>
    [Fact]
    public void ThePageSaysWhichBlocksDivideAmongHowManyRanks()
    {
        string[][] rows = [.. Pages.Table(Pages.Text("distributed.md"), "blocks of")];
        Assert.Equal(["blocks of", "ResNet-50", "ViT-B", "GPT-2"], rows[0]);
        Assert.Equal([2048, 1024, 512, 256, 128, 64, 32], rows[1..].Select(static row => int.Parse(row[0], CultureInfo.InvariantCulture)));
        foreach (string[] row in rows[1..])
            Assert.Equal(row[1..].Select(static cell => int.Parse(cell, CultureInfo.InvariantCulture)), new[] { nameof(ModelShapes.ResNet50), nameof(ModelShapes.ViTB), nameof(ModelShapes.GPT2) }
                .Select(model => LargestGroup(model, int.Parse(row[0], CultureInfo.InvariantCulture))));
    }

    private static int LargestGroup(string model, int maxDimension)
    {
        int group = 1;
        while (group < 1024 && ModelLoads.Of(model, BlockCost.MemoryAndWork, maxDimension, 2 * group) is { Memory.IsEven: true, Work.IsEven: true })
            group *= 2;
        return group;
    }

    private static BlockLoad OfMemory(long bytes) => new(bytes, 0);
}
