using static TorchSharp.torch;

namespace Shampoo.Ranks.DataParallel;

/// <summary>All ranks begin with the parameters and buffers of rank 0, of every dtype, the frozen ones too.</summary>
internal sealed class InitialBroadcast : Scenario
{
    private static readonly ScalarType[] Types = [.. Data.All, ScalarType.Bool, ScalarType.Int16];

    public override void Run(ProcessGroup world)
    {
        foreach (var cap in (double[])[25, 1e-5])
        {
            using var model = Model(world.Rank);
            using var expected = Model(0);
            using var parallel = new DistributedDataParallel(model, world, bucket_cap_mb: cap);
            foreach (var (name, tensor) in expected.state_dict())
                Expect.Values(Data.Values(tensor), model.state_dict()[name], name);
        }
    }

    private static Shelf Model(int rank)
    {
        var buffers = Types.Select((type, i) => ($"buffer.{type}", Buffer(rank, i, type)));
        var frozen = Perceptron.Of(rank + 50, ScalarType.Float32, 3);
        frozen.requires_grad = false;
        return new Shelf([.. Data.Floating.Select(type => ($"weight.{type}", (Tensor)Perceptron.Of(rank, type, 3, 2))), .. buffers, ("frozen", frozen), ("count", tensor(41L + rank))]);
    }

    private static Tensor Buffer(int rank, int i, ScalarType type)
    {
        using var numbers = Data.TensorOf(rank, 6, ScalarType.Int32, seed: i);
        return type == ScalarType.Bool ? numbers.gt(12) : numbers.sub(12).abs().to(type, copy: true).view(2, 3).t();
    }
}

/// <summary>The running statistics of batch normalisation are those of rank 0, after every averaging, unless that is not wanted.</summary>
internal sealed class BufferBroadcast : Scenario
{
    public override int FewestRanks => 2;

    public override void Run(ProcessGroup world)
    {
        foreach (var broadcasts in (bool[])[true, false])
        {
            using var model = nn.BatchNorm1d(3);
            using var parallel = new DistributedDataParallel(model, world, broadcast_buffers: broadcasts);
            for (var step = 0; step < 2; step++)
            {
                using var input = Data.TensorOf(world.Rank, 12, ScalarType.Float32, seed: step).view(4, 3);
                parallel.backward(model.call(input).sum());
            }
            using var own = model.running_mean!.clone();
            using var first = model.running_mean!.clone();
            world.broadcast(first, 0);
            Expect.Same(broadcasts || world.Rank == 0, Data.Values(own).AsSpan().SequenceEqual(Data.Values(first)), "the mean is that of rank 0");
            Expect.Same(2L, model.get_buffer("num_batches_tracked")!.item<long>(), "batches");
        }
    }
}

/// <summary>Ranks with different models: the same error on every rank, which names the first difference; the group goes on.</summary>
internal sealed class DifferentModels : Scenario
{
    public override int FewestRanks => 2;

    public override void Run(ProcessGroup world)
    {
        var last = world.Size - 1;
        (string, Tensor)[] usual = [("a", Perceptron.Of(0, ScalarType.Float32, 3, 4)), ("b", Perceptron.Of(0, ScalarType.Float32, 5))];
        var frozen = Perceptron.Of(0, ScalarType.Float32, 5);
        frozen.requires_grad = false;
        Check(world, usual, [usual[0], ("b", Perceptron.Of(0, ScalarType.Float32, 6))], "rank 0 has parameter 'b' [5] of Float32", $"rank {last} has parameter 'b' [6] of Float32");
        Check(world, usual, [("a", Perceptron.Of(0, ScalarType.Float64, 3, 4)), usual[1]], "'a' [3, 4] of Float32", "'a' [3, 4] of Float64");
        Check(world, usual, [usual[0], ("c", usual[1].Item2)], "parameter 'b'", "parameter 'c'");
        Check(world, usual, [usual[0]], "parameter 'b'", $"rank {last} has no more");
        Check(world, [usual[0]], usual, "rank 0 has no more", "parameter 'b'");
        Check(world, usual, [], "parameter 'a'", $"rank {last} has no more");
        Check(world, usual, [.. usual, ("c", torch.zeros([2L]))], "no more", "buffer 'c' [2] of Float32");
        Check(world, usual, [usual[0], ("b", frozen)], "parameter 'b'", "requires no grad");
        // What cannot be sent, on one rank alone.
        Check(world, [.. usual, ("c", zeros([2L]))], [.. usual, ("c", zeros([2L], ScalarType.ComplexFloat32))], "buffer 'c' [2] of Float32", "buffer 'c' [2] of ComplexFloat32");
        Check(world, [.. usual, ("c", zeros([5L, 2L]))], [.. usual, ("c", Sparse())], "rank 0 has buffer 'c' [5, 2] of Float32", "buffer 'c' [5, 2] of Float32, sparse");
        Expect.Throws<ArgumentException>(
            () => new DistributedDataParallel(new Shelf(usual), world, bucket_cap_mb: world.Rank == last ? 1.5 : 25), "bucket_cap_mb 25", "bucket_cap_mb 1.5");
        // What is no size at all is an error on the other ranks, too.
        Expect.Throws<ArgumentException>(
            () => new DistributedDataParallel(new Shelf(usual), world, bucket_cap_mb: world.Rank == last ? double.NaN : 25), $"rank {last} has bucket_cap_mb NaN");
        using var same = new DistributedDataParallel(new Shelf(usual), world);
    }

    private static Tensor Sparse()
    {
        using var table = nn.Embedding(5, 2, sparse: true);
        table.call(tensor(new long[] { 1, 2 })).sum().backward();
        return table.weight!.grad!;
    }

    private static void Check(ProcessGroup world, (string, Tensor)[] first, (string, Tensor)[] other, params string[] texts)
    {
        var model = new Shelf(world.Rank == world.Size - 1 ? other : first);
        var message = Expect.Throws<ArgumentException>(() => new DistributedDataParallel(model, world), texts).Message;
        using var bytes = tensor(System.Text.Encoding.UTF8.GetBytes(message));
        Expect.SameBits(world, bytes, "the message");
    }
}
