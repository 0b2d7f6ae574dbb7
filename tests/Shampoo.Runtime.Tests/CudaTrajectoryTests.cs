namespace Shampoo.Runtime.Tests;

/// <summary>The hand-written optimizer with kernels, on parameters in memory.</summary>
public sealed class CudaTrajectoryTests
{
    private static readonly HandWrittenShampoo.Hooks[] s_hooks =
        [new(), new(WorkspaceElements: 10), new(UsesMemory: false), new(UsesMemory: false, WorkspaceElements: 10)];

    [CudaTheory]
    [InlineData(ScalarType.Float64, 1e-9)]
    [InlineData(ScalarType.Float32, 1e-4)]
    public void Follows_the_oracle(ScalarType type, double tolerance)
    {
        using var fakes = new CudaFakes();
        foreach (var row in TrajectoryTests.Shapes)
        {
            var (shape, max, merged) = ((long[])row[0], (int)row[1], (int[])row[2]);
            foreach (var hooks in s_hooks)
                Compare([shape], [merged], new Settings(MaxDimension: max, Epsilon: 1e-3), hooks, type, tolerance);
        }
        Assert.Empty(fakes.Warnings);
    }

    [CudaFact]
    public void Follows_the_oracle_with_many_parameters_and_missing_gradients()
    {
        using var fakes = new CudaFakes();
        long[][] shapes = [[4, 3], [3], [4, 3], [3, 4], [4, 3], [6], [0, 2], [3], [4, 3]];
        int[][] merged = [[4, 3], [3], [4, 3], [3, 4], [4, 3], [6], [0], [3], [4, 3]];
        foreach (var hooks in s_hooks)
        {
            Compare(
                shapes, merged, new Settings(MaxDimension: 4, Start: 3, Frequency: 1), hooks, ScalarType.Float64, 1e-9,
                (step, p) => (step * 7 + p * 3) % 4 == 1 || (step == 4 && p != 2) || step == 5);
        }
    }

    [CudaTheory]
    [InlineData(3, true)]
    [InlineData(12, false)]
    public void Works_on_tensors_that_are_not_contiguous(int max, bool isReached)
    {
        using var fakes = new CudaFakes();
        foreach (var usesMemory in (bool[])[true, false])
        {
            // [3, 4] in memory is seen as [4, 3]; as [12] no strides describe it, in parameters nor in gradients.
            using var transposed = Data.Tensor(Data.Normal(1, 12), [3, 4]).transpose(0, 1);
            using var parameter = new Parameter(transposed);
            Assert.False(parameter.is_contiguous());
            using var dense = Data.Parameter(2, 4, 3);
            RequireSteps(parameter, max, usesMemory, isReached);
            RequireSteps(dense, max, usesMemory, isReached: true);
        }
    }

    [CudaFact]
    public void Frees_what_it_has_on_the_device()
    {
        using var fakes = new CudaFakes();
        var parameter = Data.Parameter(1, 6, 6);
        Data.SetGradient(parameter, Data.Normal(2, 36));
        var (memory, events) = (Pinned(), Events());
        var before = Data.LiveTensors();
        foreach (var hooks in s_hooks)
        {
            using var optimizer = new HandWrittenShampoo([parameter], new Settings(MaxDimension: 2), hooks);
            for (var step = 0; step < 3; step++)
                optimizer.step();
            Assert.NotEqual(memory, Pinned());
        }

        Assert.Equal(before, Tensor.TotalCount);
        Assert.Equal((memory, events), (Pinned(), Events()));

        static int Pinned() => CudaFakes.Count("cuMemAllocHost") - CudaFakes.Count("cuMemFreeHost");
        static int Events() => CudaFakes.Count("cuEventCreate") - CudaFakes.Count("cuEventDestroy");
    }

    [CudaFact]
    public void Tells_the_device_addresses_only_when_they_change()
    {
        using var fakes = new CudaFakes();
        using var parameter = Data.Parameter(1, 6, 6);
        using var optimizer = new HandWrittenShampoo([parameter], new Settings(MaxDimension: 2));
        using Tensor first = Data.Tensor(Data.Normal(2, 36), [6, 6]), second = Data.Tensor(Data.Normal(3, 36), [6, 6]);

        Assert.Equal(1, Copies(first));
        Assert.Equal(0, Copies(first));
        Assert.Equal(1, Copies(second));
        Assert.Equal(0, Copies(second));
        Assert.Equal(1, Copies(first));

        int Copies(Tensor gradient)
        {
            parameter.grad = gradient;
            var before = CudaFakes.Count("cuMemcpyHtoDAsync");
            optimizer.step();
            return CudaFakes.Count("cuMemcpyHtoDAsync") - before;
        }
    }

    [CudaFact]
    public void Says_that_a_launch_failed()
    {
        using var fakes = new CudaFakes();
        using var parameter = Data.Parameter(1, 6, 6);
        Data.SetGradient(parameter, Data.Normal(2, 36));
        using var optimizer = new HandWrittenShampoo([parameter]);
        using var failure = CudaFakes.Fail("cuLaunchKernel", 719);

        var thrown = Assert.ThrowsAny<Exception>(() => optimizer.step());

        var exception = Assert.IsType<CudaException>(thrown as CudaException ?? thrown.InnerException);
        Assert.Equal(("cuLaunchKernel", 719), (exception.Call, exception.Code));
    }

    [CudaFact]
    public void Notices_that_a_parameter_cannot_be_reached_any_more()
    {
        using var fakes = new CudaFakes();
        using var parameter = Data.Parameter(1, 4, 3);
        Data.SetGradient(parameter, Data.Normal(2, 12));
        using var optimizer = new HandWrittenShampoo([("weight", parameter)], new Settings(MaxDimension: 12));
        using var transposed = Data.Tensor(Data.Normal(1, 12), [3, 4]).transpose(0, 1);
        using (torch.no_grad())
            parameter.set_(transposed);

        var thrown = Assert.ThrowsAny<Exception>(() => optimizer.step());

        Assert.Contains("The memory layout of 'weight' has changed", thrown + "");
    }

    private static void RequireSteps(Parameter parameter, int max, bool usesMemory, bool isReached)
    {
        var settings = new Settings(MaxDimension: max);
        var oracle = new Oracle(settings, max == 12 ? [12] : [4, 3], Data.Values(parameter));
        using var optimizer = new HandWrittenShampoo([parameter], settings, new(UsesMemory: usesMemory));
        var launches = CudaFakes.Count("cuLaunchKernel");
        for (var step = 0; step < 5; step++)
        {
            var gradient = Data.Normal(50 + step, 12);
            using var numbers = Data.Tensor(gradient, [3, 4]);
            using var seen = step % 2 == 0 ? numbers.view(4, 3) : numbers.transpose(0, 1);
            parameter.grad = seen;
            oracle.Step(step % 2 == 0 ? gradient : [.. Enumerable.Range(0, 12).Select(i => gradient[i % 3 * 4 + i / 3])]);
            optimizer.step();
        }
        Data.AssertClose(oracle.Values, Data.Values(parameter), 1e-9);
        Assert.Equal(isReached, CudaFakes.Count("cuLaunchKernel") > launches);
    }

    private static void Compare(
        long[][] shapes, int[][] merged, Settings settings, HandWrittenShampoo.Hooks hooks, ScalarType type, double tolerance,
        Func<int, int, bool>? isMissing = null)
    {
        var parameters = shapes.Select((shape, p) => Data.Parameter(Round(Data.Normal(p + 1, Data.Elements(shape)), type), shape, type)).ToArray();
        var oracles = parameters.Select((parameter, p) => new Oracle(settings, merged[p], Data.Values(parameter))).ToArray();
        using var optimizer = new HandWrittenShampoo(parameters, settings, hooks);
        var launches = CudaFakes.Count("cuLaunchKernel");
        for (var step = 0; step < 6; step++)
        {
            for (var p = 0; p < parameters.Length; p++)
            {
                var gradient = isMissing?.Invoke(step, p) == true ? null : Round(Data.Normal(1000 * step + p, Data.Elements(shapes[p])), type);
                Data.SetGradient(parameters[p], gradient);
                oracles[p].Step(gradient);
            }
            optimizer.step();
        }
        Assert.True(CudaFakes.Count("cuLaunchKernel") > launches);
        for (var p = 0; p < parameters.Length; p++)
            Data.AssertClose(oracles[p].Values, Data.Values(parameters[p]), tolerance, absolute: tolerance * 1e-2);
    }

    private static double[] Round(double[] values, ScalarType type) =>
        type == ScalarType.Float32 ? Array.ConvertAll(values, value => (double)(float)value) : values;
}
