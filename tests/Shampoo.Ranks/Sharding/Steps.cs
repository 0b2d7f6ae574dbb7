using TorchSharp.Modules;

namespace Shampoo.Ranks.Sharding;

using Make = Func<Network, ProcessGroup, OptimizerHelper>;

/// <summary>Ranks that divide state and work end every step with the bits that one process ends it with.</summary>
internal sealed class DividedSteps : Scenario
{
    public override bool RunsAnywhere => true;

    private const int Steps = 8;

    public override void Run(ProcessGroup world)
    {
        Compare(world, (n, _) => new Alone(n.Parameters), (n, g) => new Divided(n.Parameters, process_group: g));
        Compare(world, (n, _) => new Alone(n.Parameters), (n, g) => new DividedParameters(n.Parameters, process_group: g));
        Compare(world, (n, _) => new AloneSoap(n.Parameters), (n, g) => new DividedSoap(n.Parameters, process_group: g));
        Compare(world, (n, _) => new AloneLamb(n.Parameters), (n, g) => new DividedLamb(n.Parameters, process_group: g));
        Compare(world, (n, _) => new AloneScheduleFree(n.Parameters), (n, g) => new DividedScheduleFree(n.Parameters, process_group: g));
        Compare(world, (n, _) => new AloneStaggered(n.Parameters), (n, g) => new DividedStaggered(n.Parameters, process_group: g));
        Compare(world, (n, _) => new AloneOverlapped(n.Parameters), (n, g) => new DividedOverlapped(n.Parameters, process_group: g));
        Compare(world, (n, _) => new Divided(n.Parameters, process_group: new SingleProcessGroup()), (n, g) => new Divided(n.Parameters));
        if (world.Size % 2 == 0)
            Compare(world, (n, _) => new Alone(n.Parameters), (n, g) => new DividedInPairs(n.Parameters, process_group: g));
        else if (world.Size > 1)
            Refuse(world);
    }

    private static void Compare(ProcessGroup world, Make alone, Make divided)
    {
        foreach (var type in (ScalarType[])[ScalarType.Float32, ScalarType.Float64, ScalarType.BFloat16])
        {
            using Network one = new(type), many = new(type);
            using OptimizerHelper expected = alone(one, world), optimizer = divided(many, world);
            for (var step = 1; step <= Steps; step++)
            {
                one.NewGradients(step);
                many.NewGradients(step);
                expected.step();
                optimizer.step();
                using Tensor right = one.Flat(), actual = many.Flat();
                Expect.SameBits(right, actual, $"{optimizer.GetType().Name} does in step {step} with {type} what {expected.GetType().Name} does");
                Expect.SameBits(world, actual, $"step {step} of {optimizer.GetType().Name}");
            }
        }
    }

    private static void Refuse(ProcessGroup world)
    {
        using var network = new Network();
        Expect.Throws<ArgumentException>(() => new DividedInPairs(network.Parameters, process_group: world), $"{world.Size} ranks cannot be divided into groups of 2");
    }
}

/// <summary>Gradients of each rank alone: averages come to the owners, and what is done with them is what one process does with the averages.</summary>
internal sealed class ReducedSteps : Scenario
{
    public override bool RunsAnywhere => true;

    private const int Steps = 6;

    public override void Run(ProcessGroup world)
    {
        Compare(world, (n, g) => new Reduced(n.Parameters, process_group: g));
        if (world.Size % 2 == 0)
            Compare(world, (n, g) => new ReducedInPairs(n.Parameters, process_group: g));
    }

    private static void Compare(ProcessGroup world, Make reduced)
    {
        using Network one = new(), many = new();
        using var expected = new Alone(one.Parameters);
        using var optimizer = reduced(many, world);
        for (var step = 1; step <= Steps; step++)
        {
            one.NewGradients(step, 1 + world.Rank);
            many.NewGradients(step, 1 + world.Rank);
            foreach (var (_, parameter) in one.Parameters)
            {
                using var gradient = parameter.grad;
                if (gradient is not null)
                    world.all_reduce(gradient, ReduceOp.Average);
            }
            expected.step();
            optimizer.step();
            using Tensor right = one.Flat(), actual = many.Flat();
            Expect.SameBits(right, actual, $"{optimizer.GetType().Name} does in step {step} what one process does with the averages");
        }
    }
}

/// <summary>What travels in 16 bits is rounded for all alike.</summary>
internal sealed class RoundedSteps : Scenario
{
    public override bool RunsAnywhere => true;

    public override void Run(ProcessGroup world)
    {
        Compare(world, (n, g) => new DividedInBFloat16(n.Parameters, process_group: g), 1.0 / 256);
        Compare(world, (n, g) => new DividedInFloat16(n.Parameters, process_group: g), 1.0 / 2048);
    }

    private static void Compare(ProcessGroup world, Make divided, double unit)
    {
        using Network one = new(), many = new(), exact = new();
        using OptimizerHelper alone = divided(one, new SingleProcessGroup()), optimizer = divided(many, world), unrounded = new Alone(exact.Parameters);
        one.NewGradients(1);
        many.NewGradients(1);
        exact.NewGradients(1);
        using var before = exact.Flat();
        alone.step();
        optimizer.step();
        unrounded.step();
        using Tensor right = one.Flat(), actual = many.Flat(), change = exact.Flat().sub(before);
        Expect.SameBits(right, actual, "any number of ranks rounds alike");
        Expect.SameBits(world, actual, "what was rounded");
        // Half a unit in the last place of the change (8 or 11 bits; below 6e-5 float16 has fewer), and what float32 rounds of the parameter.
        var changes = Data.Values(change);
        var start = Data.Values(before);
        using var difference = actual.sub(before);
        Expect.Values(changes, difference, "a change", i => unit * Math.Abs(changes[i]) + Math.Pow(2, -23) * Math.Abs(start[i]) + 1e-7);
        Expect.True(!Data.Values(difference).SequenceEqual(changes), "something was rounded");
    }
}
