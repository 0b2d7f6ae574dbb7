using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

// Tensors are counted in the whole process.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Shampoo.Tests;

/// <summary>What every declared optimizer promises, whatever it computes.</summary>
public sealed class ContractTests
{
    public static TheoryData<string, ScalarType> All => Declarations.AllAndHalves;

    public static TheoryData<string, ScalarType> Determined => Declarations.Determined;

    public static TheoryData<string, ScalarType> OfConstantWork => Declarations.OfConstantWork;

    [Theory, MemberData(nameof(All))]
    public void SavedStateContinuesBitForBit(string name, ScalarType dtype)
    {
        using var model = new Model(Declarations.Shapes(name, Model.AllShapes), dtype);
        using var optimizer = Declarations.Create(name, model.Parameters);
        model.Train(optimizer, 7);
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true))
            optimizer.save_state_dict(writer);

        using var twin = new Model(Declarations.Shapes(name, Model.AllShapes), dtype);
        model.CopyParametersTo(twin);
        using var resumed = Declarations.Create(name, twin.Parameters, lr: 0.5);
        stream.Position = 0;
        using (var reader = new BinaryReader(stream))
            resumed.load_state_dict(reader);

        for (int step = 0; step < 5; step++)
        {
            model.NewGradients();
            model.CopyGradientsTo(twin);
            optimizer.step();
            resumed.step();
            Assert.Equal(model.Values(), twin.Values());
        }
    }

    [Theory, MemberData(nameof(All))]
    public void StateDictionaryOfTorchContinuesBitForBit(string name, ScalarType dtype)
    {
        using var model = new Model(Declarations.Shapes(name, Model.AllShapes), dtype);
        using var optimizer = Declarations.Create(name, model.Parameters);
        model.Train(optimizer, 7);
        using var twin = new Model(Declarations.Shapes(name, Model.AllShapes), dtype);
        model.CopyParametersTo(twin);
        using var resumed = Declarations.Create(name, twin.Parameters, lr: 0.5);
        resumed.load_state_dict(optimizer.state_dict());
        model.NewGradients();
        model.CopyGradientsTo(twin);
        optimizer.step();
        resumed.step();
        Assert.Equal(model.Values(), twin.Values());
    }

    [Theory, MemberData(nameof(Determined))]
    public void StridedParametersAndGradientsAreTheSameNumbers(string name, ScalarType dtype)
    {
        long[][] shapes = Declarations.Shapes(name, [[6, 5], [3, 4, 2]]);
        using var model = new Model(shapes, dtype);
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
            Rounding.AssertClose(model.Values(i), Model.Values(strided[i].Item2), Rounding.Tolerance(dtype, steps: 6));
    }

    [Theory, MemberData(nameof(All))]
    public void SteadyStepLeavesNothingBehind(string name, ScalarType dtype)
    {
        using var model = new Model(Declarations.Shapes(name, Model.AllShapes), dtype);
        using var optimizer = Declarations.Create(name, model.Parameters);
        model.Train(optimizer, 12);
        model.NewGradients();
        long before = LiveTensors();
        for (int step = 0; step < 12; step++)
            optimizer.step();
        Assert.Equal(before, Tensor.TotalCount);
    }

    [Theory, MemberData(nameof(OfConstantWork))]
    public void AllocationDependsOnBucketsNotOnParameters(string name, ScalarType dtype)
    {
        long[][] shapes = Declarations.Shapes(name, [[6, 5], [7], [2, 3, 4], [2, 3, 2, 5]]);
        long few = BytesOfPeriod(name, dtype, shapes);
        long many = BytesOfPeriod(name, dtype, [.. Enumerable.Repeat(shapes, 12).SelectMany(static s => s)]);
        Assert.InRange(many, 0, few + few / 20);
    }

    [Theory, MemberData(nameof(All))]
    public void SchedulerDrivesTheLearningRate(string name, ScalarType dtype)
    {
        using var model = new Model(Declarations.Shapes(name, Model.AllShapes), dtype);
        using var twin = new Model(Declarations.Shapes(name, Model.AllShapes), dtype);
        using var optimizer = Declarations.Create(name, model.Parameters, lr: 0.04);
        using var byHand = Declarations.Create(name, twin.Parameters, lr: 0.04);
        var scheduler = optim.lr_scheduler.StepLR(optimizer, step_size: 2, gamma: 0.5);
        for (int step = 0; step < 6; step++)
        {
            model.NewGradients();
            model.CopyGradientsTo(twin);
            foreach (var group in byHand.ParamGroups)
                group.LearningRate = 0.04 * Math.Pow(0.5, step / 2);
            optimizer.step();
            byHand.step();
            scheduler.step();
            Assert.Equal(twin.Values(), model.Values());
        }
    }

    [Theory, MemberData(nameof(All))]
    public void DisposeFreesEverything(string name, ScalarType dtype)
    {
        using var model = new Model(Declarations.Shapes(name, Model.AllShapes), dtype);
        model.NewGradients();
        long before = LiveTensors();
        var optimizer = Declarations.Create(name, model.Parameters);
        optimizer.step();
        optimizer.Dispose();
        Assert.Equal(before, Tensor.TotalCount);
    }

    /// <summary>Managed bytes of twelve steps, which hold a refresh of each declaration; the least of three periods.</summary>
    private static long BytesOfPeriod(string name, ScalarType dtype, long[][] shapes)
    {
        using var model = new Model(shapes, dtype);
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

    /// <summary>The same values, with the dimensions in memory the other way round.</summary>
    private static Tensor Strided(Tensor tensor)
    {
        long[] reversed = [.. Enumerable.Range(0, tensor.shape.Length).Reverse().Select(static d => (long)d)];
        return tensor.detach().permute(reversed).contiguous().permute(reversed);
    }
}
