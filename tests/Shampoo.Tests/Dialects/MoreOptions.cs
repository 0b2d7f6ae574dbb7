using static Shampoo.AveragingMethod;
using static Shampoo.GraftingMethod;
using static Shampoo.LargeDimensions;
using static Shampoo.SignScaling;
using static Shampoo.Solver;
using static Shampoo.SpectralScaling;
using static Shampoo.WeightDecayKind;

// Options that add other operations to a sweep than those of the covering set: signs, powers, norms of the gradient, averages, a second turn.
namespace Shampoo.Tests.Dialects;

[SignDescent(Scale = 0.1)] [FirstMoment(Beta3 = 0.5)] [IterateAveraging(ScheduleFree)] [WeightDecay(Decoupled)] [GradientChecks(false)]
public sealed partial class More01;

[EigenvalueCorrected(Eigh, Exponent = 0.3)] [Preconditioning(MaxDimension = 4, Frequency = 100)] [FirstMoment] [Clipping(MaxGradientNorm = 0.5)] [GradientChecks(false)]
public sealed partial class More02;

[Grafting(LAMB)] [FirstMoment] [Momentum(Nesterov = true)] [WeightDecay(Corrected)] [GradientChecks(false)]
public sealed partial class More03;

[Grafting(NormalizedRMSProp)] [IterateAveraging(PrimalAveraging)] [WeightDecay(Independent)] [GradientChecks(false)]
public sealed partial class More04;

[Grafting(Adam)] [RootInverse(Eigh, Epsilon = 1)] [Preconditioning(MaxDimension = 4, LargeDimensions = Elementwise)] [GradientChecks(false)]
public sealed partial class More05;

[Grafting(NormalizedAdagrad)] [RootInverse(Eigh, Epsilon = 1)] [Preconditioning(MaxDimension = 4, LargeDimensions = DiagonalFactor)] [WeightDecay(L2)] [GradientChecks(false)]
public sealed partial class More06;

[Grafting(LARS)] [RootInverse(Eigh, Epsilon = 1)] [Preconditioning(MaxDimension = 3, Start = 3)] [Clipping(MaxGradientNorm = 2)] [GradientChecks(false)]
public sealed partial class More07;

[Soap] [Preconditioning(MaxDimension = 4, Frequency = 2)] [Momentum(Nesterov = true)] [WeightDecay(Decoupled)] [GradientChecks(false)]
public sealed partial class More08;

[Soap(ShampooBeta = 0.9, BiasCorrection = false)] [Preconditioning(MaxDimension = 4, Frequency = 100)] [IterateAveraging(ScheduleFree)] [WeightDecay(Corrected)] [GradientChecks(false)]
public sealed partial class More09;

[Soap] [IgnoredDimensions(2, 1)] [Preconditioning(MaxDimension = 4, Frequency = 3)] [WeightDecay(L2)] [GradientChecks(false)]
public sealed partial class More10;

[EigenvalueCorrected(Eigh, Epsilon = 1e-3, TransportEigenvalues = true)] [Preconditioning(MaxDimension = 4, Start = 4, Frequency = 2)] [FirstMoment] [GradientChecks(false)]
public sealed partial class More11;

[Grafting(Adam)] [RootInverse(Eigh, Epsilon = 1)] [Preconditioning(MaxDimension = 4, Frequency = 3, Start = 4, StatisticsInterval = 2, SkipRankBelow = 2, LargeDimensions = DiagonalFactor)]
[Clipping(MaxDirectionRms = 0.5)] [WeightDecay(Decoupled, Cautious = true)] [GradientChecks(false)]
public sealed partial class More12;

[SignDescent(Scaling = MeanMagnitude)] [Preconditioning(MaxDimension = 4)] [FirstMoment] [Clipping(MaxDirectionRms = 0.5)] [IterateAveraging(PrimalAveraging)] [WeightDecay(Corrected, Cautious = true)] [GradientChecks(false)]
public sealed partial class More13;

[SignDescent(Scaling = L1Norm)] [Preconditioning(SkipSizeAbove = 8)] [Momentum] [WeightDecay(Independent, Cautious = true)] [GradientChecks(false)]
public sealed partial class More14;

[SpectralDescent(NewtonSchulz, Scaling = SpectralNorm)] [Preconditioning(TargetDimensionality = 2, MaxDimension = 16, SkipRankBelow = 2)] [FirstMoment] [Clipping(MaxDirectionRms = 0.25)] [GradientChecks(false)]
public sealed partial class More15;

[Grafting(Adagrad)] [RootInverse(Eigh, Epsilon = 1)] [Preconditioning(MaxDimension = 4, SkipRankBelow = 2, LargeDimensions = Elementwise)] [Clipping(MaxDirectionRms = 0.5)] [GradientChecks(false)]
public sealed partial class More16;

[Soap] [Preconditioning(MaxDimension = 4, Frequency = 4, StatisticsInterval = 2, SkipRankBelow = 2)] [Momentum(Nesterov = true)] [Clipping(MaxDirectionRms = 0.5)] [WeightDecay(Decoupled, Cautious = true)] [GradientChecks(false)]
public sealed partial class More17;

[Soap] [Preconditioning(MaxDimension = 4, Frequency = 3, StatisticsInterval = 2, SkipSizeAbove = 8)] [IterateAveraging(PrimalAveraging)] [WeightDecay(Independent, Cautious = true)] [GradientChecks(false)]
public sealed partial class More18;

[EigenvalueCorrected(Eigh, Epsilon = 1e-3, TransportEigenvalues = true)] [Preconditioning(MaxDimension = 4, Frequency = 4, StatisticsInterval = 2, SkipRankBelow = 2)] [Clipping(MaxDirectionRms = 0.5)] [GradientChecks(false)]
public sealed partial class More19;
