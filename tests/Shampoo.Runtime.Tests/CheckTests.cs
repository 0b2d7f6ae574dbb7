namespace Shampoo.Runtime.Tests;

public sealed class CheckTests
{
    [Fact]
    public void Refuses_an_empty_list_and_says_what_may_be_the_matter()
    {
        foreach (var construct in (Func<object>[])
        [
            () => new HandWrittenShampoo(Array.Empty<Parameter>()),
            () => new HandWrittenShampoo(Array.Empty<(string, Parameter)>()),
            () => new HandWrittenShampoo(Array.Empty<HandWrittenShampoo.ParamGroup>()),
        ])
        {
            var error = Assert.Throws<ArgumentException>(construct);
            Assert.Contains("no parameters", error.Message);
            Assert.Contains("register_module", error.Message);
            Assert.Contains("NativeAOT", error.Message);
        }
    }

    [Fact]
    public void Refuses_a_group_without_parameters()
    {
        HandWrittenShampoo.ParamGroup[] groups = [new([Data.Parameter(1, 3)]), new(Array.Empty<Parameter>())];

        Assert.Contains("Group 1", Assert.Throws<ArgumentException>(() => new HandWrittenShampoo(groups)).Message);
    }

    [Fact]
    public void Refuses_a_parameter_that_is_there_twice()
    {
        var parameter = Data.Parameter(1, 3);
        var within = Assert.Throws<ArgumentException>(() => new HandWrittenShampoo([("one", parameter), ("two", parameter)]));
        Assert.Contains("'two'", within.Message);
        Assert.Contains("'one'", within.Message);

        HandWrittenShampoo.ParamGroup[] groups = [new([("one", parameter)]), new([("two", parameter)])];
        var across = Assert.Throws<ArgumentException>(() => new HandWrittenShampoo(groups));
        Assert.Contains("'two'", across.Message);
        Assert.Contains("'one'", across.Message);
    }

    [Fact]
    public void Refuses_what_cannot_be_trained()
    {
        var frozen = new Parameter(torch.zeros(3), requires_grad: false);
        var error = Assert.Throws<ArgumentException>(() => new HandWrittenShampoo([Data.Parameter(1, 3), frozen]));
        Assert.Contains("'parameter 1 of group 0' does not require grad", error.Message);
        Assert.Contains("requires_grad", error.Message);

        foreach (var type in (ScalarType[])[ScalarType.Int32, ScalarType.ComplexFloat64, ScalarType.Bool])
        {
            var other = new Parameter(torch.zeros([3L], dtype: type), requires_grad: type == ScalarType.ComplexFloat64);
            Assert.Contains($"'w' is {type}", Assert.Throws<NotSupportedException>(() => new HandWrittenShampoo([("w", other)])).Message);
        }

        Assert.Contains("'n' is null", Assert.Throws<ArgumentException>(() => new HandWrittenShampoo([("n", null!)])).Message);

        var disposed = Data.Parameter(1, 3);
        disposed.Dispose();
        Assert.Contains("'d' is disposed", Assert.Throws<ArgumentException>(() => new HandWrittenShampoo([("d", disposed)])).Message);
    }

    [Fact]
    public void Refuses_parameters_without_memory_of_their_own()
    {
        var sparse = new Parameter(Sparse());
        var error = Assert.ThrowsAny<Exception>(() => new HandWrittenShampoo([("s", sparse)]));
        Assert.Contains("'s' is sparse", error.Message);
        Assert.Contains("to_dense()", error.Message);

        var expanded = new Parameter(torch.zeros([1L, 3L]).expand(4, 3));
        error = Assert.ThrowsAny<Exception>(() => new HandWrittenShampoo([("e", expanded)]));
        Assert.Contains("'e' has several elements at one place", error.Message);
        Assert.Contains("clone()", error.Message);
        using var row = new HandWrittenShampoo([new Parameter(torch.zeros([1L, 3L]).as_strided([1, 3], [0, 1]))]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Refuses_parameters_that_share_their_memory(bool inOneGroup)
    {
        var parameter = Data.Parameter(1, 4, 3);
        (string, Parameter) first = ("encoder", parameter), second = ("decoder", new Parameter(parameter.detach()));
        HandWrittenShampoo.ParamGroup[] groups = inOneGroup ? [new([first, second])] : [new([first]), new([second])];

        var error = Assert.Throws<ArgumentException>(() => new HandWrittenShampoo(groups));

        Assert.Contains("'decoder' shares its memory with 'encoder'", error.Message);
        Assert.Contains("one of the two", error.Message);
    }

    [Fact]
    public void Tells_a_step_that_began_from_one_that_did_not()
    {
        var script = new FailingSolver.Script { Fails = _ => true };
        var parameter = Data.Parameter(1, 3);
        using var optimizer = new HandWrittenShampoo([parameter], new Settings(Start: 1, Frequency: 1)) { Solver = new(script) };
        Data.SetGradient(parameter, [1, 2, 3]);
        for (var step = 0; step < 3; step++)
            optimizer.step();

        var error = Assert.Throws<IncompleteStepException>(() => optimizer.step());

        Assert.Contains("Step 4 of group 0 was not completed", error.Message);
        Assert.Contains("could not be computed in 4 refreshes", error.Message);
        Assert.IsType<InvalidOperationException>(error.InnerException);
        Assert.Contains("failed to converge", Assert.IsType<System.Runtime.InteropServices.ExternalException>(error.InnerException.InnerException).Message);
    }

    [Fact]
    public void Tells_a_factor_that_overflows_from_a_gradient_that_is_not_finite()
    {
        var parameter = Data.Parameter(1, 3);
        using var optimizer = new HandWrittenShampoo([parameter], new Settings(Start: 1, Frequency: 1));
        Data.SetGradient(parameter, [1e200, 0, 0]);

        var error = Assert.Throws<IncompleteStepException>(() => optimizer.step());

        Assert.IsType<NotFiniteNumberException>(error.InnerException);
        Assert.Contains("factor matrix of dimension 0 of 'parameter 0 of group 0'", error.Message);
    }

    public static TheoryData<string, Settings, string> Numbers => new()
    {
        { "lr", new Settings(Lr: -1e-3), "[0, infinity)" },
        { "lr", new Settings(Lr: double.NaN), "[0, infinity)" },
        { "lr", new Settings(Lr: double.PositiveInfinity), "[0, infinity)" },
        { "beta1", new Settings(Beta1: 1), "[0, 1)" },
        { "beta1", new Settings(Beta1: -0.1), "[0, 1)" },
        { "beta2", new Settings(Beta2: 0), "(0, 1)" },
        { "beta2", new Settings(Beta2: 1), "(0, 1)" },
        { "epsilon", new Settings(Epsilon: 0), "(0, infinity)" },
        { "weight_decay", new Settings(WeightDecay: -1), "[0, infinity)" },
        { "grafting_epsilon", new Settings(GraftingEpsilon: double.NaN), "(0, infinity)" },
    };

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Refuses_numbers_out_of_range(string name, Settings settings, string range)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => new HandWrittenShampoo([Data.Parameter(1, 3)], settings));

        Assert.Equal(name, error.ParamName);
        Assert.Contains($"{name} must be in {range}, but is ", error.Message);
    }

    [Fact]
    public void Refuses_numbers_of_a_group_and_adds_nothing()
    {
        using var optimizer = new HandWrittenShampoo([Data.Parameter(1, 3)]);
        var error = Assert.Throws<ArgumentOutOfRangeException>(
            () => optimizer.add_param_group(new HandWrittenShampoo.ParamGroup([Data.Parameter(2, 3)], new() { beta2 = 2 })));

        Assert.Contains("beta2 must be in (0, 1), but is 2 in group 1; a plain sum is declared in the attribute: Beta2 = 1", error.Message);
        Assert.Single(optimizer.ParamGroups);
        Assert.Single(optimizer.parameters());
    }

    [Fact]
    public void Knows_its_bounds()
    {
        Assert.True(Bounds.FirstMomentDecay.Contains(0));
        Assert.False(Bounds.FirstMomentDecay.Contains(1));
        Assert.False(Bounds.FirstMomentDecay.Contains(double.NaN));
        Assert.Equal("[0, 1)", Bounds.FirstMomentDecay.ToString());
        Assert.False(Bounds.Momentum.Contains(0));
        Assert.False(Bounds.Momentum.Contains(1));
        Assert.False(Bounds.Positive.Contains(double.PositiveInfinity));
    }

    [Fact]
    public void Fills_in_the_numbers_of_groups()
    {
        var options = new HandWrittenShampoo.Options { beta1 = 0.25, LearningRate = 0.5 };
        HandWrittenShampoo.ParamGroup[] groups = [new([Data.Parameter(1, 3)], options), new([Data.Parameter(2, 3)])];
        using var optimizer = new HandWrittenShampoo(groups, new Settings(Lr: 0.125, Beta1: 0.75));

        Assert.Equal((0.25, 0.99), groups[0].Betas);
        Assert.Equal((0.75, 0.99), groups[1].Betas);
        Assert.Equal([0.5, 0.125], optimizer.ParamGroups.Select(group => group.LearningRate));
        Assert.Equal([0.5, 0.125], optimizer.ParamGroups.Select(group => group.InitialLearningRate));
        optimizer.Betas = (0.1, 0.2);
        Assert.All(groups, group => Assert.Equal((0.1, 0.2), group.Betas));
    }

    [Fact]
    public void Refuses_the_group_of_another_optimizer()
    {
        using var optimizer = new HandWrittenShampoo([Data.Parameter(1, 3)]);

        Assert.Throws<ArgumentException>(() => optimizer.add_param_group(new TorchSharp.Modules.ParamGroup()));
    }

    public static TheoryData<string, bool, Func<Parameter, Tensor>, string> BadGradients
    {
        get
        {
            var data = new TheoryData<string, bool, Func<Parameter, Tensor>, string>();
            foreach (var usesMemory in (bool[])[true, false])
            {
                data.Add("shape", usesMemory, _ => torch.zeros([3L, 4L], dtype: ScalarType.Float64), "shape [3, 4], but the parameter has [4, 3]");
                data.Add("order", usesMemory, _ => torch.zeros([12L], dtype: ScalarType.Float64), "shape [12], but the parameter has [4, 3]");
                data.Add("dtype", usesMemory, _ => torch.zeros([4L, 3L], dtype: ScalarType.Float32), "dtype Float32, but the parameter has Float64");
                data.Add("device", usesMemory, _ => torch.zeros([4L, 3L], dtype: ScalarType.Float64, device: torch.META), "device");
                data.Add("sparse", usesMemory, _ => Sparse(), "sparse");
                data.Add("NaN", usesMemory, p => With(p, double.NaN), "NaN or infinity");
                data.Add("infinity", usesMemory, p => With(p, double.NegativeInfinity), "NaN or infinity");
                data.Add("NaN, transposed", usesMemory, p => With(p, double.NaN).transpose(0, 1).contiguous().transpose(0, 1), "NaN or infinity");
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(BadGradients))]
    public void Changes_nothing_when_a_gradient_is_bad(string what, bool usesMemory, Func<Parameter, Tensor> make, string message)
    {
        var (good, bad) = (Data.Parameter(1, 4, 3), Data.Parameter(2, 4, 3));
        HandWrittenShampoo.ParamGroup[] groups = [new([("good", good)]), new([("bad", bad)])];
        using var optimizer = new HandWrittenShampoo(groups, new Settings(MaxDimension: 4), new(UsesMemory: usesMemory));
        Data.SetGradient(good, Data.Normal(3, 12));
        Data.SetGradient(bad, Data.Normal(4, 12));
        optimizer.step();
        var before = Snapshot(optimizer);

        SetRaw(bad, make(bad));
        var error = Assert.ThrowsAny<Exception>(() => optimizer.step());

        Assert.True(error is InvalidOperationException or NotFiniteNumberException, $"{what}: {error}");
        Assert.Contains("'bad'", error.Message);
        Assert.Contains(message, error.Message);
        Assert.Equal(before, Snapshot(optimizer));

        // And it recovers.
        SetRaw(bad, Data.Tensor(Data.Normal(4, 12), [4, 3]));
        optimizer.step();
        Assert.NotEqual(before, Snapshot(optimizer));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Does_not_look_for_NaN_when_told_so(bool usesMemory)
    {
        var parameter = Data.Parameter(1, 3);
        using var optimizer = new HandWrittenShampoo([parameter], new Settings(Start: 100, Frequency: 1), new(UsesMemory: usesMemory, SearchNonFinite: false));
        Data.SetGradient(parameter, [1, double.NaN, 2]);
        optimizer.step();

        var values = Data.Values(parameter);
        Assert.True(double.IsNaN(values[1]));
        Assert.True(double.IsFinite(values[0]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Detects_a_moved_module(bool usesMemory)
    {
        using var model = torch.nn.Linear(3, 2);
        using var optimizer = new HandWrittenShampoo(model.named_parameters(), hooks: new(UsesMemory: usesMemory));
        model.to(ScalarType.Float64);

        foreach (var action in (Action[])[() => optimizer.step(), optimizer.zero_grad, () => optimizer.state_dict()])
        {
            var error = Assert.Throws<InvalidOperationException>(action);
            Assert.Contains("'weight'", error.Message);
            Assert.Contains("Move the module first", error.Message);
        }
    }

    [Fact]
    public void Evaluates_a_closure_once_with_gradients_and_returns_its_loss()
    {
        var parameter = Data.Parameter(1, 3);
        using var optimizer = new HandWrittenShampoo([parameter]);
        var before = Data.Values(parameter);
        var calls = 0;
        using var noGrad = torch.no_grad();

        using var loss = optimizer.step(() =>
        {
            calls++;
            Assert.True(torch.is_grad_enabled());
            var squares = parameter.mul(parameter).sum();
            squares.backward();
            return squares;
        });

        Assert.Equal(1, calls);
        Assert.Equal(before.Sum(x => x * x), loss.item<double>(), 1e-12);
        Assert.All(before.Zip(Data.Values(parameter)), pair => Assert.NotEqual(pair.First, pair.Second));
        Assert.False(torch.is_grad_enabled());
        Assert.Null(optimizer.step());
    }

    [Fact]
    public void Sets_gradients_to_zero()
    {
        var (with, without) = (Data.Parameter(1, 3), Data.Parameter(2, 3));
        using var optimizer = new HandWrittenShampoo([with, without]);
        Data.SetGradient(with, [1, 2, 3]);

        optimizer.zero_grad();

        Assert.Equal([0, 0, 0], Data.Values(with.grad!));
        Assert.Null(without.grad);
    }

    [Fact]
    public void Obeys_a_scheduler()
    {
        var parameter = Data.Parameter(1, 4, 3);
        var settings = new Settings(MaxDimension: 4, Lr: 0.1);
        using var optimizer = new HandWrittenShampoo([parameter], settings);
        optimizer.ParamGroups.First().LearningRate = 0;
        Data.SetGradient(parameter, Data.Normal(3, 12));
        var before = Data.Values(parameter);

        optimizer.step();

        Assert.Equal(before, Data.Values(parameter));
    }

    [Fact]
    public void Cannot_be_used_after_Dispose()
    {
        var parameter = Data.Parameter(1, 3);
        var optimizer = new HandWrittenShampoo([parameter]);
        optimizer.Dispose();
        optimizer.Dispose();

        foreach (var action in (Action[])
        [
            () => optimizer.step(),
            optimizer.zero_grad,
            () => optimizer.state_dict(),
            () => optimizer.save_state_dict(new BinaryWriter(Stream.Null)),
            () => optimizer.save_state_dict(Path.GetRandomFileName()),
            () => optimizer.load_state_dict(new BinaryReader(Stream.Null)),
            () => optimizer.add_param_group(new HandWrittenShampoo.ParamGroup([Data.Parameter(2, 3)])),
            () => optimizer.to(torch.CPU),
        ])
        {
            Assert.Throws<ObjectDisposedException>(action);
        }
        Assert.False(parameter.IsInvalid);
    }

    [Fact]
    public void Notices_that_a_closure_disposes_of_it()
    {
        var parameter = Data.Parameter(1, 3);
        var optimizer = new HandWrittenShampoo([parameter]);
        Data.SetGradient(parameter, [1, 2, 3]);
        var before = Data.Values(parameter);

        Assert.Throws<ObjectDisposedException>(() => optimizer.step(() =>
        {
            optimizer.Dispose();
            return torch.zeros(1);
        }));

        Assert.Equal(before, Data.Values(parameter));
    }

    internal static double[] Snapshot(HandWrittenShampoo optimizer)
    {
        var numbers = new List<double>();
        foreach (var parameter in optimizer.parameters())
            numbers.AddRange(Data.Values(parameter));
        foreach (var bucket in optimizer.Buckets)
        {
            foreach (var array in bucket.Arrays)
                numbers.AddRange(Data.Values(array.Tensor));
            numbers.AddRange(bucket.Counters.SelectMany(counters => counters.Values).Select(count => (double)count));
        }
        foreach (var options in optimizer.state_dict().Options.Cast<HandWrittenShampoo.Options>())
            numbers.AddRange([options.Step, options.LearningRate!.Value, options.beta1!.Value, options.weight_decay!.Value]);
        return [.. numbers];
    }

    private static void SetRaw(Parameter parameter, Tensor gradient)
    {
        parameter.grad = gradient;
        gradient.Dispose();
    }

    private static Tensor With(Parameter parameter, double value)
    {
        var values = Data.Normal(9, (int)parameter.numel());
        values[5] = value;
        return Data.Tensor(values, parameter.shape);
    }

    private static Tensor Sparse()
    {
        using var indices = torch.tensor(new long[] { 0, 1 }, [2L, 1L]);
        using var values = torch.tensor([1.0]);
        return torch.sparse_coo_tensor(indices, values, [4, 3]);
    }
}
