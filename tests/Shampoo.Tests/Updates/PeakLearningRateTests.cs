using Shampoo.Tests.Preconditioners;
using TorchSharp.Modules;

namespace Shampoo.Tests.Updates;

/// <summary>The highest learning rate of a group: its own first one, unless something else is said.</summary>
public sealed class PeakLearningRateTests
{
    [Fact]
    public void GroupsBeginAtTheirHighestLearningRate()
    {
        using var model = new Model([[3, 2], [4], [5]]);
        var own = new CorrectedDecay.Options { LearningRate = 0.5 };
        var said = new CorrectedDecay.Options { LearningRate = 0.5, peak_lr = 2 };
        using var optimizer = new CorrectedDecay([new CorrectedDecay.ParamGroup(model.Parameters[..1]), new(model.Parameters[1..2], own), new(model.Parameters[2..], said)], lr: 0.25);
        Assert.Equal([0.25, 0.5, 2], Peaks(optimizer));
        foreach (var group in optimizer.ParamGroups) group.LearningRate /= 10;
        Assert.Equal([0.25, 0.5, 2], Peaks(optimizer));
    }

    [Fact]
    public void TheOptimizersOwnIsThatOfAllGroups()
    {
        using var model = new Model([[3, 2], [4]]);
        using var optimizer = new IndependentDecay([new IndependentDecay.ParamGroup(model.Parameters[..1]), new(model.Parameters[1..], new() { LearningRate = 0.5 })], lr: 0.25, peak_lr: 1);
        Assert.Equal([1, 1], Peaks(optimizer));
    }

    [Theory, InlineData(0), InlineData(-1), InlineData(double.NaN)]
    public void WrongOnesAreRefused(double peak)
    {
        using var model = new Model([[3, 2]]);
        Assert.Contains("peak_lr", Assert.Throws<ArgumentOutOfRangeException>(() => new IndependentDecay(model.Parameters, peak_lr: peak)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ALearningRateOfZeroIsNone()
    {
        using var model = new Model([[3, 2]]);
        Assert.Contains("peak_lr", Assert.Throws<ArgumentOutOfRangeException>(() => new IndependentDecay(model.Parameters, lr: 0)).Message, StringComparison.Ordinal);
    }

    private static double?[] Peaks(OptimizerHelper optimizer) => [.. Declarations.Options(optimizer).Select(static o => Declarations.Get(o, "peak_lr"))];
}
