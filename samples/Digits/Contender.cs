using static TorchSharp.torch.optim;
using NamedParameters = System.Collections.Generic.IEnumerable<(string name, TorchSharp.Modules.Parameter parameter)>;

namespace Digits;

/// <summary>An optimizer that takes part in the comparison, with the peak of its learning rate.</summary>
internal sealed record Contender(string Name, double LearningRate, Func<NamedParameters, double, Optimizer> Create)
{
    public const double ShampooLearningRate = 3e-3;
    public const double AdamWLearningRate = 3e-3;

    public static Contender Shampoo(double learningRate) =>
        new("Shampoo", learningRate, (parameters, lr) => new DigitsShampoo(parameters, lr: lr));

    public static Contender AdamW(double learningRate) =>
        new("AdamW", learningRate, (parameters, lr) => new DigitsAdamW(parameters, lr: lr));
}
