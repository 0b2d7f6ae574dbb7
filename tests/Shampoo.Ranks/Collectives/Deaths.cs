using System.Diagnostics;

namespace Shampoo.Ranks.Collectives;

/// <summary>A rank is killed in the middle of its work: the others' next collective ends within the time limit, and names it.</summary>
internal sealed class KilledRank : Scenario
{
    public override int FewestRanks => 2;

    public override bool EndsProcesses => true;

    public override void Run(ProcessGroup world)
    {
        world.Timeout = TimeSpan.FromSeconds(3);
        using var tensor = torch.ones([1000L]);
        world.all_reduce(tensor);
        if (world.Rank == world.Size - 1)
            Process.GetCurrentProcess().Kill();
        var start = Stopwatch.GetTimestamp();
        Expect.Throws<CollectiveException>(() => world.all_reduce(tensor), $"rank {world.Size - 1} gave no sign", "within 3 s");
        Expect.True(Stopwatch.GetElapsedTime(start).TotalSeconds < 10, "the others do not hang");
        Expect.Throws<CollectiveException>(world.barrier, "after a failed one");
        // Let the others come here, too.
        Thread.Sleep(1000);
    }
}

/// <summary>The memory of a collective that was given up stays, whoever disposes of the tensors: the rank that is late writes to it.</summary>
internal sealed class AbandonedMemory : Scenario
{
    public override int FewestRanks => 2;

    public override int MostRanks => 2;

    public override bool EndsProcesses => true;

    public override void Run(ProcessGroup world)
    {
        const long elements = 1000;
        world.Timeout = TimeSpan.FromSeconds(1);
        var (output, input) = (torch.zeros([2 * elements]), torch.ones([elements]));
        nint[] places = [CollectiveMemory.Address(output), CollectiveMemory.Address(input)];
        if (world.Rank == 1)
        {
            Thread.Sleep(4000);
            return;
        }
        Expect.Throws<CollectiveException>(() => world.all_gather(output, input), "rank 1 gave no sign");
        output.Dispose();
        input.Dispose();
        // An allocator gives first what has come back last.
        Tensor[] others = [.. Enumerable.Range(0, 20).SelectMany(_ => (Tensor[])[torch.zeros([2 * elements]), torch.zeros([elements])])];
        Expect.True(!others.Any(other => places.Contains(CollectiveMemory.Address(other))), "nobody else gets the memory");
    }
}

/// <summary>A rank that is only late is waited for, and named once the time limit is over.</summary>
internal sealed class LateRank : Scenario
{
    public override int FewestRanks => 2;

    public override int MostRanks => 2;

    public override bool EndsProcesses => true;

    public override void Run(ProcessGroup world)
    {
        world.Timeout = TimeSpan.FromSeconds(4);
        if (world.Rank == 0)
            Thread.Sleep(2000);
        world.barrier();
        world.Timeout = TimeSpan.FromSeconds(1);
        if (world.Rank == world.Size - 1)
            Thread.Sleep(6000);
        else
            Expect.Throws<CollectiveException>(world.barrier, $"rank {world.Size - 1} gave no sign", "SHAMPOO_COLLECTIVE_TIMEOUT");
    }
}
