using Shampoo.Tests.Dialects;
using Shampoo.Tests.Updates;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.optim.lr_scheduler;

namespace Shampoo.Tests.Checkpoints;

/// <summary>Training that goes on from a checkpoint is, bit for bit, training that was not interrupted.</summary>
public sealed class ResumeTests : IDisposable
{
    private const int StepsBefore = 7, StepsAfter = 6;

    private readonly string _path = Path.Combine(Directory.CreateTempSubdirectory().FullName, "optimizer.safetensors");

    public static TheoryData<string, ScalarType> All => Declarations.All;

    public static TheoryData<string, ScalarType> Covered => Covering.All;

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_path)!, recursive: true);

    /// <summary>All preconditioners and graftings: schedulers, gradients that are missing, and a checkpoint between two refreshes.</summary>
    [Theory, MemberData(nameof(All))]
    public void ContinuesEveryDeclaration(string name, ScalarType dtype) =>
        Continue(Declarations.Shapes(name, Model.AllShapes), dtype, (parameters, lr) => Declarations.Create(name, parameters, lr));

    /// <summary>Every pair of options that work element by element.</summary>
    [Theory, MemberData(nameof(Covered))]
    public void ContinuesEveryCoveredClass(string name, ScalarType dtype) =>
        Continue(Model.AllShapes, dtype, (parameters, lr) => (OptimizerHelper)Activator.CreateInstance(Covering.Find(name), [parameters, lr, .. Defaults(Covering.Find(name))])!);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ContinuesAveragesInBothModes(bool isEvaluating)
    {
        Continue(Model.AllShapes, ScalarType.Float64, (parameters, lr) => new ScheduleFreeAdam(parameters, lr), isEvaluating);
        Continue(Model.AllShapes, ScalarType.Float32, (parameters, lr) => new AveragedWithDecay(parameters, lr), isEvaluating);
    }

    [Fact]
    public void ContinuesLayerwiseScalesAndClipping()
    {
        Continue([[6, 5], [7]], ScalarType.Float64, (parameters, lr) => new LayerScaled(parameters, lr));
        Continue([[6, 5], [7]], ScalarType.Float64, (parameters, lr) => new ClippedWithL2(parameters, lr));
    }

    /// <summary>Groups with numbers of their own, one of which has taken no step that the other has not.</summary>
    [Fact]
    public void ContinuesGroupsWithNumbersOfTheirOwn()
    {
        using Model model = new(Model.AllShapes), twin = new(Model.AllShapes);
        using var optimizer = Create(model.Parameters, 0.02, 0.001);
        model.Train(optimizer, StepsBefore);
        optimizer.save_checkpoint(_path);
        using var resumed = Create(twin.Parameters, 0.5, 0.25);
        resumed.load_checkpoint(_path);
        model.CopyParametersTo(twin);

        Assert.Equal([0.02, 0.001], resumed.ParamGroups.Select(static group => group.LearningRate));
        Assert.Equal([0.02, 0.001], resumed.ParamGroups.Select(static group => group.InitialLearningRate));
        AssertSameFuture(model, optimizer, twin, resumed, static () => { }, static () => { });

        static Everything Create((string, Parameter)[] parameters, double first, double second) => new(
        [
            new Everything.ParamGroup(parameters[..4], new Everything.Options { LearningRate = first, beta1 = 0.5 }),
            new Everything.ParamGroup(parameters[4..], new Everything.Options { LearningRate = second, weight_decay = 0.125 }),
        ]);
    }

    /// <summary>A schedule that goes by the step before, begun anew: <c>last_epoch</c> is the number of steps that it has made.</summary>
    [Fact]
    public void SchedulerBegunAnewGoesOn()
    {
        using Model model = new(Model.AllShapes), twin = new(Model.AllShapes);
        using var optimizer = new Everything(model.Parameters, lr: 0.04);
        LRScheduler scheduler = StepLR(optimizer, step_size: 2, gamma: 0.7);
        for (int step = 0; step < StepsBefore; step++)
        {
            if (step > 0) scheduler.step();
            model.Train(optimizer, 1);
        }
        optimizer.save_checkpoint(_path);
        using var resumed = new Everything(twin.Parameters);
        resumed.load_checkpoint(_path);
        model.CopyParametersTo(twin);

        scheduler.step();
        LRScheduler begun = StepLR(resumed, step_size: 2, gamma: 0.7, last_epoch: StepsBefore - 1);
        AssertSameFuture(model, optimizer, twin, resumed, scheduler.step, begun.step);
    }

    private void Continue(
        long[][] shapes, ScalarType dtype, Func<(string name, Parameter parameter)[], double, OptimizerHelper> create, bool isEvaluating = false)
    {
        using Model model = new(shapes, dtype), twin = new(shapes, dtype, seed: 2);
        using var optimizer = create(model.Parameters, 0.02);
        LRScheduler scheduler = ExponentialLR(optimizer, 0.9);
        for (int step = 0; step < StepsBefore; step++)
        {
            model.NewGradients(step % shapes.Length);
            optimizer.step();
            scheduler.step();
        }
        if (isEvaluating) Call(optimizer, "eval");
        Call(optimizer, "save_checkpoint", _path, null);

        using var resumed = create(twin.Parameters, 0.5);
        LRScheduler other = ExponentialLR(resumed, 0.9);
        twin.Train(resumed, 2);
        Call(resumed, "load_checkpoint", _path, null, null);
        model.CopyParametersTo(twin);
        if (isEvaluating)
        {
            Assert.Throws<InvalidOperationException>(() => resumed.step());
            Call(optimizer, "train");
            Call(resumed, "train");
        }
        AssertSameFuture(model, optimizer, twin, resumed, scheduler.step, other.step);

        Call(optimizer, "save_checkpoint", _path, null);
        Call(resumed, "save_checkpoint", _path + ".resumed", null);
        Assert.Equal(File.ReadAllBytes(_path), File.ReadAllBytes(_path + ".resumed"));
    }

    private static void AssertSameFuture(
        Model model, OptimizerHelper optimizer, Model twin, OptimizerHelper resumed, Action scheduler, Action other)
    {
        Assert.Equal(model.Values(), twin.Values());
        for (int step = 0; step < StepsAfter; step++)
        {
            model.NewGradients(step == 2 ? [0, 1] : []);
            model.CopyGradientsTo(twin);
            optimizer.step();
            resumed.step();
            scheduler();
            other();
            Assert.Equal(model.Values(), twin.Values());
        }
    }

    private static object?[] Defaults(Type type) => [.. type.GetConstructors()
        .Single(static c => c.GetParameters()[0].ParameterType == typeof(IEnumerable<(string, Parameter)>)).GetParameters().Skip(2).Select(static p => p.DefaultValue)];

    // Optimizers have these methods by a base class that depends on their options.
    private static void Call(OptimizerHelper optimizer, string method, params object?[] arguments) =>
        optimizer.GetType().GetMethod(method)!.Invoke(optimizer, System.Reflection.BindingFlags.DoNotWrapExceptions, null, arguments, null);
}
