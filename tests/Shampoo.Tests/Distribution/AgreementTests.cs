using Shampoo.Runtime;
using Shampoo.Runtime.Tests;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Shampoo.Tests.Distribution;

/// <summary>What one rank cannot do, no rank does, in no group; and what was refused leaves nothing behind.</summary>
public sealed class AgreementTests
{
    [Theory, InlineData(true), InlineData(false)]
    public void ARefusedStepCanBeTriedAgain(bool isMissing)
    {
        (double[] Expected, double[] Actual)[] all = ThreadGroup.Run(2, ranks =>
        {
            using Model model = Twins.NewModel(typeof(Reducing), ScalarType.Float32), twin = Twins.NewModel(typeof(Everything), ScalarType.Float32);
            using OptimizerHelper optimizer = Twins.Create(typeof(Reducing), model, ranks), alone = Twins.Create(typeof(Everything), twin, null);
            model.NewGradients();
            twin.NewGradients();
            Scale(model, 1 + ranks.Rank);
            Scale(twin, 1.5);
            Tensor gradient = model[1].grad!.clone();
            double[] before = Gradients(model);
            if (ranks.Rank == 1 && isMissing) model[1].grad = null;
            if (ranks.Rank == 1 && !isMissing) Spoil(model[1]);
            Assert.ThrowsAny<Exception>(() => optimizer.step());
            if (ranks.Rank == 1) model[1].grad = gradient;
            Assert.Equal(before, Gradients(model));
            optimizer.step();
            alone.step();
            return (twin.Values(), model.Values());
        });
        Assert.All(all, static pair => Assert.Equal(pair.Expected, pair.Actual));
    }

    /// <summary>Ranks 0 and 1 agree with each other, and so do 2 and 3.</summary>
    [Theory, InlineData(typeof(InPairs)), InlineData(typeof(ReducingInPairs)), InlineData(typeof(LayersInPairs))]
    public void AGradientThatAGroupDoesNotHaveIsNamedInAll(Type type)
    {
        string[] messages = ThreadGroup.Run(4, ranks => Refusal(type, ranks, (model, _) => model.NewGradients(ranks.Rank >= 2 ? [2] : [])).Message);
        Assert.All(messages, static message => Assert.Contains("'p2' has a gradient on 2 of 4 ranks", message));
    }

    [Theory, InlineData(typeof(InPairs)), InlineData(typeof(ReducingInPairs)), InlineData(typeof(LayersInPairs))]
    public void ARankThatFailsTellsAllGroups(Type type)
    {
        string[] messages = ThreadGroup.Run(4, ranks => Refusal(type, ranks, (model, optimizer) =>
        {
            model.NewGradients();
            if (ranks.Rank == 3) optimizer.ParamGroups.First().LearningRate = double.NaN;
        }).Message);
        Assert.Contains("lr must be", messages[3]);
        Assert.Contains("Rank 3 could not complete the step", messages[2]);
        // Where rank 2 has learned of it in the middle of the step, it has failed, too.
        Assert.All(messages.Take(2), static message => Assert.Matches("Rank [23] could not complete the step", message));
    }

    /// <summary>Where every rank has all of the state, nothing else is exchanged.</summary>
    [Fact]
    public void RanksThatShareNothingAgreeAllTheSame()
    {
        string[] messages = ThreadGroup.Run(2, static ranks => Refusal(typeof(EachAlone), ranks, (model, _) => model.NewGradients(ranks.Rank == 1 ? [2] : [])).Message);
        Assert.All(messages, static message => Assert.Contains("'p2' has a gradient on 1 of 2 ranks", message));
        List<double[]> expected = Twins.Train(typeof(EachAlone), null, ScalarType.Float32);
        foreach (List<double[]> actual in ThreadGroup.Run(2, static ranks => Twins.Train(typeof(EachAlone), ranks, ScalarType.Float32)))
            Twins.AssertEqual(expected, actual);
    }

    /// <summary>A vector cannot be spectral: on no rank, whoever would own it, and the next group goes where it would have gone.</summary>
    [Fact]
    public void ARefusedGroupLeavesTheAssignmentAsItWas()
    {
        bool[] all = ThreadGroup.Run(2, static ranks =>
        {
            using Model one = new([[2, 3]], ScalarType.Float32), other = new([[2, 3]], ScalarType.Float32), later = new([[4, 4], [5, 5], [6, 6]], ScalarType.Float32);
            using Model twinsLater = new([[4, 4], [5, 5], [6, 6]], ScalarType.Float32), vectors = new([[700]], ScalarType.Float32);
            using var refused = new ShardedSpectral(one.Parameters, process_group: ranks);
            using var never = new ShardedSpectral(other.Parameters, process_group: ranks);
            Assert.Throws<ArgumentException>(() => refused.add_param_group(new ShardedSpectral.ParamGroup(vectors.Parameters)));
            refused.add_param_group(new ShardedSpectral.ParamGroup(later.Parameters));
            never.add_param_group(new ShardedSpectral.ParamGroup(twinsLater.Parameters));
            Assert.Equal(Blocks(never), Blocks(refused));
            return true;
        });
        Assert.Equal(2, all.Length);
    }

    // What the step is refused with, and that nobody has changed a parameter.
    private static Exception Refusal(Type type, ThreadGroup ranks, Action<Model, OptimizerHelper> prepare)
    {
        using Model model = Twins.NewModel(type, ScalarType.Float32);
        using OptimizerHelper optimizer = Twins.Create(type, model, ranks);
        model.Train(optimizer, 2);
        double[] before = model.Values();
        prepare(model, optimizer);
        Exception refusal = Assert.ThrowsAny<Exception>(() => optimizer.step());
        Assert.Equal(before, model.Values());
        return refusal;
    }

    private static string[] Blocks<TOptions>(BlockedOptimizer<TOptions> optimizer) where TOptions : BlockedOptions, new() =>
        [.. optimizer.Buckets.Select(static bucket => $"{bucket.Count} of [{string.Join(", ", bucket.BlockShape)}]")];

    private static double[] Gradients(Model model) =>
        [.. model.Parameters.SelectMany(static entry => entry.Item2.grad is { } gradient ? gradient.to(ScalarType.Float64).reshape(-1).data<double>().ToArray() : [])];

    private static void Scale(Model model, double factor)
    {
        using Scalar scalar = factor;
        foreach (var (_, parameter) in model.Parameters)
            parameter.grad?.mul_(scalar);
    }

    private static void Spoil(Parameter parameter)
    {
        using Tensor spoiled = parameter.grad!.clone();
        spoiled.reshape(-1)[0] = double.NaN;
        parameter.grad = spoiled;
    }
}
