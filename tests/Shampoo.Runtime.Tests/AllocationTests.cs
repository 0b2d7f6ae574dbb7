// The count of living tensors is one for the process.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Shampoo.Runtime.Tests;

public sealed class AllocationTests
{
    public static TheoryData<long[], int> Shapes => new()
    {
        { [6], int.MaxValue },
        { [4, 6], 6 },
        { [4, 6], 2 },
        { [2, 3, 4], 4 },
        { [2, 3, 2, 3], 3 },
    };

    [Fact]
    public void Finds_the_native_functions() => Assert.True(NativeTensor.IsAvailable);

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Leaves_no_tensor_behind(long[] shape, int max)
    {
        foreach (var usesMemory in (bool[])[true, false])
        {
            using var optimizer = Optimizer(shape, max, count: 3, usesMemory, workspace: 30);
            Step(optimizer, 2);
            var before = Data.LiveTensors();
            for (var step = 0; step < 4; step++)
                optimizer.step();
            Assert.Equal(before, Tensor.TotalCount);

            // Without one gradient, in slices that are made for the step.
            Data.SetGradient(optimizer.parameters().ElementAt(1), null);
            optimizer.step();
            before = Data.LiveTensors();
            optimizer.step();
            Assert.Equal(before, Tensor.TotalCount);
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Frees_all_state(long[] shape, int max)
    {
        foreach (var usesMemory in (bool[])[true, false])
        {
            var parameters = Parameters(shape, count: 3);
            var before = Data.LiveTensors();
            var optimizer = Optimizer(parameters, max, usesMemory, workspace: 30);
            Step(optimizer, 3);
            optimizer.Dispose();
            Assert.Equal(before, Tensor.TotalCount);
            GC.KeepAlive(parameters);
        }
    }

    [Fact]
    public void Keeps_no_gradient_alive()
    {
        // A first step leaves a tensor and the view of its block of the parameter, and the memory, the stack and its row of three workspaces.
        using var optimizer = Optimizer([3, 3], max: 3, count: 1, usesMemory: false, workspace: 1 << 20);
        var before = Data.LiveTensors();
        optimizer.step();
        Assert.Equal(before + 2 + 3 * 3, Data.LiveTensors());
    }

    [Fact]
    public void Frees_the_state_of_an_optimizer_that_could_not_be_made()
    {
        HandWrittenShampoo.ParamGroup[] groups = [new([Data.Parameter(1, 4, 3)]), new(Array.Empty<Parameter>())];
        var before = Data.LiveTensors();

        Assert.Throws<ArgumentException>(() => new HandWrittenShampoo(groups));

        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void Keeps_its_state_when_a_surrounding_scope_ends()
    {
        HandWrittenShampoo optimizer;
        var parameter = Data.Parameter(1, 4, 3);
        using (torch.NewDisposeScope())
            optimizer = new HandWrittenShampoo([parameter], new Settings(MaxDimension: 2));
        Data.SetGradient(parameter, Data.Normal(2, 12));
        for (var step = 0; step < 3; step++)
        {
            using var scope = torch.NewDisposeScope();
            optimizer.step();
        }
        optimizer.Dispose();
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Allocates_by_buckets_and_not_by_parameters(long[] shape, int max)
    {
        Assert.Equal(SteadyAllocation(shape, max, count: 2), SteadyAllocation(shape, max, count: 40));
    }

    private static long SteadyAllocation(long[] shape, int max, int count)
    {
        using var optimizer = Optimizer(shape, max, count, usesMemory: true, workspace: 1 << 20);
        Step(optimizer, 40);
        var least = long.MaxValue;
        for (var step = 0; step < 4; step++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            optimizer.step();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        return least;
    }

    private static void Step(HandWrittenShampoo optimizer, int count)
    {
        for (var step = 0; step < count; step++)
            optimizer.step();
    }

    private static HandWrittenShampoo Optimizer(long[] shape, int max, int count, bool usesMemory, long workspace) =>
        Optimizer(Parameters(shape, count), max, usesMemory, workspace);

    private static HandWrittenShampoo Optimizer(Parameter[] parameters, int max, bool usesMemory, long workspace) =>
        new(parameters, new Settings(MaxDimension: max, Start: 1, Frequency: 1000), new(workspace, usesMemory));

    private static Parameter[] Parameters(long[] shape, int count)
    {
        var parameters = Enumerable.Range(0, count).Select(p => Data.Parameter(p, shape)).ToArray();
        foreach (var parameter in parameters)
            Data.SetGradient(parameter, Data.Normal(7, Data.Elements(shape)));
        return parameters;
    }
}
