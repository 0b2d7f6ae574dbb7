namespace Shampoo.Runtime.Tests;

public sealed class StateTests
{
    private static readonly Settings s_settings = new(MaxDimension: 3, Start: 2, Frequency: 2);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Round_trips_bit_for_bit(bool throughFile)
    {
        using var original = Trained(out var parameters, steps: 3);
        original.Buckets.First().Counters[0].Values[0] = 2;
        using var copy = Fresh(out var others, seed: 70);
        for (var p = 0; p < parameters.Length; p++)
        {
            using var noGrad = torch.no_grad();
            others[p].copy_(parameters[p]);
        }

        if (throughFile)
            copy.load_state_dict(new BinaryReader(Saved(original)));
        else
            copy.load_state_dict(original.state_dict());

        Assert.Equal(CheckTests.Snapshot(original), CheckTests.Snapshot(copy));
        for (var step = 0; step < 3; step++)
        {
            SetGradients(parameters, 500 + step);
            SetGradients(others, 500 + step);
            original.step();
            copy.step();
        }
        Assert.Equal(CheckTests.Snapshot(original), CheckTests.Snapshot(copy));
    }

    [Fact]
    public void Round_trips_through_a_file_whatever_the_static_type()
    {
        using var original = Trained(out _, steps: 3);
        using var copy = Fresh(out var others, seed: 1);
        var path = Path.GetTempFileName();
        try
        {
            ((TorchSharp.Modules.OptimizerHelper)original).save_state_dict(path);
            ((TorchSharp.Modules.OptimizerHelper)copy).load_state_dict(path);
            Assert.Equal(State(original), State(copy));

            original.save_state_dict(path);
            using var another = Fresh(out _, seed: 1);
            another.load_state_dict(path);
            Assert.Equal(State(original), State(another));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Does_not_share_memory_with_what_it_loaded()
    {
        using var original = Trained(out var parameters, steps: 3);
        using var copy = Fresh(out _, seed: 1);
        copy.load_state_dict(original.state_dict());
        var before = State(copy);

        SetGradients(parameters, 900);
        original.step();

        Assert.Equal(before, State(copy));
        Assert.NotEqual(before, State(original));
    }

    [Fact]
    public void Restores_the_numbers_of_groups()
    {
        using var original = Trained(out _, steps: 2);
        original.ParamGroups.First().LearningRate = 0.625;
        original.Betas = (0.125, 0.75);
        using var copy = Fresh(out _, seed: 1);

        copy.load_state_dict(new BinaryReader(Saved(original)));

        Assert.Equal(0.625, copy.ParamGroups.First().LearningRate);
        Assert.Equal(0.01, copy.ParamGroups.First().InitialLearningRate);
        Assert.Equal((0.125, 0.75), copy.Betas);
    }

    [Fact]
    public void Refuses_a_truncated_file_wherever_it_ends()
    {
        using var original = Trained(out _, steps: 3);
        var whole = Saved(original).ToArray();
        using var copy = Trained(out _, steps: 1);
        var before = CheckTests.Snapshot(copy);
        var tensors = Data.LiveTensors();

        for (var length = 0; length < whole.Length; length += 1 + length / 7)
            Assert.Throws<InvalidDataException>(() => Load(copy, new MemoryStream(whole, 0, length)));

        Assert.Equal(before, CheckTests.Snapshot(copy));
        Assert.Equal(tensors, Tensor.TotalCount);
        var error = Assert.Throws<InvalidDataException>(() => copy.load_state_dict(new BinaryReader(new MemoryStream(whole, 0, whole.Length - 1))));
        Assert.Contains("the state of 'parameter 2 of group 0'", error.Message);
    }

    [Fact]
    public void Refuses_the_state_of_another_declaration()
    {
        using var original = Trained(out _, steps: 2);
        var saved = Saved(original);
        var dictionary = original.state_dict();
        using var other = Fresh(out _, seed: 1);
        var before = CheckTests.Snapshot(other);
        try
        {
            HandWrittenShampoo.Options.OtherDeclaration = "Grafting(SGD)";
            var error = Assert.Throws<InvalidDataException>(() => other.load_state_dict(new BinaryReader(saved)));
            Assert.Contains("saved: Grafting(Adam); RootInverse(Eigh); FirstMoment; WeightDecay(Decoupled)", error.Message);
            Assert.Contains("this:  Grafting(SGD)", error.Message);
        }
        finally
        {
            HandWrittenShampoo.Options.OtherDeclaration = null;
        }
        Assert.Equal(before, CheckTests.Snapshot(other));
    }

    [Fact]
    public void Refuses_the_state_of_another_class()
    {
        var parameter = Data.Parameter(1, 3);
        using var other = torch.optim.AdamW([parameter]);
        using var stream = new MemoryStream();
        other.save_state_dict(new BinaryWriter(stream));
        using var optimizer = new HandWrittenShampoo([Data.Parameter(1, 3)]);

        stream.Position = 0;
        var error = Assert.Throws<InvalidDataException>(() => optimizer.load_state_dict(new BinaryReader(stream)));
        Assert.Contains("'AdamW', not by 'HandWrittenShampoo'", error.Message);
        error = Assert.Throws<InvalidDataException>(() => optimizer.load_state_dict(other.state_dict()));
        Assert.Contains("AdamW", error.Message);
    }

    public static TheoryData<long[][], Settings, string> Misfits => new()
    {
        { [[5, 3], [4]], s_settings, "The state has 3 parameters, but this optimizer has 2" },
        { [[3, 5], [4], []], s_settings, "'parameter 0 of group 0': it " },
        { [[5, 3], [7], []], s_settings, "'parameter 1 of group 0': it " },
        { [[5, 3], [4], []], s_settings with { MaxDimension = 4 }, "[4, 3]" },
        { [[5, 3], [4], []], s_settings with { MaxDimension = 100 }, "blocks" },
        { [[5, 3], [4], [1]], s_settings, "'parameter 2 of group 0': it " },
    };

    [Theory]
    [MemberData(nameof(Misfits))]
    public void Refuses_the_state_of_other_shapes(long[][] shapes, Settings settings, string message)
    {
        using var original = Trained(out _, steps: 2);
        using var other = new HandWrittenShampoo(shapes.Select((shape, p) => Data.Parameter(p, shape)), settings);
        var before = CheckTests.Snapshot(other);

        foreach (var load in (Action[])[() => other.load_state_dict(new BinaryReader(Saved(original))), () => other.load_state_dict(original.state_dict())])
        {
            var error = Assert.Throws<InvalidDataException>(load);
            Assert.Contains(message, error.Message);
            Assert.Equal(before, CheckTests.Snapshot(other));
        }
    }

    [Fact]
    public void Refuses_the_state_of_another_dtype()
    {
        using var original = new HandWrittenShampoo([Data.Parameter(Data.Normal(1, 3), [3], ScalarType.Float32)]);
        using var other = new HandWrittenShampoo([Data.Parameter(1, 3)]);

        foreach (var load in (Action[])[() => other.load_state_dict(new BinaryReader(Saved(original))), () => other.load_state_dict(original.state_dict())])
            Assert.Contains("Float32", Assert.Throws<InvalidDataException>(load).Message);
    }

    [Fact]
    public void Refuses_other_groups()
    {
        HandWrittenShampoo.ParamGroup[] groups = [new([Data.Parameter(1, 5, 3)]), new([Data.Parameter(2, 4), Data.Parameter(3)])];
        using var original = Trained(out _, steps: 2);
        using var other = new HandWrittenShampoo(groups, s_settings);

        var error = Assert.Throws<InvalidDataException>(() => other.load_state_dict(original.state_dict()));
        Assert.Contains("1 parameter groups, but this optimizer has 2", error.Message);
    }

    [Fact]
    public void Refuses_the_same_parameters_in_other_groups()
    {
        Parameter[] parameters = [Data.Parameter(1, 3), Data.Parameter(2, 3), Data.Parameter(3, 3)];
        HandWrittenShampoo.ParamGroup[] oneAndTwo = [new(parameters[..1]), new(parameters[1..])];
        HandWrittenShampoo.ParamGroup[] twoAndOne = [new(parameters[..2]), new(parameters[2..])];
        using var original = new HandWrittenShampoo(oneAndTwo);
        using var other = new HandWrittenShampoo(twoAndOne);

        foreach (var load in (Action[])[() => Load(other, Saved(original)), () => other.load_state_dict(original.state_dict())])
            Assert.Contains("a group of 1 parameters where this optimizer has one of 2", Assert.Throws<InvalidDataException>(load).Message);
    }

    [Fact]
    public void Moves_state_and_says_when_it_is_not_beside_the_parameters()
    {
        using var optimizer = Trained(out var parameters, steps: 2);
        var before = CheckTests.Snapshot(optimizer);
        optimizer.to(torch.CPU);
        Assert.Equal(before, CheckTests.Snapshot(optimizer));

        optimizer.to(torch.META);
        var error = Assert.Throws<InvalidOperationException>(() => optimizer.step());
        Assert.Contains("'parameter 0 of group 0'", error.Message);
        Assert.All(optimizer.Buckets.SelectMany(bucket => bucket.Arrays), array => Assert.Equal(DeviceType.META, array.Tensor.device_type));
    }

    [Fact]
    public void Compares_states()
    {
        using var one = Trained(out _, steps: 2);
        using var same = Trained(out _, steps: 2);
        using var other = Trained(out _, steps: 3);

        var states = one.state_dict().State;
        Assert.All(states.Zip(same.state_dict().State), pair => Assert.True(pair.First.ApproximatelyEquals(pair.Second)));
        Assert.All(states.Zip(other.state_dict().State), pair => Assert.False(pair.First.ApproximatelyEquals(pair.Second)));
        Assert.False(states[0].ApproximatelyEquals(states[1]));
    }

    private static double[] State(HandWrittenShampoo optimizer) =>
        CheckTests.Snapshot(optimizer)[optimizer.parameters().Sum(parameter => (int)parameter.numel())..];

    private static void Load(HandWrittenShampoo optimizer, Stream stream) => optimizer.load_state_dict(new BinaryReader(stream));

    private static MemoryStream Saved(HandWrittenShampoo optimizer)
    {
        var stream = new MemoryStream();
        optimizer.save_state_dict(new BinaryWriter(stream));
        stream.Position = 0;
        return stream;
    }

    private static HandWrittenShampoo Fresh(out Parameter[] parameters, int seed)
    {
        parameters = [Data.Parameter(seed, 5, 3), Data.Parameter(seed + 1, 4), Data.Parameter(seed + 2)];
        return new HandWrittenShampoo(parameters, s_settings);
    }

    private static HandWrittenShampoo Trained(out Parameter[] parameters, int steps)
    {
        var optimizer = Fresh(out parameters, seed: 1);
        for (var step = 0; step < steps; step++)
        {
            SetGradients(parameters, 10 * step);
            optimizer.step();
        }
        return optimizer;
    }

    private static void SetGradients(Parameter[] parameters, int seed)
    {
        foreach (var parameter in parameters)
            Data.SetGradient(parameter, Data.Normal(seed++, Data.Elements(parameter.shape)));
    }
}
