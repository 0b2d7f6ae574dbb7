using TorchSharp;
using Parameter = TorchSharp.Modules.Parameter;
using static Shampoo.GraftingMethod;
using static Shampoo.Solver;
using static Shampoo.WeightDecayKind;

namespace Shampoo.Benchmarks.Train;

using Parameters = IEnumerable<(string name, Parameter parameter)>;

/// <summary>An optimizer that takes part.</summary>
/// <param name="Name">Its name in tables.</param>
/// <param name="Create">Makes it, with a learning rate.</param>
internal sealed record Contender(string Name, Func<Parameters, double, torch.optim.Optimizer> Create)
{
    /// <summary>All; AdamW, which the others are compared with, comes first.</summary>
    public static IReadOnlyList<Contender> All { get; } =
    [
        new("AdamW", static (parameters, lr) => new TrainAdamW(parameters, lr: lr)),
        new("Shampoo", static (parameters, lr) => new TrainShampoo(parameters, lr: lr)),
        new("KL-Shampoo", static (parameters, lr) => new TrainKLShampoo(parameters, lr: lr)),
        new("SOAP", static (parameters, lr) => new TrainSoap(parameters, lr: lr)),
        new("eigenvalue-corrected", static (parameters, lr) => new TrainCorrected(parameters, lr: lr)),
    ];
}

[Grafting(Adam, Beta2 = 0.95), FirstMoment, WeightDecay(Decoupled, WeightDecay = 0.1)]
public sealed partial class TrainAdamW;

[Grafting(Adam, Beta2 = 0.95), RootInverse(Eigh, Beta2 = 0.95), FirstMoment, WeightDecay(Decoupled, WeightDecay = 0.1)]
[Preconditioning(MaxDimension = 512, Frequency = 10)]
public sealed partial class TrainShampoo;

[Grafting(Adam, Beta2 = 0.95), RootInverse(Eigh, Beta2 = 0.95, Statistics = FactorStatistics.KullbackLeibler), FirstMoment, WeightDecay(Decoupled, WeightDecay = 0.1)]
[Preconditioning(MaxDimension = 512, Frequency = 10)]
public sealed partial class TrainKLShampoo;

[EigenvalueCorrected(Eigh, Beta2 = 0.95), FirstMoment, WeightDecay(Decoupled, WeightDecay = 0.1)]
[Preconditioning(MaxDimension = 512, Frequency = 10)]
public sealed partial class TrainCorrected;

[Soap(Beta1 = 0.9, Beta2 = 0.95), WeightDecay(Decoupled, WeightDecay = 0.1)]
[Preconditioning(MaxDimension = 512, Frequency = 10)]
public sealed partial class TrainSoap;
