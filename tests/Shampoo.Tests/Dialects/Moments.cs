using static Shampoo.AveragingMethod;
using static Shampoo.GraftingMethod;
using static Shampoo.LargeDimensions;
using static Shampoo.Precision;
using static Shampoo.Solver;
using static Shampoo.WeightDecayKind;

// Every kind of moment, read in the sweep that changes it and in others, in every precision.
namespace Shampoo.Tests.Dialects;

[Grafting(Adam)] [FirstMoment] [WeightDecay(Decoupled)] [Precision(Moments = BFloat16)] [GradientChecks(false)]
public sealed partial class Moments01;

[RootInverse(Eigh)] [Preconditioning(MaxDimension = 4)] [Grafting(RMSProp)] [FirstMoment(BiasCorrection = false)] [Momentum] [Precision(Moments = BFloat16)] [GradientChecks(false)]
public sealed partial class Moments02;

[EigenvalueCorrected(Eigh, Epsilon = 1)] [Preconditioning(MaxDimension = 4, Frequency = 100)] [FirstMoment(BiasCorrection = false)] [Precision(Moments = Float16)] [GradientChecks(false)]
public sealed partial class Moments03;

[Grafting(LAMB)] [FirstMoment(Beta3 = 0.5)] [Momentum(Nesterov = true)] [Precision(Moments = Float16)] [GradientChecks(false)]
public sealed partial class Moments04;

[RootInverse(Eigh, Epsilon = 1)] [Preconditioning(MaxDimension = 4, LargeDimensions = Elementwise)] [Grafting(Adam)] [Precision(Moments = Float64)] [GradientChecks(false)]
public sealed partial class Moments05;

[IterateAveraging(ScheduleFree)] [FirstMoment(BiasCorrection = false)] [WeightDecay(L2)] [Precision(Moments = Float32)] [GradientChecks(false)]
public sealed partial class Moments06;

[SignDescent(Scale = 0.1)] [Grafting(NormalizedAdagrad)] [Momentum(0.9, Dampening = 0.1)] [Precision(Moments = BFloat16)] [GradientChecks(false)]
public sealed partial class Moments07;

[Soap] [Preconditioning(MaxDimension = 4, Frequency = 4, StatisticsInterval = 2, SkipRankBelow = 2)] [Momentum] [Clipping(MaxDirectionRms = 0.5)] [WeightDecay(Decoupled, Cautious = true)] [Precision(Moments = BFloat16)] [GradientChecks(false)]
public sealed partial class Moments08;

[EigenvalueCorrected(Eigh, Epsilon = 1, TransportEigenvalues = true)] [Preconditioning(MaxDimension = 4, Frequency = 4, StatisticsInterval = 2, SkipSizeAbove = 8)] [WeightDecay(Corrected, Cautious = true)] [Precision(Moments = Float16)] [GradientChecks(false)]
public sealed partial class Moments09;

[Grafting(Adam)] [FirstMoment] [Momentum(Nesterov = true)] [WeightDecay(Decoupled)] [Precision(Moments = EightBit)] [GradientChecks(false)]
public sealed partial class Moments10;

[RootInverse(Eigh)] [Preconditioning(MaxDimension = 4)] [Grafting(LAMB)] [FirstMoment(BiasCorrection = false)] [Momentum] [Precision(Moments = EightBit)] [GradientChecks(false)]
public sealed partial class Moments11;

[Soap] [Preconditioning(MaxDimension = 4, Frequency = 4, Refresh = Refresh.Overlapped)] [Momentum] [IterateAveraging(PrimalAveraging)] [Precision(Moments = EightBit)] [GradientChecks(false)]
public sealed partial class Moments12;

[EigenvalueCorrected(Eigh, Epsilon = 1)] [Preconditioning(MaxDimension = 4, Frequency = 100)] [FirstMoment(Beta3 = 0.5)] [Clipping(MaxGradientNorm = 0.5)] [Precision(Moments = EightBit)] [GradientChecks(false)]
public sealed partial class Moments13;

[RootInverse(Eigh, Epsilon = 1)] [Preconditioning(MaxDimension = 4, LargeDimensions = Elementwise, Frequency = 2, Refresh = Refresh.Staggered)] [Grafting(LARS)] [Momentum(0.9, Dampening = 0.1)] [FirstMoment]
[Precision(Moments = EightBit)] [GradientChecks(false)]
public sealed partial class Moments14;

/// <summary>What a class was before its moments were declared.</summary>
public static partial class Undeclared
{
    [Grafting(Adam)] [FirstMoment] [WeightDecay(Decoupled)] [GradientChecks(false)]
    public sealed partial class Moments01;
}
