using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Shampoo.Tests.Preconditioners;

/// <summary>Gradients of nothing but zeros, as parameters have that do not take part.</summary>
public sealed class ZeroGradientTests
{
    public static TheoryData<string, ScalarType> All => Declarations.All;

    /// <summary>Without weight decay they move nothing; what follows them is finite and does.</summary>
    [Theory, MemberData(nameof(All))]
    public void ZerosGiveFiniteSteps(string name, ScalarType dtype)
    {
        using var model = new Model(Declarations.Shapes(name, Model.AllShapes), dtype);
        using var optimizer = Declarations.Create(name, model.Parameters, numbers: new Dictionary<string, double> { ["weight_decay"] = 0 });
        double[] initial = model.Values();
        for (int step = 0; step < 12; step++)
            Step(model, optimizer, zeros: true);
        Assert.Equal(initial, model.Values());
        for (int step = 0; step < 5; step++)
            Step(model, optimizer, zeros: false);
        Assert.All(model.Values().Zip(initial), static pair => Assert.True(double.IsFinite(pair.First) && pair.First != pair.Second));
    }

    private static void Step(Model model, OptimizerHelper optimizer, bool zeros)
    {
        model.NewGradients();
        if (zeros)
            foreach ((_, var parameter) in model.Parameters)
            {
                using Tensor gradient = parameter.grad!;
                gradient.zero_();
            }
        optimizer.step();
    }
}
