namespace Shampoo.Ranks.Collectives;

/// <summary>all_reduce with every operation and dtype; the ranks end with the same bits.</summary>
internal sealed class AllReduce : Scenario
{
    public override bool RunsAnywhere => true;

    public override void Run(ProcessGroup world)
    {
        foreach (var type in Data.All)
        {
            foreach (var op in Enum.GetValues<ReduceOp>())
            {
                foreach (var count in (int[])[0, 1, 33, 70_000])
                {
                    if (op == ReduceOp.Average && !Data.Floating.Contains(type))
                        continue;
                    var parts = Enumerable.Range(0, world.Size).Select(rank => Data.Of(rank, count, type)).ToArray();
                    using var tensor = Data.Tensor(parts[world.Rank], type);
                    world.all_reduce(tensor, op);
                    Data.ExpectReduced(parts, op, tensor, type, $"{op} of {count} {type}");
                    if (count > 0)
                        Expect.SameBits(world, tensor, $"{op} of {count} {type}");
                }
            }
        }
    }
}

/// <summary>reduce_scatter with every operation and dtype, of unequal parts, also into this rank's part of the input.</summary>
internal sealed class ReduceScatter : Scenario
{
    public override bool RunsAnywhere => true;

    public override void Run(ProcessGroup world)
    {
        foreach (var type in Data.All)
        {
            foreach (var op in Enum.GetValues<ReduceOp>())
            {
                if (op == ReduceOp.Average && !Data.Floating.Contains(type))
                    continue;
                foreach (var empty in (int[])[-1, 0, world.Size - 1])
                    Check(world, type, op, [.. Enumerable.Range(0, world.Size).Select(rank => rank == empty ? 0L : 11 + (3 * rank))]);
                Check(world, type, op, new long[world.Size]);
            }
        }
    }

    private static void Check(ProcessGroup world, ScalarType type, ReduceOp op, long[] counts)
    {
        var name = $"{op} of {type} ({string.Join(", ", counts)})";
        var (start, count) = ((int)counts.Take(world.Rank).Sum(), (int)counts[world.Rank]);
        var all = Enumerable.Range(0, world.Size).Select(rank => Data.Of(rank, (int)counts.Sum(), type)).ToArray();
        var parts = Array.ConvertAll(all, values => values[start..(start + count)]);
        using var input = Data.Tensor(all[world.Rank], type);
        using var output = Data.Zeros(type, count);
        world.reduce_scatter(output, input, counts, op);
        Data.ExpectReduced(parts, op, output, type, name);
        Expect.Values(all[world.Rank], input, name + ", the input");

        using var own = input.narrow(0, start, count);
        world.reduce_scatter(own, input, counts, op);
        Data.ExpectReduced(parts, op, own, type, name + " in place");
    }
}

/// <summary>Tensors that autograd watches are reduced as others are.</summary>
internal sealed class ReduceParameters : Scenario
{
    public override bool RunsAnywhere => true;

    public override void Run(ProcessGroup world)
    {
        foreach (var type in Data.Floating)
        {
            var parts = Enumerable.Range(0, world.Size).Select(rank => Data.Of(rank, 6, type)).ToArray();
            using var tensor = Data.Tensor(parts[world.Rank], type);
            tensor.requires_grad_();
            world.all_reduce(tensor, ReduceOp.Average);
            Data.ExpectReduced(parts, ReduceOp.Average, tensor, type, $"{type}");
            Expect.True(tensor.requires_grad, "the tensor still requires a gradient");
        }
    }
}
