using static Shampoo.FactorStatistics;
using static Shampoo.GraftingMethod;
using static Shampoo.Parallelism;
using static Shampoo.RankDeficiency;
using static Shampoo.SignScaling;
using static Shampoo.Solver;
using static Shampoo.WeightDecayKind;

// TorchSharp.Modules has types of the same names as GraftingMethod, so it is not imported here.
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

[RootInverse(Eigh)] [Grafting(Adam)] [FirstMoment] [WeightDecay(Decoupled)] [Preconditioning(MaxDimension = 4, Frequency = 2, SymmetricPacking = true)] [Momentum]
public sealed partial class PackedEverything;

[RootInverse(Eigh)] [Grafting(Adam)] [Precision(Factors = Precision.Float64, Roots = Precision.Float32)] [GradientChecks(false)]
public sealed partial class Mixed;

[Grafting(Adam)] [FirstMoment] [GradientChecks(false)]
public sealed partial class Unchecked;

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

[RootInverse(Eigh, RankDeficiency = PerturbAfter)] [InverseExponent(2, 0, Dimension = 1)] [InverseExponent(3, 0.25)] [Grafting(NormalizedAdam)] [FirstMoment(Beta3 = 0.7)] [WeightDecay(Corrected)] [Preconditioning(MaxDimension = 4)]
public sealed partial class OneSided;

[RootInverse(Eigh, ExponentMultiplier = 1.5, TraceScalingExponent = 0.5)] [InverseExponent(2, 0.2, Dimension = 0)] [Grafting(NormalizedAdagrad)] [FirstMoment(Beta3 = 0.7, BiasCorrection = false)] [WeightDecay(Independent)]
[Preconditioning(MaxDimension = 4, Frequency = 2, Start = 3)]
public sealed partial class Multiplied;

[RootInverse(Eigh, Statistics = KullbackLeibler)] [Grafting(NormalizedRMSProp)] [Momentum(Nesterov = true)] [Preconditioning(MaxDimension = 4, Frequency = 2)]
public sealed partial class Divergent;

[Eigendecomposed(Eigh, Beta2 = 1, Statistics = KullbackLeibler)] [FirstMoment] [WeightDecay(L2)] [Preconditioning(MaxDimension = 4)]
public sealed partial class Decomposed;

[EigenvalueCorrected(Eigh)] [IgnoredDimensions(2, 0)] [FirstMoment] [WeightDecay(Decoupled)] [Preconditioning(MaxDimension = 4)]
public sealed partial class Rotated;

[EigenvalueCorrected(Eigh, Beta2 = 1, Exponent = 0.25)] [Grafting(Adam)] [Momentum] [WeightDecay(Corrected)] [Preconditioning(MaxDimension = 4, Start = 3)]
public sealed partial class RotatedLater;

[EigenvalueCorrected(Eigh, Exponent = 0.3)] [InverseExponent(1, 0.25)] [InverseExponent(2, 0.4)] [InverseExponent(4, 0.125)] [FirstMoment] [WeightDecay(Decoupled)] [Preconditioning(MaxDimension = 4)]
public sealed partial class RotatedByOrder;

[Eigendecomposed(Eigh, TraceScalingExponent = 0.5)] [InverseExponent(2, 0.2, Dimension = 0)] [Grafting(NormalizedAdagrad)] [FirstMoment] [Preconditioning(MaxDimension = 4, Frequency = 2, Start = 3)]
public sealed partial class DecomposedScaled;

[RootInverse(NewtonSchulz, RelativeEpsilon = 0.05)] [InverseExponent(3, 0.25)] [FirstMoment] [Preconditioning(MaxDimension = 4, Frequency = 2, Start = 2)]
public sealed partial class RelativelyPerturbed;

[RootInverse(Eigh)] [Grafting(Adam)] [FirstMoment] [Preconditioning(MaxDimension = 4, Frequency = 2, Start = 3, LargeDimensions = LargeDimensions.DiagonalFactor)]
public sealed partial class Diagonal;

[RootInverse(Eigh, Statistics = KullbackLeibler, ExponentMultiplier = 1.5)] [Momentum] [Preconditioning(MaxDimension = 4, Frequency = 2, LargeDimensions = LargeDimensions.DiagonalFactor)]
public sealed partial class DiagonalDivergent;

[RootInverse(Eigh)] [Grafting(RMSProp)] [FirstMoment] [Momentum] [WeightDecay(Decoupled)] [Preconditioning(MaxDimension = 4, Frequency = 2, Start = 3, LargeDimensions = LargeDimensions.Elementwise)]
public sealed partial class ElementwiseLarge;

[RootInverse(Eigh, Beta2 = 1)] [WeightDecay(L2)] [Preconditioning(MaxDimension = 4, LargeDimensions = LargeDimensions.Elementwise)]
public sealed partial class ElementwiseSumming;

[Grafting(NormalizedAdam)] [FirstMoment(Beta3 = 0.7)]
public sealed partial class PlainNormalizedAdam;

[SignDescent] [FirstMoment(BiasCorrection = false)] [WeightDecay(Independent)]
public sealed partial class Signs;

[SignDescent] [Grafting(NormalizedAdam)] [Preconditioning(MaxDimension = 4, Start = 3)]
public sealed partial class SignsGrafted;

[RootInverse(Eigh)] [Grafting(Adam)] [FirstMoment] [Preconditioning(MaxDimension = 4, Frequency = 4, StatisticsInterval = 2)]
public sealed partial class Sometimes;

[RootInverse(Eigh, Statistics = KullbackLeibler)] [Preconditioning(MaxDimension = 4, Frequency = 3, Start = 5, StatisticsInterval = 2)]
public sealed partial class SometimesDivergent;

[EigenvalueCorrected(Eigh)] [FirstMoment] [Preconditioning(MaxDimension = 4, Frequency = 10, StatisticsInterval = 2, SkipSizeAbove = 5)]
public sealed partial class RotatedSometimes;

[RootInverse(Eigh)] [Grafting(RMSProp)] [Preconditioning(MaxDimension = 4, Frequency = 2, Start = 3, SkipRankBelow = 2, SkipSizeAbove = 5)] [WeightDecay(Decoupled, Cautious = true)] [Momentum]
public sealed partial class Skipping;

[RootInverse(Eigh)] [Preconditioning(MaxDimension = 4, SkipRankBelow = 3)] [Clipping(MaxDirectionRms = 1)] [WeightDecay(Corrected, Cautious = true)]
public sealed partial class SkippingUngrafted;

[RootInverse(Eigh)] [Grafting(Adam)] [FirstMoment] [Preconditioning(MaxDimension = 4, Frequency = 2)] [Clipping(MaxDirectionRms = 1)] [WeightDecay(Decoupled)]
public sealed partial class Bounded;

[EigenvalueCorrected(Eigh)] [Grafting(SGD)] [Preconditioning(MaxDimension = 4)] [Clipping(MaxDirectionRms = 1)]
public sealed partial class RotatedBounded;

[Grafting(RMSProp)] [FirstMoment] [Clipping(MaxDirectionRms = 1)] [WeightDecay(Independent, Cautious = true)]
public sealed partial class PlainBounded;

[SignDescent(Scaling = MeanMagnitude)] [FirstMoment] [Preconditioning(MaxDimension = 4)] [Clipping(MaxDirectionRms = 1)]
public sealed partial class MeanSigns;

[SignDescent(Scaling = L1Norm)] [Preconditioning(MaxDimension = 4, SkipRankBelow = 2)] [WeightDecay(Independent, Cautious = true)]
public sealed partial class SummedSigns;
