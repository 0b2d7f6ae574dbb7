namespace Shampoo.Runtime.Tests;

public sealed class LargeDimensionTests
{
    private static readonly StorageKind s_kind = new((int)ScalarType.Float32, 0, -1);

    [Theory]
    [InlineData(LargeDimensions.DiagonalFactor)]
    [InlineData(LargeDimensions.Elementwise)]
    public void Are_not_cut_unless_they_are_to_be(LargeDimensions largeDimensions)
    {
        var rules = new BlockingRules(4, largeDimensions: largeDimensions);

        var block = Assert.Single(rules.Split([9, 3]));
        Assert.Equal([9, 3], block.Size);
        Assert.Equal(3, new BlockingRules(4).Split([9, 3]).Length);
        Assert.Empty(rules.Split([0]));
    }

    [Theory]
    [InlineData(LargeDimensions.Blocked, 0)]
    [InlineData(LargeDimensions.DiagonalFactor, 0)]
    [InlineData(LargeDimensions.Elementwise, 2)]
    public void Make_buckets_large_where_they_are_preconditioned_element_by_element(LargeDimensions largeDimensions, int large)
    {
        // (2, 2) is merged to (4), which is no larger than the largest; (5) and (4, 5) are.
        var plan = BlockPlan.Create(
            new BlockingRules(4, largeDimensions: largeDimensions), [([4, 4], s_kind), ([2, 2], s_kind), ([5], s_kind), ([4, 5], s_kind)]);

        Assert.Equal(large, plan.Buckets.Count(bucket => bucket.IsLarge));
        Assert.All(plan.Buckets, bucket => Assert.Equal(bucket.IsLarge, large > 0 && bucket.BlockShape.Contains(5)));
    }

    [Fact]
    public void Do_not_exist_without_a_limit() =>
        Assert.False(new BlockingRules(largeDimensions: LargeDimensions.Elementwise).IsElementwise([long.MaxValue]));
}
