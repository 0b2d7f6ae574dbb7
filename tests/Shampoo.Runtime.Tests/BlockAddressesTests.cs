namespace Shampoo.Runtime.Tests;

public sealed unsafe class BlockAddressesTests
{
    // Original shape, the order of its dimensions in memory (outermost first), a gap between elements.
    public static TheoryData<long[], int[], int> Layouts => new()
    {
        { [], [], 1 },
        { [5], [0], 1 },
        { [5], [0], 3 },
        { [4, 6], [0, 1], 1 },
        { [4, 6], [1, 0], 1 },
        { [4, 6], [0, 1], 2 },
        { [1, 7, 1], [2, 0, 1], 1 },
        { [2, 3, 4], [0, 1, 2], 1 },
        { [2, 3, 4], [1, 0, 2], 1 },
        { [2, 3, 4], [2, 1, 0], 1 },
        { [2, 3, 4], [0, 2, 1], 2 },
        { [3, 2, 2, 5], [0, 2, 3, 1], 1 },
        { [3, 2, 2, 5], [3, 1, 0, 2], 1 },
    };

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Reads_and_writes_the_blocks_of_any_layout(long[] shape, int[] order, int gap)
    {
        foreach (var max in (int[])[1, 2, 3, 4, 6, 8, int.MaxValue])
        {
            foreach (var target in (int[])[1, 2, int.MaxValue])
                RequireBlocks(shape, order, gap, new BlockingRules(max, target));
        }
    }

    [Fact]
    public void Sees_what_can_be_viewed()
    {
        var plan = Plan([4, 6], new BlockingRules());

        Assert.True(new BlockAddresses(plan, [4, 6], [6, 1]).IsViewable);
        Assert.True(new BlockAddresses(plan, [4, 6], [12, 2]).IsViewable);
        Assert.False(new BlockAddresses(plan, [4, 6], [1, 4]).IsViewable);
        Assert.False(new BlockAddresses(plan, [4, 6], [8, 1]).IsViewable);
    }

    [Fact]
    public void Makes_one_run_of_a_block_of_whole_rows()
    {
        var addresses = new BlockAddresses(Plan([8, 2, 3], new BlockingRules(4, int.MaxValue)), [8, 2, 3], [6, 3, 1]);

        Assert.Equal(new Axis(24, 1), Assert.Single(addresses.Axes(1).ToArray()));
        Assert.Equal(24, addresses.Offset(1));
        Assert.Equal(new Axis(48, 1), Assert.Single(addresses.Whole.ToArray()));
    }

    private static ParameterPlan Plan(long[] shape, BlockingRules rules) =>
        BlockPlan.Create(rules, [(shape, new StorageKind(7, 0, -1))]).Parameters[0];

    private static void RequireBlocks(long[] shape, int[] order, int gap, BlockingRules rules)
    {
        var strides = new long[shape.Length];
        long extent = gap;
        foreach (var k in order.Reverse())
        {
            strides[k] = extent;
            extent *= shape[k];
        }
        var plan = Plan(shape, rules);
        var addresses = new BlockAddresses(plan, shape, strides);
        var logical = BlockingRulesTests.Indices(shape).Select(index => index.Zip(strides, (i, s) => i * s).Sum()).ToArray();
        var memory = Enumerable.Range(0, (int)extent).Select(i => i + 0.5).ToArray();
        var expected = (double[])memory.Clone();

        for (var b = 0; b < plan.Blocks.Length; b++)
        {
            var block = plan.Blocks[b];
            var elements = BlockingRulesTests.Indices([.. block.Size]).Select(index => logical[Flat(plan.MergedShape, block, index)]).ToArray();
            var gathered = new double[elements.Length];
            var copy = default(CopyToBlock<double>);
            var add = new AddFromBlock<double>(-0.25);
            fixed (double* tensor = memory, destination = gathered)
            {
                StridedMemory.Walk(tensor + addresses.Offset(b), addresses.Axes(b), destination, ref copy);
                StridedMemory.Walk(tensor + addresses.Offset(b), addresses.Axes(b), destination, ref add);
            }
            Assert.Equal(elements.Select(e => expected[e]), gathered);
            foreach (var e in elements)
                expected[e] -= 0.25 * expected[e];
        }
        Assert.Equal(expected, memory);
    }

    private static long Flat(long[] merged, BlockRegion block, long[] index)
    {
        long flat = 0;
        for (var k = 0; k < merged.Length; k++)
            flat = flat * merged[k] + block.Start[k] + index[k];
        return flat;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(64)]
    [InlineData(131)]
    public void Finds_what_is_not_finite_at_every_position(int length)
    {
        foreach (var value in (float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity])
        {
            for (var position = 0; position < length; position++)
            {
                var elements = Enumerable.Range(0, length).Select(i => i % 2 == 0 ? float.MaxValue : -1e-40f).ToArray();
                Assert.False(HasNonFinite(elements, stride: 1));
                elements[position] = value;
                Assert.True(HasNonFinite(elements, stride: 1));
                Assert.Equal(position % 2 == 0, HasNonFinite(elements, stride: 2));
            }
        }
    }

    private static bool HasNonFinite(float[] elements, int stride)
    {
        var search = default(SearchNonFinite<float>);
        fixed (float* tensor = elements)
            StridedMemory.Walk(tensor, [new Axis((elements.Length + stride - 1) / stride, stride)], null, ref search);
        return search.Found;
    }
}
