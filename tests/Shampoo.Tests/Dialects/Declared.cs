using static Shampoo.ElementwiseDialect;
using static Shampoo.GraftingMethod;
using static Shampoo.Precision;
using static Shampoo.Solver;
using static Shampoo.WeightDecayKind;

// Shampoo.Runtime has an Eigh too, so it is not imported here.
namespace Shampoo.Tests.Dialects;

[RootInverse(Eigh)] [Grafting(SGD)] [GradientChecks(false)]
public sealed partial class LargeBlocks;

[RootInverse(Eigh)] [Grafting(Adam)] [FirstMoment] [Momentum] [WeightDecay(Decoupled)] [Preconditioning(MaxDimension = 8, Frequency = Refresh)]
public sealed partial class Counted
{
    /// <summary>The step from which on everything is preconditioned.</summary>
    public const int Refresh = 100;
}

[RootInverse(Eigh)] [Grafting(Adam)] [FirstMoment(BiasCorrection = false)] [Momentum] [WeightDecay(Decoupled)] [Preconditioning(MaxDimension = 8, Frequency = Counted.Refresh)]
[Precision(Moments = BFloat16)]
public sealed partial class CountedMoments;

[RootInverse(Eigh)] [Grafting(Adam)] [FirstMoment(BiasCorrection = false)] [Momentum] [WeightDecay(Decoupled)] [Preconditioning(MaxDimension = 8, Frequency = Counted.Refresh)]
[Precision(Moments = EightBit)]
public sealed partial class CountedCodes;

[RootInverse(Eigh)] [Grafting(Adam)] [FirstMoment] [Momentum] [WeightDecay(Decoupled)] [Preconditioning(MaxDimension = 8, Frequency = Counted.Refresh)]
[Elementwise(Torch)]
public sealed partial class CountedOperators;
