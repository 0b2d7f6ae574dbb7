using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

// Tensors are counted in the whole process.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Shampoo.Tests;

/// <summary>What every declared optimizer promises, whatever it computes.</summary>
public sealed class ContractTests
{
    public static TheoryData<string> Names => Declarations.Names;

    [Theory, MemberData(nameof(Names))]
    public void SavedStateContinuesBitForBit(string name)
    {
        using var model = new Model(Model.AllShapes);
        using var optimizer = Declarations.Create(name, model.Parameters);
        Steps(model, optimizer, 7);
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true))
            optimizer.save_state_dict(writer);

        using var twin = new Model(Model.AllShapes);
        CopyParameters(model, twin);
        using var resumed = Declarations.Create(name, twin.Parameters, lr: 0.5);
        stream.Position = 0;
        using (var reader = new BinaryReader(stream))
            resumed.load_state_dict(reader);

        for (int step = 0; step < 5; step++)
        {
            model.NewGradients();
            CopyGradients(model, twin);
            optimizer.step();
            resumed.step();
            Assert.Equal(model.Values(), twin.Values());
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void StateDictionaryOfTorchContinuesBitForBit(string name)
    {
        using var model = new Model(Model.AllShapes);
        using var optimizer = Declarations.Create(name, model.Parameters);
        Steps(model, optimizer, 7);
        using var twin = new Model(Model.AllShapes);
        CopyParameters(model, twin);
        using var resumed = Declarations.Create(name, twin.Parameters, lr: 0.5);
        resumed.load_state_dict(optimizer.state_dict());
        model.NewGradients();
        CopyGradients(model, twin);
        optimizer.step();
        resumed.step();
        Assert.Equal(model.Values(), twin.Values());
    }

    [Theory, MemberData(nameof(Names))]
    public void ParameterWithoutGradientIsLeftAlone(string name)
    {
        using var model = new Model(Model.AllShapes);
        using var others = new Model(Model.AllShapes);
        using var optimizer = Declarations.Create(name, model.Parameters);
        using var withoutIt = Declarations.Create(name, others.Parameters.Where(static (_, i) => i != 0).ToArray());
        double[] before = model.Values(0);
        for (int step = 0; step < 6; step++)
        {
            model.NewGradients(missing: 0);
            CopyGradients(model, others);
            optimizer.step();
            withoutIt.step();
        }
        Assert.Equal(before, model.Values(0));
        for (int i = 1; i < Model.AllShapes.Length; i++)
            AssertClose(others.Values(i), model.Values(i));
    }

    [Theory, MemberData(nameof(Names))]
    public void ParameterFrozenLaterIsLeftAlone(string name)
    {
        using var model = new Model(Model.AllShapes);
        using var optimizer = Declarations.Create(name, model.Parameters);
        Steps(model, optimizer, 3);
        model[0].grad = null;
        model[0].requires_grad = false;
        double[] frozen = model.Values(0), moving = model.Values(2);
        optimizer.step();
        Assert.Equal(frozen, model.Values(0));
        Assert.NotEqual(moving, model.Values(2));
    }

    [Theory, MemberData(nameof(Names))]
    public void StridedParametersAndGradientsAreTheSameNumbers(string name)
    {
        long[][] shapes = [[6, 5], [3, 4, 2]];
        using var model = new Model(shapes);
        using var optimizer = Declarations.Create(name, model.Parameters);
        (string, Parameter)[] strided = [.. model.Parameters.Select(static p => (p.name, new Parameter(Strided(p.parameter))))];
        Assert.All(strided, static p => Assert.False(p.Item2.is_contiguous()));
        using var stridedOptimizer = Declarations.Create(name, strided);
        for (int step = 0; step < 6; step++)
        {
            model.NewGradients();
            for (int i = 0; i < shapes.Length; i++)
            {
                using var gradient = model[i].grad;
                strided[i].Item2.grad = Strided(gradient!);
            }
            optimizer.step();
            stridedOptimizer.step();
        }
        for (int i = 0; i < shapes.Length; i++)
            AssertClose(model.Values(i), Model.Values(strided[i].Item2));
    }

    [Theory, MemberData(nameof(Names))]
    public void SteadyStepLeavesNothingBehind(string name)
    {
        using var model = new Model(Model.AllShapes);
        using var optimizer = Declarations.Create(name, model.Parameters);
        Steps(model, optimizer, 12);
        model.NewGradients();
        long before = LiveTensors();
        for (int step = 0; step < 12; step++)
            optimizer.step();
        Assert.Equal(before, Tensor.TotalCount);
    }

    [Theory, MemberData(nameof(Names))]
    public void AllocationDependsOnBucketsNotOnParameters(string name)
    {
        long[][] shapes = [[6, 5], [7], [2, 3, 4], [2, 3, 2, 5]];
        long few = BytesOfPeriod(name, shapes);
        long many = BytesOfPeriod(name, [.. Enumerable.Repeat(shapes, 12).SelectMany(static s => s)]);
        Assert.InRange(many, 0, few + few / 20);
    }

    [Theory, MemberData(nameof(Names))]
    public void GroupsHaveNumbersOfTheirOwn(string name)
    {
        using var model = new Model(Model.AllShapes);
        using var twin = new Model(Model.AllShapes);
        using var optimizer = Declarations.Create(name, twin.Parameters[..4], lr: 0.01);
        using var second = Declarations.Create(name, twin.Parameters[4..], lr: 0.03);
        using var grouped = Declarations.Create(name, model.Parameters[..4], lr: 0.01);
        grouped.add_param_group(NewGroup(grouped, model.Parameters[4..], lr: 0.03));
        for (int step = 0; step < 6; step++)
        {
            model.NewGradients();
            CopyGradients(model, twin);
            grouped.step();
            optimizer.step();
            second.step();
        }
        AssertClose(twin.Values(), model.Values());
    }

    [Theory, MemberData(nameof(Names))]
    public void SchedulerDrivesTheLearningRate(string name)
    {
        using var model = new Model(Model.AllShapes);
        using var twin = new Model(Model.AllShapes);
        using var optimizer = Declarations.Create(name, model.Parameters, lr: 0.04);
        using var byHand = Declarations.Create(name, twin.Parameters, lr: 0.04);
        var scheduler = optim.lr_scheduler.StepLR(optimizer, step_size: 2, gamma: 0.5);
        for (int step = 0; step < 6; step++)
        {
            model.NewGradients();
            CopyGradients(model, twin);
            foreach (var group in byHand.ParamGroups)
                group.LearningRate = 0.04 * Math.Pow(0.5, step / 2);
            optimizer.step();
            byHand.step();
            scheduler.step();
            Assert.Equal(twin.Values(), model.Values());
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void DisposeFreesEverything(string name)
    {
        using var model = new Model(Model.AllShapes);
        model.NewGradients();
        long before = LiveTensors();
        var optimizer = Declarations.Create(name, model.Parameters);
        optimizer.step();
        optimizer.Dispose();
        Assert.Equal(before, Tensor.TotalCount);
    }

    [Theory, MemberData(nameof(Names))]
    public void NotANumberIsReportedBeforeAnythingChanges(string name)
    {
        if (name == nameof(Mixed)) return;  // [GradientChecks(false)]
        using var model = new Model(Model.AllShapes);
        using var twin = new Model(Model.AllShapes);
        using var optimizer = Declarations.Create(name, model.Parameters);
        using var untouched = Declarations.Create(name, twin.Parameters);
        model.NewGradients();
        CopyGradients(model, twin);
        using (no_grad())
            model[3].grad!.reshape(-1)[5] = double.NaN;
        Exception error = Assert.ThrowsAny<Exception>(() => { optimizer.step(); });
        Assert.Contains("p3", error.Message, StringComparison.Ordinal);
        CopyGradients(twin, model);
        optimizer.step();
        untouched.step();
        Assert.Equal(twin.Values(), model.Values());
    }

    /// <summary>Managed bytes of twelve steps, which hold a refresh of each declaration; the least of three periods.</summary>
    private static long BytesOfPeriod(string name, long[][] shapes)
    {
        using var model = new Model(shapes);
        using var optimizer = Declarations.Create(name, model.Parameters);
        model.NewGradients();
        for (int step = 0; step < 24; step++)
            optimizer.step();
        return Enumerable.Range(0, 3).Min(_ =>
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int step = 0; step < 12; step++)
                optimizer.step();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        });
    }

    /// <summary>How many tensors there are, once those that nobody refers to are gone.</summary>
    private static long LiveTensors()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Tensor.TotalCount;
    }

    private static void Steps(Model model, OptimizerHelper optimizer, int count)
    {
        for (int step = 0; step < count; step++)
        {
            model.NewGradients();
            optimizer.step();
        }
    }

    private static void CopyParameters(Model from, Model to)
    {
        using var _ = no_grad();
        for (int i = 0; i < from.Parameters.Length; i++)
            to[i].copy_(from[i]);
    }

    private static void CopyGradients(Model from, Model to)
    {
        for (int i = 0; i < from.Parameters.Length; i++)
        {
            using Tensor? gradient = from[i].grad;
            using Tensor? copy = gradient?.clone();
            to[i].grad = copy;
        }
    }

    /// <summary>A group of the optimizer's own kind.</summary>
    private static ParamGroup NewGroup(OptimizerHelper optimizer, IEnumerable<(string name, Parameter parameter)> parameters, double lr)
    {
        Type type = optimizer.GetType().GetNestedType("ParamGroup")!;
        var options = (OptimizerOptions)Activator.CreateInstance(optimizer.GetType().GetNestedType("Options")!)!;
        options.LearningRate = lr;
        return (ParamGroup)type.GetConstructor([typeof(IEnumerable<(string, Parameter)>), options.GetType()])!.Invoke([parameters, options]);
    }

    /// <summary>The same values, with the dimensions in memory the other way round.</summary>
    private static Tensor Strided(Tensor tensor)
    {
        long[] reversed = [.. Enumerable.Range(0, tensor.shape.Length).Reverse().Select(static d => (long)d)];
        return tensor.detach().permute(reversed).contiguous().permute(reversed);
    }

    private static void AssertClose(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], 1e-10 * Math.Max(1, Math.Abs(expected[i])));
    }
}
