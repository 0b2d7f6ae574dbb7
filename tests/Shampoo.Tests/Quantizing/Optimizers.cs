using static Shampoo.ElementwiseDialect;
using static Shampoo.GraftingMethod;
using static Shampoo.Precision;
using static Shampoo.Solver;
using static Shampoo.WeightDecayKind;

// Momentum of 8 bits, once for vectors and once for operators. The blocks of some have more than 64 elements.
namespace Shampoo.Tests.Quantizing;

public static partial class Automatic
{
    [Grafting(Adam)] [FirstMoment] [WeightDecay(Decoupled)] [Precision(Moments = EightBit)]
    public sealed partial class AdamW;

    [Grafting(SGD)] [Momentum(0.9, Dampening = 0.1, Nesterov = true)] [WeightDecay(L2)] [Precision(Moments = EightBit)]
    public sealed partial class Sgd;

    [RootInverse(Eigh)] [Grafting(RMSProp)] [FirstMoment(BiasCorrection = false)] [Momentum] [Precision(Moments = EightBit)]
    [Preconditioning(MaxDimension = 9, TargetDimensionality = PreconditioningAttribute.Unlimited, Frequency = 2, Start = 3)]
    public sealed partial class Roots;

    [EigenvalueCorrected(Eigh)] [FirstMoment(Beta3 = 0.5)] [Momentum] [Precision(Moments = EightBit)]
    [Preconditioning(MaxDimension = 9, TargetDimensionality = PreconditioningAttribute.Unlimited)]
    public sealed partial class Corrected;
}

public static partial class Operators
{
    [Grafting(Adam)] [FirstMoment] [WeightDecay(Decoupled)] [Precision(Moments = EightBit)] [Elementwise(Torch)]
    public sealed partial class AdamW;

    [Grafting(SGD)] [Momentum(0.9, Dampening = 0.1, Nesterov = true)] [WeightDecay(L2)] [Precision(Moments = EightBit)] [Elementwise(Torch)]
    public sealed partial class Sgd;

    [RootInverse(Eigh)] [Grafting(RMSProp)] [FirstMoment(BiasCorrection = false)] [Momentum] [Precision(Moments = EightBit)] [Elementwise(Torch)]
    [Preconditioning(MaxDimension = 9, TargetDimensionality = PreconditioningAttribute.Unlimited, Frequency = 2, Start = 3)]
    public sealed partial class Roots;

    [EigenvalueCorrected(Eigh)] [FirstMoment(Beta3 = 0.5)] [Momentum] [Precision(Moments = EightBit)] [Elementwise(Torch)]
    [Preconditioning(MaxDimension = 9, TargetDimensionality = PreconditioningAttribute.Unlimited)]
    public sealed partial class Corrected;
}

/// <summary>The same, with moments as they are computed.</summary>
public static partial class Exact
{
    [Grafting(Adam)] [FirstMoment] [WeightDecay(Decoupled)]
    public sealed partial class AdamW;
}

/// <summary>And with the type in which moments of 8 bits are saved.</summary>
public static partial class Single
{
    [Grafting(Adam)] [FirstMoment] [WeightDecay(Decoupled)] [Precision(Moments = Float32)]
    public sealed partial class AdamW;
}

/// <summary>SOAP, whose first moment is in a basis that changes: at once, in turns, and beside the steps.</summary>
public static partial class Rotated
{
    [Soap] [Momentum] [Preconditioning(MaxDimension = 9, Frequency = 3)] [Precision(Moments = EightBit)]
    public sealed partial class Together;

    [Soap] [Momentum] [Preconditioning(MaxDimension = 9, Frequency = 3, Refresh = Refresh.Staggered)] [Precision(Moments = EightBit)]
    public sealed partial class InTurns;

    [Soap] [Momentum] [Preconditioning(MaxDimension = 9, Frequency = 4, Refresh = Refresh.Overlapped)] [Precision(Moments = EightBit)]
    public sealed partial class Beside;

    [Grafting(LAMB)] [FirstMoment] [Momentum] [IterateAveraging(AveragingMethod.ScheduleFree)] [Clipping(MaxGradientNorm = 1)] [Precision(Moments = EightBit)]
    public sealed partial class Layerwise;
}
