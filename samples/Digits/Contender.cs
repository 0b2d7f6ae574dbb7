using static TorchSharp.torch.optim;
using NamedParameters = System.Collections.Generic.IEnumerable<(string name, TorchSharp.Modules.Parameter parameter)>;

namespace Digits;

/// <summary>An optimizer that takes part in the comparison, with the peak of its learning rate.</summary>
internal sealed record Contender(string Name, double LearningRate, Func<NamedParameters, double, Optimizer> Create)
{
    // For each optimizer the rate with the fewest steps to 97 % test accuracy, with networks that the sample does not train
    // otherwise (--networks 5 --seed 100):
    //
    //             0.002   0.003   0.005   0.007    0.01    0.02
    //   Shampoo      70      65      65      55      45      60
    //   AdamW       140     115      80      70      80      85
    public const double ShampooLearningRate = 0.01;
    public const double AdamWLearningRate = 0.007;

    public static Contender Shampoo(double learningRate) =>
        new("Shampoo", learningRate, (parameters, lr) => new DigitsShampoo(parameters, lr: lr));

    public static Contender ShampooOnRanks(double learningRate) =>
        new("Shampoo", learningRate, (parameters, lr) => new DigitsShampooOnRanks(parameters, lr: lr));

    public static Contender AdamW(double learningRate) =>
        new("AdamW", learningRate, (parameters, lr) => new DigitsAdamW(parameters, lr: lr));
}
