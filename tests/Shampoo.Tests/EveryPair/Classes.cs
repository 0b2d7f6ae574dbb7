using static Shampoo.AveragingMethod;
using static Shampoo.GraftingMethod;
using static Shampoo.Parallelism;
using static Shampoo.Solver;
using static Shampoo.WeightDecayKind;

// Every two values of two options that may stand together meet in one of these classes. Written by OptionPairTests.
namespace Shampoo.Tests.EveryPair;

[Clipping(MaxDirectionRms = 0.5, MaxGradientNorm = 0.5)] [Distributed(DDP, Communicates = Communicated.UpdatedParameters, Communication = Precision.Float32, GroupSize = 1)] [Elementwise(ElementwiseDialect.Torch)] [FirstMoment(Beta1 = 0.8, Beta3 = 0.5, BiasCorrection = false)] [GradientChecks(false)] [Grafting(SGD)] [InverseExponent(2, 0.5)] [IterateAveraging(PrimalAveraging, EvaluationInterpolation = 0.8, TrainInterpolation = 0.8)] [Momentum(Dampening = 0.1, Nesterov = true)] [Precision(Factors = Precision.Float32, Moments = Precision.Float32, Roots = Precision.Float32)] [Preconditioning(Frequency = 3, LargeDimensions = LargeDimensions.DiagonalFactor, MaxDimension = 4, Refresh = Refresh.Staggered, SkipRankBelow = 2, SkipSizeAbove = 20, Start = 6, StatisticsInterval = 2, TargetDimensionality = 2, ToleratedFailures = 0)] [RootInverse(Eigh, Beta2 = 1, Epsilon = 1e-3, ExponentMultiplier = 0.5, RankDeficiency = RankDeficiency.PerturbAfter, Statistics = FactorStatistics.KullbackLeibler, TraceScalingExponent = 1)] [WeightDecay(L2, WeightDecay = 0.1)]
public sealed partial class Pair000;

[Clipping(MaxDirectionRms = 0.5, MaxGradientNorm = 0.5)] [Distributed(ReduceScatter, Communication = Precision.BFloat16, Cost = BlockCost.Memory)] [Elementwise(ElementwiseDialect.Torch)] [FirstMoment(Beta1 = 0.8, Beta3 = 0.5, BiasCorrection = false)] [GradientChecks(false)] [Grafting(Adagrad, Epsilon = 1e-3)] [InverseExponent(1, 0)] [IterateAveraging(ScheduleFree, LearningRatePower = 1, TrainInterpolation = 0.8)] [Momentum(Dampening = 0.1, Nesterov = true)] [Precision(Factors = Precision.Float64, Moments = Precision.Float64, Roots = Precision.Float64)] [Preconditioning(Frequency = 3, LargeDimensions = LargeDimensions.Elementwise, MaxDimension = 4, Refresh = Refresh.Staggered, SkipRankBelow = 2, SkipSizeAbove = 20, Start = 6, StatisticsInterval = 2, TargetDimensionality = PreconditioningAttribute.Unlimited, ToleratedFailures = 0)] [RootInverse(Eigh, BiasCorrection = false, ExponentMultiplier = 0.5, RankDeficiency = RankDeficiency.PseudoInverse, Statistics = FactorStatistics.KullbackLeibler, TraceScalingExponent = 1)] [WeightDecay(Decoupled, Cautious = true, WeightDecay = 0.1)]
public sealed partial class Pair001;

[Clipping(MaxDirectionRms = 0.5, MaxGradientNorm = 0.5)] [Distributed(ReduceScatter, Communication = Precision.BFloat16, GroupSize = 1)] [Elementwise(ElementwiseDialect.Torch)] [FirstMoment(Beta1 = 0.8, Beta3 = 0.5, BiasCorrection = false)] [GradientChecks(false)] [Grafting(RMSProp, Beta2 = 0.9, Epsilon = 1e-3)] [InverseExponent(2, 0.25, Dimension = 1)] [IterateAveraging(PrimalAveraging, EvaluationInterpolation = 0.8, TrainInterpolation = 0.8)] [Momentum(Dampening = 0.1, Nesterov = true)] [Precision(Factors = Precision.BFloat16, Moments = Precision.BFloat16, Roots = Precision.BFloat16)] [Preconditioning(Frequency = 3, LargeDimensions = LargeDimensions.Elementwise, MaxDimension = 4, Refresh = Refresh.Staggered, SkipRankBelow = 2, SkipSizeAbove = 20, Start = 6, StatisticsInterval = 2, TargetDimensionality = PreconditioningAttribute.Unlimited, ToleratedFailures = 0)] [RootInverse(Eigh, Beta2 = 1, Epsilon = 1e-3, ExponentMultiplier = 0.5, RankDeficiency = RankDeficiency.PerturbAfter, Statistics = FactorStatistics.KullbackLeibler, TraceScalingExponent = 1)] [WeightDecay(Corrected, Cautious = true, WeightDecay = 0.1)]
public sealed partial class Pair002;

[Clipping(MaxDirectionRms = 0.5, MaxGradientNorm = 0.5)] [Distributed(DDP, Communicates = Communicated.UpdatedParameters, Communication = Precision.Float32, GroupSize = 1)] [Elementwise(ElementwiseDialect.Torch)] [FirstMoment(Beta1 = 0.8, Beta3 = 0.5, BiasCorrection = false)] [GradientChecks(false)] [Grafting(Adam, Beta2 = 0.9, Epsilon = 1e-3)] [InverseExponent(3, 0.125)] [InverseExponent(5, 0.125)] [IterateAveraging(PrimalAveraging, EvaluationInterpolation = 0.8, TrainInterpolation = 0.8)] [Momentum(Dampening = 0.1, Nesterov = true)] [Precision(Factors = Precision.Float64, Moments = Precision.Float16, Roots = Precision.Float16)] [Preconditioning(Frequency = 3, LargeDimensions = LargeDimensions.DiagonalFactor, MaxDimension = 4, Refresh = Refresh.Staggered, SkipRankBelow = 2, SkipSizeAbove = 20, Start = 6, StatisticsInterval = 2, TargetDimensionality = 2, ToleratedFailures = 0)] [RootInverse(Eigh, BiasCorrection = false, ExponentMultiplier = 0.5, RankDeficiency = RankDeficiency.PseudoInverse, Statistics = FactorStatistics.KullbackLeibler, TraceScalingExponent = 1)] [WeightDecay(Independent, Cautious = true, WeightDecay = 0.1)]
public sealed partial class Pair003;

[Clipping(MaxDirectionRms = 0.5, MaxGradientNorm = 0.5)] [Distributed(DDP, Communicates = Communicated.UpdatedParameters, Communication = Precision.Float32, Cost = BlockCost.Memory)] [Elementwise(ElementwiseDialect.Torch)] [FirstMoment(Beta1 = 0.8, Beta3 = 0.5, BiasCorrection = false)] [GradientChecks(false)] [Grafting(NormalizedAdagrad, Epsilon = 1e-3)] [InverseExponent(2, 0.25, Dimension = 1)] [IterateAveraging(ScheduleFree, LearningRatePower = 1, TrainInterpolation = 0.8)] [Momentum(Dampening = 0.1, Nesterov = true)] [Precision(Moments = Precision.Float16)] [Preconditioning(Frequency = 3, LargeDimensions = LargeDimensions.Elementwise, MaxDimension = 4, Refresh = Refresh.Staggered, SkipRankBelow = 2, SkipSizeAbove = 20, Start = 6, StatisticsInterval = 2, SymmetricPacking = true, TargetDimensionality = 2, ToleratedFailures = 0)] [RootInverse(Eigh, Beta2 = 1, Epsilon = 1e-3, ExponentMultiplier = 0.5, RankDeficiency = RankDeficiency.PerturbAfter, Statistics = FactorStatistics.KullbackLeibler, TraceScalingExponent = 1)] [WeightDecay(L2, WeightDecay = 0.1)]
public sealed partial class Pair004;

[Clipping(MaxDirectionRms = 0.5, MaxGradientNorm = 0.5)] [Distributed(ReduceScatter, Communication = Precision.BFloat16, Cost = BlockCost.Memory)] [Elementwise(ElementwiseDialect.Torch)] [FirstMoment(Beta1 = 0.8, Beta3 = 0.5, BiasCorrection = false)] [GradientChecks(false)] [Grafting(NormalizedRMSProp, Beta2 = 0.9, Epsilon = 1e-3)] [InverseExponent(3, 0.125)] [InverseExponent(5, 0.125)] [IterateAveraging(ScheduleFree, LearningRatePower = 1, TrainInterpolation = 0.8)] [Momentum(Dampening = 0.1, Nesterov = true)] [Precision(Factors = Precision.Float32, Moments = Precision.Float32, Roots = Precision.Float16)] [Preconditioning(Frequency = 3, LargeDimensions = LargeDimensions.DiagonalFactor, MaxDimension = 4, Refresh = Refresh.Staggered, SkipRankBelow = 2, SkipSizeAbove = 20, Start = 6, StatisticsInterval = 2, TargetDimensionality = PreconditioningAttribute.Unlimited, ToleratedFailures = 0)] [RootInverse(Eigh, BiasCorrection = false, Epsilon = 1e-3, ExponentMultiplier = 0.5, RankDeficiency = RankDeficiency.PerturbAfter, Statistics = FactorStatistics.KullbackLeibler, TraceScalingExponent = 1)] [WeightDecay(L2, WeightDecay = 0.1)]
public sealed partial class Pair005;

[Clipping(MaxDirectionRms = 0.5, MaxGradientNorm = 0.5)] [Distributed(DDP, Communicates = Communicated.UpdatedParameters, Communication = Precision.Float32, Cost = BlockCost.Memory)] [Elementwise(ElementwiseDialect.Torch)] [FirstMoment(Beta1 = 0.8, Beta3 = 0.5, BiasCorrection = false)] [GradientChecks(false)] [Grafting(NormalizedAdam, Beta2 = 0.9, Epsilon = 1e-3)] [InverseExponent(1, 0)] [IterateAveraging(PrimalAveraging, EvaluationInterpolation = 0.8, TrainInterpolation = 0.8)] [Momentum(Dampening = 0.1, Nesterov = true)] [Precision(Factors = Precision.BFloat16, Moments = Precision.Float64, Roots = Precision.BFloat16)] [Preconditioning(Frequency = 3, LargeDimensions = LargeDimensions.DiagonalFactor, MaxDimension = 4, Refresh = Refresh.Staggered, SkipRankBelow = 2, SkipSizeAbove = 20, Start = 6, StatisticsInterval = 2, TargetDimensionality = 2, ToleratedFailures = 0)] [RootInverse(Eigh, Beta2 = 1, ExponentMultiplier = 0.5, RankDeficiency = RankDeficiency.PseudoInverse, Statistics = FactorStatistics.KullbackLeibler, TraceScalingExponent = 1)] [WeightDecay(L2, WeightDecay = 0.1)]
public sealed partial class Pair006;

[Clipping(MaxDirectionRms = 0.5, MaxGradientNorm = 0.5)] [Distributed(DDP, Communicates = Communicated.UpdatedParameters, Communication = Precision.Float32, GroupSize = 1)] [Elementwise(ElementwiseDialect.Torch)] [FirstMoment(Beta1 = 0.8, Beta3 = 0.5, BiasCorrection = false)] [GradientChecks(false)] [Grafting(LARS)] [InverseExponent(2, 0.5)] [IterateAveraging(PrimalAveraging, EvaluationInterpolation = 0.8, TrainInterpolation = 0.8)] [Momentum(Dampening = 0.1, Nesterov = true)] [Precision(Factors = Precision.Float64, Roots = Precision.Float64)] [Preconditioning(Frequency = 3, LargeDimensions = LargeDimensions.DiagonalFactor, MaxDimension = 4, Refresh = Refresh.Staggered, SkipRankBelow = 2, SkipSizeAbove = 20, Start = 6, StatisticsInterval = 2, TargetDimensionality = PreconditioningAttribute.Unlimited, ToleratedFailures = 0)] [RootInverse(Eigh, Beta2 = 1, Epsilon = 1e-3, ExponentMultiplier = 0.5, RankDeficiency = RankDeficiency.PerturbAfter, Statistics = FactorStatistics.KullbackLeibler, TraceScalingExponent = 1)] [WeightDecay(L2, WeightDecay = 0.1)]
public sealed partial class Pair007;

[Clipping(MaxDirectionRms = 0.5, MaxGradientNorm = 0.5)] [Distributed(ReduceScatter, Communication = Precision.BFloat16, GroupSize = 1)] [Elementwise(ElementwiseDialect.Torch)] [FirstMoment(Beta1 = 0.8, Beta3 = 0.5, BiasCorrection = false)] [GradientChecks(false)] [Grafting(LAMB, Beta2 = 0.9, Epsilon = 1e-3)] [InverseExponent(2, 0.5)] [IterateAveraging(ScheduleFree, LearningRatePower = 1, TrainInterpolation = 0.8)] [Momentum(Dampening = 0.1, Nesterov = true)] [Precision(Factors = Precision.BFloat16, Moments = Precision.BFloat16, Roots = Precision.Float32)] [Preconditioning(Frequency = 3, LargeDimensions = LargeDimensions.Elementwise, MaxDimension = 4, Refresh = Refresh.Staggered, SkipRankBelow = 2, SkipSizeAbove = 20, Start = 6, StatisticsInterval = 2, TargetDimensionality = 2, ToleratedFailures = 0)] [RootInverse(Eigh, BiasCorrection = false, ExponentMultiplier = 0.5, RankDeficiency = RankDeficiency.PseudoInverse, Statistics = FactorStatistics.KullbackLeibler, TraceScalingExponent = 1)] [WeightDecay(L2, WeightDecay = 0.1)]
public sealed partial class Pair008;

[Clipping(MaxDirectionRms = 0.5, MaxGradientNorm = 0.5)] [Distributed(ReduceScatter, Communicates = Communicated.UpdatedParameters, Communication = Precision.Float32, GroupSize = 1)] [Elementwise(ElementwiseDialect.Torch)] [FirstMoment(Beta1 = 0.8, Beta3 = 0.5, BiasCorrection = false)] [GradientChecks(false)] [Grafting(SGD)] [InverseExponent(1, 0)] [IterateAveraging(ScheduleFree, LearningRatePower = 1, TrainInterpolation = 0.8)] [Momentum(Dampening = 0.1, Nesterov = true)] [Preconditioning(Frequency = 3, LargeDimensions = LargeDimensions.DiagonalFactor, MaxDimension = 4, Refresh = Refresh.Staggered, SkipRankBelow = 2, SkipSizeAbove = 20, Start = 6, StatisticsInterval = 2, SymmetricPacking = true, TargetDimensionality = PreconditioningAttribute.Unlimited, ToleratedFailures = 0)] [RootInverse(Eigh, AbsoluteRankTolerance = 1e-9, BiasCorrection = false, ExponentMultiplier = 0.5, RankDeficiency = RankDeficiency.PseudoInverse, RankTolerance = 1e-6, Statistics = FactorStatistics.KullbackLeibler, TraceScalingExponent = 1)] [WeightDecay(Corrected, Cautious = true, WeightDecay = 0.1)]
public sealed partial class Pair009;

[Clipping(MaxDirectionRms = 0.5, MaxGradientNorm = 0.5)] [Distributed(DDP, Communication = Precision.BFloat16, GroupSize = 1)] [Elementwise(ElementwiseDialect.Torch)] [FirstMoment(Beta1 = 0.8, Beta3 = 0.5, BiasCorrection = false)] [GradientChecks(false)] [Grafting(SGD)] [InverseExponent(2, 0.25, Dimension = 1)] [IterateAveraging(PrimalAveraging, EvaluationInterpolation = 0.8, TrainInterpolation = 0.8)] [Momentum(Dampening = 0.1, Nesterov = true)] [Precision(Factors = Precision.BFloat16, Roots = Precision.Float16)] [Preconditioning(Frequency = 3, LargeDimensions = LargeDimensions.DiagonalFactor, MaxDimension = 4, Refresh = Refresh.Overlapped, SkipRankBelow = 2, SkipSizeAbove = 20, Staleness = 2, Start = 6, StatisticsInterval = 2, TargetDimensionality = 2, ToleratedFailures = 0)] [RootInverse(Eigh, Beta2 = 1, Epsilon = 1e-3, ExponentMultiplier = 0.5, RankDeficiency = RankDeficiency.PerturbAfter, Statistics = FactorStatistics.KullbackLeibler, TraceScalingExponent = 1)] [WeightDecay(Decoupled, Cautious = true, WeightDecay = 0.1)]
public sealed partial class Pair010;

[Clipping(MaxDirectionRms = 0.5, MaxGradientNorm = 0.5)] [Distributed(DDP, Communication = Precision.Float16, Cost = BlockCost.Work)] [Elementwise(ElementwiseDialect.Torch)] [FirstMoment(Beta1 = 0.8, Beta3 = 0.5, BiasCorrection = false)] [GradientChecks(false)] [Grafting(Adagrad, Epsilon = 1e-3)] [InverseExponent(2, 0.5)] [IterateAveraging(PrimalAveraging, EvaluationInterpolation = 0.8, TrainInterpolation = 0.8)] [Momentum(Dampening = 0.1, Nesterov = true)] [Precision(Factors = Precision.Float32, Moments = Precision.Float64, Roots = Precision.Float16)] [Preconditioning(Frequency = 3, LargeDimensions = LargeDimensions.Elementwise, MaxDimension = 4, Refresh = Refresh.Staggered, SkipRankBelow = 2, SkipSizeAbove = 20, Start = 6, StatisticsInterval = 2, TargetDimensionality = 2, ToleratedFailures = 0)] [RootInverse(Eigh, Beta2 = 1, Epsilon = 1e-3, ExponentMultiplier = 0.5, RankDeficiency = RankDeficiency.PerturbAfter, Statistics = FactorStatistics.KullbackLeibler, TraceScalingExponent = 1)] [WeightDecay(Corrected, Cautious = true, WeightDecay = 0.1)]
public sealed partial class Pair011;

[Clipping(MaxDirectionRms = 0.5, MaxGradientNorm = 0.5)] [Distributed(ReduceScatter, Communication = Precision.BFloat16, GroupSize = 1)] [Elementwise(ElementwiseDialect.Torch)] [FirstMoment(Beta1 = 0.8, Beta3 = 0.5, BiasCorrection = false)] [GradientChecks(false)] [Grafting(SGD)] [InverseExponent(2, 0.25, Dimension = 1)] [IterateAveraging(ScheduleFree, LearningRatePower = 1, TrainInterpolation = 0.8)] [Momentum(Dampening = 0.1, Nesterov = true)] [Precision(Factors = Precision.Float64, Moments = Precision.EightBit, Roots = Precision.Float64)] [Preconditioning(Frequency = 3, LargeDimensions = LargeDimensions.Elementwise, MaxDimension = 4, Refresh = Refresh.Staggered, SkipRankBelow = 2, SkipSizeAbove = 20, Start = 6, StatisticsInterval = 2, TargetDimensionality = 2, ToleratedFailures = 0)] [RootInverse(Eigh, Beta2 = 1, Epsilon = 1e-3, ExponentMultiplier = 0.5, RankDeficiency = RankDeficiency.PerturbAfter, Statistics = FactorStatistics.KullbackLeibler, TraceScalingExponent = 1)] [WeightDecay(Independent, Cautious = true, WeightDecay = 0.1)]
public sealed partial class Pair012;

[Clipping(MaxDirectionRms = 0.5, MaxGradientNorm = 0.5)] [Distributed(DDP, Communication = Precision.BFloat16, GroupSize = 1)] [Elementwise(ElementwiseDialect.Torch)] [FirstMoment(Beta1 = 0.8, Beta3 = 0.5, BiasCorrection = false)] [GradientChecks(false)] [Grafting(SGD)] [InverseExponent(3, 0.125)] [InverseExponent(5, 0.125)] [IterateAveraging(ScheduleFree, LearningRatePower = 1, TrainInterpolation = 0.8)] [Momentum(Dampening = 0.1, Nesterov = true)] [Precision(Factors = Precision.Float32, Roots = Precision.BFloat16)] [Preconditioning(Frequency = 3, LargeDimensions = LargeDimensions.Elementwise, MaxDimension = 4, Refresh = Refresh.Staggered, SkipRankBelow = 2, SkipSizeAbove = 20, Start = 6, StatisticsInterval = 2, TargetDimensionality = 2, ToleratedFailures = 0)] [RootInverse(CoupledNewton, Beta2 = 1, Epsilon = 1e-3, ExponentMultiplier = 0.5, MaxIterations = 60, Statistics = FactorStatistics.KullbackLeibler, Tolerance = 1e-4, TraceScalingExponent = 1)] [WeightDecay(Decoupled, Cautious = true, WeightDecay = 0.1)]
public sealed partial class Pair013;

[Distributed(ReduceScatter, GroupSize = 1)] [Grafting(Adagrad, Epsilon = 1e-3)] [InverseExponent(2, 0.25, Dimension = 1)] [IterateAveraging(PrimalAveraging, EvaluationInterpolation = 0.8)] [Precision(Factors = Precision.Float64, Moments = Precision.Float32, Roots = Precision.Float32)] [Preconditioning(LargeDimensions = LargeDimensions.DiagonalFactor, TargetDimensionality = PreconditioningAttribute.Unlimited)] [RootInverse(CoupledNewton, BiasCorrection = false, MaxIterations = 60, Tolerance = 1e-4)] [WeightDecay(L2)]
public sealed partial class Pair014;

[Distributed(DDP, Communication = Precision.BFloat16, GroupSize = 1)] [Grafting(RMSProp, Beta2 = 0.9)] [InverseExponent(2, 0.5)] [IterateAveraging(PrimalAveraging, EvaluationInterpolation = 0.8)] [Precision(Moments = Precision.Float64)] [Preconditioning(LargeDimensions = LargeDimensions.DiagonalFactor, SymmetricPacking = true, TargetDimensionality = 2)] [RootInverse(CoupledNewton, BiasCorrection = false, MaxIterations = 60, Tolerance = 1e-4)] [WeightDecay(Independent)]
public sealed partial class Pair015;

[Distributed(DDP, Communication = Precision.BFloat16)] [Grafting(Adam, Beta2 = 0.9)] [InverseExponent(1, 0)] [IterateAveraging(ScheduleFree, LearningRatePower = 1)] [Precision(Factors = Precision.Float64, Moments = Precision.BFloat16, Roots = Precision.Float64)] [Preconditioning(LargeDimensions = LargeDimensions.DiagonalFactor, TargetDimensionality = PreconditioningAttribute.Unlimited)] [RootInverse(CoupledNewton, Beta2 = 1, Epsilon = 1e-3, MaxIterations = 60, Tolerance = 1e-4)] [WeightDecay(Corrected)]
public sealed partial class Pair016;

[Distributed(ReduceScatter, Communication = Precision.BFloat16, GroupSize = 1)] [Grafting(NormalizedAdagrad)] [InverseExponent(1, 0)] [IterateAveraging(PrimalAveraging, EvaluationInterpolation = 0.8)] [Precision(Factors = Precision.BFloat16, Moments = Precision.Float32, Roots = Precision.Float32)] [Preconditioning(LargeDimensions = LargeDimensions.DiagonalFactor, TargetDimensionality = PreconditioningAttribute.Unlimited)] [RootInverse(CoupledNewton, BiasCorrection = false, MaxIterations = 60, Tolerance = 1e-4)] [WeightDecay(Independent, Cautious = true)]
public sealed partial class Pair017;

[Distributed(DDP, Communication = Precision.BFloat16, GroupSize = 1)] [Grafting(NormalizedRMSProp, Beta2 = 0.9)] [InverseExponent(2, 0.5)] [IterateAveraging(PrimalAveraging, EvaluationInterpolation = 0.8)] [Precision(Factors = Precision.BFloat16, Moments = Precision.Float16, Roots = Precision.Float32)] [Preconditioning(LargeDimensions = LargeDimensions.Elementwise, TargetDimensionality = 2)] [RootInverse(CoupledNewton, Beta2 = 1, MaxIterations = 60, Tolerance = 1e-4)] [WeightDecay(Decoupled, Cautious = true)]
public sealed partial class Pair018;

[Distributed(ReduceScatter, Communication = Precision.BFloat16, GroupSize = 1)] [Grafting(NormalizedAdam)] [InverseExponent(3, 0.125)] [InverseExponent(5, 0.125)] [IterateAveraging(ScheduleFree, LearningRatePower = 1)] [Precision(Factors = Precision.Float32, Moments = Precision.BFloat16, Roots = Precision.Float16)] [Preconditioning(LargeDimensions = LargeDimensions.Elementwise, TargetDimensionality = PreconditioningAttribute.Unlimited)] [RootInverse(CoupledNewton, BiasCorrection = false, Epsilon = 1e-3, MaxIterations = 60, Tolerance = 1e-4)] [WeightDecay(Decoupled, Cautious = true)]
public sealed partial class Pair019;

[Distributed(ReduceScatter, Communication = Precision.BFloat16)] [Grafting(LARS)] [InverseExponent(3, 0.125)] [InverseExponent(5, 0.125)] [IterateAveraging(ScheduleFree, LearningRatePower = 1)] [Preconditioning(LargeDimensions = LargeDimensions.Elementwise, SymmetricPacking = true, TargetDimensionality = 2)] [RootInverse(CoupledNewton, BiasCorrection = false, MaxIterations = 60, Tolerance = 1e-4)] [WeightDecay(Decoupled, Cautious = true)]
public sealed partial class Pair020;

[Distributed(DDP)] [Grafting(LAMB)] [InverseExponent(3, 0.125)] [InverseExponent(5, 0.125)] [IterateAveraging(PrimalAveraging, EvaluationInterpolation = 0.8)] [Precision(Factors = Precision.Float64, Moments = Precision.Float32, Roots = Precision.Float64)] [Preconditioning(LargeDimensions = LargeDimensions.DiagonalFactor, TargetDimensionality = PreconditioningAttribute.Unlimited)] [RootInverse(CoupledNewton, Beta2 = 1, Epsilon = 1e-3, MaxIterations = 60, Tolerance = 1e-4)] [WeightDecay(Decoupled, Cautious = true)]
public sealed partial class Pair021;

[Distributed(ReduceScatter)] [Grafting(Adagrad, Epsilon = 1e-3)] [InverseExponent(2, 0.5)] [IterateAveraging(ScheduleFree, LearningRatePower = 1)] [Precision(Factors = Precision.Float32, Moments = Precision.BFloat16, Roots = Precision.BFloat16)] [Preconditioning(Frequency = 3, LargeDimensions = LargeDimensions.Elementwise, Refresh = Refresh.Overlapped, Staleness = 2, TargetDimensionality = PreconditioningAttribute.Unlimited)] [RootInverse(CoupledNewton, BiasCorrection = false, MaxIterations = 60, Tolerance = 1e-4)] [WeightDecay(Independent)]
public sealed partial class Pair022;

[Distributed(DDP, Communicates = Communicated.UpdatedParameters, Communication = Precision.Float32, Cost = BlockCost.Work)] [Grafting(RMSProp, Beta2 = 0.9)] [InverseExponent(1, 0)] [IterateAveraging(ScheduleFree, LearningRatePower = 1)] [Precision(Factors = Precision.Float32, Moments = Precision.BFloat16, Roots = Precision.Float32)] [Preconditioning(LargeDimensions = LargeDimensions.DiagonalFactor, TargetDimensionality = PreconditioningAttribute.Unlimited)] [RootInverse(CoupledNewton, BiasCorrection = false, MaxIterations = 60, Tolerance = 1e-4)] [WeightDecay(Decoupled)]
public sealed partial class Pair023;

[Distributed(DDP, Communication = Precision.Float16, Cost = BlockCost.Memory)] [Grafting(SGD)] [InverseExponent(3, 0.125)] [InverseExponent(5, 0.125)] [IterateAveraging(ScheduleFree, LearningRatePower = 1)] [Precision(Factors = Precision.BFloat16, Roots = Precision.Float32)] [Preconditioning(LargeDimensions = LargeDimensions.DiagonalFactor, TargetDimensionality = PreconditioningAttribute.Unlimited)] [RootInverse(CoupledNewton, BiasCorrection = false, MaxIterations = 60, Tolerance = 1e-4)] [WeightDecay(Independent)]
public sealed partial class Pair024;

[Distributed(DDP, Communication = Precision.Float16, GroupSize = 1)] [FirstMoment] [Grafting(Adagrad, Epsilon = 1e-3)] [InverseExponent(3, 0.125)] [InverseExponent(5, 0.125)] [IterateAveraging(PrimalAveraging, EvaluationInterpolation = 0.8)] [Precision(Factors = Precision.BFloat16, Moments = Precision.EightBit, Roots = Precision.Float32)] [Preconditioning(LargeDimensions = LargeDimensions.DiagonalFactor, TargetDimensionality = PreconditioningAttribute.Unlimited)] [RootInverse(CoupledNewton, BiasCorrection = false, MaxIterations = 60, Tolerance = 1e-4)] [WeightDecay(Corrected)]
public sealed partial class Pair025;

[Clipping(MaxDirectionRms = 0.5, MaxGradientNorm = 0.5)] [Distributed(DDP, Communicates = Communicated.UpdatedParameters, Communication = Precision.Float32, Cost = BlockCost.Memory)] [Elementwise(ElementwiseDialect.Torch)] [FirstMoment(Beta1 = 0.8, Beta3 = 0.5, BiasCorrection = false)] [GradientChecks(false)] [Grafting(SGD)] [InverseExponent(2, 0.5)] [IterateAveraging(PrimalAveraging, EvaluationInterpolation = 0.8, TrainInterpolation = 0.8)] [Momentum(Dampening = 0.1, Nesterov = true)] [Precision(Factors = Precision.Float32, Moments = Precision.Float32, Roots = Precision.Float32)] [Preconditioning(Frequency = 3, LargeDimensions = LargeDimensions.Elementwise, MaxDimension = 4, Refresh = Refresh.Staggered, SkipRankBelow = 2, SkipSizeAbove = 20, Start = 6, StatisticsInterval = 2, TargetDimensionality = 2, ToleratedFailures = 0)] [RootInverse(CoupledHigherOrder, AbsoluteEpsilon = 0.05, Beta2 = 1, ExponentMultiplier = 0.5, MaxIterations = 60, Order = 4, RelativeEpsilon = 0.05, Statistics = FactorStatistics.KullbackLeibler, Tolerance = 1e-4, TraceScalingExponent = 1)] [WeightDecay(L2, WeightDecay = 0.1)]
public sealed partial class Pair026;

[Distributed(ReduceScatter, Communication = Precision.Float16, Cost = BlockCost.Work)] [Grafting(Adagrad, Epsilon = 1e-3)] [InverseExponent(1, 0)] [IterateAveraging(ScheduleFree, LearningRatePower = 1)] [Precision(Factors = Precision.Float64, Moments = Precision.Float16, Roots = Precision.Float64)] [Preconditioning(LargeDimensions = LargeDimensions.DiagonalFactor, TargetDimensionality = PreconditioningAttribute.Unlimited)] [RootInverse(CoupledHigherOrder, AbsoluteEpsilon = 0.05, BiasCorrection = false, Order = 4, RelativeEpsilon = 0.05)] [WeightDecay(Corrected, Cautious = true)]
public sealed partial class Pair027;

[Grafting(RMSProp, Beta2 = 0.9)] [InverseExponent(3, 0.125)] [InverseExponent(5, 0.125)] [Precision(Factors = Precision.BFloat16, Moments = Precision.Float64, Roots = Precision.Float16)] [RootInverse(CoupledHigherOrder, AbsoluteEpsilon = 0.05, Order = 4, RelativeEpsilon = 0.05)] [WeightDecay(Decoupled)]
public sealed partial class Pair028;

[Distributed(ReduceScatter)] [Grafting(Adam)] [InverseExponent(2, 0.25, Dimension = 1)] [Precision(Factors = Precision.Float32, Moments = Precision.BFloat16, Roots = Precision.BFloat16)] [Preconditioning(LargeDimensions = LargeDimensions.Elementwise)] [RootInverse(CoupledHigherOrder, AbsoluteEpsilon = 0.05, Order = 4, RelativeEpsilon = 0.05)] [WeightDecay(Independent)]
public sealed partial class Pair029;

[Grafting(NormalizedAdagrad)] [InverseExponent(2, 0.5)] [Precision(Moments = Precision.BFloat16)] [Preconditioning(SymmetricPacking = true)] [RootInverse(CoupledHigherOrder, AbsoluteEpsilon = 0.05, Order = 4, RelativeEpsilon = 0.05)] [WeightDecay(Decoupled)]
public sealed partial class Pair030;

[Grafting(NormalizedRMSProp)] [InverseExponent(1, 0)] [Precision(Factors = Precision.Float64, Moments = Precision.Float32, Roots = Precision.BFloat16)] [RootInverse(CoupledHigherOrder, AbsoluteEpsilon = 0.05, Order = 4, RelativeEpsilon = 0.05)] [WeightDecay(Corrected)]
public sealed partial class Pair031;

[Grafting(NormalizedAdam)] [InverseExponent(2, 0.5)] [Precision(Factors = Precision.Float64, Moments = Precision.Float32, Roots = Precision.Float32)] [RootInverse(CoupledHigherOrder, AbsoluteEpsilon = 0.05, Order = 4, RelativeEpsilon = 0.05)] [WeightDecay(Corrected)]
public sealed partial class Pair032;

[Grafting(LARS)] [InverseExponent(1, 0)] [Precision(Factors = Precision.Float32, Roots = Precision.Float16)] [RootInverse(CoupledHigherOrder, AbsoluteEpsilon = 0.05, Order = 4, RelativeEpsilon = 0.05)] [WeightDecay(Corrected)]
public sealed partial class Pair033;

[Grafting(LAMB)] [InverseExponent(1, 0)] [Precision(Factors = Precision.Float32, Moments = Precision.Float16, Roots = Precision.BFloat16)] [RootInverse(CoupledHigherOrder, AbsoluteEpsilon = 0.05, Order = 4, RelativeEpsilon = 0.05)] [WeightDecay(Corrected)]
public sealed partial class Pair034;

[Grafting(RMSProp, Beta2 = 0.9)] [InverseExponent(1, 0)] [Precision(Factors = Precision.Float64, Moments = Precision.Float32, Roots = Precision.Float64)] [Preconditioning(Frequency = 3, Refresh = Refresh.Overlapped, Staleness = 2)] [RootInverse(CoupledHigherOrder, AbsoluteEpsilon = 0.05, Order = 4, RelativeEpsilon = 0.05)] [WeightDecay(L2)]
public sealed partial class Pair035;

[Distributed(DDP, Communication = Precision.BFloat16, GroupSize = 1)] [RootInverse(CoupledHigherOrder, AbsoluteEpsilon = 0.05, Order = 4, RelativeEpsilon = 0.05)]
public sealed partial class Pair036;

[FirstMoment] [Grafting(RMSProp, Beta2 = 0.9)] [InverseExponent(2, 0.5)] [Precision(Factors = Precision.Float32, Moments = Precision.EightBit, Roots = Precision.BFloat16)] [RootInverse(CoupledHigherOrder, AbsoluteEpsilon = 0.05, Order = 4, RelativeEpsilon = 0.05)] [WeightDecay(L2)]
public sealed partial class Pair037;

[Clipping(MaxDirectionRms = 0.5, MaxGradientNorm = 0.5)] [Distributed(DDP, Communicates = Communicated.UpdatedParameters, Communication = Precision.Float32, GroupSize = 1)] [Elementwise(ElementwiseDialect.Torch)] [FirstMoment(Beta1 = 0.8, Beta3 = 0.5, BiasCorrection = false)] [GradientChecks(false)] [Grafting(SGD)] [InverseExponent(2, 0.5)] [IterateAveraging(PrimalAveraging, EvaluationInterpolation = 0.8, TrainInterpolation = 0.8)] [Momentum(Dampening = 0.1, Nesterov = true)] [Precision(Moments = Precision.EightBit)] [Preconditioning(Frequency = 3, LargeDimensions = LargeDimensions.DiagonalFactor, MaxDimension = 4, Refresh = Refresh.Overlapped, SkipRankBelow = 2, SkipSizeAbove = 20, Start = 6, StatisticsInterval = 2, SymmetricPacking = true, TargetDimensionality = 2, ToleratedFailures = 0)] [RootInverse(MinimaxNewton, Beta2 = 1, Epsilon = 1e-3, ExponentMultiplier = 0.5, Statistics = FactorStatistics.KullbackLeibler, TraceScalingExponent = 1)] [WeightDecay(L2, WeightDecay = 0.1)]
public sealed partial class Pair038;

[Distributed(ReduceScatter, Communicates = Communicated.UpdatedParameters, Communication = Precision.Float32, Cost = BlockCost.Memory)] [Grafting(Adagrad, Epsilon = 1e-3)] [InverseExponent(1, 0)] [IterateAveraging(ScheduleFree, LearningRatePower = 1)] [Precision(Factors = Precision.Float32, Moments = Precision.BFloat16, Roots = Precision.Float32)] [Preconditioning(LargeDimensions = LargeDimensions.Elementwise, TargetDimensionality = PreconditioningAttribute.Unlimited)] [RootInverse(MinimaxNewton, BiasCorrection = false)] [WeightDecay(Decoupled, Cautious = true)]
public sealed partial class Pair039;

[Grafting(RMSProp, Beta2 = 0.9)] [InverseExponent(2, 0.25, Dimension = 1)] [Precision(Factors = Precision.Float64, Moments = Precision.Float16, Roots = Precision.Float64)] [RootInverse(MinimaxNewton)] [WeightDecay(Corrected)]
public sealed partial class Pair040;

[Grafting(Adam)] [InverseExponent(2, 0.5)] [Precision(Factors = Precision.BFloat16, Moments = Precision.Float32, Roots = Precision.Float32)] [RootInverse(MinimaxNewton)] [WeightDecay(L2)]
public sealed partial class Pair041;

[Grafting(NormalizedAdagrad)] [InverseExponent(3, 0.125)] [InverseExponent(5, 0.125)] [Precision(Factors = Precision.Float32, Moments = Precision.Float64, Roots = Precision.BFloat16)] [RootInverse(MinimaxNewton)] [WeightDecay(Corrected)]
public sealed partial class Pair042;

[Grafting(NormalizedRMSProp)] [InverseExponent(2, 0.25, Dimension = 1)] [Precision(Moments = Precision.Float64, Roots = Precision.Float32)] [RootInverse(MinimaxNewton)] [WeightDecay(Independent)]
public sealed partial class Pair043;

[Grafting(NormalizedAdam)] [InverseExponent(2, 0.25, Dimension = 1)] [Precision(Moments = Precision.Float16, Roots = Precision.Float64)] [RootInverse(MinimaxNewton)] [WeightDecay(Independent)]
public sealed partial class Pair044;

[Grafting(LARS)] [InverseExponent(2, 0.25, Dimension = 1)] [Precision(Factors = Precision.BFloat16, Roots = Precision.Float32)] [RootInverse(MinimaxNewton)] [WeightDecay(Independent)]
public sealed partial class Pair045;

[Grafting(LAMB)] [InverseExponent(2, 0.25, Dimension = 1)] [Precision(Moments = Precision.Float64, Roots = Precision.Float16)] [RootInverse(MinimaxNewton)] [WeightDecay(Independent)]
public sealed partial class Pair046;

[Grafting(Adam)] [InverseExponent(3, 0.125)] [InverseExponent(5, 0.125)] [Precision(Moments = Precision.Float64, Roots = Precision.Float32)] [Preconditioning(Frequency = 3, Refresh = Refresh.Overlapped, Staleness = 2)] [RootInverse(MinimaxNewton)] [WeightDecay(Corrected)]
public sealed partial class Pair047;

[Distributed(DDP, Communication = Precision.BFloat16, Cost = BlockCost.Work)] [Grafting(SGD)] [InverseExponent(2, 0.25, Dimension = 1)] [Precision(Factors = Precision.BFloat16, Roots = Precision.BFloat16)] [RootInverse(MinimaxNewton)] [WeightDecay(L2)]
public sealed partial class Pair048;

[Distributed(DDP, Communication = Precision.Float16, Cost = BlockCost.Memory)] [Grafting(RMSProp, Beta2 = 0.9)] [InverseExponent(2, 0.25, Dimension = 1)] [Precision(Moments = Precision.Float32, Roots = Precision.BFloat16)] [RootInverse(MinimaxNewton)] [WeightDecay(L2)]
public sealed partial class Pair049;

[Preconditioning(Frequency = 3, Refresh = Refresh.Staggered)] [RootInverse(MinimaxNewton)]
public sealed partial class Pair050;

[Clipping(MaxDirectionRms = 0.5, MaxGradientNorm = 0.5)] [Distributed(DDP, Communicates = Communicated.UpdatedParameters, Communication = Precision.Float32, GroupSize = 1)] [Elementwise(ElementwiseDialect.Torch)] [FirstMoment(Beta1 = 0.8, Beta3 = 0.5, BiasCorrection = false)] [GradientChecks(false)] [Grafting(SGD)] [InverseExponent(3, 0.125)] [InverseExponent(5, 0.125)] [IterateAveraging(PrimalAveraging, EvaluationInterpolation = 0.8, TrainInterpolation = 0.8)] [Momentum(Dampening = 0.1, Nesterov = true)] [Precision(Factors = Precision.Float32, Moments = Precision.Float32, Roots = Precision.Float32)] [Preconditioning(Frequency = 3, LargeDimensions = LargeDimensions.DiagonalFactor, MaxDimension = 4, Refresh = Refresh.Staggered, SkipRankBelow = 2, SkipSizeAbove = 20, Start = 6, StatisticsInterval = 2, TargetDimensionality = 2, ToleratedFailures = 0)] [RootInverse(NewtonSchulz, Beta2 = 1, Epsilon = 1e-3, ExponentMultiplier = 0.5, RelativeEpsilon = 0.05, Statistics = FactorStatistics.KullbackLeibler, TraceScalingExponent = 1)] [WeightDecay(L2, WeightDecay = 0.1)]
public sealed partial class Pair051;

[Distributed(ReduceScatter, Communication = Precision.BFloat16)] [Grafting(Adagrad, Epsilon = 1e-3)] [InverseExponent(3, 0.125)] [InverseExponent(5, 0.125)] [IterateAveraging(ScheduleFree, LearningRatePower = 1)] [Precision(Moments = Precision.Float32)] [Preconditioning(LargeDimensions = LargeDimensions.Elementwise, SymmetricPacking = true, TargetDimensionality = PreconditioningAttribute.Unlimited)] [RootInverse(NewtonSchulz, BiasCorrection = false)] [WeightDecay(Decoupled, Cautious = true)]
public sealed partial class Pair052;

[Grafting(RMSProp, Beta2 = 0.9)] [InverseExponent(3, 0.125)] [InverseExponent(5, 0.125)] [Precision(Factors = Precision.Float64, Moments = Precision.Float64, Roots = Precision.Float64)] [RootInverse(NewtonSchulz)] [WeightDecay(Corrected)]
public sealed partial class Pair053;

[Grafting(Adam)] [InverseExponent(3, 0.125)] [InverseExponent(5, 0.125)] [Precision(Factors = Precision.BFloat16, Moments = Precision.BFloat16, Roots = Precision.BFloat16)] [RootInverse(NewtonSchulz)] [WeightDecay(Decoupled)]
public sealed partial class Pair054;

[Grafting(NormalizedAdagrad)] [InverseExponent(3, 0.125)] [InverseExponent(5, 0.125)] [Precision(Factors = Precision.Float64, Moments = Precision.Float16, Roots = Precision.Float16)] [RootInverse(NewtonSchulz)] [WeightDecay(Independent)]
public sealed partial class Pair055;

[Grafting(NormalizedRMSProp)] [InverseExponent(3, 0.125)] [InverseExponent(5, 0.125)] [Precision(Moments = Precision.BFloat16, Roots = Precision.Float64)] [RootInverse(NewtonSchulz)]
public sealed partial class Pair056;

[Grafting(NormalizedAdam)] [InverseExponent(3, 0.125)] [InverseExponent(5, 0.125)] [Preconditioning(SymmetricPacking = true)] [RootInverse(NewtonSchulz)]
public sealed partial class Pair057;

[Grafting(LARS)] [InverseExponent(3, 0.125)] [InverseExponent(5, 0.125)] [Precision(Roots = Precision.BFloat16)] [RootInverse(NewtonSchulz)]
public sealed partial class Pair058;

[Grafting(LAMB)] [InverseExponent(3, 0.125)] [InverseExponent(5, 0.125)] [Preconditioning(SymmetricPacking = true)] [RootInverse(NewtonSchulz)]
public sealed partial class Pair059;

[Grafting(NormalizedAdagrad)] [InverseExponent(3, 0.125)] [InverseExponent(5, 0.125)] [Precision(Moments = Precision.Float16, Roots = Precision.Float64)] [Preconditioning(Frequency = 3, Refresh = Refresh.Overlapped, Staleness = 2)] [RootInverse(NewtonSchulz)]
public sealed partial class Pair060;

[Distributed(DDP, Communication = Precision.Float16)] [Grafting(Adam)] [InverseExponent(3, 0.125)] [InverseExponent(5, 0.125)] [Precision(Moments = Precision.BFloat16)] [Preconditioning(SymmetricPacking = true)] [RootInverse(NewtonSchulz)] [WeightDecay(Decoupled)]
public sealed partial class Pair061;

[FirstMoment] [Grafting(Adam)] [InverseExponent(3, 0.125)] [InverseExponent(5, 0.125)] [Precision(Moments = Precision.EightBit, Roots = Precision.Float16)] [RootInverse(NewtonSchulz)] [WeightDecay(Decoupled)]
public sealed partial class Pair062;

[Clipping(MaxDirectionRms = 0.5, MaxGradientNorm = 0.5)] [Distributed(DDP, Communicates = Communicated.UpdatedParameters, Communication = Precision.Float32, GroupSize = 1)] [Eigendecomposed(Eigh, Beta2 = 1, Epsilon = 1e-3, RankDeficiency = RankDeficiency.PerturbAfter, Statistics = FactorStatistics.KullbackLeibler, Tolerance = 0.1, TraceScalingExponent = 1)] [Elementwise(ElementwiseDialect.Torch)] [FirstMoment(Beta1 = 0.8, Beta3 = 0.5, BiasCorrection = false)] [GradientChecks(false)] [Grafting(SGD)] [InverseExponent(2, 0.5)] [IterateAveraging(PrimalAveraging, EvaluationInterpolation = 0.8, TrainInterpolation = 0.8)] [Momentum(Dampening = 0.1, Nesterov = true)] [Precision(Eigenvectors = Precision.Float32, Factors = Precision.Float32, Moments = Precision.Float32, Roots = Precision.Float32)] [Preconditioning(Frequency = 3, MaxDimension = 4, Refresh = Refresh.Staggered, SkipRankBelow = 2, SkipSizeAbove = 20, Start = 6, StatisticsInterval = 2, TargetDimensionality = 2, ToleratedFailures = 0)] [WeightDecay(L2, WeightDecay = 0.1)]
public sealed partial class Pair063;

[Clipping(MaxDirectionRms = 0.5, MaxGradientNorm = 0.5)] [Distributed(ReduceScatter, Communication = Precision.BFloat16, Cost = BlockCost.Memory)] [Eigendecomposed(Eigh, BiasCorrection = false, RankDeficiency = RankDeficiency.PseudoInverse, Statistics = FactorStatistics.KullbackLeibler, Tolerance = 0.1, TraceScalingExponent = 1)] [Elementwise(ElementwiseDialect.Torch)] [FirstMoment(Beta1 = 0.8, Beta3 = 0.5, BiasCorrection = false)] [GradientChecks(false)] [Grafting(Adagrad, Epsilon = 1e-3)] [InverseExponent(1, 0)] [IterateAveraging(ScheduleFree, LearningRatePower = 1, TrainInterpolation = 0.8)] [Momentum(Dampening = 0.1, Nesterov = true)] [Precision(Eigenvectors = Precision.Float64, Factors = Precision.Float64, Moments = Precision.Float64, Roots = Precision.Float64)] [Preconditioning(Frequency = 3, MaxDimension = 4, Refresh = Refresh.Staggered, SkipRankBelow = 2, SkipSizeAbove = 20, Start = 6, StatisticsInterval = 2, TargetDimensionality = PreconditioningAttribute.Unlimited, ToleratedFailures = 0)] [WeightDecay(Decoupled, Cautious = true, WeightDecay = 0.1)]
public sealed partial class Pair064;

[Clipping(MaxDirectionRms = 0.5, MaxGradientNorm = 0.5)] [Distributed(DDP, Communicates = Communicated.UpdatedParameters, Communication = Precision.Float32, GroupSize = 1)] [Eigendecomposed(Eigh, Beta2 = 1, RankDeficiency = RankDeficiency.PseudoInverse, Statistics = FactorStatistics.KullbackLeibler, Tolerance = 0.1, TraceScalingExponent = 1)] [Elementwise(ElementwiseDialect.Torch)] [FirstMoment(Beta1 = 0.8, Beta3 = 0.5, BiasCorrection = false)] [GradientChecks(false)] [Grafting(RMSProp, Beta2 = 0.9, Epsilon = 1e-3)] [InverseExponent(2, 0.25, Dimension = 1)] [IterateAveraging(PrimalAveraging, EvaluationInterpolation = 0.8, TrainInterpolation = 0.8)] [Momentum(Dampening = 0.1, Nesterov = true)] [Precision(Eigenvectors = Precision.BFloat16, Factors = Precision.BFloat16, Moments = Precision.BFloat16, Roots = Precision.BFloat16)] [Preconditioning(Frequency = 3, MaxDimension = 4, Refresh = Refresh.Staggered, SkipRankBelow = 2, SkipSizeAbove = 20, Start = 6, StatisticsInterval = 2, TargetDimensionality = 2, ToleratedFailures = 0)] [WeightDecay(Corrected, Cautious = true, WeightDecay = 0.1)]
public sealed partial class Pair065;

[Clipping(MaxDirectionRms = 0.5, MaxGradientNorm = 0.5)] [Distributed(ReduceScatter, Communication = Precision.BFloat16, GroupSize = 1)] [Eigendecomposed(Eigh, Beta2 = 1, Epsilon = 1e-3, RankDeficiency = RankDeficiency.PerturbAfter, Statistics = FactorStatistics.KullbackLeibler, Tolerance = 0.1, TraceScalingExponent = 1)] [Elementwise(ElementwiseDialect.Torch)] [FirstMoment(Beta1 = 0.8, Beta3 = 0.5, BiasCorrection = false)] [GradientChecks(false)] [Grafting(Adam, Beta2 = 0.9, Epsilon = 1e-3)] [InverseExponent(3, 0.125)] [InverseExponent(5, 0.125)] [IterateAveraging(ScheduleFree, LearningRatePower = 1, TrainInterpolation = 0.8)] [Momentum(Dampening = 0.1, Nesterov = true)] [Precision(Eigenvectors = Precision.Float16, Factors = Precision.Float64, Moments = Precision.Float16, Roots = Precision.Float16)] [Preconditioning(Frequency = 3, MaxDimension = 4, Refresh = Refresh.Staggered, SkipRankBelow = 2, SkipSizeAbove = 20, Start = 6, StatisticsInterval = 2, TargetDimensionality = PreconditioningAttribute.Unlimited, ToleratedFailures = 0)] [WeightDecay(Independent, Cautious = true, WeightDecay = 0.1)]
public sealed partial class Pair066;

[Distributed(DDP, Communicates = Communicated.UpdatedParameters, Communication = Precision.Float32, GroupSize = 1)] [Eigendecomposed(Eigh, Beta2 = 1, Epsilon = 1e-3, RankDeficiency = RankDeficiency.PerturbAfter, Statistics = FactorStatistics.KullbackLeibler, Tolerance = 0.1, TraceScalingExponent = 1)] [Grafting(NormalizedAdagrad)] [InverseExponent(1, 0)] [IterateAveraging(PrimalAveraging, EvaluationInterpolation = 0.8)] [Precision(Eigenvectors = Precision.Float64, Moments = Precision.Float64)] [Preconditioning(SymmetricPacking = true, TargetDimensionality = 2)] [WeightDecay(Decoupled)]
public sealed partial class Pair067;

[Distributed(ReduceScatter, Communicates = Communicated.UpdatedParameters, Communication = Precision.Float32)] [Eigendecomposed(Eigh, Beta2 = 1, Epsilon = 1e-3, RankDeficiency = RankDeficiency.PerturbAfter, Statistics = FactorStatistics.KullbackLeibler, Tolerance = 0.1, TraceScalingExponent = 1)] [Grafting(NormalizedRMSProp)] [InverseExponent(2, 0.25, Dimension = 1)] [IterateAveraging(ScheduleFree, LearningRatePower = 1)] [Precision(Eigenvectors = Precision.BFloat16, Factors = Precision.Float64, Moments = Precision.BFloat16, Roots = Precision.Float64)] [Preconditioning(TargetDimensionality = PreconditioningAttribute.Unlimited)] [WeightDecay(Corrected)]
public sealed partial class Pair068;

[Distributed(ReduceScatter, Communication = Precision.BFloat16)] [Eigendecomposed(Eigh, Beta2 = 1, Epsilon = 1e-3, RankDeficiency = RankDeficiency.PerturbAfter, Statistics = FactorStatistics.KullbackLeibler, Tolerance = 0.1, TraceScalingExponent = 1)] [Grafting(NormalizedAdam, Beta2 = 0.9, Epsilon = 1e-3)] [InverseExponent(1, 0)] [IterateAveraging(ScheduleFree, LearningRatePower = 1)] [Precision(Eigenvectors = Precision.Float32, Factors = Precision.BFloat16, Moments = Precision.Float64, Roots = Precision.BFloat16)] [Preconditioning(TargetDimensionality = PreconditioningAttribute.Unlimited)] [WeightDecay(Decoupled, Cautious = true)]
public sealed partial class Pair069;

[Eigendecomposed(Eigh, Beta2 = 1, Epsilon = 1e-3, RankDeficiency = RankDeficiency.PerturbAfter, Statistics = FactorStatistics.KullbackLeibler, Tolerance = 0.1, TraceScalingExponent = 1)] [Grafting(LARS)] [InverseExponent(2, 0.25, Dimension = 1)] [Precision(Eigenvectors = Precision.Float32, Factors = Precision.Float64, Roots = Precision.Float64)] [WeightDecay(Corrected)]
public sealed partial class Pair070;

[Eigendecomposed(Eigh, Beta2 = 1, Epsilon = 1e-3, RankDeficiency = RankDeficiency.PerturbAfter, Statistics = FactorStatistics.KullbackLeibler, Tolerance = 0.1, TraceScalingExponent = 1)] [Grafting(LAMB)] [InverseExponent(3, 0.125)] [InverseExponent(5, 0.125)] [Precision(Eigenvectors = Precision.Float32, Moments = Precision.BFloat16, Roots = Precision.Float16)] [WeightDecay(Independent)]
public sealed partial class Pair071;

[Clipping(MaxDirectionRms = 0.5, MaxGradientNorm = 0.5)] [Distributed(DDP, Communicates = Communicated.UpdatedParameters, Communication = Precision.Float32, GroupSize = 1)] [Eigendecomposed(Eigh, AbsoluteRankTolerance = 1e-9, BiasCorrection = false, RankDeficiency = RankDeficiency.PseudoInverse, RankTolerance = 1e-6, Statistics = FactorStatistics.KullbackLeibler, Tolerance = 0.1, TraceScalingExponent = 1)] [Elementwise(ElementwiseDialect.Torch)] [FirstMoment(Beta1 = 0.8, Beta3 = 0.5, BiasCorrection = false)] [GradientChecks(false)] [Grafting(SGD)] [InverseExponent(2, 0.5)] [IterateAveraging(PrimalAveraging, EvaluationInterpolation = 0.8, TrainInterpolation = 0.8)] [Momentum(Dampening = 0.1, Nesterov = true)] [Precision(Eigenvectors = Precision.Float16, Factors = Precision.Float32, Roots = Precision.Float32)] [Preconditioning(Frequency = 3, MaxDimension = 4, Refresh = Refresh.Staggered, SkipRankBelow = 2, SkipSizeAbove = 20, Start = 6, StatisticsInterval = 2, TargetDimensionality = 2, ToleratedFailures = 0)] [WeightDecay(L2, WeightDecay = 0.1)]
public sealed partial class Pair072;

[Eigendecomposed(Eigh, BiasCorrection = false, RankDeficiency = RankDeficiency.PseudoInverse, Statistics = FactorStatistics.KullbackLeibler, Tolerance = 0.1, TraceScalingExponent = 1)] [Grafting(NormalizedRMSProp, Beta2 = 0.9)] [InverseExponent(3, 0.125)] [InverseExponent(5, 0.125)] [Precision(Eigenvectors = Precision.Float32, Moments = Precision.Float16)] [Preconditioning(Frequency = 3, Refresh = Refresh.Overlapped, Staleness = 2, SymmetricPacking = true)] [WeightDecay(Independent)]
public sealed partial class Pair073;

[Distributed(DDP, Communication = Precision.Float16, Cost = BlockCost.Work)] [Eigendecomposed(Eigh, BiasCorrection = false, Epsilon = 1e-3, RankDeficiency = RankDeficiency.PerturbAfter, Statistics = FactorStatistics.KullbackLeibler, Tolerance = 0.1, TraceScalingExponent = 1)] [Grafting(NormalizedAdagrad)] [InverseExponent(2, 0.25, Dimension = 1)] [Precision(Eigenvectors = Precision.Float32, Factors = Precision.BFloat16, Moments = Precision.Float32, Roots = Precision.BFloat16)] [WeightDecay(Corrected)]
public sealed partial class Pair074;

[Eigendecomposed(Eigh, BiasCorrection = false, RankDeficiency = RankDeficiency.PseudoInverse, Statistics = FactorStatistics.KullbackLeibler, Tolerance = 0.1, TraceScalingExponent = 1)] [FirstMoment] [Grafting(NormalizedAdagrad)] [InverseExponent(1, 0)] [Precision(Eigenvectors = Precision.BFloat16, Factors = Precision.Float32, Moments = Precision.EightBit, Roots = Precision.Float16)] [WeightDecay(L2)]
public sealed partial class Pair075;

[Clipping(MaxDirectionRms = 0.5, MaxGradientNorm = 0.5)] [Distributed(DDP, Communicates = Communicated.UpdatedParameters, Communication = Precision.Float32, Cost = BlockCost.Memory)] [Eigendecomposed(QR, Beta2 = 1, Epsilon = 1e-3, MaxIterations = 3, RankDeficiency = RankDeficiency.PerturbAfter, Statistics = FactorStatistics.KullbackLeibler, Tolerance = 0.1, TraceScalingExponent = 1)] [Elementwise(ElementwiseDialect.Torch)] [FirstMoment(Beta1 = 0.8, Beta3 = 0.5, BiasCorrection = false)] [GradientChecks(false)] [Grafting(SGD)] [InverseExponent(2, 0.5)] [IterateAveraging(PrimalAveraging, EvaluationInterpolation = 0.8, TrainInterpolation = 0.8)] [Momentum(Dampening = 0.1, Nesterov = true)] [Precision(Eigenvectors = Precision.Float64, Factors = Precision.Float64, Roots = Precision.Float32)] [Preconditioning(Frequency = 3, MaxDimension = 4, Refresh = Refresh.Staggered, SkipRankBelow = 2, SkipSizeAbove = 20, Start = 6, StatisticsInterval = 2, TargetDimensionality = 2, ToleratedFailures = 0)] [WeightDecay(L2, WeightDecay = 0.1)]
public sealed partial class Pair076;

[Distributed(ReduceScatter, Communication = Precision.BFloat16, GroupSize = 1)] [Eigendecomposed(QR, BiasCorrection = false, MaxIterations = 3, RankDeficiency = RankDeficiency.PseudoInverse)] [Grafting(Adagrad, Epsilon = 1e-3)] [InverseExponent(1, 0)] [IterateAveraging(ScheduleFree, LearningRatePower = 1)] [Precision(Eigenvectors = Precision.Float32, Factors = Precision.Float32, Moments = Precision.Float32, Roots = Precision.BFloat16)] [Preconditioning(TargetDimensionality = PreconditioningAttribute.Unlimited)] [WeightDecay(Decoupled, Cautious = true)]
public sealed partial class Pair077;

[Eigendecomposed(QR, BiasCorrection = false, Epsilon = 1e-3, MaxIterations = 3, RankDeficiency = RankDeficiency.PerturbAfter)] [Grafting(RMSProp, Beta2 = 0.9)] [InverseExponent(2, 0.25, Dimension = 1)] [Precision(Eigenvectors = Precision.Float16, Factors = Precision.BFloat16, Moments = Precision.Float64, Roots = Precision.Float16)] [WeightDecay(Corrected)]
public sealed partial class Pair078;

[Eigendecomposed(QR, BiasCorrection = false, MaxIterations = 3, RankDeficiency = RankDeficiency.PseudoInverse)] [Grafting(Adam)] [InverseExponent(3, 0.125)] [InverseExponent(5, 0.125)] [Precision(Eigenvectors = Precision.BFloat16, Moments = Precision.Float16)] [Preconditioning(SymmetricPacking = true)] [WeightDecay(Independent)]
public sealed partial class Pair079;

[Eigendecomposed(QR, BiasCorrection = false, MaxIterations = 3)] [Grafting(NormalizedAdagrad)] [InverseExponent(1, 0)] [Precision(Eigenvectors = Precision.Float16, Moments = Precision.BFloat16, Roots = Precision.Float64)] [WeightDecay(Decoupled)]
public sealed partial class Pair080;

[Eigendecomposed(QR, MaxIterations = 3)] [Grafting(NormalizedRMSProp, Beta2 = 0.9)] [InverseExponent(2, 0.25, Dimension = 1)] [Precision(Eigenvectors = Precision.Float64, Moments = Precision.Float32, Roots = Precision.BFloat16)] [WeightDecay(Corrected)]
public sealed partial class Pair081;

[Eigendecomposed(QR, BiasCorrection = false, MaxIterations = 3, RankDeficiency = RankDeficiency.PseudoInverse)] [Grafting(NormalizedAdam)] [InverseExponent(3, 0.125)] [InverseExponent(5, 0.125)] [Precision(Eigenvectors = Precision.Float64, Moments = Precision.BFloat16, Roots = Precision.Float16)] [WeightDecay(Independent)]
public sealed partial class Pair082;

[Eigendecomposed(QR, BiasCorrection = false, MaxIterations = 3, RankDeficiency = RankDeficiency.PseudoInverse)] [Grafting(LARS)] [Precision(Eigenvectors = Precision.Float64)]
public sealed partial class Pair083;

[Eigendecomposed(QR, BiasCorrection = false, MaxIterations = 3, RankDeficiency = RankDeficiency.PseudoInverse)] [Grafting(LAMB)] [Precision(Eigenvectors = Precision.Float64, Moments = Precision.Float16)]
public sealed partial class Pair084;

[Distributed(ReduceScatter)] [Eigendecomposed(QR, AbsoluteRankTolerance = 1e-9, Beta2 = 1, MaxIterations = 3, RankDeficiency = RankDeficiency.PseudoInverse, RankTolerance = 1e-6)] [Grafting(Adagrad, Epsilon = 1e-3)] [InverseExponent(1, 0)] [IterateAveraging(ScheduleFree, LearningRatePower = 1)] [Precision(Eigenvectors = Precision.BFloat16, Factors = Precision.Float64, Moments = Precision.Float32, Roots = Precision.Float64)] [Preconditioning(TargetDimensionality = PreconditioningAttribute.Unlimited)] [WeightDecay(Decoupled, Cautious = true)]
public sealed partial class Pair085;

[Eigendecomposed(QR, Beta2 = 1, Epsilon = 1e-3, MaxIterations = 3, RankDeficiency = RankDeficiency.PerturbAfter)] [Grafting(NormalizedAdam)] [InverseExponent(2, 0.5)] [Precision(Eigenvectors = Precision.BFloat16, Moments = Precision.Float64, Roots = Precision.Float32)] [Preconditioning(Frequency = 3, Refresh = Refresh.Overlapped, Staleness = 2)]
public sealed partial class Pair086;

[Distributed(DDP, Communication = Precision.Float16, Cost = BlockCost.Work)] [Eigendecomposed(QR, Beta2 = 1, MaxIterations = 3, RankDeficiency = RankDeficiency.PseudoInverse)] [Grafting(NormalizedRMSProp)] [InverseExponent(3, 0.125)] [InverseExponent(5, 0.125)] [Precision(Eigenvectors = Precision.Float16, Moments = Precision.Float32)] [Preconditioning(SymmetricPacking = true)] [WeightDecay(Independent)]
public sealed partial class Pair087;

[Eigendecomposed(QR, Beta2 = 1, Epsilon = 1e-3, MaxIterations = 3, RankDeficiency = RankDeficiency.PerturbAfter)] [FirstMoment] [Grafting(NormalizedRMSProp)] [Precision(Eigenvectors = Precision.Float32, Moments = Precision.EightBit)]
public sealed partial class Pair088;

[Clipping(MaxDirectionRms = 0.5, MaxGradientNorm = 0.5)] [Distributed(DDP, Communicates = Communicated.UpdatedParameters, Communication = Precision.Float32, GroupSize = 1)] [EigenvalueCorrected(Eigh, Beta2 = 1, Epsilon = 1e-3, Exponent = 0.25, Tolerance = 0.1, TraceScalingExponent = 1, TransportEigenvalues = true)] [Elementwise(ElementwiseDialect.Torch)] [FirstMoment(Beta1 = 0.8, Beta3 = 0.5, BiasCorrection = false)] [GradientChecks(false)] [Grafting(SGD)] [IgnoredDimensions(2, 0)] [InverseExponent(3, 0.125)] [InverseExponent(5, 0.125)] [IterateAveraging(PrimalAveraging, EvaluationInterpolation = 0.8, TrainInterpolation = 0.8)] [Momentum(Dampening = 0.1, Nesterov = true)] [Precision(Eigenvectors = Precision.BFloat16, Factors = Precision.Float32, Moments = Precision.Float64)] [Preconditioning(Frequency = 3, MaxDimension = 4, Refresh = Refresh.Staggered, SkipRankBelow = 2, SkipSizeAbove = 20, Start = 6, StatisticsInterval = 2, TargetDimensionality = 2, ToleratedFailures = 0)] [WeightDecay(L2, WeightDecay = 0.1)]
public sealed partial class Pair089;

[Clipping(MaxDirectionRms = 0.5, MaxGradientNorm = 0.5)] [Distributed(ReduceScatter, Communication = Precision.BFloat16, Cost = BlockCost.Work)] [EigenvalueCorrected(Eigh, BiasCorrection = false, Epsilon = 1e-3, Exponent = 0.25, RankDeficiency = RankDeficiency.PerturbAfter, Tolerance = 0.1, TransportEigenvalues = true)] [Elementwise(ElementwiseDialect.Torch)] [FirstMoment(Beta1 = 0.8, Beta3 = 0.5, BiasCorrection = false)] [GradientChecks(false)] [Grafting(Adagrad, Epsilon = 1e-3)] [IgnoredDimensions(3, 1)] [InverseExponent(3, 0.125)] [InverseExponent(5, 0.125)] [IterateAveraging(ScheduleFree, LearningRatePower = 1, TrainInterpolation = 0.8)] [Momentum(Dampening = 0.1, Nesterov = true)] [Precision(Eigenvectors = Precision.Float16, Factors = Precision.Float64, Moments = Precision.Float32)] [Preconditioning(Frequency = 3, MaxDimension = 4, Refresh = Refresh.Staggered, SkipRankBelow = 2, SkipSizeAbove = 20, Start = 6, StatisticsInterval = 2, TargetDimensionality = PreconditioningAttribute.Unlimited, ToleratedFailures = 0)] [WeightDecay(Decoupled, Cautious = true, WeightDecay = 0.1)]
public sealed partial class Pair090;

[Clipping(MaxDirectionRms = 0.5, MaxGradientNorm = 0.5)] [Distributed(DDP, Communicates = Communicated.UpdatedParameters, Communication = Precision.Float32, GroupSize = 1)] [EigenvalueCorrected(Eigh, BiasCorrection = false, Epsilon = 1e-3, Exponent = 0.25, RankDeficiency = RankDeficiency.PseudoInverse, Tolerance = 0.1, TransportEigenvalues = true)] [Elementwise(ElementwiseDialect.Torch)] [FirstMoment(Beta1 = 0.8, Beta3 = 0.5, BiasCorrection = false)] [GradientChecks(false)] [Grafting(RMSProp, Beta2 = 0.9, Epsilon = 1e-3)] [IgnoredDimensions(2, 0)] [InverseExponent(3, 0.125)] [InverseExponent(5, 0.125)] [IterateAveraging(PrimalAveraging, EvaluationInterpolation = 0.8, TrainInterpolation = 0.8)] [Momentum(Dampening = 0.1, Nesterov = true)] [Precision(Eigenvectors = Precision.Float32, Factors = Precision.BFloat16, Moments = Precision.BFloat16)] [Preconditioning(Frequency = 3, MaxDimension = 4, Refresh = Refresh.Staggered, SkipRankBelow = 2, SkipSizeAbove = 20, Start = 6, StatisticsInterval = 2, TargetDimensionality = 2, ToleratedFailures = 0)] [WeightDecay(Corrected, Cautious = true, WeightDecay = 0.1)]
public sealed partial class Pair091;

[Distributed(ReduceScatter, Communication = Precision.BFloat16, GroupSize = 1)] [EigenvalueCorrected(Eigh, Beta2 = 1, Epsilon = 1e-3, Exponent = 0.25, RankDeficiency = RankDeficiency.PerturbAfter, Tolerance = 0.1, TransportEigenvalues = true)] [Grafting(Adam, Beta2 = 0.9, Epsilon = 1e-3)] [IgnoredDimensions(2, 0)] [IterateAveraging(ScheduleFree, LearningRatePower = 1)] [Precision(Eigenvectors = Precision.Float64, Factors = Precision.Float64, Moments = Precision.Float16)] [Preconditioning(TargetDimensionality = PreconditioningAttribute.Unlimited)] [WeightDecay(Independent, Cautious = true)]
public sealed partial class Pair092;

[Distributed(ReduceScatter, Communication = Precision.BFloat16)] [EigenvalueCorrected(Eigh, Beta2 = 1, Epsilon = 1e-3, Exponent = 0.25, RankDeficiency = RankDeficiency.PseudoInverse, Tolerance = 0.1, TransportEigenvalues = true)] [Grafting(NormalizedAdagrad)] [IgnoredDimensions(2, 0)] [IterateAveraging(ScheduleFree, LearningRatePower = 1)] [Precision(Eigenvectors = Precision.Float16, Factors = Precision.Float32, Moments = Precision.Float32)] [Preconditioning(TargetDimensionality = PreconditioningAttribute.Unlimited)] [WeightDecay(Decoupled)]
public sealed partial class Pair093;

[Distributed(ReduceScatter, Communication = Precision.BFloat16)] [EigenvalueCorrected(Eigh, Beta2 = 1, Epsilon = 1e-3, Exponent = 0.25, Tolerance = 0.1, TraceScalingExponent = 1, TransportEigenvalues = true)] [Grafting(NormalizedRMSProp, Beta2 = 0.9, Epsilon = 1e-3)] [IgnoredDimensions(2, 0)] [IterateAveraging(ScheduleFree, LearningRatePower = 1)] [Precision(Eigenvectors = Precision.Float32, Factors = Precision.BFloat16, Moments = Precision.BFloat16)] [Preconditioning(TargetDimensionality = PreconditioningAttribute.Unlimited)] [WeightDecay(Corrected, Cautious = true)]
public sealed partial class Pair094;

[EigenvalueCorrected(Eigh, Beta2 = 1, Epsilon = 1e-3, Exponent = 0.25, Tolerance = 0.1, TraceScalingExponent = 1, TransportEigenvalues = true)] [Grafting(NormalizedAdam)] [IgnoredDimensions(2, 0)] [Precision(Eigenvectors = Precision.Float16, Factors = Precision.Float64, Moments = Precision.Float32)] [WeightDecay(Decoupled)]
public sealed partial class Pair095;

[EigenvalueCorrected(Eigh, Beta2 = 1, Epsilon = 1e-3, Exponent = 0.25, Tolerance = 0.1, TraceScalingExponent = 1, TransportEigenvalues = true)] [Grafting(LARS)] [IgnoredDimensions(2, 0)] [Precision(Eigenvectors = Precision.Float64, Moments = Precision.Float16)] [WeightDecay(Independent)]
public sealed partial class Pair096;

[EigenvalueCorrected(Eigh, Beta2 = 1, Epsilon = 1e-3, Exponent = 0.25, Tolerance = 0.1, TraceScalingExponent = 1, TransportEigenvalues = true)] [Grafting(LAMB)] [IgnoredDimensions(2, 0)] [Precision(Eigenvectors = Precision.BFloat16)]
public sealed partial class Pair097;

[Distributed(DDP, GroupSize = 1)] [EigenvalueCorrected(Eigh, BiasCorrection = false, Epsilon = 1e-3, Exponent = 0.25, RankDeficiency = RankDeficiency.PseudoInverse, Tolerance = 0.1, TransportEigenvalues = true)] [Grafting(LARS)] [IgnoredDimensions(3, 1)] [IterateAveraging(PrimalAveraging, EvaluationInterpolation = 0.8)] [Precision(Eigenvectors = Precision.Float64, Factors = Precision.Float64, Moments = Precision.Float64)] [Preconditioning(Frequency = 3, Refresh = Refresh.Overlapped, Staleness = 2, TargetDimensionality = 2)] [WeightDecay(L2)]
public sealed partial class Pair098;

[Distributed(DDP, Communication = Precision.Float16, Cost = BlockCost.Memory)] [EigenvalueCorrected(Eigh, BiasCorrection = false, Epsilon = 1e-3, Exponent = 0.25, RankDeficiency = RankDeficiency.PerturbAfter, Tolerance = 0.1, TransportEigenvalues = true)] [Grafting(NormalizedAdam, Beta2 = 0.9)] [IgnoredDimensions(3, 1)] [IterateAveraging(PrimalAveraging, EvaluationInterpolation = 0.8)] [Precision(Eigenvectors = Precision.BFloat16, Factors = Precision.Float32, Moments = Precision.BFloat16)] [Preconditioning(TargetDimensionality = 2)] [WeightDecay(Corrected)]
public sealed partial class Pair099;

[EigenvalueCorrected(Eigh, Beta2 = 1, Epsilon = 1e-3, Exponent = 0.25, RankDeficiency = RankDeficiency.PseudoInverse, Tolerance = 0.1, TransportEigenvalues = true)] [FirstMoment] [Grafting(NormalizedAdam)] [IgnoredDimensions(3, 1)] [Precision(Eigenvectors = Precision.Float32, Factors = Precision.BFloat16, Moments = Precision.EightBit)] [WeightDecay(Independent)]
public sealed partial class Pair100;

[Clipping(MaxDirectionRms = 0.5, MaxGradientNorm = 0.5)] [Distributed(DDP, Communication = Precision.BFloat16, GroupSize = 1)] [EigenvalueCorrected(QR, BiasCorrection = false, Epsilon = 1e-3, Exponent = 0.25, MaxIterations = 3, Tolerance = 0.1, TraceScalingExponent = 1, TransportEigenvalues = true)] [Elementwise(ElementwiseDialect.Torch)] [FirstMoment(Beta1 = 0.8, Beta3 = 0.5, BiasCorrection = false)] [GradientChecks(false)] [Grafting(SGD)] [IgnoredDimensions(3, 1)] [InverseExponent(3, 0.125)] [InverseExponent(5, 0.125)] [IterateAveraging(PrimalAveraging, EvaluationInterpolation = 0.8, TrainInterpolation = 0.8)] [Momentum(Dampening = 0.1, Nesterov = true)] [Precision(Eigenvectors = Precision.BFloat16, Factors = Precision.Float32, Moments = Precision.Float16)] [Preconditioning(Frequency = 3, MaxDimension = 4, Refresh = Refresh.Staggered, SkipRankBelow = 2, SkipSizeAbove = 20, Start = 6, StatisticsInterval = 2, TargetDimensionality = 2, ToleratedFailures = 0)] [WeightDecay(Independent, Cautious = true, WeightDecay = 0.1)]
public sealed partial class Pair101;

[Distributed(ReduceScatter, Communicates = Communicated.UpdatedParameters, Communication = Precision.Float32)] [EigenvalueCorrected(QR, Beta2 = 1, MaxIterations = 3, RankDeficiency = RankDeficiency.PseudoInverse)] [Grafting(Adagrad, Epsilon = 1e-3)] [IgnoredDimensions(2, 0)] [IterateAveraging(ScheduleFree, LearningRatePower = 1)] [Precision(Eigenvectors = Precision.Float32, Factors = Precision.Float64, Moments = Precision.Float32)] [Preconditioning(TargetDimensionality = PreconditioningAttribute.Unlimited)] [WeightDecay(L2)]
public sealed partial class Pair102;

[EigenvalueCorrected(QR, Beta2 = 1, MaxIterations = 3, RankDeficiency = RankDeficiency.PerturbAfter)] [Grafting(RMSProp, Beta2 = 0.9)] [IgnoredDimensions(3, 1)] [Precision(Eigenvectors = Precision.Float64, Moments = Precision.Float64)] [WeightDecay(Decoupled)]
public sealed partial class Pair103;

[EigenvalueCorrected(QR, BiasCorrection = false, MaxIterations = 3, TraceScalingExponent = 1)] [Grafting(Adam)] [IgnoredDimensions(3, 1)] [Precision(Eigenvectors = Precision.Float16, Factors = Precision.BFloat16, Moments = Precision.BFloat16)] [WeightDecay(Corrected)]
public sealed partial class Pair104;

[EigenvalueCorrected(QR, BiasCorrection = false, MaxIterations = 3, TraceScalingExponent = 1)] [Grafting(NormalizedAdagrad)] [IgnoredDimensions(3, 1)]
public sealed partial class Pair105;

[EigenvalueCorrected(QR, BiasCorrection = false, MaxIterations = 3, RankDeficiency = RankDeficiency.PerturbAfter)] [Grafting(NormalizedRMSProp)] [IgnoredDimensions(3, 1)] [Precision(Eigenvectors = Precision.Float32, Factors = Precision.BFloat16)] [WeightDecay(L2)]
public sealed partial class Pair106;

[EigenvalueCorrected(QR, MaxIterations = 3)] [Grafting(NormalizedAdam)]
public sealed partial class Pair107;

[EigenvalueCorrected(QR, MaxIterations = 3, RankDeficiency = RankDeficiency.PerturbAfter)] [Grafting(LARS)] [Precision(Eigenvectors = Precision.BFloat16, Moments = Precision.Float32)]
public sealed partial class Pair108;

[EigenvalueCorrected(QR, BiasCorrection = false, MaxIterations = 3, RankDeficiency = RankDeficiency.PerturbAfter)] [Grafting(LAMB)] [IgnoredDimensions(3, 1)] [Precision(Eigenvectors = Precision.Float16)]
public sealed partial class Pair109;

[EigenvalueCorrected(QR, Beta2 = 1, MaxIterations = 3, TraceScalingExponent = 1)] [Grafting(LAMB)] [IgnoredDimensions(2, 0)] [Precision(Eigenvectors = Precision.Float16)] [Preconditioning(Frequency = 3, Refresh = Refresh.Overlapped, Staleness = 2)]
public sealed partial class Pair110;

[Distributed(DDP, Communication = Precision.Float16, Cost = BlockCost.Memory)] [EigenvalueCorrected(QR, Beta2 = 1, MaxIterations = 3, TraceScalingExponent = 1)] [Grafting(LARS)] [IgnoredDimensions(2, 0)] [Precision(Eigenvectors = Precision.Float16, Moments = Precision.BFloat16)]
public sealed partial class Pair111;

[Distributed(DDP, Communication = Precision.Float16, Cost = BlockCost.Work)] [EigenvalueCorrected(QR, Beta2 = 1, MaxIterations = 3, RankDeficiency = RankDeficiency.PseudoInverse)] [Grafting(Adam)] [IgnoredDimensions(2, 0)] [Precision(Eigenvectors = Precision.BFloat16, Moments = Precision.Float16)]
public sealed partial class Pair112;

[EigenvalueCorrected(QR, BiasCorrection = false, MaxIterations = 3, TraceScalingExponent = 1)] [FirstMoment] [Grafting(LARS)] [IgnoredDimensions(2, 0)] [Precision(Eigenvectors = Precision.Float64, Moments = Precision.EightBit)]
public sealed partial class Pair113;

[Clipping(MaxDirectionRms = 0.5, MaxGradientNorm = 0.5)] [Distributed(DDP, Communicates = Communicated.UpdatedParameters, Communication = Precision.Float32, GroupSize = 1)] [Elementwise(ElementwiseDialect.Torch)] [GradientChecks(false)] [IgnoredDimensions(2, 0)] [IterateAveraging(PrimalAveraging, EvaluationInterpolation = 0.8, TrainInterpolation = 0.8)] [Momentum(Dampening = 0.1, Nesterov = true)] [Precision(Eigenvectors = Precision.Float32, Factors = Precision.Float32, Moments = Precision.Float32)] [Preconditioning(Frequency = 3, MaxDimension = 4, Refresh = Refresh.Staggered, SkipRankBelow = 2, SkipSizeAbove = 20, StatisticsInterval = 2, TargetDimensionality = 2, ToleratedFailures = 0)] [Soap(Beta1 = 0.8, Beta2 = 0.9, BiasCorrection = false, Epsilon = 1e-3, ShampooBeta = 0.8)] [WeightDecay(L2, WeightDecay = 0.1)]
public sealed partial class Pair114;

[Distributed(ReduceScatter, Communication = Precision.BFloat16, Cost = BlockCost.Memory)] [IgnoredDimensions(3, 1)] [IterateAveraging(ScheduleFree, LearningRatePower = 1)] [Precision(Eigenvectors = Precision.Float16, Factors = Precision.Float64, Moments = Precision.EightBit)] [Preconditioning(TargetDimensionality = PreconditioningAttribute.Unlimited)] [Soap(Beta1 = 0.8, Beta2 = 0.9, BiasCorrection = false, Epsilon = 1e-3, ShampooBeta = 0.8)] [WeightDecay(Decoupled, Cautious = true)]
public sealed partial class Pair115;

[Precision(Eigenvectors = Precision.BFloat16, Factors = Precision.BFloat16, Moments = Precision.Float64)] [Soap(Beta1 = 0.8, Beta2 = 0.9, BiasCorrection = false, Epsilon = 1e-3, ShampooBeta = 0.8)] [WeightDecay(Corrected)]
public sealed partial class Pair116;

[Precision(Eigenvectors = Precision.Float64, Moments = Precision.BFloat16)] [Soap(Beta1 = 0.8, Beta2 = 0.9, BiasCorrection = false, Epsilon = 1e-3, ShampooBeta = 0.8)] [WeightDecay(Independent)]
public sealed partial class Pair117;

[Precision(Moments = Precision.Float16)] [Preconditioning(Frequency = 3, Refresh = Refresh.Overlapped, Staleness = 2)] [Soap(Beta1 = 0.8, Beta2 = 0.9, BiasCorrection = false, Epsilon = 1e-3, ShampooBeta = 0.8)]
public sealed partial class Pair118;

[Distributed(DDP, Communication = Precision.Float16, Cost = BlockCost.Work)] [Precision(Eigenvectors = Precision.Float64, Moments = Precision.EightBit)] [Soap(Beta1 = 0.8, Beta2 = 0.9, BiasCorrection = false, Epsilon = 1e-3, ShampooBeta = 0.8)]
public sealed partial class Pair119;

[Clipping(MaxDirectionRms = 0.5, MaxGradientNorm = 0.5)] [Distributed(DDP, Communicates = Communicated.UpdatedParameters, Communication = Precision.Float32, GroupSize = 1)] [Elementwise(ElementwiseDialect.Torch)] [FirstMoment(Beta1 = 0.8, Beta3 = 0.5, BiasCorrection = false)] [GradientChecks(false)] [Grafting(SGD)] [IterateAveraging(PrimalAveraging, EvaluationInterpolation = 0.8, TrainInterpolation = 0.8)] [Momentum(Dampening = 0.1, Nesterov = true)] [Precision(Moments = Precision.Float32)] [Preconditioning(MaxDimension = 4, SkipRankBelow = 2, SkipSizeAbove = 20, Start = 6, TargetDimensionality = 2)] [SpectralDescent(SVD)] [WeightDecay(L2, WeightDecay = 0.1)]
public sealed partial class Pair120;

[Distributed(ReduceScatter, Communication = Precision.BFloat16)] [Grafting(Adagrad, Epsilon = 1e-3)] [IterateAveraging(ScheduleFree, LearningRatePower = 1)] [Precision(Moments = Precision.Float64)] [Preconditioning(TargetDimensionality = 2)] [SpectralDescent(SVD)] [WeightDecay(Decoupled, Cautious = true)]
public sealed partial class Pair121;

[Grafting(RMSProp, Beta2 = 0.9)] [Precision(Moments = Precision.BFloat16)] [Preconditioning(TargetDimensionality = 2)] [SpectralDescent(SVD)] [WeightDecay(Corrected)]
public sealed partial class Pair122;

[Grafting(Adam)] [Precision(Moments = Precision.Float16)] [Preconditioning(TargetDimensionality = 2)] [SpectralDescent(SVD)] [WeightDecay(Independent)]
public sealed partial class Pair123;

[Grafting(NormalizedAdagrad)] [Preconditioning(TargetDimensionality = 2)] [SpectralDescent(SVD)]
public sealed partial class Pair124;

[Grafting(NormalizedRMSProp)] [Preconditioning(TargetDimensionality = 2)] [SpectralDescent(SVD)]
public sealed partial class Pair125;

[Grafting(NormalizedAdam)] [Preconditioning(TargetDimensionality = 2)] [SpectralDescent(SVD)]
public sealed partial class Pair126;

[Grafting(LARS)] [Preconditioning(TargetDimensionality = 2)] [SpectralDescent(SVD)]
public sealed partial class Pair127;

[Grafting(LAMB)] [Preconditioning(TargetDimensionality = 2)] [SpectralDescent(SVD)]
public sealed partial class Pair128;

[Clipping(MaxDirectionRms = 0.5, MaxGradientNorm = 0.5)] [Distributed(DDP, Communicates = Communicated.UpdatedParameters, Communication = Precision.Float32, GroupSize = 1)] [Elementwise(ElementwiseDialect.Torch)] [FirstMoment(Beta1 = 0.8, Beta3 = 0.5, BiasCorrection = false)] [GradientChecks(false)] [IterateAveraging(PrimalAveraging, EvaluationInterpolation = 0.8, TrainInterpolation = 0.8)] [Momentum(Dampening = 0.1, Nesterov = true)] [Precision(Moments = Precision.Float32)] [Preconditioning(MaxDimension = 4, SkipRankBelow = 2, SkipSizeAbove = 20, TargetDimensionality = PreconditioningAttribute.Unlimited)] [SpectralDescent(SVD, ScaleByNuclearNorm = true, Scaling = SpectralScaling.AspectRatio)] [WeightDecay(L2, WeightDecay = 0.1)]
public sealed partial class Pair129;

[Clipping(MaxDirectionRms = 0.5, MaxGradientNorm = 0.5)] [Distributed(DDP, Communication = Precision.Float16, GroupSize = 1)] [Elementwise(ElementwiseDialect.Torch)] [FirstMoment(Beta1 = 0.8, Beta3 = 0.5, BiasCorrection = false)] [GradientChecks(false)] [IterateAveraging(ScheduleFree, LearningRatePower = 1, TrainInterpolation = 0.8)] [Momentum(Dampening = 0.1, Nesterov = true)] [Precision(Moments = Precision.Float32)] [Preconditioning(MaxDimension = 4, SkipRankBelow = 2, SkipSizeAbove = 20, TargetDimensionality = 2)] [SpectralDescent(SVD, ScaleByNuclearNorm = true, Scaling = SpectralScaling.MatchRmsAdamW)] [WeightDecay(Decoupled, Cautious = true, WeightDecay = 0.1)]
public sealed partial class Pair130;

[Clipping(MaxDirectionRms = 0.5, MaxGradientNorm = 0.5)] [Distributed(ReduceScatter, Communication = Precision.BFloat16, GroupSize = 1)] [Elementwise(ElementwiseDialect.Torch)] [FirstMoment(Beta1 = 0.8, Beta3 = 0.5, BiasCorrection = false)] [GradientChecks(false)] [IterateAveraging(PrimalAveraging, EvaluationInterpolation = 0.8, TrainInterpolation = 0.8)] [Momentum(Dampening = 0.1, Nesterov = true)] [Precision(Moments = Precision.EightBit)] [Preconditioning(MaxDimension = 4, SkipRankBelow = 2, SkipSizeAbove = 20, TargetDimensionality = 2)] [SpectralDescent(SVD, ScaleByNuclearNorm = true, Scaling = SpectralScaling.SpectralNorm)] [WeightDecay(Corrected, Cautious = true, WeightDecay = 0.1)]
public sealed partial class Pair131;

[Clipping(MaxDirectionRms = 0.5, MaxGradientNorm = 0.5)] [Distributed(DDP, Communicates = Communicated.UpdatedParameters, Communication = Precision.Float32, GroupSize = 1)] [Elementwise(ElementwiseDialect.Torch)] [FirstMoment(Beta1 = 0.8, Beta3 = 0.5, BiasCorrection = false)] [GradientChecks(false)] [Grafting(SGD)] [IterateAveraging(PrimalAveraging, EvaluationInterpolation = 0.8, TrainInterpolation = 0.8)] [Momentum(Dampening = 0.1, Nesterov = true)] [Precision(Moments = Precision.Float32)] [Preconditioning(MaxDimension = 4, SkipRankBelow = 2, SkipSizeAbove = 20, Start = 6, TargetDimensionality = 2)] [SpectralDescent(NewtonSchulz, Iterations = 3)] [WeightDecay(L2, WeightDecay = 0.1)]
public sealed partial class Pair132;

[Distributed(ReduceScatter, Communication = Precision.BFloat16)] [Grafting(Adagrad, Epsilon = 1e-3)] [IterateAveraging(ScheduleFree, LearningRatePower = 1)] [Precision(Moments = Precision.Float64)] [Preconditioning(TargetDimensionality = 2)] [SpectralDescent(NewtonSchulz, Iterations = 3)] [WeightDecay(Decoupled, Cautious = true)]
public sealed partial class Pair133;

[Grafting(RMSProp, Beta2 = 0.9)] [Precision(Moments = Precision.BFloat16)] [Preconditioning(TargetDimensionality = 2)] [SpectralDescent(NewtonSchulz, Iterations = 3)] [WeightDecay(Corrected)]
public sealed partial class Pair134;

[Grafting(Adam)] [Precision(Moments = Precision.Float16)] [Preconditioning(TargetDimensionality = 2)] [SpectralDescent(NewtonSchulz, Iterations = 3)] [WeightDecay(Independent)]
public sealed partial class Pair135;

[Grafting(NormalizedAdagrad)] [Preconditioning(TargetDimensionality = 2)] [SpectralDescent(NewtonSchulz, Iterations = 3)]
public sealed partial class Pair136;

[Grafting(NormalizedRMSProp)] [Preconditioning(TargetDimensionality = 2)] [SpectralDescent(NewtonSchulz, Iterations = 3)]
public sealed partial class Pair137;

[Grafting(NormalizedAdam)] [Preconditioning(TargetDimensionality = 2)] [SpectralDescent(NewtonSchulz, Iterations = 3)]
public sealed partial class Pair138;

[Grafting(LARS)] [Preconditioning(TargetDimensionality = 2)] [SpectralDescent(NewtonSchulz, Iterations = 3)]
public sealed partial class Pair139;

[Grafting(LAMB)] [Preconditioning(TargetDimensionality = 2)] [SpectralDescent(NewtonSchulz, Iterations = 3)]
public sealed partial class Pair140;

[Distributed(ReduceScatter, Communicates = Communicated.UpdatedParameters, Communication = Precision.Float32)] [IterateAveraging(PrimalAveraging, EvaluationInterpolation = 0.8)] [Preconditioning(TargetDimensionality = PreconditioningAttribute.Unlimited)] [SpectralDescent(NewtonSchulz, Iterations = 3, Scaling = SpectralScaling.MatchRmsAdamW)] [WeightDecay(L2)]
public sealed partial class Pair141;

[Distributed(DDP, Communication = Precision.Float16)] [IterateAveraging(ScheduleFree, LearningRatePower = 1)] [Preconditioning(TargetDimensionality = 2)] [SpectralDescent(NewtonSchulz, Iterations = 3, Scaling = SpectralScaling.AspectRatio)] [WeightDecay(Decoupled, Cautious = true)]
public sealed partial class Pair142;

[FirstMoment] [Grafting(LAMB)] [Precision(Moments = Precision.EightBit)] [Preconditioning(TargetDimensionality = 2)] [SpectralDescent(NewtonSchulz, Iterations = 3)]
public sealed partial class Pair143;

[Distributed(DDP, Communicates = Communicated.UpdatedParameters, Communication = Precision.Float32)] [IterateAveraging(ScheduleFree, LearningRatePower = 1)] [Preconditioning(TargetDimensionality = 2)] [SpectralDescent(NewtonSchulz, Iterations = 3, Scaling = SpectralScaling.SpectralNorm)] [WeightDecay(L2)]
public sealed partial class Pair144;

[Clipping(MaxDirectionRms = 0.5, MaxGradientNorm = 0.5)] [Distributed(DDP, Communicates = Communicated.UpdatedParameters, Communication = Precision.Float32, GroupSize = 1)] [Elementwise(ElementwiseDialect.Torch)] [FirstMoment(Beta1 = 0.8, Beta3 = 0.5, BiasCorrection = false)] [GradientChecks(false)] [Grafting(SGD)] [IterateAveraging(PrimalAveraging, EvaluationInterpolation = 0.8, TrainInterpolation = 0.8)] [Momentum(Dampening = 0.1, Nesterov = true)] [Precision(Moments = Precision.Float32)] [Preconditioning(SkipRankBelow = 2, SkipSizeAbove = 20, Start = 6)] [SignDescent] [WeightDecay(L2, WeightDecay = 0.1)]
public sealed partial class Pair145;

[Distributed(ReduceScatter, Communication = Precision.BFloat16)] [Grafting(Adagrad, Epsilon = 1e-3)] [IterateAveraging(ScheduleFree, LearningRatePower = 1)] [Precision(Moments = Precision.Float64)] [SignDescent] [WeightDecay(Decoupled, Cautious = true)]
public sealed partial class Pair146;

[Grafting(RMSProp, Beta2 = 0.9)] [Precision(Moments = Precision.BFloat16)] [SignDescent] [WeightDecay(Corrected)]
public sealed partial class Pair147;

[Grafting(Adam)] [Precision(Moments = Precision.Float16)] [SignDescent] [WeightDecay(Independent)]
public sealed partial class Pair148;

[Grafting(NormalizedAdagrad)] [SignDescent]
public sealed partial class Pair149;

[Grafting(NormalizedRMSProp)] [SignDescent]
public sealed partial class Pair150;

[Grafting(NormalizedAdam)] [SignDescent]
public sealed partial class Pair151;

[Grafting(LARS)] [SignDescent]
public sealed partial class Pair152;

[Grafting(LAMB)] [SignDescent]
public sealed partial class Pair153;

[Clipping(MaxDirectionRms = 0.5, MaxGradientNorm = 0.5)] [Distributed(DDP, Communicates = Communicated.UpdatedParameters, Communication = Precision.Float32, GroupSize = 1)] [Elementwise(ElementwiseDialect.Torch)] [FirstMoment(Beta1 = 0.8, Beta3 = 0.5, BiasCorrection = false)] [GradientChecks(false)] [IterateAveraging(PrimalAveraging, EvaluationInterpolation = 0.8, TrainInterpolation = 0.8)] [Momentum(Dampening = 0.1, Nesterov = true)] [Precision(Moments = Precision.Float32)] [Preconditioning(SkipRankBelow = 2, SkipSizeAbove = 20)] [SignDescent(Scale = 0.1, Scaling = SignScaling.MeanMagnitude)] [WeightDecay(L2, WeightDecay = 0.1)]
public sealed partial class Pair154;

[Clipping(MaxDirectionRms = 0.5, MaxGradientNorm = 0.5)] [Distributed(DDP, Communication = Precision.Float16, GroupSize = 1)] [Elementwise(ElementwiseDialect.Torch)] [FirstMoment(Beta1 = 0.8, Beta3 = 0.5, BiasCorrection = false)] [GradientChecks(false)] [IterateAveraging(ScheduleFree, LearningRatePower = 1, TrainInterpolation = 0.8)] [Momentum(Dampening = 0.1, Nesterov = true)] [Precision(Moments = Precision.Float32)] [Preconditioning(SkipRankBelow = 2, SkipSizeAbove = 20)] [SignDescent(Scale = 0.1, Scaling = SignScaling.L1Norm)] [WeightDecay(Decoupled, Cautious = true, WeightDecay = 0.1)]
public sealed partial class Pair155;

[Distributed(ReduceScatter, Communication = Precision.BFloat16)] [FirstMoment] [IterateAveraging(ScheduleFree, LearningRatePower = 1)] [Precision(Moments = Precision.EightBit)] [SignDescent(Scale = 0.1, Scaling = SignScaling.MeanMagnitude)] [WeightDecay(Corrected, Cautious = true)]
public sealed partial class Pair156;

[FirstMoment] [Grafting(SGD)] [Precision(Moments = Precision.BFloat16)]
public sealed partial class Pair157;

[EigenvalueCorrected(Eigh, RankDeficiency = RankDeficiency.PerturbAfter)] [Grafting(SGD)]
public sealed partial class Pair158;

[EigenvalueCorrected(Eigh, RankDeficiency = RankDeficiency.PseudoInverse)] [Grafting(SGD)]
public sealed partial class Pair159;

[Distributed(DDP, Communication = Precision.BFloat16, Cost = BlockCost.Memory)] [Grafting(Adagrad, Epsilon = 1e-3)] [InverseExponent(2, 0.25, Dimension = 1)] [IterateAveraging(PrimalAveraging, EvaluationInterpolation = 0.8)] [Precision(Factors = Precision.Float32, Moments = Precision.Float32, Roots = Precision.Float32)] [Preconditioning(LargeDimensions = LargeDimensions.Elementwise, TargetDimensionality = 2)] [RootInverse(Eigh, AbsoluteRankTolerance = 1e-9, Beta2 = 1, RankDeficiency = RankDeficiency.PseudoInverse, RankTolerance = 1e-6)] [WeightDecay(L2)]
public sealed partial class Pair160;

[Eigendecomposed(Eigh, Epsilon = 1e-3, RankDeficiency = RankDeficiency.PerturbAfter)] [Grafting(Adagrad)]
public sealed partial class Pair161;

[EigenvalueCorrected(Eigh, TraceScalingExponent = 1)] [Grafting(Adagrad)]
public sealed partial class Pair162;

[Grafting(RMSProp, Beta2 = 0.9)] [InverseExponent(2, 0.5)] [Precision(Factors = Precision.Float64, Moments = Precision.Float64, Roots = Precision.Float64)] [RootInverse(Eigh, AbsoluteRankTolerance = 1e-9, RankDeficiency = RankDeficiency.PseudoInverse, RankTolerance = 1e-6)] [WeightDecay(Decoupled)]
public sealed partial class Pair163;

[Eigendecomposed(Eigh, AbsoluteRankTolerance = 1e-9, RankDeficiency = RankDeficiency.PseudoInverse, RankTolerance = 1e-6)] [Grafting(RMSProp, Beta2 = 0.9)] [InverseExponent(2, 0.25, Dimension = 1)] [Precision(Eigenvectors = Precision.Float32, Factors = Precision.BFloat16, Moments = Precision.Float64, Roots = Precision.BFloat16)] [WeightDecay(Corrected)]
public sealed partial class Pair164;

[EigenvalueCorrected(Eigh, TraceScalingExponent = 1)] [Grafting(RMSProp)]
public sealed partial class Pair165;

[Grafting(Adam)] [InverseExponent(3, 0.125)] [InverseExponent(5, 0.125)] [Precision(Factors = Precision.BFloat16, Moments = Precision.BFloat16, Roots = Precision.BFloat16)] [RootInverse(Eigh, AbsoluteRankTolerance = 1e-9, RankDeficiency = RankDeficiency.PseudoInverse, RankTolerance = 1e-6)] [WeightDecay(Independent)]
public sealed partial class Pair166;

[Eigendecomposed(Eigh, AbsoluteRankTolerance = 1e-9, RankDeficiency = RankDeficiency.PseudoInverse, RankTolerance = 1e-6)] [Grafting(Adam)] [InverseExponent(3, 0.125)] [InverseExponent(5, 0.125)] [Precision(Eigenvectors = Precision.Float64, Moments = Precision.BFloat16, Roots = Precision.Float16)] [WeightDecay(Independent)]
public sealed partial class Pair167;

[Distributed(DDP, Cost = BlockCost.Memory)] [Grafting(Adam)] [InverseExponent(1, 0)] [RootInverse(Eigh, RankDeficiency = RankDeficiency.PerturbAfter)]
public sealed partial class Pair168;

[Eigendecomposed(Eigh)] [Grafting(Adam)] [Precision(Eigenvectors = Precision.Float32)]
public sealed partial class Pair169;

[Grafting(NormalizedAdagrad)] [Precision(Moments = Precision.Float16, Roots = Precision.Float16)] [RootInverse(Eigh, AbsoluteRankTolerance = 1e-9, RankDeficiency = RankDeficiency.PseudoInverse, RankTolerance = 1e-6)]
public sealed partial class Pair170;

[Eigendecomposed(Eigh, AbsoluteRankTolerance = 1e-9, RankDeficiency = RankDeficiency.PseudoInverse, RankTolerance = 1e-6)] [Grafting(NormalizedAdagrad)] [Precision(Moments = Precision.Float16)] [Preconditioning(SymmetricPacking = true)]
public sealed partial class Pair171;

[EigenvalueCorrected(Eigh, RankDeficiency = RankDeficiency.PerturbAfter)] [Grafting(NormalizedAdagrad)]
public sealed partial class Pair172;

[Grafting(NormalizedRMSProp)] [RootInverse(Eigh, AbsoluteRankTolerance = 1e-9, RankDeficiency = RankDeficiency.PseudoInverse, RankTolerance = 1e-6)]
public sealed partial class Pair173;

[Eigendecomposed(Eigh, AbsoluteRankTolerance = 1e-9, RankDeficiency = RankDeficiency.PseudoInverse, RankTolerance = 1e-6)] [Grafting(NormalizedRMSProp)]
public sealed partial class Pair174;

[EigenvalueCorrected(Eigh, RankDeficiency = RankDeficiency.PseudoInverse)] [Grafting(NormalizedRMSProp)]
public sealed partial class Pair175;

[Grafting(NormalizedAdam)] [RootInverse(Eigh, AbsoluteRankTolerance = 1e-9, RankDeficiency = RankDeficiency.PseudoInverse, RankTolerance = 1e-6)]
public sealed partial class Pair176;

[Eigendecomposed(Eigh, AbsoluteRankTolerance = 1e-9, RankDeficiency = RankDeficiency.PseudoInverse, RankTolerance = 1e-6)] [Grafting(NormalizedAdam)]
public sealed partial class Pair177;

[Distributed(DDP, Cost = BlockCost.Work)] [Grafting(NormalizedAdam)] [RootInverse(Eigh, RankDeficiency = RankDeficiency.PerturbAfter)]
public sealed partial class Pair178;

[Grafting(LARS)] [RootInverse(Eigh, AbsoluteRankTolerance = 1e-9, RankDeficiency = RankDeficiency.PseudoInverse, RankTolerance = 1e-6)]
public sealed partial class Pair179;

[Eigendecomposed(Eigh, AbsoluteRankTolerance = 1e-9, RankDeficiency = RankDeficiency.PseudoInverse, RankTolerance = 1e-6)] [Grafting(LARS)]
public sealed partial class Pair180;

[Distributed(DDP, Communication = Precision.Float16, Cost = BlockCost.Work)] [Grafting(LARS)] [RootInverse(Eigh, RankDeficiency = RankDeficiency.PseudoInverse)]
public sealed partial class Pair181;

[Grafting(LAMB)] [RootInverse(Eigh, AbsoluteRankTolerance = 1e-9, RankDeficiency = RankDeficiency.PseudoInverse, RankTolerance = 1e-6)]
public sealed partial class Pair182;

[Eigendecomposed(Eigh, AbsoluteRankTolerance = 1e-9, RankDeficiency = RankDeficiency.PseudoInverse, RankTolerance = 1e-6)] [Grafting(LAMB)]
public sealed partial class Pair183;

[Distributed(DDP, Communicates = Communicated.UpdatedParameters, Communication = Precision.Float32)] [Grafting(LAMB)]
public sealed partial class Pair184;

[Distributed(DDP, Communication = Precision.Float16)] [Grafting(LAMB)]
public sealed partial class Pair185;

[Distributed(DDP, Cost = BlockCost.Memory)] [Grafting(LAMB)] [RootInverse(Eigh, RankDeficiency = RankDeficiency.PerturbAfter)]
public sealed partial class Pair186;

[Distributed(DDP, Cost = BlockCost.Work)] [Grafting(LAMB)] [RootInverse(Eigh)]
public sealed partial class Pair187;

[EigenvalueCorrected(Eigh, RankDeficiency = RankDeficiency.PseudoInverse)] [Grafting(LAMB)]
public sealed partial class Pair188;

[Distributed(ReduceScatter, Communicates = Communicated.UpdatedParameters, Communication = Precision.Float32)] [IterateAveraging(PrimalAveraging, EvaluationInterpolation = 0.8)] [SignDescent(Scaling = SignScaling.L1Norm)] [WeightDecay(L2)]
public sealed partial class Pair189;

[SignDescent(Scaling = SignScaling.MeanMagnitude)] [WeightDecay(Decoupled)]
public sealed partial class Pair190;

[Preconditioning(TargetDimensionality = 2)] [SpectralDescent(SVD, Scaling = SpectralScaling.SpectralNorm)] [WeightDecay(Decoupled)]
public sealed partial class Pair191;

[SignDescent(Scaling = SignScaling.L1Norm)] [WeightDecay(Corrected)]
public sealed partial class Pair192;

[Distributed(ReduceScatter, Communication = Precision.BFloat16)] [Preconditioning(TargetDimensionality = 2)] [SpectralDescent(SVD, Scaling = SpectralScaling.AspectRatio)] [WeightDecay(Corrected)]
public sealed partial class Pair193;

[Preconditioning(TargetDimensionality = 2)] [SpectralDescent(SVD, Scaling = SpectralScaling.MatchRmsAdamW)] [WeightDecay(Corrected)]
public sealed partial class Pair194;

[SignDescent(Scale = 0.1, Scaling = SignScaling.MeanMagnitude)] [WeightDecay(Independent)]
public sealed partial class Pair195;

[SignDescent(Scaling = SignScaling.L1Norm)] [WeightDecay(Independent)]
public sealed partial class Pair196;

[Preconditioning(TargetDimensionality = 2)] [SpectralDescent(SVD, ScaleByNuclearNorm = true, Scaling = SpectralScaling.AspectRatio)] [WeightDecay(Independent)]
public sealed partial class Pair197;

[Preconditioning(TargetDimensionality = 2)] [SpectralDescent(SVD, Scaling = SpectralScaling.MatchRmsAdamW)] [WeightDecay(Independent)]
public sealed partial class Pair198;

[Preconditioning(TargetDimensionality = 2)] [SpectralDescent(SVD, Scaling = SpectralScaling.SpectralNorm)] [WeightDecay(Independent)]
public sealed partial class Pair199;

[EigenvalueCorrected(Eigh, Exponent = 0.25)] [InverseExponent(2, 0.5)]
public sealed partial class Pair200;

[Distributed(DDP, Communicates = Communicated.UpdatedParameters, Communication = Precision.Float32)] [EigenvalueCorrected(Eigh, RankDeficiency = RankDeficiency.PerturbAfter)] [IgnoredDimensions(3, 1)]
public sealed partial class Pair201;

[Preconditioning(Frequency = 3, Refresh = Refresh.Overlapped, Staleness = 2)] [RootInverse(Eigh, AbsoluteRankTolerance = 1e-9, RankDeficiency = RankDeficiency.PseudoInverse, RankTolerance = 1e-6)]
public sealed partial class Pair202;

[Distributed(DDP, Communication = Precision.Float16, Cost = BlockCost.Work)] [RootInverse(Eigh, AbsoluteRankTolerance = 1e-9, RankDeficiency = RankDeficiency.PseudoInverse, RankTolerance = 1e-6)]
public sealed partial class Pair203;

[FirstMoment] [Precision(Moments = Precision.EightBit)] [RootInverse(Eigh, AbsoluteRankTolerance = 1e-9, RankDeficiency = RankDeficiency.PseudoInverse, RankTolerance = 1e-6)]
public sealed partial class Pair204;

[Eigendecomposed(Eigh, AbsoluteRankTolerance = 1e-9, RankDeficiency = RankDeficiency.PseudoInverse, RankTolerance = 1e-6)] [Preconditioning(Frequency = 3, Refresh = Refresh.Overlapped, Staleness = 2)]
public sealed partial class Pair205;

[Distributed(DDP, Communication = Precision.BFloat16, Cost = BlockCost.Memory)] [Eigendecomposed(Eigh, AbsoluteRankTolerance = 1e-9, RankDeficiency = RankDeficiency.PseudoInverse, RankTolerance = 1e-6)] [Precision(Eigenvectors = Precision.Float32)]
public sealed partial class Pair206;

[Distributed(DDP, Communication = Precision.Float16, Cost = BlockCost.Work)] [Eigendecomposed(Eigh, AbsoluteRankTolerance = 1e-9, RankDeficiency = RankDeficiency.PseudoInverse, RankTolerance = 1e-6)]
public sealed partial class Pair207;

[Eigendecomposed(Eigh, AbsoluteRankTolerance = 1e-9, RankDeficiency = RankDeficiency.PseudoInverse, RankTolerance = 1e-6)] [FirstMoment] [Precision(Moments = Precision.EightBit)]
public sealed partial class Pair208;

[Distributed(DDP, Cost = BlockCost.Work)] [EigenvalueCorrected(Eigh, TraceScalingExponent = 1)]
public sealed partial class Pair209;

[FirstMoment] [Precision(Moments = Precision.Float64)] [SignDescent(Scale = 0.1, Scaling = SignScaling.MeanMagnitude)]
public sealed partial class Pair210;

[FirstMoment] [Precision(Moments = Precision.BFloat16)] [SignDescent(Scale = 0.1, Scaling = SignScaling.MeanMagnitude)]
public sealed partial class Pair211;

[FirstMoment] [Precision(Moments = Precision.Float16)] [SignDescent(Scale = 0.1, Scaling = SignScaling.MeanMagnitude)]
public sealed partial class Pair212;

[Preconditioning(MaxDimension = 4)] [SignDescent(Scaling = SignScaling.MeanMagnitude)]
public sealed partial class Pair213;

[Preconditioning(MaxDimension = 4)] [SignDescent(Scaling = SignScaling.L1Norm)]
public sealed partial class Pair214;

[Preconditioning(TargetDimensionality = 2)] [SignDescent(Scaling = SignScaling.MeanMagnitude)]
public sealed partial class Pair215;

[Preconditioning(TargetDimensionality = 2)] [SignDescent(Scaling = SignScaling.L1Norm)]
public sealed partial class Pair216;

[Preconditioning(TargetDimensionality = PreconditioningAttribute.Unlimited)] [SignDescent(Scaling = SignScaling.MeanMagnitude)]
public sealed partial class Pair217;

[Preconditioning(TargetDimensionality = PreconditioningAttribute.Unlimited)] [SignDescent(Scaling = SignScaling.L1Norm)]
public sealed partial class Pair218;

[Preconditioning(TargetDimensionality = PreconditioningAttribute.Unlimited)] [SpectralDescent(SVD, Scaling = SpectralScaling.SpectralNorm)]
public sealed partial class Pair219;

[Distributed(DDP, Communicates = Communicated.UpdatedParameters, Communication = Precision.Float32, Cost = BlockCost.Memory)] [Preconditioning(Frequency = 3, Refresh = Refresh.Overlapped, Staleness = 2)] [RootInverse(Eigh)]
public sealed partial class Pair220;

[Distributed(DDP, Communication = Precision.Float16, Cost = BlockCost.Work)] [Preconditioning(Frequency = 3, Refresh = Refresh.Overlapped, Staleness = 2)] [RootInverse(Eigh)]
public sealed partial class Pair221;

[FirstMoment] [Precision(Moments = Precision.EightBit)] [Preconditioning(Frequency = 3, Refresh = Refresh.Overlapped, Staleness = 2)] [RootInverse(Eigh)]
public sealed partial class Pair222;

[EigenvalueCorrected(Eigh, RankDeficiency = RankDeficiency.PerturbAfter)] [Preconditioning(Frequency = 3, Refresh = Refresh.Overlapped, Staleness = 2)]
public sealed partial class Pair223;

[Distributed(DDP, Communication = Precision.BFloat16)] [SignDescent(Scaling = SignScaling.L1Norm)]
public sealed partial class Pair224;

[Distributed(DDP, Communication = Precision.BFloat16)] [Preconditioning(TargetDimensionality = 2)] [SpectralDescent(SVD, Scaling = SpectralScaling.MatchRmsAdamW)]
public sealed partial class Pair225;

[Distributed(DDP, Communication = Precision.Float16)] [SignDescent(Scaling = SignScaling.MeanMagnitude)]
public sealed partial class Pair226;

[Distributed(DDP, Communication = Precision.Float16)] [Preconditioning(TargetDimensionality = 2)] [SpectralDescent(SVD, Scaling = SpectralScaling.SpectralNorm)]
public sealed partial class Pair227;

[Distributed(DDP, Cost = BlockCost.Memory)] [EigenvalueCorrected(Eigh, RankDeficiency = RankDeficiency.PseudoInverse)]
public sealed partial class Pair228;

[Eigendecomposed(Eigh)] [Precision(Eigenvectors = Precision.Float16, Roots = Precision.BFloat16)]
public sealed partial class Pair229;

[FirstMoment] [Precision(Moments = Precision.Float32)] [Preconditioning(TargetDimensionality = 2)] [SpectralDescent(SVD, Scaling = SpectralScaling.SpectralNorm)]
public sealed partial class Pair230;

[FirstMoment] [Precision(Moments = Precision.Float64)] [SignDescent(Scaling = SignScaling.L1Norm)]
public sealed partial class Pair231;

[FirstMoment] [Precision(Moments = Precision.Float64)] [Preconditioning(TargetDimensionality = 2)] [SpectralDescent(SVD, ScaleByNuclearNorm = true, Scaling = SpectralScaling.AspectRatio)]
public sealed partial class Pair232;

[FirstMoment] [Precision(Moments = Precision.Float64)] [Preconditioning(TargetDimensionality = 2)] [SpectralDescent(SVD, Scaling = SpectralScaling.MatchRmsAdamW)]
public sealed partial class Pair233;

[FirstMoment] [Precision(Moments = Precision.Float64)] [Preconditioning(TargetDimensionality = 2)] [SpectralDescent(SVD, Scaling = SpectralScaling.SpectralNorm)]
public sealed partial class Pair234;

[FirstMoment] [Precision(Moments = Precision.BFloat16)] [SignDescent(Scaling = SignScaling.L1Norm)]
public sealed partial class Pair235;

[FirstMoment] [Precision(Moments = Precision.BFloat16)] [Preconditioning(TargetDimensionality = 2)] [SpectralDescent(SVD, ScaleByNuclearNorm = true, Scaling = SpectralScaling.AspectRatio)]
public sealed partial class Pair236;

[FirstMoment] [Precision(Moments = Precision.BFloat16)] [Preconditioning(TargetDimensionality = 2)] [SpectralDescent(SVD, Scaling = SpectralScaling.MatchRmsAdamW)]
public sealed partial class Pair237;

[FirstMoment] [Precision(Moments = Precision.BFloat16)] [Preconditioning(TargetDimensionality = 2)] [SpectralDescent(SVD, Scaling = SpectralScaling.SpectralNorm)]
public sealed partial class Pair238;

[FirstMoment] [Precision(Moments = Precision.Float16)] [SignDescent(Scaling = SignScaling.L1Norm)]
public sealed partial class Pair239;

[FirstMoment] [Precision(Moments = Precision.Float16)] [Preconditioning(TargetDimensionality = 2)] [SpectralDescent(SVD, ScaleByNuclearNorm = true, Scaling = SpectralScaling.AspectRatio)]
public sealed partial class Pair240;

[FirstMoment] [Precision(Moments = Precision.Float16)] [Preconditioning(TargetDimensionality = 2)] [SpectralDescent(SVD, Scaling = SpectralScaling.MatchRmsAdamW)]
public sealed partial class Pair241;

[FirstMoment] [Precision(Moments = Precision.Float16)] [Preconditioning(TargetDimensionality = 2)] [SpectralDescent(SVD, Scaling = SpectralScaling.SpectralNorm)]
public sealed partial class Pair242;

[EigenvalueCorrected(Eigh, RankDeficiency = RankDeficiency.PerturbAfter)] [FirstMoment] [Precision(Moments = Precision.EightBit)]
public sealed partial class Pair243;

[FirstMoment] [Precision(Moments = Precision.EightBit)] [SignDescent(Scaling = SignScaling.L1Norm)]
public sealed partial class Pair244;

[FirstMoment] [Precision(Moments = Precision.EightBit)] [Preconditioning(TargetDimensionality = 2)] [SpectralDescent(SVD, Scaling = SpectralScaling.AspectRatio)]
public sealed partial class Pair245;

[FirstMoment] [Precision(Moments = Precision.EightBit)] [Preconditioning(TargetDimensionality = 2)] [SpectralDescent(SVD, Scaling = SpectralScaling.MatchRmsAdamW)]
public sealed partial class Pair246;
