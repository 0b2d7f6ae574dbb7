using Shampoo.Runtime;
using Shampoo.Runtime.Tests;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Shampoo.Tests.Distribution;

/// <summary>Ranks that cannot go on together: an error on every one of them.</summary>
public sealed class DisagreementTests
{
    [Theory]
    [InlineData(typeof(ShardedEverything)), InlineData(typeof(ShardedEverythingByParameters)), InlineData(typeof(ShardedLayers)), InlineData(typeof(RoundedToBFloat16))]
    public void AGradientThatIsMissingOnOneRankIsNamedOnAll(Type type)
    {
        string[] messages = ThreadGroup.Run(3, ranks =>
        {
            using Model model = Twins.NewModel(type, ScalarType.Float32);
            using OptimizerHelper optimizer = Twins.Create(type, model, ranks);
            model.Train(optimizer, 2);
            model.NewGradients(ranks.Rank == 1 ? [2] : []);
            return Assert.Throws<IncompleteStepException>(() => optimizer.step()).Message;
        });
        Assert.All(messages, static message => Assert.Contains("'p2' has a gradient on rank 0, 2 and none on the other 1 of 3 ranks", message));
    }

    [Theory]
    [InlineData(typeof(ShardedEverything)), InlineData(typeof(ShardedLayers)), InlineData(typeof(ShardedPlainAdamW))]
    public void ARankThatFailsTellsTheOthers(Type type)
    {
        string[] messages = ThreadGroup.Run(3, ranks =>
        {
            using Model model = Twins.NewModel(type, ScalarType.Float32);
            using OptimizerHelper optimizer = Twins.Create(type, model, ranks);
            model.Train(optimizer, 2);
            model.NewGradients();
            if (ranks.Rank == 2) Spoil(model);
            Exception refusal = Assert.ThrowsAny<Exception>(() => optimizer.step());
            Assert.Equal(ranks.Rank == 2, refusal is NotFiniteNumberException);
            return refusal.Message;
        });
        Assert.Contains("'p1' contains NaN", messages[2]);
        Assert.Contains("Rank 2 could not complete the step", messages[0]);
        Assert.Contains("Rank 2 could not complete the step", messages[1]);
    }

    /// <summary>What went wrong beside the steps is told where it is adopted, two steps after it has begun.</summary>
    [Fact]
    public void ARankThatFailsToAdoptTellsTheOthers()
    {
        string[] messages = ThreadGroup.Run(3, ranks =>
        {
            using Model model = Twins.NewModel(typeof(ShardedOverlappedUnchecked), ScalarType.Float32);
            using OptimizerHelper optimizer = Twins.Create(typeof(ShardedOverlappedUnchecked), model, ranks);
            model.Train(optimizer, 7);
            for (int step = 8; step <= 9; step++)
            {
                model.NewGradients();
                if (ranks.Rank == 2 && step == 8) Spoil(model);
                optimizer.step();
            }
            model.NewGradients();
            return Assert.Throws<IncompleteStepException>(() => optimizer.step()).Message;
        });
        Assert.Contains("Step 10 of group 0 was not completed", messages[2]);
        Assert.Contains("Rank 2 could not complete the step", messages[0]);
        Assert.Contains("Rank 2 could not complete the step", messages[1]);
    }

    [Fact]
    public void RanksThatDoNotMakeGroupsAreRefused()
    {
        string[] messages = ThreadGroup.Run(3, static ranks =>
        {
            using Model model = Twins.NewModel(typeof(InPairs), ScalarType.Float32);
            return Assert.Throws<ArgumentException>(() => Twins.Create(typeof(InPairs), model, ranks)).Message;
        });
        Assert.All(messages, static message => Assert.Contains("3 ranks cannot be divided into groups of 2", message));
    }

    [Fact]
    public void TheStateOfAnotherRankIsRefused()
    {
        byte[][] saved = ThreadGroup.Run(2, static ranks => Save(typeof(ShardedEverything), ranks));
        ThreadGroup.Run(2, ranks =>
        {
            using Model model = Twins.NewModel(typeof(ShardedEverything), ScalarType.Float32);
            using var optimizer = (BlockedOptimizer<ShardedEverything.Options>)Twins.Create(typeof(ShardedEverything), model, ranks);
            Load(optimizer, saved[ranks.Rank]);
            Assert.Contains($"rank {1 - ranks.Rank} of 2", Assert.Throws<InvalidDataException>(() => Load(optimizer, saved[1 - ranks.Rank])).Message);
            return true;
        });
    }

    /// <summary>As many parameters, and on rank 0 blocks of the same shapes: but the others are somewhere else.</summary>
    [Fact]
    public void TheStateOfOtherOwnersIsRefused()
    {
        long[][] shapes = [[8, 8], [4, 4], [2, 2]];
        byte[][] saved = ThreadGroup.Run(2, ranks =>
        {
            using var model = new Model(shapes, ScalarType.Float32);
            using var optimizer = new ShardedUncorrected(model.Parameters, process_group: ranks);
            return Save(model, optimizer);
        });
        ThreadGroup.Run(2, ranks =>
        {
            using var model = new Model([.. shapes.Reverse()], ScalarType.Float32);
            using var optimizer = new ShardedUncorrected(model.Parameters, process_group: ranks);
            double[] state = [.. optimizer.Buckets.SelectMany(static bucket => bucket.Arrays).SelectMany(static array => Model.Values(array.Tensor))];
            string message = Assert.Throws<InvalidDataException>(() => Load(optimizer, saved[ranks.Rank])).Message;
            Assert.Matches($"The state is that of rank {ranks.Rank} of 2, blocks by MemoryAndWork, assignment ([0-9a-f]{{16}}), but this is rank {ranks.Rank} of 2, blocks by MemoryAndWork, assignment (?!\\1)", message);
            Assert.Equal(state, optimizer.Buckets.SelectMany(static bucket => bucket.Arrays).SelectMany(static array => Model.Values(array.Tensor)));
            return true;
        });
    }

    private static byte[] Save(Type type, ThreadGroup ranks)
    {
        using Model model = Twins.NewModel(type, ScalarType.Float32);
        using OptimizerHelper optimizer = Twins.Create(type, model, ranks);
        return Save(model, optimizer);
    }

    private static byte[] Save(Model model, OptimizerHelper optimizer)
    {
        model.Train(optimizer, 2);
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream)) optimizer.save_state_dict(writer);
        return stream.ToArray();
    }

    private static void Load<TOptions>(BlockedOptimizer<TOptions> optimizer, byte[] saved) where TOptions : BlockedOptions, new()
    {
        using var reader = new BinaryReader(new MemoryStream(saved));
        optimizer.load_state_dict(reader);
    }

    private static void Spoil(Model model)
    {
        using Tensor gradient = model[1].grad!;
        gradient.reshape(-1)[0] = double.NaN;
    }
}
