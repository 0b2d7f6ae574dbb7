namespace Shampoo.Ranks.Collectives;

/// <summary>Several collectives under way at once, waited for in another order on every rank.</summary>
internal sealed class Overlap : Scenario
{
    public override bool RunsAnywhere => true;

    public override void Run(ProcessGroup world)
    {
        const int Works = 24, Count = 1500;
        var tensors = Enumerable.Range(0, Works).Select(i => Data.TensorOf(world.Rank, Count, ScalarType.Float64, seed: i)).ToArray();
        var outputs = Enumerable.Range(0, Works).Select(_ => Data.Zeros(ScalarType.Float64, world.Size * Count)).ToArray();
        var works = Enumerable.Range(0, Works)
            .Select(i => i % 2 == 0 ? world.all_reduce_async(tensors[i]) : world.all_gather_async(outputs[i], tensors[i]))
            .ToArray();
        new Random(world.Rank).Shuffle(works);
        Expect.True(works.Count(work => work.IsCompleted) <= Works, "asking does not wait");
        foreach (var work in works)
        {
            work.Wait();
            work.Wait();
            Expect.True(work.IsCompleted, "what was waited for is done");
        }
        for (var i = 0; i < Works; i++)
        {
            var parts = Enumerable.Range(0, world.Size).Select(rank => Data.Of(rank, Count, ScalarType.Float64, seed: i)).ToArray();
            if (i % 2 == 0)
                Data.ExpectReduced(parts, ReduceOp.Sum, tensors[i], ScalarType.Float64, $"work {i}");
            else
                Expect.Values([.. parts.SelectMany(part => part)], outputs[i], $"work {i}");
        }
    }
}

/// <summary>IsCompleted alone brings a collective to its end.</summary>
internal sealed class Asking : Scenario
{
    public override bool RunsAnywhere => true;

    public override void Run(ProcessGroup world)
    {
        using var tensor = Data.Tensor([.. Enumerable.Repeat((double)world.Rank, 100)], ScalarType.BFloat16);
        var work = world.all_reduce_async(tensor);
        while (!work.IsCompleted)
            Thread.Yield();
        work.Wait();
        Expect.Values([.. Enumerable.Repeat(world.Size * (world.Size - 1) / 2.0, 100)], tensor, "the sum of ranks");
    }
}
