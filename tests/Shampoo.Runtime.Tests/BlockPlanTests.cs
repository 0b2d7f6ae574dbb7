namespace Shampoo.Runtime.Tests;

public sealed class BlockPlanTests
{
    private static readonly StorageKind s_float = new(6, 0, -1);
    private static readonly StorageKind s_double = new(7, 0, -1);
    private static readonly StorageKind s_cuda = new(6, 1, 0);

    [Fact]
    public void Stacks_equal_blocks_in_the_order_of_parameters_and_blocks()
    {
        // 4×3 at 2: [2,2] [2,1] [2,2] [2,1]; 2×2: [2,2]; 3: [2] [1]; 2×1 with ones kept: [2,1].
        var plan = BlockPlan.Create(new BlockingRules(2, int.MaxValue), [([4, 3], s_float), ([2, 2], s_float), ([3], s_float), ([2, 1], s_float)]);

        Assert.Equal([[2, 2], [2, 1], [2], [1]], plan.Buckets.Select(bucket => bucket.BlockShape));
        Assert.Equal([new(0, 0), new(0, 2), new(1, 0)], plan.Buckets[0].Members);
        Assert.Equal([new(0, 1), new(0, 3), new(3, 0)], plan.Buckets[1].Members);
        Assert.Equal([new(2, 0)], plan.Buckets[2].Members);
        Assert.Equal([new(2, 1)], plan.Buckets[3].Members);
    }

    [Fact]
    public void Keeps_kinds_apart()
    {
        var plan = BlockPlan.Create(new BlockingRules(), [([3], s_float), ([3], s_double), ([3], s_cuda), ([3], s_float)]);

        Assert.Equal([s_float, s_double, s_cuda], plan.Buckets.Select(bucket => bucket.Kind));
        Assert.Equal([new(0, 0), new(3, 0)], plan.Buckets[0].Members);
    }

    [Fact]
    public void Keeps_parameters_without_elements()
    {
        var plan = BlockPlan.Create(new BlockingRules(), [([0, 5], s_float), ([2], s_float)]);

        Assert.Equal(2, plan.Parameters.Count);
        Assert.Empty(plan.Parameters[0].Blocks);
        Assert.Equal([new(1, 0)], Assert.Single(plan.Buckets).Members);
    }

    [Fact]
    public void Tells_every_block_its_place()
    {
        var plan = BlockPlan.Create(new BlockingRules(3), [([7, 5], s_float), ([4], s_float), ([3, 3], s_float), ([], s_float)]);

        for (var p = 0; p < plan.Parameters.Count; p++)
        {
            for (var b = 0; b < plan.Parameters[p].Blocks.Length; b++)
            {
                var (bucket, position) = plan.Parameters[p].Places[b];
                Assert.Equal(new BlockReference(p, b), plan.Buckets[bucket].Members[position]);
                Assert.Equal(plan.Parameters[p].Blocks[b].Size, plan.Buckets[bucket].BlockShape);
            }
        }
    }
}
