using static TorchSharp.torch;

namespace Shampoo.Ranks.DataParallel;

/// <summary>A module of tensors that a test gives it.</summary>
internal sealed class Shelf : nn.Module
{
    public Shelf(IEnumerable<(string Name, Tensor Tensor)> tensors) : base(nameof(Shelf))
    {
        foreach (var (name, tensor) in tensors)
        {
            if (tensor is TorchSharp.Modules.Parameter parameter)
                register_parameter(name, parameter);
            else
                register_buffer(name, tensor);
        }
    }
}

/// <summary>The mean of gradients of every dtype, in one model: 16 bits are summed in float32 and rounded once. Strides do not matter.</summary>
internal sealed class AverageGradients : Scenario
{
    public override int FewestRanks => 2;

    public override void Run(ProcessGroup world)
    {
        using var model = new Shelf(Data.Floating.SelectMany((type, i) => Named(type, i)));
        using var parallel = new DistributedDataParallel(model, world, bucket_cap_mb: 1e-3);
        for (var step = 0; step < 2; step++)
        {
            foreach (var (name, parameter) in model.named_parameters())
                parameter.grad = Gradient(world.Rank, step, parameter, transposed: name.EndsWith("matrix", StringComparison.Ordinal));
            parallel.average_gradients();
            foreach (var (name, parameter) in model.named_parameters())
            {
                double[][] parts = [.. Enumerable.Range(0, world.Size).Select(rank => Data.Values(Gradient(rank, step, parameter, name.EndsWith("matrix", StringComparison.Ordinal))))];
                Data.ExpectReduced(parts, ReduceOp.Average, parameter.grad!, parameter.dtype, name);
                Expect.SameBits(world, parameter.grad!, name);
            }
        }
    }

    private static IEnumerable<(string, Tensor)> Named(ScalarType type, int i) =>
    [
        ($"{type}.matrix", Perceptron.Of(i, type, 20, 30)),
        ($"{type}.vector", Perceptron.Of(i, type, 7)),
        ($"{type}.scalar", new TorchSharp.Modules.Parameter(ones([], type))),
        ($"{type}.empty", Perceptron.Of(i, type, 0, 3)),
    ];

    private static Tensor Gradient(int rank, int step, Tensor parameter, bool transposed)
    {
        var flat = Data.TensorOf(rank, (int)parameter.numel(), parameter.dtype, seed: step);
        return transposed ? flat.view(parameter.shape[1], parameter.shape[0]).t() : flat.view(parameter.shape);
    }
}

/// <summary>A parameter without a gradient on some ranks gets the mean with zeros; without one on all ranks, it has none.</summary>
internal sealed class UnusedParameters : Scenario
{
    public override int FewestRanks => 2;

    public override void Run(ProcessGroup world)
    {
        foreach (var type in Data.Floating)
        {
            using var model = new Shelf([("all", Perceptron.Of(0, type, 3)), ("first", Perceptron.Of(1, type, 2)), ("last", Perceptron.Of(2, type, 4)), ("none", Perceptron.Of(3, type, 2))]);
            using var parallel = new DistributedDataParallel(model, world);
            foreach (var step in (int[])[0, 1, 2])
            {
                model.zero_grad();
                foreach (var (name, parameter) in model.named_parameters())
                    parameter.grad = Has(name, world.Rank, world.Size) ? Data.TensorOf(world.Rank, (int)parameter.numel(), type, seed: step) : null!;
                parallel.average_gradients();
                foreach (var (name, parameter) in model.named_parameters())
                    Check(world.Size, name, parameter, step);
            }
        }
    }

    private static bool Has(string name, int rank, int size) => name switch
    {
        "all" => true,
        "first" => rank == 0,
        "last" => rank == size - 1,
        _ => false,
    };

    private static void Check(int size, string name, TorchSharp.Modules.Parameter parameter, int step)
    {
        if (name == "none")
        {
            Expect.True(parameter.grad is null, "what no rank has, stays away");
            return;
        }
        var count = (int)parameter.numel();
        double[][] parts = [.. Enumerable.Range(0, size).Select(rank => Has(name, rank, size) ? Data.Of(rank, count, parameter.dtype, seed: step) : new double[count])];
        Data.ExpectReduced(parts, ReduceOp.Average, parameter.grad!, parameter.dtype, $"{name}, step {step}");
    }
}

/// <summary>A branch that one rank does not take, in a model and with an optimizer: ranks stay equal.</summary>
internal sealed class Branches : Scenario
{
    public override void Run(ProcessGroup world)
    {
        using var model = new Perceptron(seed: world.Rank, ScalarType.Float32);
        using var parallel = new DistributedDataParallel(model, world);
        using var optimizer = optim.SGD(model.parameters(), learningRate: 0.1);
        for (var step = 0; step < 4; step++)
        {
            model.UsesScale = (world.Rank + step) % 2 == 0;
            model.zero_grad();
            parallel.backward(model.Loss(Perceptron.Batch(step, world.Rank, 1, ScalarType.Float32)));
            optimizer.step();
        }
        foreach (var (name, parameter) in model.named_parameters())
            Expect.SameBits(world, parameter, name);
    }
}
