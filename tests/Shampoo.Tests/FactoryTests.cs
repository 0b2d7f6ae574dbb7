using TorchSharp;
using TorchSharp.Modules;

namespace Shampoo.Tests;

/// <summary>A declared optimizer is a member of <c>torch.optim</c>, like those of torch.</summary>
public sealed class FactoryTests
{
    [Fact]
    public void MakesTheSameOptimizerAsTheConstructor()
    {
        using var model = new Model(Model.AllShapes);
        using PlainAdamW named = torch.optim.PlainAdamW(model.Parameters, lr: 0.25, weight_decay: 0.5);
        using PlainAdamW unnamed = torch.optim.PlainAdamW(model.Parameters.Select(static p => p.parameter), beta1: 0.75);
        using PlainAdamW grouped = torch.optim.PlainAdamW([new PlainAdamW.ParamGroup(model.Parameters[..2], new() { beta2 = 0.5 }), new PlainAdamW.ParamGroup(model.Parameters[2..])], epsilon: 1e-3);

        Assert.Equal((0.25, 0.5), (Options(named).LearningRate, Options(named).weight_decay));
        Assert.Equal((0.9, 0.999), named.Betas);
        Assert.Equal((0.75, 0.999), unnamed.Betas);
        Assert.Equal([0.5, 0.999], grouped.ParamGroups.Select(static g => ((PlainAdamW.ParamGroup)g).Options.beta2));
        Assert.All(grouped.ParamGroups, static g => Assert.Equal(1e-3, ((PlainAdamW.ParamGroup)g).Options.epsilon));
    }

    private static PlainAdamW.Options Options(OptimizerHelper optimizer) => ((PlainAdamW.ParamGroup)optimizer.ParamGroups.Single()).Options;
}
