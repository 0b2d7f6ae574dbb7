namespace Shampoo.Ranks.Collectives;

/// <summary>Ranks that call different things: an error on every rank that names both, at once.</summary>
internal sealed class Mismatches : Scenario
{
    public override int FewestRanks => 2;

    public override void Run(ProcessGroup world)
    {
        var last = world.Size - 1;
        var isLast = world.Rank == last;
        Check(world, group => AllReduce(group, isLast ? 5 : 4), "all_reduce (Sum) of 4 Float32", $"rank {last} called all_reduce (Sum) of 5 Float32");
        Check(world, group => AllReduce(group, 100_000 + (isLast ? 1 : 0)), "of 100000 Float32", "of 100001 Float32");
        Check(world, group => AllReduce(group, 4, isLast ? ScalarType.Float64 : ScalarType.Float32), "4 Float32", "4 Float64");
        Check(world, group => AllReduce(group, 4, op: isLast ? ReduceOp.Max : ReduceOp.Sum), "(Sum)", "(Max)");
        Check(world, group => Call(group, isLast), "rank 0 called barrier", $"rank {last} called all_reduce");
        Check(world, group => Broadcast(group, isLast ? last : 0), "from rank 0", $"from rank {last}");
        Check(world, group => Gather(group, isLast), "the same with other counts of parts");
        Check(world, group => Exchange(group, isLast), $"rank {last} sends 2 elements to rank 0, which expects 1");
    }

    private static void Check(ProcessGroup world, Action<ProcessGroup> call, params string[] texts)
    {
        var group = world.split(0);
        Expect.Throws<CollectiveException>(() => call(group), [.. texts, $"Rank {group.Rank}, "]);
        Expect.Throws<CollectiveException>(group.barrier, [.. texts, "after a failed one"]);
        group.Dispose();
        world.barrier();
    }

    private static void AllReduce(ProcessGroup group, long count, ScalarType type = ScalarType.Float32, ReduceOp op = ReduceOp.Sum) =>
        group.all_reduce(torch.zeros([count], type), op);

    private static void Call(ProcessGroup group, bool reduces)
    {
        if (reduces)
            AllReduce(group, 3);
        else
            group.barrier();
    }

    private static void Broadcast(ProcessGroup group, int source) => group.broadcast(torch.zeros([4L]), source);

    private static void Gather(ProcessGroup group, bool reversed)
    {
        var counts = Enumerable.Range(1, group.Size).Select(count => (long)count).ToArray();
        if (reversed)
            Array.Reverse(counts);
        group.all_gather(torch.zeros([counts.Sum()]), torch.zeros([counts[group.Rank]]), counts);
    }

    private static void Exchange(ProcessGroup group, bool sendsMore)
    {
        var ones = Enumerable.Repeat(1L, group.Size).ToArray();
        var sent = ones.ToArray();
        sent[0] += sendsMore ? 1 : 0;
        group.all_to_all(torch.zeros([(long)group.Size]), torch.zeros([sent.Sum()]), ones, sent);
    }
}

/// <summary>Arguments that are wrong on one rank: its error says what, and the others' say which rank.</summary>
internal sealed class Refusals : Scenario
{
    public override int FewestRanks => 2;

    public override void Run(ProcessGroup world)
    {
        var wide = torch.zeros([3L, 4L]);
        Check(world, group => group.all_reduce(wide.t()), "all_reduce", "not contiguous", "(4, 3)");
        Check(world, group => group.all_reduce(torch.zeros([3L], ScalarType.Bool)), "Bool");
        Check(world, group => group.all_reduce(torch.zeros([3L], ScalarType.Int32), ReduceOp.Average), "average of Int32");
        Check(world, group => group.all_reduce(torch.zeros([3L], device: torch.device("meta"))), "meta", "memory of the host");
        Check(world, group => group.all_gather(wide, wide), "output has 12 elements and must have", "ranks times the 12 of input");
        Check(world, group => group.all_gather(wide, torch.zeros([6L], ScalarType.Float64)), "output is Float32, input Float64");
        Check(world, group => group.all_gather(wide, wide, [12]), "counts has 1 numbers");
        Check(world, group => group.reduce_scatter(wide, wide, Counts(group, 5)), "sum of counts");
        Check(world, group => group.reduce_scatter(wide, wide, Counts(group, -1)), "negative");
        Check(world, group => group.all_to_all(wide, null!, [], []), "input is null");
        Check(world, group => group.broadcast(wide, group.Size), $"source is {world.Size}");
        Check(world, group => group.split(-1), "colour is -1");
        Overlapping(world);
        TooMany(world);
    }

    private static void Check(ProcessGroup world, Action<ProcessGroup> call, params string[] texts)
    {
        var group = world.split(0);
        if (world.Rank == 0)
            Expect.Throws<CollectiveException>(() => call(group), [.. texts, "Rank 0"]);
        else
            Expect.Throws<CollectiveException>(group.barrier, "rank 0 refused its arguments");
        group.Dispose();
        world.barrier();
    }

    private static void Overlapping(ProcessGroup world) => Check(world, group =>
    {
        var memory = torch.zeros([(2L * group.Size) + 1]);
        group.all_gather(memory.narrow(0, 0, 2 * group.Size), memory.narrow(0, 1, 2));
    }, "share memory");

    private static void TooMany(ProcessGroup world)
    {
        MpiProcessGroup.MaxCount = 1000;
        try
        {
            Check(world, group => group.all_reduce(torch.zeros([1001L])), "MPI counts up to 1000 elements", "several pieces");
        }
        finally
        {
            MpiProcessGroup.MaxCount = int.MaxValue;
        }
    }

    private static long[] Counts(ProcessGroup group, long first) => [first, .. new long[group.Size - 1]];
}
