namespace Shampoo.Runtime.Tests;

public sealed class GroupTests
{
    private static readonly Settings s_settings = new(MaxDimension: 4);

    [Fact]
    public void Counts_the_steps_of_groups_that_share_their_numbers()
    {
        using var optimizer = Sharing(out var parameters, out var oracles);
        Advance(optimizer, parameters, oracles, 5);
        AssertFollows(parameters, oracles);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Saves_the_steps_of_groups_that_share_their_numbers(bool throughFile)
    {
        using var original = Sharing(out var parameters, out var oracles);
        Advance(original, parameters, oracles, 3);
        using var copy = Sharing(out var others, out _);
        using (torch.no_grad())
        {
            for (var p = 0; p < parameters.Length; p++)
                others[p].copy_(parameters[p]);
        }

        var stream = new MemoryStream();
        ((TorchSharp.Modules.OptimizerHelper)original).save_state_dict(new BinaryWriter(stream));
        stream.Position = 0;
        if (throughFile)
            ((TorchSharp.Modules.OptimizerHelper)copy).load_state_dict(new BinaryReader(stream));
        else
            copy.load_state_dict(original.state_dict());

        Advance(copy, others, oracles, 3);
        AssertFollows(others, oracles);
    }

    [Fact]
    public void Shows_and_saves_the_numbers_as_they_are()
    {
        var parameter = Data.Parameter(1, 3);
        using var original = new HandWrittenShampoo([parameter]);
        using var copy = new HandWrittenShampoo([Data.Parameter(2, 3)]);
        var dictionary = original.state_dict();
        original.Betas = (0.25, 0.75);
        Data.SetGradient(parameter, [1, 2, 3]);
        original.step();

        copy.load_state_dict(dictionary);

        Assert.Equal((0.25, 0.75), copy.Betas);
        var options = (HandWrittenShampoo.Options)copy.state_dict().Options.Single();
        Assert.Equal((0.25, 1), (options.beta1, options.Step));
    }

    [Fact]
    public void Begins_anew_with_a_group_of_a_disposed_optimizer_and_keeps_its_names()
    {
        var parameter = Data.Parameter(1, 4, 3);
        var group = new HandWrittenShampoo.ParamGroup([("weight", parameter)]);
        using (var first = new HandWrittenShampoo([group], s_settings))
        {
            Data.SetGradient(parameter, Data.Normal(8, 12));
            first.step();
            first.step();
        }

        var oracle = new Oracle(s_settings, [4, 3], Data.Values(parameter));
        using var second = new HandWrittenShampoo([group], s_settings);
        Advance(second, [parameter], [oracle], 4);

        AssertFollows([parameter], [oracle]);
        Data.SetGradient(parameter, Enumerable.Repeat(double.NaN, 12).ToArray());
        Assert.Contains("'weight'", Assert.Throws<NotFiniteNumberException>(() => second.step()).Message);
    }

    [Fact]
    public void Refuses_a_group_that_belongs_to_an_optimizer()
    {
        var group = new HandWrittenShampoo.ParamGroup([Data.Parameter(1, 3)]);
        using var first = new HandWrittenShampoo([group]);

        var error = Assert.Throws<ArgumentException>(() => new HandWrittenShampoo([group]));
        Assert.Contains("belongs to an optimizer already", error.Message);
        Assert.Contains("belongs to an optimizer already", Assert.Throws<ArgumentException>(() => first.add_param_group(group)).Message);
    }

    [Fact]
    public void Leaves_a_group_free_when_the_optimizer_could_not_be_made()
    {
        var group = new HandWrittenShampoo.ParamGroup([Data.Parameter(1, 3)]);
        HandWrittenShampoo.ParamGroup[] groups = [group, new(Array.Empty<Parameter>())];
        Assert.Throws<ArgumentException>(() => new HandWrittenShampoo(groups));

        using var optimizer = new HandWrittenShampoo([group]);
    }

    public static TheoryData<string, Action<HandWrittenShampoo.ParamGroup>, string> BadNumbers => new()
    {
        { "lr", group => group.LearningRate = double.NaN, "lr must be in [0, infinity), but is NaN in group 1" },
        { "lr", group => group.Options.LearningRate = null, "lr must be in [0, infinity), but is null in group 1" },
        { "beta1", group => group.Betas = (1, 0.9), "beta1 must be in [0, 1), but is 1 in group 1" },
        { "weight_decay", group => group.Options.weight_decay = null, "weight_decay must be in [0, infinity), but is null in group 1" },
    };

    [Theory]
    [MemberData(nameof(BadNumbers))]
    public void Changes_nothing_when_a_number_was_set_out_of_its_range(string name, Action<HandWrittenShampoo.ParamGroup> set, string message)
    {
        Parameter[] parameters = [Data.Parameter(1, 4, 3), Data.Parameter(2, 4, 3)];
        HandWrittenShampoo.ParamGroup[] groups = [new([parameters[0]]), new([parameters[1]])];
        using var optimizer = new HandWrittenShampoo(groups, s_settings);
        foreach (var parameter in parameters)
            Data.SetGradient(parameter, Data.Normal(5, 12));
        optimizer.step();
        var before = parameters.Select(Data.Values).ToArray();

        set(groups[1]);
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => optimizer.step());

        Assert.Equal(name, error.ParamName);
        Assert.Contains(message, error.Message);
        Assert.Equal(before, parameters.Select(Data.Values));
        Assert.All(optimizer.state_dict().Options, options => Assert.Equal(1, ((HandWrittenShampoo.Options)options).Step));
    }

    [Fact]
    public void Checks_numbers_without_allocating()
    {
        using var optimizer = new HandWrittenShampoo([Data.Parameter(1, 3)]);
        var options = (HandWrittenShampoo.Options)optimizer.state_dict().Options.Single();
        var check = new OptionCheck("group 0");
        options.RequireValid(check);

        var before = GC.GetAllocatedBytesForCurrentThread();
        options.RequireValid(check);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Refuses_to_load_a_learning_rate_out_of_its_range()
    {
        using var original = new HandWrittenShampoo([Data.Parameter(1, 3)]);
        original.ParamGroups.Single().LearningRate = double.NaN;
        using var stream = new MemoryStream();
        original.save_state_dict(new BinaryWriter(stream));
        using var copy = new HandWrittenShampoo([Data.Parameter(1, 3)]);

        stream.Position = 0;
        foreach (var load in (Action[])[() => copy.load_state_dict(new BinaryReader(stream)), () => copy.load_state_dict(original.state_dict())])
            Assert.Contains("lr is NaN", Assert.Throws<InvalidDataException>(load).Message);
        Assert.Equal(0.01, copy.ParamGroups.Single().LearningRate);
    }

    // Three groups with one set of numbers, the last of them added after two steps.
    private static HandWrittenShampoo Sharing(out Parameter[] parameters, out Oracle[] oracles)
    {
        var shared = new HandWrittenShampoo.Options { beta1 = 0.5 };
        parameters = [Data.Parameter(1, 4, 3), Data.Parameter(2, 3), Data.Parameter(3, 4)];
        oracles = [.. parameters.Select(p => new Oracle(s_settings with { Beta1 = 0.5 }, [.. p.shape.Select(n => (int)n)], Data.Values(p)))];
        HandWrittenShampoo.ParamGroup[] groups = [new([parameters[0]], shared), new([parameters[1]], shared)];
        var optimizer = new HandWrittenShampoo(groups, s_settings);
        Advance(optimizer, parameters[..2], oracles[..2], 2);
        optimizer.add_param_group(new HandWrittenShampoo.ParamGroup([parameters[2]], shared));
        return optimizer;
    }

    private static void Advance(HandWrittenShampoo optimizer, Parameter[] parameters, Oracle[] oracles, int steps)
    {
        for (var step = 0; step < steps; step++)
        {
            for (var p = 0; p < parameters.Length; p++)
            {
                var gradient = Data.Normal(10 * step + p, (int)parameters[p].numel());
                Data.SetGradient(parameters[p], gradient);
                oracles[p].Step(gradient);
            }
            optimizer.step();
        }
    }

    private static void AssertFollows(Parameter[] parameters, Oracle[] oracles)
    {
        for (var p = 0; p < parameters.Length; p++)
            Data.AssertClose(oracles[p].Values, Data.Values(parameters[p]), 1e-9);
    }
}
