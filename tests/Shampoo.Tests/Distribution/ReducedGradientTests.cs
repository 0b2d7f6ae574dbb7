using Shampoo.Runtime;
using Shampoo.Runtime.Tests;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Shampoo.Tests.Distribution;

/// <summary>Gradients that are averaged by the step, straight into the blocks of their owners.</summary>
public sealed class ReducedGradientTests
{
    [Theory]
    [InlineData(typeof(Reducing), typeof(Everything), 1), InlineData(typeof(Reducing), typeof(Everything), 2), InlineData(typeof(Reducing), typeof(Everything), 3)]
    [InlineData(typeof(ReducingInPairs), typeof(Everything), 2), InlineData(typeof(ReducingInPairs), typeof(Everything), 4)]
    [InlineData(typeof(ReducingSoap), typeof(PlainSoap), 2), InlineData(typeof(ReducingSoap), typeof(PlainSoap), 3)]
    [InlineData(typeof(ReducingLayers), typeof(Layers), 2), InlineData(typeof(ReducingLayers), typeof(Layers), 3)]
    [InlineData(typeof(ReducingScheduleFreeAdam), typeof(Updates.ScheduleFreeAdam), 2), InlineData(typeof(ReducingScheduleFreeAdam), typeof(Updates.ScheduleFreeAdam), 3)]
    [InlineData(typeof(ReducingAveragedWithDecay), typeof(Updates.AveragedWithDecay), 2), InlineData(typeof(ReducingAveragedWithDecay), typeof(Updates.AveragedWithDecay), 3)]
    [InlineData(typeof(ReducingStaggeredRoots), typeof(StaggeredRoots), 2), InlineData(typeof(ReducingStaggeredRoots), typeof(StaggeredRoots), 3)]
    [InlineData(typeof(ReducingOverlappedRoots), typeof(OverlappedRoots), 2), InlineData(typeof(ReducingOverlappedRoots), typeof(OverlappedRoots), 3)]
    public void IsWhatOneProcessDoesWithTheAverage(Type type, Type alone, int ranks)
    {
        int group = type == typeof(ReducingInPairs) ? 2 : ranks;
        foreach (ScalarType dtype in new[] { ScalarType.Float32, ScalarType.Float64 })
        {
            List<double[]> expected = Twins.Train(alone, null, dtype, (model, _) => Average(model, ranks, group));
            foreach (List<double[]> actual in ThreadGroup.Run(ranks, ranks => Twins.Train(type, ranks, dtype, (model, _) => Own(model, ranks.Rank))))
                Twins.AssertEqual(expected, actual);
        }
    }

    [Fact]
    public void RanksThatShareNothingAverageAllTheSame()
    {
        List<double[]>[] all = ThreadGroup.Run(3, static ranks => Twins.Train(typeof(ReducingAlone), ranks, ScalarType.Float32, (model, _) => Own(model, ranks.Rank)));
        List<double[]> expected = Twins.Train(typeof(ReducingAlone), null, ScalarType.Float32, static (model, _) => Average(model, 3, 3));
        Assert.All(all, actual => Twins.AssertEqual(expected, actual));
    }

    [Theory, InlineData(2), InlineData(3)]
    public void ClipsTheNormOfTheAverages(int ranks)
    {
        List<double[]> expected = Twins.Train(typeof(Updates.ClippedWithL2), null, ScalarType.Float64, (model, _) => Average(model, ranks, ranks));
        List<double[]>[] all = ThreadGroup.Run(ranks, static ranks => Twins.Train(typeof(ReducingClipped), ranks, ScalarType.Float64, (model, _) => Own(model, ranks.Rank)));
        Assert.All(all, actual => Twins.AssertEqual(all[0], actual));
        // Squares are added up in another order.
        Rounding.AssertClose(expected[^1], all[0][^1], Twins.Steps * 8 * Rounding.Unit(ScalarType.Float64));
    }

    /// <summary>One unit is what every rank sends when the model goes round once; an all-reduce is two.</summary>
    [Fact]
    public void SendsTwoUnitsInPlaceOfThree()
    {
        Assert.Equal(3, Units(typeof(ShardedEverything), averages: true));
        Assert.Equal(2, Units(typeof(Reducing), averages: false));
    }

    [Theory, InlineData(typeof(Reducing)), InlineData(typeof(ReducingClipped))]
    public void AllRanksRefuseAnAverageThatIsNotFinite(Type type)
    {
        string[] messages = ThreadGroup.Run(3, ranks =>
        {
            using Model model = Twins.NewModel(type, ScalarType.Float32);
            using OptimizerHelper optimizer = Twins.Create(type, model, ranks);
            model.Train(optimizer, 1);
            double[] before = model.Values();
            model.NewGradients();
            if (ranks.Rank == 1) Spoil(model, 3);
            var refusal = Assert.Throws<NotFiniteNumberException>(() => optimizer.step());
            Assert.Equal(before, model.Values());
            model.Train(optimizer, 1);
            Assert.NotEqual(before, model.Values());
            return refusal.Message;
        });
        Assert.All(messages, static message => Assert.Contains("'p3' over 3 ranks contains NaN", message));
    }

    [Fact]
    public void AllRanksRefuseGradientsOfDifferentParameters()
    {
        string[] messages = ThreadGroup.Run(2, static ranks =>
        {
            using Model model = Twins.NewModel(typeof(Reducing), ScalarType.Float32);
            using OptimizerHelper optimizer = Twins.Create(typeof(Reducing), model, ranks);
            model.NewGradients(ranks.Rank == 1 ? [2] : []);
            double[] before = model.Values();
            var refusal = Assert.Throws<InvalidOperationException>(() => optimizer.step());
            Assert.Equal(before, model.Values());
            model.Train(optimizer, 1);
            return refusal.Message;
        });
        Assert.All(messages, static message => Assert.Contains("'p2' has a gradient on 1 of 2 ranks", message));
    }

    [Fact]
    public void ARankThatCannotBeginTellsTheOthersBeforeAnythingChanges()
    {
        string[] messages = ThreadGroup.Run(2, static ranks =>
        {
            using Model model = Twins.NewModel(typeof(Reducing), ScalarType.Float32);
            using OptimizerHelper optimizer = Twins.Create(typeof(Reducing), model, ranks);
            double[] before = model.Values();
            model.NewGradients();
            if (ranks.Rank == 0) optimizer.ParamGroups.First().LearningRate = double.NaN;
            Exception refusal = Assert.ThrowsAny<Exception>(() => optimizer.step());
            Assert.IsNotType<IncompleteStepException>(refusal);
            Assert.Equal(before, model.Values());
            return refusal.Message;
        });
        Assert.Contains("lr must be", messages[0]);
        Assert.Contains("Rank 0 could not complete the step", messages[1]);
    }

    /// <summary>The gradient of a rank; its average with those of the others.</summary>
    private static void Own(Model model, int rank) => Change(model, gradient => gradient.mul(1 + rank));

    private static void Average(Model model, int ranks, int groupSize) => Change(model, gradient =>
    {
        Tensor[] groups = [.. Enumerable.Range(0, ranks / groupSize).Select(g => Mean([.. Enumerable.Range(g * groupSize, groupSize).Select(rank => gradient.mul(1 + rank))]))];
        return groups.Length == 1 ? groups[0] : Mean(groups);
    });

    private static Tensor Mean(Tensor[] values) => values.Skip(1).Aggregate(values[0].clone(), static (sum, value) => sum.add_(value)).div_(values.Length);

    private static void Change(Model model, Func<Tensor, Tensor> change)
    {
        using var scope = NewDisposeScope();
        foreach (var (_, parameter) in model.Parameters)
            if (parameter.grad is { } gradient) gradient.copy_(change(gradient));
    }

    private static void Spoil(Model model, int parameter)
    {
        using Tensor gradient = model[parameter].grad!;
        gradient.reshape(-1)[0] = double.NaN;
    }

    private static int Units(Type type, bool averages) => ThreadGroup.Run(3, ranks =>
    {
        using Model model = Twins.NewModel(type, ScalarType.Float32);
        using OptimizerHelper optimizer = Twins.Create(type, model, ranks);
        model.NewGradients();
        int numbers = model.Values().Length, small = 64;
        if (averages)
        {
            using Tensor flat = zeros(numbers);
            ranks.all_reduce(flat, ReduceOp.Average);
        }
        optimizer.step();
        (string Name, long Elements, ScalarType Type)[] large = [.. ranks.Calls.Where(call => call.Elements >= small)];
        Assert.All(large, call => Assert.InRange(call.Elements, numbers, numbers + small));
        Assert.InRange(ranks.Calls.Count - large.Length, 0, 1);
        return large.Sum(static call => call.Name == "all_reduce" ? 2 : 1);
    }).Distinct().Single();
}
