namespace Shampoo.Ranks.Collectives;

/// <summary>split: groups of a colour, in the order of keys, which do not meet each other.</summary>
internal sealed class Split : Scenario
{
    public override bool RunsAnywhere => true;

    public override void Run(ProcessGroup world)
    {
        using var group = world.split(world.Rank % 2, key: -world.Rank);
        var members = Enumerable.Range(0, world.Size).Where(rank => rank % 2 == world.Rank % 2).Reverse().ToArray();
        Expect.Same(members.Length, group.Size, "size");
        Expect.Same(Array.IndexOf(members, world.Rank), group.Rank, "rank");
        Expect.Same(world.Timeout, group.Timeout, "time limit");
        for (var round = 0; round < 10; round++)
        {
            using var own = Data.Tensor([world.Rank + round], ScalarType.Int64);
            using var all = Data.Zeros(ScalarType.Int64, group.Size);
            group.all_gather(all, own);
            Expect.Values([.. members.Select(rank => (double)rank + round)], all, $"round {round}");
            world.barrier();
        }
        using var alone = world.split(world.Rank);
        Expect.Same((0, 1), (alone.Rank, alone.Size), "a group of one");
    }
}

/// <summary>A mesh of two dimensions: its groups are its lines.</summary>
internal sealed class Mesh : Scenario
{
    public override bool RunsAnywhere => true;

    public override void Run(ProcessGroup world)
    {
        var (rows, columns) = world.Size % 2 == 0 ? (2, world.Size / 2) : (world.Size, 1);
        using var mesh = new DeviceMesh(world, ("replicate", rows), ("shard", columns));
        var (row, column) = (world.Rank / columns, world.Rank % columns);
        Expect.Same((row, column), (mesh.coordinate("replicate"), mesh.coordinate("shard")), "coordinates");
        Expect.Same((rows, columns), (mesh.size("replicate"), mesh.size("shard")), "sizes");
        Check(mesh.group("replicate"), world.Rank, [.. Enumerable.Range(0, rows).Select(i => (double)(i * columns) + column)]);
        Check(mesh.group("shard"), world.Rank, [.. Enumerable.Range(0, columns).Select(i => (double)(row * columns) + i)]);
        Expect.Throws<ArgumentException>(() => mesh.group("tensor"), $"(replicate {rows}, shard {columns})", "'tensor'");
        Expect.Throws<ArgumentException>(() => new DeviceMesh(world, ("replicate", 2), ("shard", 9)), "18 places", $"{world.Size} ranks");
        Expect.Throws<ArgumentException>(() => new DeviceMesh(world, ("shard", world.Size), ("shard", 1)), "two dimensions 'shard'");
        Expect.Throws<ArgumentException>(() => new DeviceMesh(world, ("shard", world.Size), ("replicate", 0)), "smaller than 1");
    }

    private static void Check(ProcessGroup group, int rank, double[] members)
    {
        using var own = Data.Tensor([rank], ScalarType.Int32);
        using var all = Data.Zeros(ScalarType.Int32, group.Size);
        group.all_gather(all, own);
        Expect.Values(members, all, "members");
        Expect.Same(rank, (int)members[group.Rank], "the order of coordinates");
    }
}

/// <summary>A group takes tensors that are on its device.</summary>
internal sealed class Devices : Scenario
{
    public override bool RunsAnywhere => true;

    public override void Run(ProcessGroup world)
    {
        using var part = world.split(world.Rank % 2);
        foreach (var group in (ProcessGroup[])[world, part])
        {
            using var tensor = torch.ones([3L], device: group.Device);
            group.all_reduce(tensor);
            Expect.Values([group.Size, group.Size, group.Size], tensor, $"{group.Device}");
        }
    }
}
