namespace Shampoo.Runtime.Tests.Refreshing;

public sealed class RefreshTurnsTests
{
    private static readonly StorageKind Kind = new((int)ScalarType.Float32, (int)DeviceType.CPU, 0);

    /// <summary>Embeddings, attention, the layers between, and their vectors.</summary>
    private static readonly long[][]
        SmallGpt = [[65, 384], [256, 384], .. Layers(6, [1152, 384], [384, 384], [1536, 384], [384, 1536], [384], [384])],
        Gpt2 = [[50257, 768], [1024, 768], .. Layers(12, [2304, 768], [768, 768], [3072, 768], [768, 3072], [2304], [3072], [768], [768])];

    public static TheoryData<string, int, int> Cases
    {
        get
        {
            var data = new TheoryData<string, int, int>();
            foreach (var maxDimension in (int[])[128, 256, 384, 512, 1024])
            {
                foreach (var frequency in (int[])[2, 3, 5, 7, 10])
                    data.Add(nameof(SmallGpt), maxDimension, frequency);
                foreach (var frequency in (int[])[5, 10, 20, 50])
                    data.Add(nameof(Gpt2), maxDimension, frequency);
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_step_of_a_period_costs_about_the_same(string model, int maxDimension, int frequency)
    {
        var plan = Plan(maxDimension, model == nameof(Gpt2) ? Gpt2 : SmallGpt);
        var turns = new RefreshTurns(plan, new StaggeredRefresh(frequency, frequency));

        double[] costs = [.. Enumerable.Range(10 * frequency, frequency).Select(t => Due(plan, turns, t).Sum(block => Cost(plan.Buckets[block.Bucket].BlockShape)))];

        Assert.Equal(plan.Buckets.Sum(bucket => bucket.Members.Count * Cost(bucket.BlockShape)), costs.Sum(), 1.0);
        Assert.InRange(costs.Max() / costs.Average(), 1, 1.25);
    }

    [Theory]
    [InlineData(10, 10)]
    [InlineData(10, 23)]
    [InlineData(7, 7)]
    [InlineData(1, 1)]
    [InlineData(500, 1000)]
    public void Every_block_has_its_turn_once_in_a_period_and_once_before_the_start(int frequency, int start)
    {
        var plan = Plan(128, SmallGpt);
        var turns = new RefreshTurns(plan, new StaggeredRefresh(start, frequency));
        var steps = Enumerable.Range(1, start + 3 * frequency).SelectMany(t => Due(plan, turns, t).Select(block => (Block: block, Step: t))).ToLookup(due => due.Block, due => due.Step);

        Assert.Equal(plan.Buckets.Sum(bucket => bucket.Members.Count), steps.Count);
        foreach (var block in steps)
        {
            int[] due = [.. block];
            var offset = start - due[0];
            Assert.InRange(offset, 0, frequency - 1);
            // As in the schedule of all together, so many steps earlier.
            Assert.Equal(Enumerable.Range(1, start + 3 * frequency + offset).Where(t => t == start || (t > start && t % frequency == 0)).Select(t => t - offset).Where(t => t <= start + 3 * frequency), due);
        }
    }

    [Fact]
    public void Blocks_of_one_offset_are_neighbours()
    {
        var plan = Plan(128, SmallGpt);
        var turns = new RefreshTurns(plan, new StaggeredRefresh(5, 5));
        foreach (var bucket in plan.Buckets)
        {
            for (var t = 5; t < 10; t++)
            {
                var (start, count) = turns.Of(bucket.Members).Next(0, bucket.Members.Count, t);
                Assert.Equal(0, turns.Of(bucket.Members).Next(start + count, bucket.Members.Count, t).Count);
            }
        }
    }

    /// <summary>A part of a bucket, such as a slice or what one rank owns, changes no turn.</summary>
    [Fact]
    public void Turns_are_those_of_the_whole_group()
    {
        var plan = Plan(128, SmallGpt);
        var turns = new RefreshTurns(plan, new StaggeredRefresh(5, 5));
        var bucket = plan.Buckets.MaxBy(candidate => candidate.Members.Count)!;
        var (all, odd) = (turns.Of(bucket.Members), turns.Of([.. bucket.Members.Where((_, i) => i % 2 == 1)]));
        for (var t = 5; t < 10; t++)
        {
            for (var i = 1; i < bucket.Members.Count; i += 2)
                Assert.Equal(all.Next(i, i + 1, t).Count, odd.Next(i / 2, i / 2 + 1, t).Count);
        }
    }

    [Fact]
    public void Dimensions_without_matrices_cost_nothing()
    {
        var schedule = new StaggeredRefresh(
            1, 1, new InverseExponents().Override(2, 0, 0), new IgnoredDimensions().Ignore(3, 1), maxDimension: 8);
        Assert.Equal(125, schedule.Cost(new BucketPlan([4, 5], Kind, [])));
        Assert.Equal(8 + 64, schedule.Cost(new BucketPlan([2, 3, 4], Kind, [])));
        Assert.Equal(0, schedule.Cost(new BucketPlan([9], Kind, [])));
        Assert.Equal(0, schedule.Cost(new BucketPlan([3], Kind, [], IsLarge: true)));
        Assert.Equal(0, schedule.Cost(new BucketPlan([3], Kind, [], IsSkipped: true)));
    }

    [Fact]
    public void Refuses_schedules_that_are_none()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new StaggeredRefresh(1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new StaggeredRefresh(4, 5));
    }

    private static BlockPlan Plan(int maxDimension, long[][] shapes) =>
        BlockPlan.Create(new BlockingRules(maxDimension), shapes.Select(shape => (shape, Kind)));

    private static double Cost(long[] shape) => shape.Sum(n => (double)n * n * n);

    private static IEnumerable<(int Bucket, int Block)> Due(BlockPlan plan, RefreshTurns turns, long t)
    {
        for (var bucket = 0; bucket < plan.Buckets.Count; bucket++)
        {
            var blocks = plan.Buckets[bucket].Members.Count;
            var own = turns.Of(plan.Buckets[bucket].Members);
            for (var (start, count) = own.Next(0, blocks, t); count > 0; (start, count) = own.Next(start + count, blocks, t))
            {
                for (var block = start; block < start + count; block++)
                    yield return (bucket, block);
            }
        }
    }

    private static long[][] Layers(int count, params long[][] layer) => [.. Enumerable.Repeat(layer, count).SelectMany(shapes => shapes)];
}
