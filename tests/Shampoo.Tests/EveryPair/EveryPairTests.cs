using System.Reflection;
using Shampoo.Runtime;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Shampoo.Tests.EveryPair;

/// <summary>The contract of an optimizer, where every two options meet.</summary>
public sealed class EveryPairTests
{
    private readonly ContractTests _contract = new();

    public static TheoryData<string, ScalarType> All => Declarations.EveryTwoOptions;

    [Fact]
    public void ThereAreAsManyClassesAsThatTakes() => Assert.InRange(All.Count, 150, 400);

    [Theory, MemberData(nameof(All))]
    public void SavedStateContinuesBitForBit(string name, ScalarType dtype) => _contract.SavedStateContinuesBitForBit(name, dtype);

    [Theory, MemberData(nameof(All))]
    public void StateDictionaryOfTorchContinuesBitForBit(string name, ScalarType dtype) => _contract.StateDictionaryOfTorchContinuesBitForBit(name, dtype);

    [Theory, MemberData(nameof(All))]
    public void SteadyStepLeavesNothingBehind(string name, ScalarType dtype) => _contract.SteadyStepLeavesNothingBehind(name, dtype);

    [Theory, MemberData(nameof(All))]
    public void SchedulerDrivesTheLearningRate(string name, ScalarType dtype) => _contract.SchedulerDrivesTheLearningRate(name, dtype);

    [Theory, MemberData(nameof(All))]
    public void DisposeFreesEverything(string name, ScalarType dtype) => _contract.DisposeFreesEverything(name, dtype);

    /// <summary>The learning rate of a group moves its parameters, and those of no other group.</summary>
    [Theory, MemberData(nameof(All))]
    public void GroupsDoNotMeet(string name, ScalarType dtype)
    {
        (double[] first, double[] second) = OfTwoGroups(name, dtype, lr: 0.01);
        (double[] firstAgain, double[] faster) = OfTwoGroups(name, dtype, lr: 0.1);
        Assert.Equal(first, firstAgain);
        Assert.NotEqual(second, faster);
    }

    /// <summary>Gradients are the caller's: after a step they have the bits that they had before it.</summary>
    [Theory, MemberData(nameof(All))]
    public void StepLeavesGradientsAsTheyWere(string name, ScalarType dtype)
    {
        using var model = new Model(Declarations.Shapes(name, Model.AllShapes), dtype);
        using var optimizer = Declarations.Create(name, model.Parameters);
        for (int step = 1; step <= 9; step++)
        {
            model.NewGradients(step == 4 ? [1, 3] : []);
            byte[]?[] before = GradientBits(model);
            optimizer.step();
            Assert.Equal(before, GradientBits(model));
        }
    }

    /// <summary>A parameter without a gradient keeps its numbers and its state, bit for bit, and goes on when gradients come again.</summary>
    [Theory, MemberData(nameof(All))]
    public void ParametersWithoutGradientsWait(string name, ScalarType dtype)
    {
        using var model = new Model(Declarations.Shapes(name, Model.AllShapes), dtype);
        using var optimizer = Declarations.Create(name, model.Parameters, lr: 0.1);
        int[] missing = [0, 3, 5];
        model.Train(optimizer, 7);
        double[][] before = [.. missing.Select(i => model.Values(i))];
        Dictionary<string, byte[]> state = StateBits(optimizer, missing), all = StateBits(optimizer, [.. Enumerable.Range(0, model.Parameters.Length)]);
        for (int step = 1; step <= 4; step++)
        {
            model.NewGradients(missing);
            optimizer.step();
        }
        Assert.Equal(before, missing.Select(i => model.Values(i)));
        Assert.Equal(state, StateBits(optimizer, missing));
        // Where no block has matrices or moments, there is nothing but counts of failures.
        if (all.Keys.Any(static key => !key.EndsWith("/failed_refreshes", StringComparison.Ordinal))) Assert.NotEqual(all, StateBits(optimizer, [.. Enumerable.Range(0, model.Parameters.Length)]));
        // A number of few bits may come back to where it was: so after any of the steps, and not after the last one.
        var moved = new bool[missing.Length];
        for (int step = 1; step <= 8; step++)
        {
            model.Train(optimizer, 1);
            foreach ((int i, int p) in missing.Index())
                moved[i] |= !before[i].SequenceEqual(model.Values(p));
        }
        Assert.DoesNotContain(false, moved);
        Assert.All(model.Values(), static value => Assert.True(double.IsFinite(value)));
    }

    private static byte[]?[] GradientBits(Model model) => [.. model.Parameters.Select(static p =>
    {
        using Tensor? gradient = p.parameter.grad;
        return gradient?.bytes.ToArray();
    })];

    /// <summary>The state of some parameters, by the names that checkpoints give it.</summary>
    private static Dictionary<string, byte[]> StateBits(OptimizerHelper optimizer, int[] parameters)
    {
        string path = Path.GetTempFileName();
        try
        {
            // By a base class that depends on its options.
            optimizer.GetType().GetMethod("save_checkpoint")!.Invoke(optimizer, BindingFlags.DoNotWrapExceptions, null, [path, null], null);
            using var scope = NewDisposeScope();
            return safetensors.load_file(path).Where(entry => parameters.Any(p => entry.Key.StartsWith($"p{p}/", StringComparison.Ordinal)))
                .ToDictionary(static entry => entry.Key, static entry => entry.Value.bytes.ToArray());
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>The parameters of two groups after some steps, of which the second has this learning rate.</summary>
    private static (double[] First, double[] Second) OfTwoGroups(string name, ScalarType dtype, double lr)
    {
        using var model = new Model(Declarations.Shapes(name, Model.AllShapes), dtype);
        using var optimizer = Declarations.Create(name, model.Parameters[..4]);
        optimizer.add_param_group(Declarations.Group(name, model.Parameters[4..], new Dictionary<string, double> { ["lr"] = lr }));
        model.Train(optimizer, 7);
        return ([.. Enumerable.Range(0, 4).SelectMany(i => model.Values(i))], [.. Enumerable.Range(4, model.Parameters.Length - 4).SelectMany(i => model.Values(i))]);
    }
}
