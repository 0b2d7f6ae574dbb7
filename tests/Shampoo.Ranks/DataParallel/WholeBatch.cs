using static TorchSharp.torch;

namespace Shampoo.Ranks.DataParallel;

/// <summary>
/// Ranks that begin with different weights, and train with a part of each batch, have what one process has that trains with the whole batches; and all of them
/// the same bits. With one bucket and with many, in one piece or several.
/// </summary>
internal sealed class WholeBatch : Scenario
{
    private const int Part = 6, Steps = 5;

    public override void Run(ProcessGroup world)
    {
        foreach (var (type, tolerance) in ((ScalarType, double)[])[(ScalarType.Float32, 1e-5), (ScalarType.Float64, 1e-13)])
        {
            var expected = OneProcess(world.Size, type);
            foreach (var cap in (double[])[25, 4e-5, 1e-6])
            {
                foreach (var pieces in (int[])[1, 2, 3])
                    Check(world, type, tolerance, expected, cap, pieces);
            }
        }
    }

    private static double[][] OneProcess(int size, ScalarType type)
    {
        using var model = new Perceptron(seed: 0, type);
        using var optimizer = optim.SGD(model.parameters(), learningRate: 0.5, momentum: 0.5);
        for (var step = 0; step < Steps; step++)
        {
            optimizer.zero_grad();
            model.Loss(Perceptron.Batch(step, 0, size * Part, type)).backward();
            optimizer.step();
        }
        return [.. model.parameters().Select(Data.Values)];
    }

    private static void Check(ProcessGroup world, ScalarType type, double tolerance, double[][] expected, double cap, int pieces)
    {
        using var model = new Perceptron(seed: 10 * world.Rank, type);
        using var parallel = new DistributedDataParallel(model, world, bucket_cap_mb: cap);
        using var optimizer = optim.SGD(model.parameters(), learningRate: 0.5, momentum: 0.5);
        for (var step = 0; step < Steps; step++)
        {
            optimizer.zero_grad();
            Backward(parallel, model, step, world.Rank * Part, pieces, type);
            optimizer.step();
        }
        foreach (var ((name, parameter), values) in model.named_parameters().Zip(expected))
        {
            Expect.Values(values, parameter, $"{name} of {type}, {pieces} pieces, cap {cap}", i => tolerance);
            Expect.SameBits(world, parameter, name);
        }
    }

    private static void Backward(DistributedDataParallel parallel, Perceptron model, int step, int from, int pieces, ScalarType type)
    {
        var count = Part / pieces;
        Tensor Loss(int piece) => model.Loss(Perceptron.Batch(step, from + (piece * count), count, type)) / pieces;
        using (parallel.no_sync())
        {
            for (var piece = 0; piece < pieces - 1; piece++)
                parallel.backward(Loss(piece));
        }
        parallel.backward(Loss(pieces - 1));
    }
}

/// <summary>no_sync: gradients of this rank alone add up, also where one is within another; then their sums are averaged.</summary>
internal sealed class NoSync : Scenario
{
    public override int FewestRanks => 2;

    public override void Run(ProcessGroup world)
    {
        using var model = new Perceptron(seed: 1, ScalarType.Float64);
        using var alone = new Perceptron(seed: 1, ScalarType.Float64);
        using var parallel = new DistributedDataParallel(model, world);
        using (parallel.no_sync())
        {
            using (parallel.no_sync())
                Step(0);
            Step(1);
            parallel.average_gradients();
            foreach (var (one, other) in model.parameters().Zip(alone.parameters()))
                Expect.Values(Data.Values(other.grad!), one.grad!, "a gradient of this rank alone");
        }
        Step(2);
        foreach (var (one, other) in model.parameters().Zip(alone.parameters()))
        {
            using var mean = other.grad!.clone();
            world.all_reduce(mean, ReduceOp.Average);
            Expect.Values(Data.Values(mean), one.grad!, "the mean of sums");
        }

        void Step(int step)
        {
            parallel.backward(model.Loss(Perceptron.Batch(step, world.Rank, 2, ScalarType.Float64)));
            alone.Loss(Perceptron.Batch(step, world.Rank, 2, ScalarType.Float64)).backward();
        }
    }
}

/// <summary>Gradients that stay, or that are taken away before every step: what is averaged is the same. Those that stay keep their memory.</summary>
internal sealed class GradientMemory : Scenario
{
    public override int FewestRanks => 2;

    public override void Run(ProcessGroup world)
    {
        using var stays = new Perceptron(seed: 1, ScalarType.Float32);
        using var goes = new Perceptron(seed: 1, ScalarType.Float32);
        using var parallelStays = new DistributedDataParallel(stays, world);
        using var parallelGoes = new DistributedDataParallel(goes, world);
        nint[] places = [];
        for (var step = 0; step < 3; step++)
        {
            stays.zero_grad(set_to_none: false);
            goes.zero_grad(set_to_none: true);
            parallelStays.backward(stays.Loss(Perceptron.Batch(step, 3 * world.Rank, 3, ScalarType.Float32)));
            goes.Loss(Perceptron.Batch(step, 3 * world.Rank, 3, ScalarType.Float32)).backward();
            parallelGoes.average_gradients();
            foreach (var (one, other) in stays.parameters().Zip(goes.parameters()))
            {
                Expect.Values(Data.Values(other.grad!), one.grad!, $"step {step}");
                Expect.SameBits(world, one.grad!, $"step {step}");
            }
            nint[] now = [.. stays.parameters().Select(parameter => CollectiveMemory.Address(parameter.grad!))];
            Expect.True(step == 0 || now.AsSpan().SequenceEqual(places), "gradients stay where they are");
            places = now;
        }
    }
}
