using static Shampoo.AveragingMethod;
using static Shampoo.GraftingMethod;
using static Shampoo.LargeDimensions;
using static Shampoo.Solver;
using static Shampoo.SpectralScaling;
using static Shampoo.WeightDecayKind;

namespace Shampoo.Tests.Updates;

[IterateAveraging(PrimalAveraging, TrainInterpolation = 1, EvaluationInterpolation = 0.875)]
public sealed partial class AveragedDescent;

[Momentum(0.875, Dampening = 0)]
public sealed partial class MomentumDescent;

[IterateAveraging(ScheduleFree, TrainInterpolation = 0.75)] [Grafting(Adam)]
public sealed partial class ScheduleFreeAdam;

[IterateAveraging(PrimalAveraging, TrainInterpolation = 0.75, EvaluationInterpolation = 0.5)] [WeightDecay(Decoupled, WeightDecay = 0.25)]
public sealed partial class AveragedWithDecay;

[Clipping(MaxGradientNorm = 0.5)]
public sealed partial class Clipped;

[Clipping(MaxGradientNorm = 0.5)] [WeightDecay(L2, WeightDecay = 0.25)]
public sealed partial class ClippedWithL2;

[Grafting(LARS)] [WeightDecay(Decoupled, WeightDecay = 0.25)] [Momentum]
public sealed partial class LayerScaled;

[RootInverse(Eigh)] [Grafting(Adam)] [FirstMoment] [WeightDecay(Decoupled)] [Preconditioning(TargetDimensionality = 2, Frequency = 2, Start = 3, SkipRankBelow = 2)]
public sealed partial class SkippingVectors;

[RootInverse(Eigh)] [Grafting(Adam)] [FirstMoment] [WeightDecay(Decoupled)] [Preconditioning(TargetDimensionality = 2, Frequency = 2, Start = 3)]
public sealed partial class NotSkippingVectors;

[SpectralDescent(NewtonSchulz)] [Grafting(Adam)] [FirstMoment] [WeightDecay(Decoupled)] [Preconditioning(TargetDimensionality = 2, SkipRankBelow = 2)]
public sealed partial class SkippingByMuon;

[SpectralDescent(NewtonSchulz)] [Grafting(Adam)] [FirstMoment] [WeightDecay(Decoupled)] [Preconditioning(TargetDimensionality = 2)]
public sealed partial class NotSkippingByMuon;

[Eigendecomposed(Eigh, Epsilon = 1e-3)] [Momentum] [Preconditioning(TargetDimensionality = 2, SkipRankBelow = 2, SkipSizeAbove = 8)]
public sealed partial class SkippingByDecomposition;

[Eigendecomposed(Eigh, Epsilon = 1e-3)] [Momentum] [Preconditioning(TargetDimensionality = 2)]
public sealed partial class NotSkippingByDecomposition;

[Momentum]
public sealed partial class PlainMomentum;

[EigenvalueCorrected(Eigh, Epsilon = 1e-8)] [FirstMoment] [WeightDecay(Decoupled)] [Preconditioning(TargetDimensionality = 2, Frequency = 2, SkipRankBelow = 2)]
public sealed partial class SkippingInEigenbases;

[EigenvalueCorrected(Eigh, Epsilon = 1e-8)] [FirstMoment] [WeightDecay(Decoupled)] [Preconditioning(TargetDimensionality = 2, Frequency = 2)]
public sealed partial class NotSkippingInEigenbases;

[RootInverse(Eigh)] [Grafting(Adagrad, Epsilon = 1e-10)] [Preconditioning(MaxDimension = 6, TargetDimensionality = 2, LargeDimensions = Elementwise, SkipRankBelow = 2)]
public sealed partial class SkippingLarge;

[RootInverse(Eigh)] [Grafting(Adagrad, Epsilon = 1e-10)] [Preconditioning(MaxDimension = 6, TargetDimensionality = 2, LargeDimensions = Elementwise)]
public sealed partial class NotSkippingLarge;

[RootInverse(Eigh)] [Preconditioning(SkipRankBelow = 2)]
public sealed partial class SkippingMerged;

[SpectralDescent(SVD, Scaling = AspectRatio)] [Preconditioning(TargetDimensionality = 2)]
public sealed partial class ScaledByAspectRatio;

[SpectralDescent(SVD, Scaling = MatchRmsAdamW)] [Preconditioning(TargetDimensionality = 2)]
public sealed partial class ScaledAsAdamW;

[SpectralDescent(SVD, Scaling = SpectralNorm)] [Preconditioning(TargetDimensionality = 2)]
public sealed partial class ScaledBySpectralNorm;

[SpectralDescent(SVD)] [Preconditioning(TargetDimensionality = 2, MaxDimension = 4)]
public sealed partial class CutMatrices;
