using TorchSharp.Modules;

namespace Shampoo.Ranks.Sharding;

/// <summary>Where the ranks compute, an optimizer does what vector code does in the memory of the host; on a GPU by kernels, and by operators.</summary>
internal sealed class DeviceSteps : Scenario
{
    private const int Steps = 8;

    private static readonly SingleProcessGroup s_alone = new();

    public override bool RunsAnywhere => true;

    public override void Run(ProcessGroup world)
    {
        foreach (var (type, tolerance) in ((ScalarType, double)[])[(ScalarType.Float64, 1e-11), (ScalarType.Float32, 1e-4)])
        {
            Compare(type, tolerance, n => new Ridged(n.Parameters, process_group: s_alone), n => new Ridged(n.Parameters, process_group: world));
            Compare(type, tolerance, n => new Ridged(n.Parameters, process_group: s_alone), n => new RidgedByOperators(n.Parameters, process_group: world));
            Compare(type, tolerance, n => new RidgedOverlapped(n.Parameters, process_group: s_alone), n => new RidgedOverlapped(n.Parameters, process_group: world));
            Compare(type, tolerance, n => new RidgedLamb(n.Parameters, process_group: s_alone), n => new RidgedLamb(n.Parameters, process_group: world));
            Compare(type, tolerance, n => new DividedScheduleFree(n.Parameters, process_group: s_alone), n => new DividedScheduleFree(n.Parameters, process_group: world));
        }
        using var network = new Network();
        using var optimizer = new Alone(network.Parameters);
        if (world.Device.type == DeviceType.CUDA)
            Expect.True(optimizer.Buckets.All(bucket => bucket.Dialect == Dialect.Cuda), "a GPU has kernels; what was logged says why it has none");
    }

    private static void Compare(ScalarType type, double tolerance, Func<Network, OptimizerHelper> host, Func<Network, OptimizerHelper> here)
    {
        using Network one = new(type, torch.CPU), other = new(type);
        using OptimizerHelper expected = host(one), optimizer = here(other);
        for (var step = 1; step <= Steps; step++)
        {
            one.NewGradients(step);
            other.NewGradients(step);
            expected.step();
            optimizer.step();
            using Tensor right = one.Flat(), actual = other.Flat();
            Expect.Values(Data.Values(right), actual, $"step {step} of {optimizer.GetType().Name} in {type} on {Data.Device}", _ => tolerance);
        }
    }
}

/// <summary>NaN in gradients: in the memory of the host an error before anything changes; on a GPU one of the next step, which knows the step and the parameters.</summary>
internal sealed class SpoiledSteps : Scenario
{
    public override bool RunsAnywhere => true;

    public override void Run(ProcessGroup world)
    {
        using var network = new Network();
        using var optimizer = new Divided(network.Parameters, process_group: world);
        network.NewGradients(1);
        optimizer.step();
        network.NewGradients(1);
        network.Spoil();
        if (world.Device.type == DeviceType.CPU)
        {
            Expect.Throws<NotFiniteNumberException>(() => optimizer.step(), "'p0'");
            return;
        }
        optimizer.step();
        network.Flat().cpu().Dispose(); // the device has come so far
        network.NewGradients(1);
        Expect.Throws<IncompleteStepException>(() => optimizer.step(), "'p0'", "step 2");
    }
}
