namespace Shampoo.Ranks.Sharding;

/// <summary>What any number of ranks has saved, any number loads; training goes on bitwise as if it had not been interrupted.</summary>
internal sealed class Resumption : Scenario
{
    private const int Before = 5, Steps = 9;

    public override int FewestRanks => 2;

    public override void Run(ProcessGroup world)
    {
        using var folder = new SharedFolder(world);
        using Network whole = new(), network = new();
        using var alone = new Alone(whole.Parameters);
        Train(whole, alone, 1, Before);
        using (var saving = new Divided(network.Parameters, process_group: world))
        {
            Train(network, saving, 1, Before);
            saving.save_checkpoint(folder.Path);
        }
        Train(whole, alone, Before + 1, Steps);
        using var expected = whole.Flat();

        // All but one of them, and one alone, without waiting for each other.
        using var some = world.split(world.Rank == 0 ? 0 : 1);
        GoOn(some, folder, network, expected);
        world.barrier();
        GoOn(world, folder, network, expected);
        world.barrier();

        // Saved by fewer, loaded by all.
        if (world.Rank > 0)
        {
            using var saving = new Divided(network.Parameters, process_group: some);
            saving.load_checkpoint(folder.Path);
            saving.save_checkpoint(folder.Path);
        }
        world.barrier();
        GoOn(world, folder, network, expected);
    }

    private static void GoOn(ProcessGroup ranks, SharedFolder folder, Network before, Tensor expected)
    {
        using var network = new Network();
        for (var step = 1; step <= Before; step++)
            network.NewGradients(step);
        before.CopyTo(network);
        using var optimizer = new Divided(network.Parameters, process_group: ranks);
        optimizer.load_checkpoint(folder.Path);
        Train(network, optimizer, Before + 1, Steps);
        using var actual = network.Flat();
        Expect.SameBits(expected, actual, $"{ranks.Size} ranks go on as if nothing had been");
    }

    private static void Train(Network network, TorchSharp.Modules.OptimizerHelper optimizer, int first, int last)
    {
        for (var step = first; step <= last; step++)
        {
            network.NewGradients(step);
            optimizer.step();
        }
    }
}
