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

    /// <summary>It is as if the parameter were not there: it keeps its numbers, and its gradient of the next step is its first one.</summary>
    [Theory, MemberData(nameof(All))]
    public void ParametersWithoutGradientsWait(string name, ScalarType dtype)
    {
        using var model = new Model(Declarations.Shapes(name, Model.AllShapes), dtype);
        using var optimizer = Declarations.Create(name, model.Parameters, lr: 0.1);
        int[] missing = [0, 3, 5];
        double[][] before = [.. missing.Select(i => model.Values(i))];
        for (int step = 1; step <= 4; step++)
        {
            model.NewGradients(missing);
            optimizer.step();
        }
        Assert.Equal(before, missing.Select(i => model.Values(i)));
        for (int step = 1; step <= 8; step++)
        {
            model.NewGradients();
            optimizer.step();
        }
        Assert.All(missing, i => Assert.NotEqual(before[System.Array.IndexOf(missing, i)], model.Values(i)));
        Assert.All(model.Values(), static value => Assert.True(double.IsFinite(value)));
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
