using Shampoo.Runtime;
using Shampoo.Runtime.Tests;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Shampoo.Tests.Distribution;

/// <summary>A rank that fails where the others read only in the next step what it has said: as on a GPU, but with tensors of the CPU, whose copies arrive at once.</summary>
public sealed class LateFailureTests
{
    private const int Failing = 3;

    public static TheoryData<Type> Types =>
    [
        typeof(ShardedEverything), typeof(ShardedLayers), typeof(ReducingLayers), typeof(Reducing), typeof(LayersInPairs), typeof(InPairs), typeof(ReducingInPairs),
    ];

    /// <summary>It takes part in all that the others wait for until the end of the step, so that none waits in vain.</summary>
    [Theory, MemberData(nameof(Types))]
    public void NobodyWaitsForARankThatHasFailed(Type type)
    {
        Exception[] failures = ThreadGroup.Run(4, ranks =>
        {
            ranks.RunsAhead = true;
            using Model model = Twins.NewModel(type, ScalarType.Float32);
            using OptimizerHelper optimizer = Twins.Create(type, model, ranks);
            model.Train(optimizer, 2);
            if (ranks.Rank == Failing) return Fail(model, optimizer);
            model.Train(optimizer, 1);
            model.NewGradients();
            return Assert.ThrowsAny<Exception>(() => optimizer.step());
        });
        for (int rank = 0; rank < Failing; rank++)
            Assert.Contains($"in an earlier step, which the device has reported now. Rank {Failing} could not complete the step", Assert.IsType<IncompleteStepException>(failures[rank]).Message);
        Assert.Contains("lr must be", failures[Failing].Message);
    }

    public static TheoryData<Type, string, int, bool> Places
    {
        get
        {
            // The collectives of a step, one after the other: gradients in a group, over groups, what all agree on; squares of two groups, blocks, and what all agree on.
            (Type, string, int)[] places =
            [
                (typeof(Reducing), "reduce_scatter", 0), (typeof(Reducing), "all_reduce", 0), (typeof(Reducing), "all_gather", 0),
                (typeof(ReducingLayers), "reduce_scatter", 0), (typeof(ReducingLayers), "all_gather", 0), (typeof(ReducingLayers), "all_gather", 1), (typeof(ReducingLayers), "all_gather", 2),
                (typeof(ReducingInPairs), "reduce_scatter", 0), (typeof(ReducingInPairs), "all_reduce", 0), (typeof(ReducingInPairs), "all_reduce", 1),
                (typeof(ReducingInPairs), "all_gather", 0), (typeof(ReducingInPairs), "all_reduce", 2),
                (typeof(ShardedLayers), "all_gather", 0), (typeof(ShardedLayers), "all_gather", 1), (typeof(ShardedLayers), "all_gather", 2),
                (typeof(LayersInPairs), "all_gather", 0), (typeof(LayersInPairs), "all_gather", 2), (typeof(LayersInPairs), "all_reduce", 0),
            ];
            var data = new TheoryData<Type, string, int, bool>();
            foreach ((Type type, string collective, int skipped) in places)
            {
                data.Add(type, collective, skipped, false);
                data.Add(type, collective, skipped, true);
            }
            return data;
        }
    }

    /// <summary>It goes on from where it has failed, whatever the others wait for there.</summary>
    [Theory, MemberData(nameof(Places))]
    public void NobodyWaitsForARankThatFailsWhereTheyMeet(Type type, string collective, int skipped, bool runsAhead)
    {
        Exception[] failures = ThreadGroup.Run(4, ranks =>
        {
            ranks.RunsAhead = runsAhead;
            using Model model = Twins.NewModel(type, ScalarType.Float32);
            using OptimizerHelper optimizer = Twins.Create(type, model, ranks);
            model.Train(optimizer, 2);
            if (ranks.Rank == Failing) ranks.FailBefore(collective, skipped);
            model.NewGradients();
            if (ranks.Rank != Failing && runsAhead) optimizer.step();
            model.NewGradients();
            return Assert.ThrowsAny<Exception>(() => optimizer.step());
        });
        // Where its group stops at the squares, the others hear of two ranks, and name the first.
        bool groupStops = type == typeof(LayersInPairs) && collective == "all_gather" && skipped == 0 && !runsAhead;
        for (int rank = 0; rank < Failing; rank++)
            Assert.Contains($"Rank {(groupStops && rank < 2 ? 2 : Failing)} could not complete the step", failures[rank].Message);
        Assert.Contains($"Out of memory before {collective}", failures[Failing].GetBaseException().Message);
    }

    /// <summary>The rank reads it at once, as its gradients are others than before, and stops before anything has changed there; the others go on.</summary>
    [Theory, InlineData(typeof(Reducing)), InlineData(typeof(ReducingLayers)), InlineData(typeof(ReducingInPairs))]
    public void NobodyWaitsForARankThatHasReadMore(Type type)
    {
        Exception[] failures = ThreadGroup.Run(4, ranks =>
        {
            ranks.RunsAhead = true;
            using Model model = Twins.NewModel(type, ScalarType.Float32);
            using OptimizerHelper optimizer = Twins.Create(type, model, ranks);
            model.Train(optimizer, 2);
            model.NewGradients(ranks.Rank == Failing ? [2] : []);
            double[] before = model.Values();
            if (ranks.Rank == Failing)
            {
                Exception refusal = Assert.Throws<InvalidOperationException>(() => optimizer.step());
                Assert.Equal(before, model.Values());
                return refusal;
            }
            optimizer.step();
            model.NewGradients();
            return Assert.Throws<IncompleteStepException>(() => optimizer.step());
        });
        Assert.Contains("'p2' has a gradient on 3 of 4 ranks", failures[Failing].Message);
        Assert.All(failures[..Failing], static failure => Assert.Contains("in an earlier step, which the device has reported now. The parameter 'p2' had a gradient on some ranks only", failure.Message));
    }

    /// <summary>What was said of a step that another state has taken the place of.</summary>
    [Theory, InlineData(typeof(ShardedLayers), false), InlineData(typeof(Reducing), false), InlineData(typeof(LayersInPairs), false), InlineData(typeof(ReducingInPairs), false), InlineData(typeof(Reducing), true)]
    public void LoadingForgetsIt(Type type, bool fromCheckpoint)
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        (double[] Expected, double[] Actual)[] all = ThreadGroup.Run(4, ranks =>
        {
            ranks.RunsAhead = true;
            using Model model = Twins.NewModel(type, ScalarType.Float32), before = Twins.NewModel(type, ScalarType.Float32), whole = Twins.NewModel(type, ScalarType.Float32);
            using (OptimizerHelper uninterrupted = Twins.Create(type, whole, ranks)) whole.Train(uninterrupted, 3);
            using OptimizerHelper optimizer = Twins.Create(type, model, ranks);
            model.Train(optimizer, 2);
            model.CopyParametersTo(before);
            Action load = Save(optimizer, fromCheckpoint ? Path.Combine(folder, "optimizer.safetensors") : null);
            model.NewGradients();
            model.CopyGradientsTo(before);
            if (ranks.Rank == Failing) Fail(model, optimizer);
            else optimizer.step();
            load();
            before.CopyParametersTo(model);
            before.CopyGradientsTo(model);
            optimizer.step();
            return (whole.Values(), model.Values());
        });
        Directory.Delete(folder, recursive: true);
        Assert.All(all, static pair => Assert.Equal(pair.Expected, pair.Actual));
    }

    private static Exception Fail(Model model, OptimizerHelper optimizer)
    {
        if (model[0].grad is null) model.NewGradients();
        var group = optimizer.ParamGroups.First();
        (double usual, group.LearningRate) = (group.LearningRate, double.NaN);
        Exception failure = Assert.ThrowsAny<Exception>(() => optimizer.step());
        group.LearningRate = usual;
        return failure;
    }

    // What takes the optimizer back.
    private static Action Save(OptimizerHelper optimizer, string? checkpoint)
    {
        if (checkpoint is not null)
        {
            Call("save_checkpoint", checkpoint, null);
            return () => Call("load_checkpoint", checkpoint, null, null);
        }
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream)) optimizer.save_state_dict(writer);
        return () =>
        {
            using var reader = new BinaryReader(new MemoryStream(stream.ToArray()));
            optimizer.load_state_dict(reader);
        };

        void Call(string method, params object?[] arguments) =>
            optimizer.GetType().GetMethod(method)!.Invoke(optimizer, System.Reflection.BindingFlags.DoNotWrapExceptions, null, arguments, null);
    }
}
