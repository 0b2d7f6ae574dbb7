namespace Shampoo.Runtime.Tests;

/// <summary>The search for NaN that GPUs have, with tensors of the CPU, whose copies arrive at once, and of a device without data.</summary>
public sealed class LateGradientSearchTests
{
    // Wherever it is in a gradient of any length, and whatever comes after it.
    [Fact]
    public void Every_element_is_looked_at()
    {
        foreach (var n in (int[])[1, 2, 3, 17, 64, 1000])
        {
            foreach (var place in (int[])[0, n / 2, n - 1])
            {
                foreach (var value in (double[])[double.NaN, double.NegativeInfinity, double.PositiveInfinity])
                {
                    var parameter = Data.Parameter(1, n);
                    var gradient = Data.Normal(2, n);
                    gradient[place] = value;
                    Data.SetGradient(parameter, gradient);
                    using var scope = torch.NewDisposeScope();
                    using var search = new LateGradientSearch([Blocked(parameter)]);
                    Assert.Equal([1], search.Flags().data<byte>().ToArray());
                }
            }
        }
    }

    // The refresh waits for the device, and would only find that a factor matrix is not finite.
    [Fact]
    public void A_step_that_fails_of_it_names_it()
    {
        Parameter[] parameters = [Data.Parameter(1, 4, 3)];
        using var optimizer = Optimizer(parameters, usesMemory: true, start: 1);
        Data.SetGradient(parameters[0], [.. Enumerable.Repeat(double.NaN, 12)]);

        Assert.Contains("The gradient of 'a' contained NaN or infinity in step 1 of group 0", Assert.Throws<IncompleteStepException>(() => optimizer.step()).Message);
    }

    public static TheoryData<bool, double> Cases => new() { { true, double.NaN }, { false, double.NaN }, { true, double.NegativeInfinity }, { false, double.PositiveInfinity } };

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_next_step_names_what_had_NaN(bool usesMemory, double value)
    {
        Parameter[] parameters = [Data.Parameter(1, 4, 3), Data.Parameter(2, 3), Data.Parameter(3, 2)];
        using var optimizer = Optimizer(parameters, usesMemory);
        SetGradients(parameters);
        optimizer.step();
        optimizer.step();
        Data.SetGradient(parameters[0], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, value]);
        Data.SetGradient(parameters[2], [value, 1]);
        optimizer.step();
        SetGradients(parameters);
        var before = CheckTests.Snapshot(optimizer);

        var error = Assert.Throws<IncompleteStepException>(() => optimizer.step());

        Assert.Contains("'a', 'c' contained NaN or infinity in step 3 of group 0", error.Message);
        Assert.Contains("load a saved state", error.Message);
        Assert.IsType<NotFiniteNumberException>(error.InnerException);
        Assert.Equal(before, CheckTests.Snapshot(optimizer)); // and this step has not begun
    }

    [Fact]
    public void Numbers_of_any_size_are_finite()
    {
        Parameter[] parameters = [Data.Parameter(1, 2), Data.Parameter(2, 2)];
        using var optimizer = Optimizer(parameters, usesMemory: false, start: 100);
        Data.SetGradient(parameters[0], [double.MaxValue, -double.MaxValue]);
        Data.SetGradient(parameters[1], [double.Epsilon, 0]);
        for (var step = 0; step < 3; step++)
            optimizer.step();
    }

    [Fact]
    public void Parameters_without_gradients_and_elements_have_no_flag()
    {
        Parameter[] parameters = [Data.Parameter(1, 2), Data.Parameter(2, 0), Data.Parameter(3, 2)];
        using var optimizer = Optimizer(parameters, usesMemory: false);
        Data.SetGradient(parameters[1], []);
        Data.SetGradient(parameters[2], [1, double.NaN]);
        optimizer.step();

        Assert.Contains("of 'c' contained", Assert.Throws<IncompleteStepException>(() => optimizer.step()).Message);
    }

    [Fact]
    public void Every_group_counts_its_own_steps()
    {
        Parameter first = Data.Parameter(1, 2), second = Data.Parameter(2, 2);
        using var optimizer = new HandWrittenShampoo([new HandWrittenShampoo.ParamGroup([("a", first)])], new Settings(Start: 100, Frequency: 1), new(SearchesLate: true));
        Data.SetGradient(first, [1, 2]);
        optimizer.step();
        optimizer.add_param_group(new HandWrittenShampoo.ParamGroup([("b", second)]));
        Data.SetGradient(second, [1, double.NaN]);
        optimizer.step();

        Assert.Contains("of 'b' contained NaN or infinity in step 1 of group 1", Assert.Throws<IncompleteStepException>(() => optimizer.step()).Message);
    }

    [Fact]
    public void Loading_a_state_forgets_what_was_found()
    {
        Parameter[] parameters = [Data.Parameter(1, 4, 3)];
        using var optimizer = Optimizer(parameters, usesMemory: true, start: 4);
        SetGradients(parameters);
        optimizer.step();
        using var saved = new MemoryStream();
        using (var writer = new BinaryWriter(saved, System.Text.Encoding.UTF8, leaveOpen: true))
            optimizer.save_state_dict(writer);
        Data.SetGradient(parameters[0], [.. Enumerable.Repeat(double.NaN, 12)]);
        optimizer.step();

        saved.Position = 0;
        using (var reader = new BinaryReader(saved))
            optimizer.load_state_dict(reader);
        SetGradients(parameters);
        optimizer.step();
        optimizer.step();
    }

    [Fact]
    public void A_file_is_not_replaced_by_a_state_with_NaN()
    {
        Parameter[] parameters = [Data.Parameter(1, 4, 3)];
        using var optimizer = Optimizer(parameters, usesMemory: true, start: 4);
        SetGradients(parameters);
        optimizer.step();
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            optimizer.save_state_dict(path);
            var saved = File.ReadAllBytes(path);
            Data.SetGradient(parameters[0], [.. Enumerable.Repeat(double.NaN, 12)]);
            optimizer.step();

            Assert.Throws<IncompleteStepException>(() => optimizer.save_state_dict(path));

            Assert.Equal(saved, File.ReadAllBytes(path));
            Assert.Single(Directory.GetFiles(Path.GetTempPath(), Path.GetFileName(path) + "*"));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Nothing_is_waited_for_and_nothing_lost_when_flags_arrive_late()
    {
        Parameter[] parameters = [Data.Parameter(1, 3)];
        Data.SetGradient(parameters[0], [1, 2, 3]);
        BlockedParameter[] blocked = [.. parameters.Select(Blocked)];
        var before = Data.LiveTensors();
        using (var search = new Delayed(blocked))
        {
            foreach (var (step, gradient) in (IEnumerable<(int, double[])>)[(1, [1, 2, 3]), (2, [1, 2, 3]), (3, [1, double.NaN, 3]), (4, [1, 2, 3])])
            {
                Data.SetGradient(parameters[0], gradient);
                search.RequireNothingFound(0);
                search.Begin(step);
            }
            search.Arrive();
            search.RequireNothingFound(0);
            search.Arrive();
            search.RequireNothingFound(0);
            search.Arrive();
            Assert.Contains("in step 3 of group 7", Assert.Throws<IncompleteStepException>(() => search.RequireNothingFound(7)).Message);
            search.RequireNothingFound(0);
            search.Lose();
        }
        Assert.Equal(before, Data.LiveTensors());
    }

    [Fact]
    public void A_step_that_is_forgotten_takes_no_earlier_one_along()
    {
        Parameter[] parameters = [Data.Parameter(1, 2)];
        Data.SetGradient(parameters[0], [1, 2]);
        BlockedParameter[] blocked = [.. parameters.Select(Blocked)];
        var before = Data.LiveTensors();
        using (var search = new Delayed(blocked))
        {
            foreach (var (step, value) in (IEnumerable<(int, double)>)[(1, 0), (2, double.NaN), (3, double.NaN)])
            {
                search.BeginStep();
                Data.SetGradient(parameters[0], [1, value]);
                search.Begin(step);
            }
            search.Arrive();
            search.RequireNothingFound(0); // of step 1

            search.ForgetStep();

            search.Arrive();
            Assert.Contains("in step 2 of", Assert.Throws<IncompleteStepException>(() => search.RequireNothingFound(0)).Message);
            search.Lose();
        }
        Assert.Equal(before, Data.LiveTensors());
    }

    [Fact]
    public void Many_steps_need_no_more_tensors_than_a_few()
    {
        Parameter[] parameters = [Data.Parameter(1, 4, 3), Data.Parameter(2, 3)];
        using var optimizer = Optimizer(parameters, usesMemory: true);
        SetGradients(parameters);
        optimizer.step();
        optimizer.step();
        var before = Data.LiveTensors();

        for (var step = 0; step < 20; step++)
            optimizer.step();

        Assert.Equal(before, Data.LiveTensors());
    }

    // A tensor of this device has no data: whatever reads it on the host throws.
    [Fact]
    public void The_host_reads_nothing()
    {
        var parameter = new Parameter(torch.zeros([4, 3], device: torch.META));
        using (var gradient = torch.zeros([4, 3], device: torch.META))
            parameter.grad = gradient;
        var blocked = Blocked(parameter);
        using var scope = torch.NewDisposeScope();
        using var search = new LateGradientSearch([blocked, blocked]);

        var flags = search.Flags();

        Assert.Equal([2], flags.shape);
        Assert.Equal(ScalarType.Byte, flags.dtype);
        Assert.ThrowsAny<Exception>(() => flags.sum().item<long>());
    }

    private static HandWrittenShampoo Optimizer(Parameter[] parameters, bool usesMemory, int start = 2) => new(
        parameters.Select((parameter, i) => (((char)('a' + i)).ToString(), parameter)), new Settings(MaxDimension: 4, Start: start, Frequency: start), new(UsesMemory: usesMemory, SearchesLate: true));

    private static void SetGradients(Parameter[] parameters)
    {
        foreach (var parameter in parameters)
            Data.SetGradient(parameter, Data.Normal(5, (int)parameter.numel()));
    }

    private static BlockedParameter Blocked(Parameter parameter)
    {
        var plan = BlockPlan.Create(new BlockingRules(4), [(parameter.shape, BlockedParameter.KindOf(parameter))]);
        var blocked = new OperatorParameter(parameter, "a", plan.Parameters[0]) { IsSearchedLate = true };
        blocked.BeginStep(searchNonFinite: false);
        return blocked;
    }

    /// <summary>Copies that arrive one by one, when the test says so.</summary>
    private sealed class Delayed(BlockedParameter[] parameters) : LateGradientSearch(parameters)
    {
        private readonly Queue<(Tensor Flags, Tensor Destination)> _underway = [];

        public void Arrive()
        {
            var (flags, destination) = _underway.Dequeue();
            destination.copy_(flags);
            flags.Dispose();
        }

        public void Lose() => _underway.Dequeue().Flags.Dispose();

        private protected override void Copy(Tensor flags, Tensor destination) => _underway.Enqueue((flags.DetachFromDisposeScope(), destination));
    }
}
