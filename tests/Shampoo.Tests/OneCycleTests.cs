using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace Shampoo.Tests;

/// <summary>torch's schedule of the learning rate and of a momentum drives declared optimizers through their generated interfaces.</summary>
public sealed class OneCycleTests
{
    /// <summary>The last steps of the three phases: up, down again, and down to nearly nothing.</summary>
    private const int Total = 10, Top = 2, Back = 4, End = 9;

    private static readonly double[] Greatest = [0.1, 0.4], Low = [0.8, 0.7], High = [0.92, 0.95];

    [Theory]
    [InlineData(nameof(PlainAdamW), true, false)]
    [InlineData(nameof(PlainAdam), true, false)]
    [InlineData(nameof(Mixed), false, false)]
    [InlineData(nameof(PlainSGD), false, true)]
    [InlineData(nameof(Unmerged), false, true)]
    [InlineData(nameof(Everything), true, true)]
    [InlineData(nameof(Bare), false, false)]
    public void InterfacesAreThoseOfWhatWasDeclared(string name, bool betas, bool momentum)
    {
        using var model = new Model(Model.AllShapes);
        using var optimizer = Declarations.Create(name, model.Parameters);
        foreach (object subject in optimizer.ParamGroups.Cast<object>().Append(optimizer))
        {
            Assert.Equal(betas, subject is IBetas);
            Assert.Equal(momentum, subject is IMomentum);
        }
    }

    [Theory]
    [InlineData(nameof(PlainAdamW), "beta2")]
    [InlineData(nameof(Everything), "beta2")]
    public void BetasAreTheDeclaredNumbers(string name, string second)
    {
        using var model = new Model(Model.AllShapes);
        using var optimizer = TwoGroups(name, model);
        Assert.Equal((0.9, 0.999), ((IBetas)optimizer).Betas);
        ((IBetas)optimizer.ParamGroups.Last()).Betas = (0.5, 0.6);
        Assert.Equal((0.9, 0.999), ((IBetas)optimizer).Betas);
        AssertNumbers(optimizer, group: 1, ("beta1", 0.5), (second, 0.6));
        ((IBetas)optimizer).Betas = (0.3, 0.4);
        AssertNumbers(optimizer, group: 0, ("beta1", 0.3), (second, 0.4));
        AssertNumbers(optimizer, group: 1, ("beta1", 0.3), (second, 0.4));
    }

    [Theory]
    [InlineData(nameof(PlainSGD))]
    [InlineData(nameof(Everything))]
    public void MomentumIsTheDeclaredNumber(string name)
    {
        using var model = new Model(Model.AllShapes);
        using var optimizer = TwoGroups(name, model);
        Assert.Equal(0.9, ((IMomentum)optimizer).Momentum);
        ((IMomentum)optimizer.ParamGroups.Last()).Momentum = 0.5;
        Assert.Equal(0.9, ((IMomentum)optimizer).Momentum);
        AssertNumbers(optimizer, group: 1, ("momentum", 0.5));
        ((IMomentum)optimizer).Momentum = 0.3;
        AssertNumbers(optimizer, group: 0, ("momentum", 0.3));
        AssertNumbers(optimizer, group: 1, ("momentum", 0.3));
    }

    [Theory]
    [InlineData(nameof(PlainAdamW), 1)]
    [InlineData(nameof(PlainAdamW), 2)]
    [InlineData(nameof(PlainSGD), 1)]
    [InlineData(nameof(PlainSGD), 2)]
    [InlineData(nameof(Everything), 1)]
    [InlineData(nameof(Everything), 2)]
    public void RateAndMomentumFollowTheFormula(string name, int groups) => Follow(name, groups, cycles: true);

    [Theory]
    [InlineData(nameof(Bare), 1)]
    [InlineData(nameof(PlainAdagrad), 2)]
    [InlineData(nameof(Ungrafted), 1)]
    [InlineData(nameof(Summing), 2)]
    public void WithoutEitherOnlyTheRateIsCycled(string name, int groups)
    {
        using var model = new Model(Model.AllShapes);
        using var optimizer = Declarations.Create(name, model.Parameters);
        Assert.Throws<ArgumentException>(() => lr_scheduler.OneCycleLR(optimizer, 0.1, Total));
        Follow(name, groups, cycles: false);
    }

    /// <summary>A scheduled optimizer, and one whose numbers are set by hand to what the formula says.</summary>
    private static void Follow(string name, int groups, bool cycles)
    {
        using Model model = new(Model.AllShapes), twin = new(Model.AllShapes);
        using var scheduled = Create(name, model, groups);
        using var byHand = Create(name, twin, groups);
        var scheduler = lr_scheduler.OneCycleLR(scheduled, Greatest[..groups], Total, cycle_momentum: cycles, base_momentum: Low[..groups], max_momentum: High[..groups], three_phase: true);
        // Where there are both, torch takes the betas, and the momentum stays as it was declared.
        string? cycled = !cycles ? null : scheduled is IBetas ? "beta1" : "momentum";
        for (int step = 0; step < Total; step++)
        {
            for (int group = 0; group < groups; group++)
            {
                SetByHand(Declarations.Options(byHand)[group], group, step, cycled);
                AssertEqualNumbers(Declarations.Options(byHand)[group], Declarations.Options(scheduled)[group], name);
                // Both from the same formula from here on, also where its last digit depends on how it is written.
                CopyNumbers(Declarations.Options(scheduled)[group], Declarations.Options(byHand)[group], name);
            }
            model.NewGradients();
            model.CopyGradientsTo(twin);
            scheduled.step();
            byHand.step();
            Assert.Equal(twin.Values(), model.Values());
            if (step < Total - 1) scheduler.step();
        }
    }

    private static void SetByHand(OptimizerOptions options, int group, int step, string? cycled)
    {
        double initial = Greatest[group] / 25, low = Low[group], high = High[group];
        (double rate, double momentum) = step switch
        {
            <= Top => (Cosine(initial, Greatest[group], step, Top), Cosine(high, low, step, Top)),
            <= Back => (Cosine(Greatest[group], initial, step - Top, Back - Top), Cosine(low, high, step - Top, Back - Top)),
            _ => (Cosine(initial, initial / 1e4, step - Back, End - Back), high),
        };
        options.LearningRate = rate;
        if (cycled is not null) Declarations.Set(options, cycled, momentum);
    }

    private static double Cosine(double start, double end, int step, int steps) => end + (start - end) * (1 + Math.Cos(Math.PI * step / steps)) / 2;

    private static void AssertEqualNumbers(OptimizerOptions expected, OptimizerOptions actual, string name)
    {
        foreach (string number in Declarations.Numbers(name))
            Assert.Equal(Declarations.Get(expected, number)!.Value, Declarations.Get(actual, number)!.Value, 1e-15);
    }

    private static void CopyNumbers(OptimizerOptions from, OptimizerOptions to, string name)
    {
        foreach (string number in Declarations.Numbers(name))
            Declarations.Set(to, number, Declarations.Get(from, number)!.Value);
    }

    private static void AssertNumbers(OptimizerHelper optimizer, int group, params (string Name, double Value)[] numbers) =>
        Assert.All(numbers, n => Assert.Equal(n.Value, Declarations.Get(Declarations.Options(optimizer)[group], n.Name)));

    private static OptimizerHelper Create(string name, Model model, int groups) => groups == 2 ? TwoGroups(name, model) : Declarations.Create(name, model.Parameters);

    private static OptimizerHelper TwoGroups(string name, Model model)
    {
        OptimizerHelper optimizer = Declarations.Create(name, model.Parameters[..4]);
        optimizer.add_param_group(Declarations.Group(name, model.Parameters[4..], new Dictionary<string, double>()));
        return optimizer;
    }
}
