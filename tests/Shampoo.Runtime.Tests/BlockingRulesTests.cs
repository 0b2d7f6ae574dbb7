namespace Shampoo.Runtime.Tests;

public sealed class BlockingRulesTests
{
    private const int Unlimited = int.MaxValue;

    public static TheoryData<long[], int, int, long[]> Merges => new()
    {
        { [1, 2, 5, 1], 10, 1, [10] },
        { [1, 2, 5, 1], 1, 1, [2, 5] },
        { [32, 3, 64, 64], 10, 1, [32, 3, 64, 64] },
        { [32, 3, 64, 64], 200, 1, [32, 192, 64] },
        { [32, 3, 64, 64], 8192, 1, [96, 4096] },
        { [32, 3, 64, 64], 1_000_000, 1, [393216] },
        { [32, 3, 64, 64], 1_000_000, 2, [32, 12288] },
        { [32, 3, 64, 64], 8192, 3, [32, 3, 4096] },
        { [32, 3, 64, 64], Unlimited, 1, [393216] },
        { [32, 3, 64, 64], 8192, 4, [32, 3, 64, 64] },
        { [1, 2, 5, 1], 10, Unlimited, [1, 2, 5, 1] },
        { [1, 1], 10, Unlimited, [1, 1] },
        { [], 10, 1, [1] },
        { [], 10, Unlimited, [1] },
        { [1, 1, 1], 10, 1, [1] },
        { [1, 1, 1], 10, 2, [1] },
        { [3, 0, 4], 10, 1, [0] },
        { [3, 0, 4], 10, Unlimited, [0] },
        { [7], 3, 1, [7] },
        { [2, 3, 1, 4], 4, 2, [2, 3, 4] },
        { [2, 3, 1, 4], 12, 2, [2, 12] },
        { [1L << 40, 1L << 40], Unlimited, 1, [1L << 40, 1L << 40] },
    };

    [Theory]
    [MemberData(nameof(Merges))]
    public void Merges_small_dimensions(long[] shape, int max, int target, long[] expected) =>
        Assert.Equal(expected, new BlockingRules(max, target).Merge(shape));

    [Fact]
    public void Cuts_corners_too()
    {
        var blocks = new BlockingRules(2).Split([5, 3]);

        Assert.Equal(
            ["[0..2, 0..2]", "[0..2, 2..3]", "[2..4, 0..2]", "[2..4, 2..3]", "[4..5, 0..2]", "[4..5, 2..3]"],
            blocks.Select(block => block.ToString()));
        Assert.Equal([4L, 2, 4, 2, 2, 1], blocks.Select(block => block.Elements));
    }

    [Theory]
    [InlineData(new long[] { 4, 2 }, 2, 2)]
    [InlineData(new long[] { 4, 2 }, 4, 1)]
    [InlineData(new long[] { 4, 2 }, Unlimited, 1)]
    [InlineData(new long[] { 1 }, 1, 1)]
    [InlineData(new long[] { 0 }, 3, 0)]
    public void Cuts_no_more_than_needed(long[] merged, int max, int count) =>
        Assert.Equal(count, new BlockingRules(max).Split(merged).Length);

    [Fact]
    public void Covers_every_element_once_whatever_the_shape()
    {
        foreach (var shape in Shapes())
        {
            foreach (var max in (int[])[1, 2, 3, 5, 6, 7, 30, Unlimited])
            {
                foreach (var target in (int[])[1, 2, 3, Unlimited])
                    RequirePartition(shape, new BlockingRules(max, target));
            }
        }
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(-1, 1)]
    [InlineData(5, 0)]
    public void Refuses_dimensions_below_one(int max, int target) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new BlockingRules(max, target));

    private static IEnumerable<long[]> Shapes()
    {
        for (long a = 0; a <= 5; a++)
        {
            yield return [a];
            for (long b = 1; b <= 6; b++)
            {
                yield return [a, b];
                for (long c = 1; c <= 3; c++)
                    yield return [a, b, c];
            }
        }
    }

    private static void RequirePartition(long[] shape, BlockingRules rules)
    {
        var merged = rules.Merge(shape);
        var elements = merged.Aggregate(1L, (product, size) => product * size);
        Assert.Equal(shape.Aggregate(1L, (product, size) => product * size), elements);

        var visits = new int[elements];
        foreach (var block in rules.Split(merged))
        {
            Assert.All(block.Size, size => Assert.InRange(size, 1, rules.MaxDimension));
            foreach (var index in Indices([.. block.Size]))
                visits[Flat(merged, index, block.Start)]++;
        }
        Assert.All(visits, count => Assert.Equal(1, count));
    }

    private static long Flat(long[] shape, long[] index, IReadOnlyList<long> start)
    {
        long flat = 0;
        for (var k = 0; k < shape.Length; k++)
            flat = flat * shape[k] + start[k] + index[k];
        return flat;
    }

    internal static IEnumerable<long[]> Indices(long[] shape)
    {
        if (shape.Length == 0)
            return [[]];
        return Indices(shape[..^1]).SelectMany(head => Enumerable.Range(0, (int)shape[^1]).Select(last => (long[])[.. head, last]));
    }
}
