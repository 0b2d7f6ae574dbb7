namespace Shampoo.Ranks.Sharding;

/// <summary>A folder of its own for a scenario, the same on all ranks; it is there until all are done with it.</summary>
internal sealed class SharedFolder : IDisposable
{
    private readonly ProcessGroup _world;
    private readonly string _folder;

    public SharedFolder(ProcessGroup world)
    {
        _world = world;
        using var id = torch.tensor(new[] { (long)Environment.ProcessId }, ScalarType.Int64, world.Device);
        world.broadcast(id, source: 0);
        _folder = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"shampoo-ranks-{id.item<long>()}");
        Directory.CreateDirectory(_folder);
    }

    /// <summary>The checkpoint in it.</summary>
    public string Path => System.IO.Path.Combine(_folder, "optimizer.safetensors");

    public void Dispose()
    {
        _world.barrier();
        if (_world.Rank == 0)
            Directory.Delete(_folder, recursive: true);
        _world.barrier();
    }
}
