using System.Reflection;
using Shampoo.Runtime;
using Shampoo.Runtime.Tests;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Shampoo.Tests.Distribution;

/// <summary>Training that goes on from a checkpoint on another number of ranks is, bit for bit, training that was not interrupted.</summary>
public sealed class CheckpointTests : IDisposable
{
    private const int Before = 5;

    private readonly string _path = Path.Combine(Directory.CreateTempSubdirectory().FullName, "optimizer.safetensors");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_path)!, recursive: true);

    [Theory]
    [InlineData(typeof(ShardedEverything), typeof(Everything), 1, 3), InlineData(typeof(ShardedEverything), typeof(Everything), 3, 1)]
    [InlineData(typeof(ShardedEverything), typeof(Everything), 2, 4), InlineData(typeof(ShardedEverything), typeof(Everything), 4, 3)]
    [InlineData(typeof(InPairs), typeof(Everything), 4, 2), InlineData(typeof(ShardedSoap), typeof(PlainSoap), 3, 2)]
    [InlineData(typeof(ShardedLayers), typeof(Layers), 3, 2), InlineData(typeof(ShardedShortMoments), typeof(ShortMoments), 2, 3)]
    [InlineData(typeof(ShardedCodes), typeof(Codes), 2, 3), InlineData(typeof(ShardedCodes), typeof(Codes), 3, 1)]
    [InlineData(typeof(ReducingAlone), typeof(ReducingAlone), 3, 2)]
    public void GoesOnWithAnyNumberOfRanks(Type type, Type alone, int saving, int loading)
    {
        List<double[]> expected = Whole(alone);
        ThreadGroup.Run(saving, ranks => { Save(type, ranks); return true; });
        foreach (List<double[]> actual in ThreadGroup.Run(loading, ranks => GoOn(type, ranks)))
            Twins.AssertEqual(expected, actual);
    }

    [Fact]
    public void GoesOnWithAClassThatIsNotDistributed()
    {
        ThreadGroup.Run(3, ranks => { Save(typeof(ShardedEverything), ranks); return true; });
        Twins.AssertEqual(Whole(typeof(Everything)), GoOn(typeof(Everything), null));
        Save(typeof(Everything), null);
        foreach (List<double[]> actual in ThreadGroup.Run(2, ranks => GoOn(typeof(ShardedEverything), ranks)))
            Twins.AssertEqual(Whole(typeof(Everything)), actual);
    }

    /// <summary>Groups have the same state: the first one writes it.</summary>
    [Theory, InlineData(typeof(InPairs), 2), InlineData(typeof(ShardedEverything), 4), InlineData(typeof(ReducingAlone), 1)]
    public void WritesEveryBlockOnce(Type type, int files)
    {
        ThreadGroup.Run(4, ranks => { Save(type, ranks); return true; });
        Assert.Equal(files, Directory.GetFiles(Path.GetDirectoryName(_path)!, "*.safetensors").Length);
        Assert.Equal(files > 1, File.Exists(_path + ".index.json"));
    }

    /// <summary>A rank whose folder is another one: nothing is loaded anywhere.</summary>
    [Fact]
    public void WhatOneRankCannotReadNoneLoads()
    {
        ThreadGroup.Run(2, ranks => { Save(typeof(ShardedEverything), ranks); return true; });
        string[] messages = ThreadGroup.Run(2, ranks =>
        {
            using Model model = Twins.NewModel(typeof(ShardedEverything), ScalarType.Float32);
            using OptimizerHelper optimizer = Twins.Create(typeof(ShardedEverything), model, ranks);
            Exception refusal = Assert.ThrowsAny<IOException>(void () => Call(optimizer, "load_checkpoint", ranks.Rank == 1 ? _path + ".lost" : _path, null, null));
            model.NewGradients();
            optimizer.step();
            return refusal.Message;
        });
        Assert.Contains("Rank 1 failed in checking the checkpoint", messages[0]);
        Assert.Contains(".lost", messages[1]);
    }

    private static List<double[]> Whole(Type type)
    {
        using Model model = Twins.NewModel(type, ScalarType.Float32);
        using OptimizerHelper optimizer = Twins.Create(type, model, null);
        Train(model, optimizer, 1, Before);
        return Train(model, optimizer, Before + 1, Twins.Steps);
    }

    private void Save(Type type, ThreadGroup? ranks)
    {
        using Model model = Twins.NewModel(type, ScalarType.Float32);
        using OptimizerHelper optimizer = Twins.Create(type, model, ranks);
        Train(model, optimizer, 1, Before);
        Call(optimizer, "save_checkpoint", _path, null);
    }

    // The optimizer has been used otherwise before it loads; the model is what it was when the checkpoint was saved.
    private List<double[]> GoOn(Type type, ThreadGroup? ranks)
    {
        using Model model = Twins.NewModel(type, ScalarType.Float32), other = Twins.NewModel(type, ScalarType.Float32);
        using (OptimizerHelper earlier = Twins.Create(type, model, ranks)) Train(model, earlier, 1, Before);
        using OptimizerHelper optimizer = Twins.Create(type, model, ranks);
        model.CopyParametersTo(other);
        other.CopyGradientsTo(model);
        optimizer.step(); // without any gradient
        for (int p = 0; p < model.Parameters.Length; p++)
            model[p].grad = zeros_like(model[p]).fill_(0.125);
        optimizer.step();
        other.CopyParametersTo(model);
        Call(optimizer, "load_checkpoint", _path, null, null);
        return Train(model, optimizer, Before + 1, Twins.Steps);
    }

    private static List<double[]> Train(Model model, OptimizerHelper optimizer, int first, int last)
    {
        var values = new List<double[]>();
        for (int step = first; step <= last; step++)
        {
            model.NewGradients(Twins.Missing(step));
            optimizer.step();
            values.Add(model.Values());
        }
        return values;
    }

    private static void Call(OptimizerHelper optimizer, string method, params object?[] arguments) =>
        optimizer.GetType().GetMethod(method)!.Invoke(optimizer, BindingFlags.DoNotWrapExceptions, null, arguments, null);
}
