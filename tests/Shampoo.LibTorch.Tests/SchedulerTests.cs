using static TorchSharp.torch.optim;

namespace Shampoo.LibTorch.Tests;

public class SchedulerTests
{
    private const double Base = 0.4;
    private const int Epochs = 30;

    public static TheoryData<string, Func<Optimizer, lr_scheduler.LRScheduler>, Func<int, double>> Schedules() => new() {
        { "Lambda", o => lr_scheduler.LambdaLR(o, e => 1.0 / (1 + e)), e => Base / (1 + e) },
        { "Multiplicative", o => lr_scheduler.MultiplicativeLR(o, _ => 0.9), e => Base * Math.Pow(0.9, e) },
        { "Step", o => lr_scheduler.StepLR(o, 4, 0.5), e => Base * Math.Pow(0.5, e / 4) },
        { "MultiStep", o => lr_scheduler.MultiStepLR(o, [3, 10], 0.1), e => Base * (e < 3 ? 1 : e < 10 ? 0.1 : 0.01) },
        { "Exponential", o => lr_scheduler.ExponentialLR(o, 0.8), e => Base * Math.Pow(0.8, e) },
        { "Constant", o => lr_scheduler.ConstantLR(o, 0.25, 6), e => e < 6 ? Base / 4 : Base },
        { "Linear", o => lr_scheduler.LinearLR(o, 0.1, 0.9, 8), e => Base * (0.1 + 0.8 * Math.Min(e, 8) / 8) },
        { "Polynomial", o => lr_scheduler.PolynomialLR(o, 10, 2), e => Base * Math.Pow(1 - Math.Min(e, 10) / 10.0, 2) },
        { "Cosine", o => lr_scheduler.CosineAnnealingLR(o, 7, 0.05), e => 0.05 + (Base - 0.05) * (1 + Math.Cos(Math.PI * e / 7)) / 2 },
        { "Sequential", o => lr_scheduler.SequentialLR(o, [lr_scheduler.ConstantLR(o, 0.1, 5), lr_scheduler.ExponentialLR(o, 0.9)], [5]), e => e < 5 ? Base / 10 : Base * Math.Pow(0.9, e - 5) },
        { "Chained", o => lr_scheduler.ChainedLR([lr_scheduler.ConstantLR(o, 0.1, 3), lr_scheduler.ExponentialLR(o, 0.9)]), e => Base * (e < 3 ? 0.1 : 1) * Math.Pow(0.9, e) },
    };

    [Theory]
    [MemberData(nameof(Schedules))]
    public void Rates_follow_the_closed_formula(string name, Func<Optimizer, lr_scheduler.LRScheduler> schedule, Func<int, double> formula)
    {
        Assert.NotEmpty(name);
        using var optimizer = optim.SGD([new Parameter(zeros(1))], Base);
        var scheduler = schedule(optimizer);
        for (int e = 0; e < Epochs; e++) {
            double rate = optimizer.ParamGroups.Single().LearningRate;
            Assert.True(Math.Abs(formula(e) - rate) < 1e-12, $"epoch {e}: {formula(e)} was expected, {rate} came");
            Assert.Equal(rate, scheduler.get_last_lr().Single());
            scheduler.step();
        }
    }

    [Fact]
    public void Rates_of_a_given_epoch()
    {
        using var optimizer = optim.SGD([new Parameter(zeros(1))], Base);
        var scheduler = lr_scheduler.StepLR(optimizer, 4, 0.5);
        scheduler.step(9);
        Assert.Equal(Base / 4, optimizer.ParamGroups.Single().LearningRate, 1e-15);
    }

    [Theory]
    [InlineData(false, lr_scheduler.impl.OneCycleLR.AnnealStrategy.Cos)]
    [InlineData(false, lr_scheduler.impl.OneCycleLR.AnnealStrategy.Linear)]
    [InlineData(true, lr_scheduler.impl.OneCycleLR.AnnealStrategy.Cos)]
    public void One_cycle(bool threePhases, lr_scheduler.impl.OneCycleLR.AnnealStrategy strategy)
    {
        const int total = 20;
        const double greatest = 0.5, start = greatest / 10, last = start / 100;
        using var optimizer = optim.SGD([new Parameter(zeros(1))], Base, momentum: 0.9);
        var scheduler = lr_scheduler.OneCycleLR(optimizer, greatest, total, pct_start: 0.3, anneal_strategy: strategy, base_momentum: 0.8, max_momentum: 0.9, div_factor: 10, final_div_factor: 100, three_phase: threePhases);
        double Between(double a, double b, double part) => strategy == lr_scheduler.impl.OneCycleLR.AnnealStrategy.Linear ? a + (b - a) * part : b + (a - b) / 2 * (1 + Math.Cos(Math.PI * part));
        (double from, double to, double a, double b, double high, double low)[] phases = threePhases
            ? [(0, 5, start, greatest, 0.9, 0.8), (5, 10, greatest, start, 0.8, 0.9), (10, 19, start, last, 0.9, 0.9)]
            : [(0, 5, start, greatest, 0.9, 0.8), (5, 19, greatest, last, 0.8, 0.9)];
        var group = optimizer.ParamGroups.Single();
        Assert.Equal(start, group.InitialLearningRate, 1e-15);
        for (int e = 0; e < total; e++) {
            var phase = phases.First(p => e <= p.to);
            double part = (e - phase.from) / (phase.to - phase.from);
            Assert.Equal(Between(phase.a, phase.b, part), group.LearningRate, 1e-12);
            Assert.Equal(Between(phase.high, phase.low, part), ((IMomentum)group).Momentum, 1e-12);
            if (e < total - 1) scheduler.step();
        }
        scheduler.step();
        Assert.Throws<InvalidOperationException>(() => scheduler.step());
    }

    [Fact]
    public void One_cycle_of_betas_and_of_several_groups()
    {
        using var optimizer = optim.AdamW([new AdamW.ParamGroup([new Parameter(zeros(1))]), new AdamW.ParamGroup([new Parameter(zeros(1))])]);
        lr_scheduler.OneCycleLR(optimizer, [0.1, 0.2], total_steps: 10, base_momentum: null);
        Assert.Equal([0.004, 0.008], optimizer.ParamGroups.Select(g => Math.Round(g.LearningRate, 14)));
        Assert.All(optimizer.ParamGroups, g => Assert.Equal((0.95, 0.999), ((IBetas)g).Betas));
        Assert.Throws<ArgumentException>(() => lr_scheduler.OneCycleLR(optimizer, 0.1));
        Assert.Throws<ArgumentException>(() => lr_scheduler.OneCycleLR(optimizer, [0.1, 0.2, 0.3], total_steps: 10));
    }

    [Fact]
    public void One_cycle_needs_something_to_cycle()
    {
        using var optimizer = new Plain();
        Assert.Throws<ArgumentException>(() => lr_scheduler.OneCycleLR(optimizer, 0.1, 10));
        lr_scheduler.OneCycleLR(optimizer, 0.1, 10, cycle_momentum: false);
    }

    /// <summary>An optimizer from outside, with neither momentum nor betas.</summary>
    private sealed class Plain : OptimizerHelper
    {
        internal Plain()
        {
            _defaults = new OptimizerOptions { LearningRate = Base, InitialLearningRate = Base };
            _parameter_groups = [new ParamGroup { Options = _defaults, Parameters = [new Parameter(zeros(1))] }];
        }

        public override Tensor? step(Func<Tensor>? closure = null) => _step<ParamGroup>(_ => { }, closure);
    }
}
