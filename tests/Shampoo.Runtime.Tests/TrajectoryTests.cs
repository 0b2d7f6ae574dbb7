namespace Shampoo.Runtime.Tests;

public sealed class TrajectoryTests
{
    // The shape, and what it is merged to under MaxDimension, by hand.
    public static TheoryData<long[], int, int[]> Shapes => new()
    {
        { [], int.MaxValue, [1] },
        { [7], int.MaxValue, [7] },
        { [7], 3, [7] },
        { [4, 6], 8, [4, 6] },
        { [4, 6], int.MaxValue, [24] },
        { [5, 3], 2, [5, 3] },
        { [3, 2, 4], 4, [3, 2, 4] },
        { [3, 2, 4], 3, [3, 2, 4] },
        { [3, 2, 2, 3], 3, [3, 2, 2, 3] },
        { [3, 2, 2, 3], 6, [6, 6] },
        { [2, 3, 3, 2], 2, [2, 3, 3, 2] },
        { [1, 4, 1, 3], 5, [4, 3] },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Follows_the_oracle(long[] shape, int max, int[] merged)
    {
        foreach (var hooks in AllHooks())
            Compare([shape], [merged], new Settings(MaxDimension: max), hooks, ScalarType.Float64, steps: 6, relative: 1e-9);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Follows_the_oracle_in_single_precision(long[] shape, int max, int[] merged)
    {
        foreach (var hooks in AllHooks())
            Compare([shape], [merged], new Settings(MaxDimension: max, Epsilon: 1e-3), hooks, ScalarType.Float32, steps: 6, relative: 1e-4);
    }

    [Fact]
    public void Follows_the_oracle_with_many_parameters_and_missing_gradients()
    {
        long[][] shapes = [[4, 3], [3], [4, 3], [3, 4], [4, 3], [6], [0, 2], [3], [4, 3]];
        int[][] merged = [[4, 3], [3], [4, 3], [3, 4], [4, 3], [6], [0], [3], [4, 3]];
        foreach (var hooks in AllHooks())
        {
            Compare(
                shapes, merged, new Settings(MaxDimension: 4, Start: 3, Frequency: 1), hooks, ScalarType.Float64, steps: 8, relative: 1e-9,
                isMissing: (step, p) => (step * 7 + p * 3) % 4 == 1 || (step == 4 && p != 2) || (step == 5));
        }
    }

    [Fact]
    public void Follows_the_oracle_where_the_native_functions_are_missing()
    {
        NativeTensor.IsAvailable = false;
        try
        {
            Compare(
                [[4, 3], [3], [4, 3], []], [[4, 3], [3], [4, 3], [1]], new Settings(MaxDimension: 4), new(), ScalarType.Float64, steps: 5, relative: 1e-9,
                isMissing: (step, p) => step == 3 && p == 0);
        }
        finally
        {
            NativeTensor.IsAvailable = true;
        }
    }

    [Fact]
    public void Works_in_slices_of_the_workspace()
    {
        using var optimizer = new HandWrittenShampoo([Data.Parameter(1, 6, 6)], new Settings(MaxDimension: 2), new(WorkspaceElements: 19));
        StepOnce(optimizer, 2);

        Assert.Equal([4, 4, 1], optimizer.SliceSizes);
    }

    [Fact]
    public void Works_on_one_block_at_least()
    {
        using var optimizer = new HandWrittenShampoo([Data.Parameter(1, 6, 2)], new Settings(MaxDimension: 2), new(WorkspaceElements: 1));
        StepOnce(optimizer, 2);

        Assert.Equal([1, 1, 1], optimizer.SliceSizes);
    }

    [Fact]
    public void Counts_groups_separately_and_uses_their_numbers()
    {
        var settings = new Settings(MaxDimension: 4);
        var other = settings with { Lr = 0.3, Beta1 = 0.5, WeightDecay = 0 };
        var (first, second, late) = (Data.Parameter(1, 4, 3), Data.Parameter(2, 4, 3), Data.Parameter(3, 4, 3));
        var (a, b, c) = (OracleOf(settings, first, [4, 3]), OracleOf(other, second, [4, 3]), OracleOf(settings, late, [4, 3]));
        HandWrittenShampoo.ParamGroup[] groups =
        [
            new([first]),
            new([second], new() { LearningRate = 0.3, beta1 = 0.5, weight_decay = 0 }),
        ];
        using var optimizer = new HandWrittenShampoo(groups, settings);

        for (var step = 0; step < 5; step++)
        {
            if (step == 2)
                optimizer.add_param_group(new HandWrittenShampoo.ParamGroup([late]));
            Advance(first, a, 10 + step);
            Advance(second, b, 20 + step);
            if (step >= 2)
                Advance(late, c, 30 + step);
            optimizer.step();
        }

        Data.AssertClose(a.Values, Data.Values(first), 1e-9);
        Data.AssertClose(b.Values, Data.Values(second), 1e-9);
        Data.AssertClose(c.Values, Data.Values(late), 1e-9);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void Reads_and_writes_tensors_that_are_not_contiguous(bool usesMemory, bool merges)
    {
        // [3, 4] in memory is seen as [4, 3]; merged to [12] it cannot be viewed.
        var settings = new Settings(MaxDimension: merges ? 12 : 3);
        int[] merged = merges ? [12] : [4, 3];
        using var transposed = Data.Tensor(Data.Normal(1, 12), [3, 4]).transpose(0, 1);
        var parameter = new Parameter(transposed);
        Assert.False(parameter.is_contiguous());
        var oracle = OracleOf(settings, parameter, merged);
        using var optimizer = new HandWrittenShampoo([parameter], settings, new(UsesMemory: usesMemory));
        using var values = Data.Tensor(new double[12], [3, 4]);

        for (var step = 0; step < 5; step++)
        {
            var gradient = Data.Normal(50 + step, 12);
            using var numbers = Data.Tensor(gradient, [3, 4]);
            values.copy_(numbers); // the same memory in every step, seen with other strides
            using var seen = step % 2 == 0 ? values.view(4, 3) : values.transpose(0, 1);
            parameter.grad = seen;
            oracle.Step(step % 2 == 0 ? gradient : [.. Enumerable.Range(0, 12).Select(i => gradient[i % 3 * 4 + i / 3])]);
            optimizer.step();
        }

        Data.AssertClose(oracle.Values, Data.Values(parameter), 1e-9);
    }

    [Fact]
    public void Leaves_a_parameter_alone_that_is_frozen_later()
    {
        var (frozen, trained) = (Data.Parameter(1, 4, 3), Data.Parameter(2, 4, 3));
        var settings = new Settings(MaxDimension: 4);
        var oracle = OracleOf(settings, frozen, [4, 3]);
        using var optimizer = new HandWrittenShampoo([frozen, trained], settings);
        for (var step = 0; step < 6; step++)
        {
            frozen.requires_grad = step is not (2 or 3);
            var gradient = Data.Normal(step, 12);
            Data.SetGradient(frozen, gradient);
            Data.SetGradient(trained, gradient);
            oracle.Step(step is 2 or 3 ? null : gradient);
            optimizer.step();
        }

        Data.AssertClose(oracle.Values, Data.Values(frozen), 1e-9);
    }

    private static IEnumerable<HandWrittenShampoo.Hooks> AllHooks() =>
    [
        new(),
        new(WorkspaceElements: 10),
        new(UsesMemory: false),
        new(UsesMemory: false, WorkspaceElements: 10),
    ];

    private static void StepOnce(HandWrittenShampoo optimizer, int seed)
    {
        foreach (var parameter in optimizer.parameters())
            Data.SetGradient(parameter, Data.Normal(seed++, Data.Elements(parameter.shape)));
        optimizer.step();
    }

    private static Oracle OracleOf(Settings settings, Parameter parameter, int[] merged) => new(settings, merged, Data.Values(parameter));

    private static void Advance(Parameter parameter, Oracle oracle, int seed)
    {
        var gradient = Data.Normal(seed, Data.Elements(parameter.shape));
        Data.SetGradient(parameter, gradient);
        oracle.Step(gradient);
    }

    private static void Compare(
        long[][] shapes, int[][] merged, Settings settings, HandWrittenShampoo.Hooks hooks, ScalarType type, int steps, double relative,
        Func<int, int, bool>? isMissing = null)
    {
        var parameters = shapes.Select((shape, p) => Data.Parameter(Round(Data.Normal(p + 1, Data.Elements(shape)), type), shape, type)).ToArray();
        var oracles = parameters.Select((parameter, p) => OracleOf(settings, parameter, merged[p])).ToArray();
        using var optimizer = new HandWrittenShampoo(parameters, settings, hooks);
        for (var step = 0; step < steps; step++)
        {
            for (var p = 0; p < parameters.Length; p++)
            {
                var gradient = isMissing?.Invoke(step, p) == true ? null : Round(Data.Normal(1000 * step + p, Data.Elements(shapes[p])), type);
                Data.SetGradient(parameters[p], gradient);
                oracles[p].Step(gradient);
            }
            optimizer.step();
        }
        for (var p = 0; p < parameters.Length; p++)
            Data.AssertClose(oracles[p].Values, Data.Values(parameters[p]), relative, absolute: relative * 1e-2);
    }

    private static double[] Round(double[] values, ScalarType type) =>
        type == ScalarType.Float32 ? Array.ConvertAll(values, value => (double)(float)value) : values;
}
