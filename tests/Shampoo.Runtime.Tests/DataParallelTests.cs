using Shampoo.Ranks;
using Shampoo.Ranks.DataParallel;

namespace Shampoo.Runtime.Tests;

/// <summary>Data parallelism with one rank, and with threads as ranks, which the library playing NCCL connects. tests/Shampoo.Ranks has it over MPI.</summary>
public sealed class DataParallelTests
{
    public static TheoryData<Type> Scenarios => [.. Types];

    public static TheoryData<Type> ScenariosOfOne => [.. Types.Where(type => Made(type).FewestRanks == 1)];

    private static IEnumerable<Type> Types =>
        typeof(Scenario).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Scenario)) && type.Namespace == typeof(WholeBatch).Namespace);

    [Theory]
    [MemberData(nameof(ScenariosOfOne))]
    public void Passes_the_scenarios_alone(Type type)
    {
        using var group = new SingleProcessGroup();
        Made(type).Run(group);
    }

    [CudaTheory]
    [MemberData(nameof(Scenarios))]
    public void Passes_the_scenarios_on_threads(Type type)
    {
        using var fakes = new CudaFakes();
        foreach (var size in (int[])[2, 3])
            NcclTests.OnRanks(size, Made(type).Run);
    }

    [Fact]
    public void One_rank_leaves_gradients_where_they_are()
    {
        using var model = new Perceptron(seed: 3, ScalarType.Float32);
        using var group = new SingleProcessGroup();
        using var parallel = new DistributedDataParallel(model, group);
        model.Loss(Perceptron.Batch(0, 0, 4, ScalarType.Float32)).backward();
        nint[] before = [.. model.parameters().Select(parameter => NativeTensor.DataOf(parameter.grad!))];
        parallel.average_gradients();
        Assert.Equal(before, model.parameters().Select(parameter => NativeTensor.DataOf(parameter.grad!)));
    }

    [CudaFact]
    public void Averaging_leaves_no_tensor_behind_and_allocates_nothing_for_a_parameter()
    {
        using var fakes = new CudaFakes();
        Assert.Equal(AllocatedByAveraging(parameters: 3), AllocatedByAveraging(parameters: 60));
    }

    private static long AllocatedByAveraging(int parameters)
    {
        var allocated = long.MaxValue;
        NcclTests.OnRanks(2, group =>
        {
            using var model = new Shelf(Enumerable.Range(0, parameters).Select(i => ($"weight{i}", (Tensor)Data.Parameter(i, 3, 2))));
            using var parallel = new DistributedDataParallel(model, group);
            foreach (var parameter in model.parameters())
                Data.SetGradient(parameter, Data.Normal(7, 6));
            parallel.average_gradients();
            var tensors = LiveTensors(group);
            for (var step = 0; step < 40; step++)
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                parallel.average_gradients();
                if (group.Rank == 0)
                    allocated = Math.Min(allocated, GC.GetAllocatedBytesForCurrentThread() - before);
            }
            Assert.Equal(tensors, LiveTensors(group));
        }, checkedCalls: 0);
        return allocated;
    }

    // Counted by one rank while the others wait.
    private static long LiveTensors(ProcessGroup group)
    {
        group.barrier();
        var tensors = group.Rank == 0 ? Data.LiveTensors() : 0;
        group.barrier();
        return tensors;
    }

    [Fact]
    public void Buckets_are_full_in_order_and_of_one_kind()
    {
        (string, long)[] tensors = [("x", 4), ("x", 4), ("y", 3), ("x", 4), ("x", 20), ("y", 5), ("x", 1), ("y", 0)];
        Assert.Equal([[0, 1], [2, 5, 7], [3], [4], [6]], BucketAssignment.Of(tensors, 8));
        Assert.Equal([[0, 1, 3, 4, 6], [2, 5, 7]], BucketAssignment.Of(tensors, 1000));
        Assert.Empty(BucketAssignment.Of(Array.Empty<(int, long)>(), 8));
    }

    [CudaFact]
    public void The_last_parameters_come_first()
    {
        using var fakes = new CudaFakes();
        NcclTests.OnRanks(2, group =>
        {
            using var model = new Perceptron(seed: 0, ScalarType.Float32); // 80, 60 and 12 bytes
            using var parallel = new DistributedDataParallel(model, group, bucket_cap_mb: 100.0 / (1 << 20));
            Assert.Equal([["scale", "output"], ["hidden"]], parallel.BucketNames());
        });
    }

    private static Scenario Made(Type type) => (Scenario)Activator.CreateInstance(type)!;
}
