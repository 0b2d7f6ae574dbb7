namespace Shampoo.Ranks.Collectives;

/// <summary>all_gather of equal parts, of all dtypes, also in place and of nothing.</summary>
internal sealed class GatherEqual : Scenario
{
    public override bool RunsAnywhere => true;

    public override void Run(ProcessGroup world)
    {
        foreach (var type in Data.All)
        {
            foreach (var count in (int[])[0, 1, 5, 3000])
            {
                var expected = Enumerable.Range(0, world.Size).SelectMany(rank => Data.Of(rank, count, type)).ToArray();
                using var input = Data.TensorOf(world.Rank, count, type);
                using var output = Data.Zeros(type, world.Size, count);
                world.all_gather(output, input);
                Expect.Values(expected, output, $"{type} {count}");

                using var whole = Data.Zeros(type, world.Size * count);
                using var own = whole.narrow(0, world.Rank * count, count);
                own.copy_(input);
                world.all_gather(whole, own);
                Expect.Values(expected, whole, $"{type} {count} in place");
            }
        }
    }
}

/// <summary>all_gather of unequal parts, some of them empty.</summary>
internal sealed class GatherUnequal : Scenario
{
    public override bool RunsAnywhere => true;

    public override void Run(ProcessGroup world)
    {
        foreach (var type in Data.All)
        {
            foreach (var empty in Enumerable.Range(-1, world.Size + 1))
            {
                var counts = Enumerable.Range(0, world.Size).Select(rank => rank == empty ? 0L : 7 + (5 * rank)).ToArray();
                Check(world, type, counts);
            }
            Check(world, type, new long[world.Size]);
        }
    }

    private static void Check(ProcessGroup world, ScalarType type, long[] counts)
    {
        var name = $"{type} ({string.Join(", ", counts)})";
        var expected = Enumerable.Range(0, world.Size).SelectMany(rank => Data.Of(rank, (int)counts[rank], type)).ToArray();
        using var input = Data.TensorOf(world.Rank, (int)counts[world.Rank], type);
        using var output = Data.Zeros(type, counts.Sum());
        world.all_gather(output, input, counts);
        Expect.Values(expected, output, name);

        using var whole = Data.Zeros(type, counts.Sum());
        using var own = whole.narrow(0, counts.Take(world.Rank).Sum(), counts[world.Rank]);
        own.copy_(input);
        world.all_gather(whole, own, counts);
        Expect.Values(expected, whole, name + " in place");
    }
}

/// <summary>broadcast from every rank, of every dtype.</summary>
internal sealed class Broadcasts : Scenario
{
    public override bool RunsAnywhere => true;

    public override void Run(ProcessGroup world)
    {
        foreach (var type in Data.All)
        {
            for (var source = 0; source < world.Size; source++)
            {
                foreach (var count in (int[])[0, 6, 4096])
                {
                    using var tensor = Data.TensorOf(world.Rank, count, type);
                    world.broadcast(tensor, source);
                    Expect.Values(Data.Of(source, count, type), tensor, $"{type} from {source}");
                }
            }
        }
    }
}

/// <summary>all_to_all of parts that are unequal in both directions, some of them empty.</summary>
internal sealed class AllToAll : Scenario
{
    public override bool RunsAnywhere => true;

    public override void Run(ProcessGroup world)
    {
        foreach (var type in Data.All)
        {
            var sent = Enumerable.Range(0, world.Size).Select(to => Count(world.Rank, to)).ToArray();
            var received = Enumerable.Range(0, world.Size).Select(from => Count(from, world.Rank)).ToArray();
            using var input = Data.Tensor([.. Enumerable.Range(0, world.Size).SelectMany(to => Part(world.Rank, to, type))], type);
            using var output = Data.Zeros(type, received.Sum());
            world.all_to_all(output, input, received, sent);
            Expect.Values([.. Enumerable.Range(0, world.Size).SelectMany(from => Part(from, world.Rank, type))], output, $"{type}");
        }
    }

    private static long Count(int from, int to) => from == to + 1 ? 0 : 3 + (2 * from) + to;

    private static double[] Part(int from, int to, ScalarType type) => Data.Of(from, (int)Count(from, to), type, seed: 1 + to);
}
