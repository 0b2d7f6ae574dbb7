using TorchSharp.Modules;

namespace Shampoo.Tests;

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
