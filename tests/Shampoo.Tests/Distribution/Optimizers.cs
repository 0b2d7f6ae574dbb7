using static Shampoo.AveragingMethod;
using static Shampoo.BlockCost;
using static Shampoo.Communicated;
using static Shampoo.ElementwiseDialect;
using static Shampoo.FactorStatistics;
using static Shampoo.GraftingMethod;
using static Shampoo.LargeDimensions;
using static Shampoo.Parallelism;
using static Shampoo.Precision;
using static Shampoo.Solver;
using static Shampoo.WeightDecayKind;

// Each is what the class without "Sharded" is, on several ranks.
namespace Shampoo.Tests.Distribution;

[Distributed(DDP)] [RootInverse(Eigh)] [Grafting(Adam)] [FirstMoment] [WeightDecay(Decoupled)] [Preconditioning(MaxDimension = 4, Frequency = 2)] [Momentum]
public sealed partial class ShardedEverything;

[Distributed(DDP, Communicates = UpdatedParameters)] [RootInverse(Eigh)] [Grafting(Adam)] [FirstMoment] [WeightDecay(Decoupled)] [Preconditioning(MaxDimension = 4, Frequency = 2)] [Momentum]
public sealed partial class ShardedEverythingByParameters;

[Distributed(DDP, Cost = Work)] [RootInverse(Eigh, Beta2 = 1)] [Grafting(Adagrad)] [Preconditioning(MaxDimension = 4, Frequency = 3)]
public sealed partial class ShardedSumming;

[Distributed(DDP)] [RootInverse(Eigh, BiasCorrection = false)] [Grafting(SGD)] [FirstMoment(BiasCorrection = false)] [Preconditioning(Frequency = 2, Start = 4)] [WeightDecay(L2)]
public sealed partial class ShardedUncorrected;

[Distributed(DDP)] [RootInverse(CoupledNewton)] [Preconditioning(MaxDimension = 4)]
public sealed partial class ShardedIterated;

[RootInverse(CoupledNewton)] [Preconditioning(MaxDimension = 4)]
public sealed partial class Iterated;

[Distributed(DDP)] [EigenvalueCorrected(Eigh)] [IgnoredDimensions(2, 0)] [FirstMoment] [WeightDecay(Decoupled)] [Preconditioning(MaxDimension = 4)]
public sealed partial class ShardedRotated;

[Distributed(DDP)] [EigenvalueCorrected(Eigh, Beta2 = 1, Exponent = 0.25)] [Grafting(Adam)] [Momentum] [WeightDecay(Corrected)] [Preconditioning(MaxDimension = 4, Start = 3)]
public sealed partial class ShardedRotatedLater;

[Distributed(DDP)] [Eigendecomposed(Eigh, Beta2 = 1, Statistics = KullbackLeibler)] [FirstMoment] [WeightDecay(L2)] [Preconditioning(MaxDimension = 4)]
public sealed partial class ShardedDecomposed;

[Distributed(DDP)] [SignDescent] [Grafting(NormalizedAdam)] [Preconditioning(MaxDimension = 4, Start = 3)]
public sealed partial class ShardedSignsGrafted;

[Distributed(DDP)] [SpectralDescent(NewtonSchulz)] [Preconditioning(MaxDimension = 4, TargetDimensionality = 2)] [Momentum(Nesterov = true)]
public sealed partial class ShardedSpectral;

[SpectralDescent(NewtonSchulz)] [Preconditioning(MaxDimension = 4, TargetDimensionality = 2)] [Momentum(Nesterov = true)]
public sealed partial class Spectral;

[Distributed(DDP)] [RootInverse(Eigh)] [Grafting(Adam)] [Momentum] [Preconditioning(MaxDimension = 4, LargeDimensions = LargeDimensions.Elementwise)]
public sealed partial class ShardedLarge;

[RootInverse(Eigh)] [Grafting(Adam)] [Momentum] [Preconditioning(MaxDimension = 4, LargeDimensions = LargeDimensions.Elementwise)]
public sealed partial class Large;

[Distributed(DDP)] [RootInverse(Eigh)] [Preconditioning(MaxDimension = 4, LargeDimensions = DiagonalFactor)]
public sealed partial class ShardedDiagonal;

[RootInverse(Eigh)] [Preconditioning(MaxDimension = 4, LargeDimensions = DiagonalFactor)]
public sealed partial class Diagonal;

[Distributed(DDP)] [Grafting(Adam)] [FirstMoment] [WeightDecay(Decoupled)]
public sealed partial class ShardedPlainAdamW;

[Distributed(DDP)] [Clipping(MaxGradientNorm = 0.5)] [WeightDecay(L2, WeightDecay = 0.25)]
public sealed partial class ShardedClippedWithL2;

[Distributed(DDP)] [RootInverse(Eigh)] [Grafting(LAMB)] [WeightDecay(Decoupled, WeightDecay = 0.25)] [Momentum] [Preconditioning(MaxDimension = 4)]
public sealed partial class ShardedLayers;

[RootInverse(Eigh)] [Grafting(LAMB)] [WeightDecay(Decoupled, WeightDecay = 0.25)] [Momentum] [Preconditioning(MaxDimension = 4)]
public sealed partial class Layers;

[Distributed(DDP)] [Soap] [WeightDecay(Decoupled)] [Preconditioning(MaxDimension = 4, Frequency = 2)]
public sealed partial class ShardedSoap;

[Distributed(DDP, Communicates = UpdatedParameters, Cost = Work)] [Soap] [WeightDecay(Decoupled)] [Preconditioning(MaxDimension = 4, Frequency = 2)]
public sealed partial class ShardedSoapByParameters;

[Soap] [WeightDecay(Decoupled)] [Preconditioning(MaxDimension = 4, Frequency = 2)]
public sealed partial class PlainSoap;

[Distributed(DDP)] [Soap] [IterateAveraging(ScheduleFree)] [WeightDecay(Decoupled)] [Clipping(MaxGradientNorm = 0.5)] [Preconditioning(MaxDimension = 4)]
public sealed partial class ShardedAveragedSoap;

[Soap] [IterateAveraging(ScheduleFree)] [WeightDecay(Decoupled)] [Clipping(MaxGradientNorm = 0.5)] [Preconditioning(MaxDimension = 4)]
public sealed partial class AveragedSoap;

[Distributed(DDP)] [Grafting(LARS)] [Momentum] [Clipping(MaxGradientNorm = 0.5)] [Preconditioning(MaxDimension = 4)] [RootInverse(MinimaxNewton)]
public sealed partial class ShardedScaledLayers;

[Grafting(LARS)] [Momentum] [Clipping(MaxGradientNorm = 0.5)] [Preconditioning(MaxDimension = 4)] [RootInverse(MinimaxNewton)]
public sealed partial class ScaledLayers;

[Distributed(DDP)] [RootInverse(Eigh)] [Grafting(Adam)] [Clipping(MaxDirectionRms = 0.5)] [WeightDecay(Decoupled, Cautious = true)] [Preconditioning(MaxDimension = 4, Frequency = 4, StatisticsInterval = 2, SkipRankBelow = 2)]
public sealed partial class ShardedSkipping;

[RootInverse(Eigh)] [Grafting(Adam)] [Clipping(MaxDirectionRms = 0.5)] [WeightDecay(Decoupled, Cautious = true)] [Preconditioning(MaxDimension = 4, Frequency = 4, StatisticsInterval = 2, SkipRankBelow = 2)]
public sealed partial class Skipping;

[Distributed(DDP)] [EigenvalueCorrected(Eigh, TransportEigenvalues = true)] [FirstMoment] [Preconditioning(MaxDimension = 4, Frequency = 2, SkipSizeAbove = 8)]
public sealed partial class ShardedTransporting;

[EigenvalueCorrected(Eigh, TransportEigenvalues = true)] [FirstMoment] [Preconditioning(MaxDimension = 4, Frequency = 2, SkipSizeAbove = 8)]
public sealed partial class Transporting;

[Distributed(DDP)] [Precision(Moments = BFloat16, Factors = Float64)] [RootInverse(Eigh)] [Grafting(Adam)] [FirstMoment] [Preconditioning(MaxDimension = 4)]
public sealed partial class ShardedShortMoments;

[Precision(Moments = BFloat16, Factors = Float64)] [RootInverse(Eigh)] [Grafting(Adam)] [FirstMoment] [Preconditioning(MaxDimension = 4)]
public sealed partial class ShortMoments;

[Distributed(DDP)] [Precision(Moments = EightBit)] [RootInverse(Eigh)] [Grafting(LAMB)] [FirstMoment(BiasCorrection = false)] [Momentum] [Preconditioning(MaxDimension = 4)]
public sealed partial class ShardedCodes;

[Precision(Moments = EightBit)] [RootInverse(Eigh)] [Grafting(LAMB)] [FirstMoment(BiasCorrection = false)] [Momentum] [Preconditioning(MaxDimension = 4)]
public sealed partial class Codes;

[Distributed(DDP)] [IterateAveraging(ScheduleFree, TrainInterpolation = 0.75)] [Grafting(Adam)] [Preconditioning(MaxDimension = 4)]
public sealed partial class ShardedScheduleFreeAdam;

[Distributed(DDP, Communicates = UpdatedParameters)] [IterateAveraging(PrimalAveraging, TrainInterpolation = 0.75, EvaluationInterpolation = 0.5)] [WeightDecay(Decoupled, WeightDecay = 0.25)]
public sealed partial class ShardedAveragedWithDecay;

[Distributed(DDP)] [Elementwise(Torch)] [RootInverse(Eigh)] [Grafting(Adam)] [FirstMoment] [WeightDecay(Decoupled)] [Preconditioning(MaxDimension = 4, Frequency = 2)] [Momentum]
public sealed partial class ShardedOperators;

[Elementwise(Torch)] [RootInverse(Eigh)] [Grafting(Adam)] [FirstMoment] [WeightDecay(Decoupled)] [Preconditioning(MaxDimension = 4, Frequency = 2)] [Momentum]
public sealed partial class Operators;

[Distributed(DDP, Communication = BFloat16)] [RootInverse(Eigh)] [Grafting(Adam)] [FirstMoment] [WeightDecay(Decoupled)] [Preconditioning(MaxDimension = 4, Frequency = 2)] [Momentum]
public sealed partial class RoundedToBFloat16;

[Distributed(DDP, Communication = Float16)] [RootInverse(Eigh)] [Grafting(Adam)] [FirstMoment] [WeightDecay(Decoupled)] [Preconditioning(MaxDimension = 4, Frequency = 2)] [Momentum]
public sealed partial class RoundedToFloat16;

[Distributed(DDP, Communication = Float32)] [RootInverse(Eigh)] [Grafting(Adam)] [FirstMoment] [WeightDecay(Decoupled)] [Preconditioning(MaxDimension = 4, Frequency = 2)] [Momentum]
public sealed partial class RoundedToFloat32;

#pragma warning disable SHMP031 // that they are rounded is what is tested
[Distributed(DDP, Communication = BFloat16, Communicates = UpdatedParameters)] [RootInverse(Eigh)] [Grafting(Adam)] [FirstMoment] [WeightDecay(Decoupled)] [Preconditioning(MaxDimension = 4, Frequency = 2)] [Momentum]
#pragma warning restore SHMP031
public sealed partial class RoundedParameters;

[Distributed(DDP, GroupSize = 2)] [RootInverse(Eigh)] [Grafting(Adam)] [FirstMoment] [WeightDecay(Decoupled)] [Preconditioning(MaxDimension = 4, Frequency = 2)] [Momentum]
public sealed partial class InPairs;

[Distributed(ReduceScatter)] [RootInverse(Eigh)] [Grafting(Adam)] [FirstMoment] [WeightDecay(Decoupled)] [Preconditioning(MaxDimension = 4, Frequency = 2)] [Momentum]
public sealed partial class Reducing;

[Distributed(ReduceScatter, GroupSize = 2, Communicates = UpdatedParameters)] [RootInverse(Eigh)] [Grafting(Adam)] [FirstMoment] [WeightDecay(Decoupled)] [Preconditioning(MaxDimension = 4, Frequency = 2)] [Momentum]
public sealed partial class ReducingInPairs;

[Distributed(ReduceScatter, GroupSize = 1, Communication = BFloat16)] [Grafting(Adam)]
public sealed partial class ReducingAlone;

[Distributed(ReduceScatter)] [Clipping(MaxGradientNorm = 0.5)] [WeightDecay(L2, WeightDecay = 0.25)] [Preconditioning(MaxDimension = 4)]
public sealed partial class ReducingClipped;

[Distributed(DDP)] [RootInverse(Eigh)] [Grafting(Adam)] [FirstMoment] [Preconditioning(MaxDimension = 4, Frequency = 4, Start = 6, Refresh = Refresh.Staggered)]
public sealed partial class ShardedStaggeredRoots;

[Distributed(DDP)] [RootInverse(Eigh)] [Grafting(Adam)] [FirstMoment] [WeightDecay(Decoupled)] [Preconditioning(MaxDimension = 4, Frequency = 2, SymmetricPacking = true)] [Momentum]
public sealed partial class ShardedPacked;

[Distributed(DDP, Communicates = UpdatedParameters, Cost = Work)] [Eigendecomposed(Eigh, Statistics = KullbackLeibler)] [Grafting(SGD)] [WeightDecay(L2)] [Preconditioning(MaxDimension = 4, Frequency = 4, Start = 8, Refresh = Refresh.Staggered)]
public sealed partial class ShardedStaggeredDivergence;

[Distributed(DDP)] [Soap] [Preconditioning(TargetDimensionality = PreconditioningAttribute.Unlimited, MaxDimension = 4, Frequency = 8, Refresh = Refresh.Staggered)] [WeightDecay(Decoupled)]
public sealed partial class ShardedStaggeredSoap;

[Distributed(DDP)] [RootInverse(Eigh)] [Grafting(Adam)] [FirstMoment] [Preconditioning(MaxDimension = 4, Frequency = 4, Start = 7, Refresh = Refresh.Overlapped)]
public sealed partial class ShardedOverlappedRoots;

[Distributed(DDP, Communicates = UpdatedParameters, Cost = Work)] [EigenvalueCorrected(Eigh)] [FirstMoment] [Preconditioning(MaxDimension = 4, Frequency = 3, Start = 6, Refresh = Refresh.Overlapped, Staleness = 2)]
public sealed partial class ShardedOverlappedBases;

[Distributed(DDP)] [Soap] [Preconditioning(TargetDimensionality = PreconditioningAttribute.Unlimited, MaxDimension = 4, Frequency = 6, Refresh = Refresh.Overlapped)] [WeightDecay(Decoupled)]
public sealed partial class ShardedOverlappedSoap;

/// <summary>NaN is left to the refresh to find, which tolerates nothing.</summary>
[Distributed(DDP)] [RootInverse(Eigh)] [GradientChecks(false)] [Preconditioning(MaxDimension = 4, Frequency = 4, Refresh = Refresh.Overlapped, Staleness = 2, ToleratedFailures = 0)]
public sealed partial class ShardedOverlappedUnchecked;

[Distributed(ReduceScatter)] [Soap] [WeightDecay(Decoupled)] [Preconditioning(MaxDimension = 4, Frequency = 2)]
public sealed partial class ReducingSoap;

[Distributed(ReduceScatter)] [RootInverse(Eigh)] [Grafting(LAMB)] [WeightDecay(Decoupled, WeightDecay = 0.25)] [Momentum] [Preconditioning(MaxDimension = 4)]
public sealed partial class ReducingLayers;

[Distributed(ReduceScatter)] [IterateAveraging(ScheduleFree, TrainInterpolation = 0.75)] [Grafting(Adam)] [Preconditioning(MaxDimension = 4)]
public sealed partial class ReducingScheduleFreeAdam;

[Distributed(ReduceScatter, Communicates = UpdatedParameters)] [IterateAveraging(PrimalAveraging, TrainInterpolation = 0.75, EvaluationInterpolation = 0.5)] [WeightDecay(Decoupled, WeightDecay = 0.25)]
public sealed partial class ReducingAveragedWithDecay;

[Distributed(ReduceScatter)] [RootInverse(Eigh)] [Grafting(Adam)] [FirstMoment] [Preconditioning(MaxDimension = 4, Frequency = 4, Start = 6, Refresh = Refresh.Staggered)]
public sealed partial class ReducingStaggeredRoots;

[Distributed(ReduceScatter)] [RootInverse(Eigh)] [Grafting(Adam)] [FirstMoment] [Preconditioning(MaxDimension = 4, Frequency = 4, Start = 7, Refresh = Refresh.Overlapped)]
public sealed partial class ReducingOverlappedRoots;
