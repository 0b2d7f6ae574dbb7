using static TorchSharp.torch;

namespace Shampoo.Ranks.DataParallel;

/// <summary>What all ranks do wrong alike is an error that names the parameter, before anything is exchanged.</summary>
internal sealed class RefusedModels : Scenario
{
    public override void Run(ProcessGroup world)
    {
        Expect.Throws<ArgumentException>(() => new DistributedDataParallel(new Shelf([]), world), "no parameter that requires a gradient");
        Expect.Throws<ArgumentOutOfRangeException>(() => new DistributedDataParallel(Model(), world, bucket_cap_mb: 0), "more than 0 MiB");
        Expect.Throws<ArgumentOutOfRangeException>(() => new DistributedDataParallel(Model(), world, bucket_cap_mb: double.NaN), "more than 0 MiB");
        Expect.Throws<NotSupportedException>(() => new DistributedDataParallel(new Shelf([("turns", zeros([2L], ScalarType.ComplexFloat32))]), world), "buffer 'turns'", "ComplexFloat32");
        Unfrozen(world);
        Moved(world);
        Disposed(world);
        if (world.Size > 1)
            WrongGradients(world);
    }

    private static Shelf Model() => new([("weight", Perceptron.Of(1, ScalarType.Float32, 3, 2)), ("other", Perceptron.Of(2, ScalarType.Float32, 3))]);

    private static void Unfrozen(ProcessGroup world)
    {
        using var model = Model();
        var weight = model.get_parameter("weight")!;
        weight.requires_grad = false;
        using var parallel = new DistributedDataParallel(model, world);
        parallel.average_gradients();
        weight.requires_grad = true;
        Expect.Throws<InvalidOperationException>(parallel.average_gradients, "'weight' was frozen");
    }

    private static void Moved(ProcessGroup world)
    {
        using var model = Model();
        using var parallel = new DistributedDataParallel(model, world);
        model.get_parameter("weight")!.Dispose();
        Expect.Throws<InvalidOperationException>(parallel.average_gradients, "parameter 'weight' was disposed or replaced", "Move the module first");
    }

    private static void Disposed(ProcessGroup world)
    {
        using var model = Model();
        var parallel = new DistributedDataParallel(model, world);
        foreach (var parameter in model.parameters())
            parameter.grad = ones_like(parameter);
        parallel.average_gradients();
        parallel.Dispose();
        parallel.Dispose();
        Expect.Throws<ObjectDisposedException>(parallel.average_gradients);
        Expect.Throws<ObjectDisposedException>(() => parallel.no_sync());
        Expect.Values([1, 1, 1], model.get_parameter("other")!.grad!, "gradients outlive the buckets");
    }

    private static void WrongGradients(ProcessGroup world)
    {
        using var model = nn.Embedding(5, 2, sparse: true);
        using var parallel = new DistributedDataParallel(model, world);
        Expect.Throws<InvalidOperationException>(() => parallel.backward(model.call(tensor(new long[] { 1, 2 })).sum()), "'weight' is sparse", "sparse: false");
        world.barrier();
    }
}
