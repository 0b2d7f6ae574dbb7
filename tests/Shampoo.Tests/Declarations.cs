using TorchSharp.Modules;
using static Shampoo.GraftingMethod;
using static Shampoo.Parallelism;
using static Shampoo.Solver;
using static Shampoo.WeightDecayKind;

namespace Shampoo.Tests;

[RootInverse(Eigh)] [Preconditioning(MaxDimension = 4)]
public sealed partial class Ungrafted;

[RootInverse(Eigh, Beta2 = 1)] [Grafting(Adagrad)] [Preconditioning(MaxDimension = 4, Frequency = 3)]
public sealed partial class Summing;

[RootInverse(Eigh, BiasCorrection = false)] [Grafting(SGD)] [FirstMoment(BiasCorrection = false)] [Preconditioning(Frequency = 2, Start = 4)] [WeightDecay(L2)]
public sealed partial class Uncorrected;

[RootInverse(Eigh)] [Grafting(RMSProp)] [Momentum(0.9, Dampening = 0.1, Nesterov = true)] [Preconditioning(MaxDimension = 3, TargetDimensionality = PreconditioningAttribute.Unlimited)]
public sealed partial class Unmerged;

[RootInverse(Eigh)] [Grafting(Adam)] [FirstMoment] [WeightDecay(Decoupled)] [Preconditioning(MaxDimension = 4, Frequency = 2)] [Momentum]
public sealed partial class Everything;

[RootInverse(Eigh)] [Grafting(Adam)] [Precision(Factors = Precision.Float64, Roots = Precision.Float32)] [GradientChecks(false)]
public sealed partial class Mixed;

[Grafting(Adam)] [FirstMoment] [WeightDecay(Decoupled)]
public sealed partial class PlainAdamW;

[Grafting(Adam)] [FirstMoment] [WeightDecay(L2)]
public sealed partial class PlainAdam;

[Grafting(Adagrad, Epsilon = 1e-10)]
public sealed partial class PlainAdagrad;

[Grafting(RMSProp, Beta2 = 0.99)] [WeightDecay(L2)]
public sealed partial class PlainRMSProp;

[Momentum(0.9, Dampening = 0.25)] [WeightDecay(L2)]
public sealed partial class PlainSGD;

[Distributed(DDP, GroupSize = 8)]
public sealed partial class Bare;

/// <summary>The declarations that every test of the contract runs over.</summary>
internal static class Declarations
{
    private delegate OptimizerHelper Factory(IEnumerable<(string name, Parameter parameter)> parameters, double lr);

    private static readonly Dictionary<string, Factory> Factories = new()
    {
        [nameof(Ungrafted)] = static (p, lr) => new Ungrafted(p, lr, epsilon: 1e-6),
        [nameof(Summing)] = static (p, lr) => new Summing(p, lr, epsilon: 1e-6),
        [nameof(Uncorrected)] = static (p, lr) => new Uncorrected(p, lr, epsilon: 1e-6),
        [nameof(Unmerged)] = static (p, lr) => new Unmerged(p, lr, epsilon: 1e-6),
        [nameof(Everything)] = static (p, lr) => new Everything(p, lr, epsilon: 1e-6),
        [nameof(Mixed)] = static (p, lr) => new Mixed(p, lr, epsilon: 1e-6),
        [nameof(PlainAdamW)] = static (p, lr) => new PlainAdamW(p, lr),
        [nameof(PlainAdam)] = static (p, lr) => new PlainAdam(p, lr),
        [nameof(PlainAdagrad)] = static (p, lr) => new PlainAdagrad(p, lr),
        [nameof(PlainRMSProp)] = static (p, lr) => new PlainRMSProp(p, lr),
        [nameof(PlainSGD)] = static (p, lr) => new PlainSGD(p, lr),
        [nameof(Bare)] = static (p, lr) => new Bare(p, lr),
    };

    public static TheoryData<string> Names => [.. Factories.Keys];

    public static OptimizerHelper Create(string name, IEnumerable<(string name, Parameter parameter)> parameters, double lr = 0.01) =>
        Factories[name](parameters, lr);
}
