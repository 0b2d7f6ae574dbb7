using System.Diagnostics;

namespace Shampoo.Ranks.Sharding;

/// <summary>A rank that cannot go on tells the others in the step that they are in, and afterwards all can go on from a checkpoint.</summary>
internal sealed class FailedRank : Scenario
{
    public override int FewestRanks => 2;

    public override void Run(ProcessGroup world)
    {
        var failing = world.Size - 1;
        using var folder = new SharedFolder(world);
        using var network = new Network();
        using var checkedOptimizer = new Divided(network.Parameters, process_group: world);
        network.NewGradients(1);
        checkedOptimizer.step();
        checkedOptimizer.save_checkpoint(folder.Path);
        using var saved = network.Flat();
        using var copy = new Network();
        network.CopyTo(copy);

        network.NewGradients(3);
        if (world.Rank == failing)
            network.Spoil();
        Fails<NotFiniteNumberException>(world, failing, () => checkedOptimizer.step(), "contains NaN");

        copy.CopyTo(network);
        checkedOptimizer.load_checkpoint(folder.Path);
        network.NewGradients(3);
        checkedOptimizer.step();
        using var after = network.Flat();
        Expect.SameBits(world, after, "parameters after the failure");

        using var uncheckedOptimizer = new DividedUnchecked(copy.Parameters, process_group: world);
        copy.NewGradients(3);
        if (world.Rank == failing)
            copy.Spoil();
        Fails<IncompleteStepException>(world, failing, () => uncheckedOptimizer.step(), "Step 1 of group 0 was not completed");
    }

    private static void Fails<TException>(ProcessGroup world, int failing, Action step, string reason) where TException : Exception
    {
        if (world.Rank == failing)
            Expect.Throws<TException>(step, reason);
        else
            Expect.Throws<IncompleteStepException>(step, $"Rank {failing} could not complete the step");
    }
}

/// <summary>A parameter that has a gradient on some ranks only is named on all.</summary>
internal sealed class MissingGradient : Scenario
{
    public override int FewestRanks => 2;

    public override void Run(ProcessGroup world)
    {
        using Network first = new(), second = new();
        using var divided = new Divided(first.Parameters, process_group: world);
        using var reduced = new Reduced(second.Parameters, process_group: world);
        foreach (var network in (Network[])[first, second])
        {
            network.NewGradients(1);
            if (world.Rank == 0)
                network.Parameters[2].parameter.grad = null;
        }
        Expect.Throws<IncompleteStepException>(() => divided.step(), "'p2' has a gradient on rank 1");
        using var before = second.Flat();
        Expect.Throws<InvalidOperationException>(() => reduced.step(), "'p2' has a gradient on", "Nothing was changed");
        using var after = second.Flat();
        Expect.True(before.bytes.SequenceEqual(after.bytes), "nothing was changed");
        second.NewGradients(1);
        reduced.step();
    }
}

/// <summary>A rank is killed in the middle of a step, when it has computed its part and before it sends it: the others' step ends within the time limit.</summary>
internal sealed class KilledInStep : Scenario
{
    public override int FewestRanks => 2;

    public override bool EndsProcesses => true;

    public override void Run(ProcessGroup world)
    {
        world.Timeout = TimeSpan.FromSeconds(3);
        using var network = new Network();
        using var ranks = new MortalGroup(world, diesAtGather: world.Rank == world.Size - 1 ? 3 : int.MaxValue);
        using var optimizer = new Divided(network.Parameters, process_group: ranks);
        foreach (var step in (int[])[1, 3])
        {
            network.NewGradients(step);
            optimizer.step();
        }
        network.NewGradients(5);
        var start = Stopwatch.GetTimestamp();
        var error = Expect.Throws<IncompleteStepException>(() => optimizer.step(), $"rank {world.Size - 1} gave no sign", "load a saved state");
        Expect.True(error.InnerException is CollectiveException, "the collective's own error is the cause");
        Expect.True(Stopwatch.GetElapsedTime(start).TotalSeconds < 10, "the others do not hang");
        // Let the others come here, too.
        Thread.Sleep(1000);
    }
}
