using static Shampoo.FactorStatistics;
using static Shampoo.GraftingMethod;
using static Shampoo.RankDeficiency;
using static Shampoo.Solver;
using static Shampoo.WeightDecayKind;

// A pairwise covering set of what decides a direction and of what happens to it: every two values of two options meet in a class, as
// PairTests requires. There are five preconditioners and six kinds of grafting, so it cannot have less than thirty. Every solver is there.
namespace Shampoo.Tests.Preconditioners;

[RootInverse(Eigh, RankDeficiency = PseudoInverse, RankTolerance = 0.01)] [InverseExponent(2, 0, Dimension = 1)] [Preconditioning(MaxDimension = 4, Start = 4, Frequency = 2)] [FirstMoment(BiasCorrection = false)] [Momentum] [WeightDecay(L2)]
public sealed partial class Pair01;

[RootInverse(Eigh, RankDeficiency = PerturbAfter, Statistics = KullbackLeibler)] [Preconditioning(MaxDimension = 4, Start = 4, Frequency = 2)] [Grafting(SGD)] [FirstMoment] [Momentum]
public sealed partial class Pair02;

[RootInverse(CoupledNewton)] [Preconditioning(MaxDimension = 4, Start = 4, Frequency = 2)] [Grafting(Adam)] [FirstMoment(Beta3 = 0.7)] [Momentum] [WeightDecay(Decoupled)] [Precision(Factors = Precision.Float64)]
public sealed partial class Pair03;

[RootInverse(CoupledHigherOrder, RelativeEpsilon = 1e-4, AbsoluteEpsilon = 1e-3)] [Preconditioning(MaxDimension = 4, Start = 4, Frequency = 2)] [Grafting(NormalizedAdagrad)] [FirstMoment(Beta3 = 0.7, BiasCorrection = false)] [WeightDecay(Corrected)] [Precision(Factors = Precision.Float64, Roots = Precision.Float32)]
public sealed partial class Pair04;

[RootInverse(NewtonSchulz, Beta2 = 1)] [InverseExponent(3, 0.25)] [Preconditioning(MaxDimension = 4)] [Grafting(NormalizedRMSProp)] [FirstMoment] [WeightDecay(Independent)]
public sealed partial class Pair05;

[RootInverse(MinimaxNewton, TraceScalingExponent = 0.5)] [Preconditioning(MaxDimension = 4, Start = 4, Frequency = 2)] [Grafting(NormalizedAdam)] [Momentum(0.9, Dampening = 0.1, Nesterov = true)] [WeightDecay(Independent)] [Precision(Factors = Precision.Float64)]
public sealed partial class Pair06;

[Eigendecomposed(Eigh)] [Preconditioning(MaxDimension = 4, Start = 4, Frequency = 2)] [FirstMoment(Beta3 = 0.7, BiasCorrection = false)] [Precision(Factors = Precision.Float64, Eigenvectors = Precision.Float32, Roots = Precision.Float32)]
public sealed partial class Pair07;

[Eigendecomposed(QR, Statistics = KullbackLeibler)] [Preconditioning(MaxDimension = 4, Start = 4, Frequency = 2)] [Grafting(SGD)] [FirstMoment(Beta3 = 0.7)] [WeightDecay(Corrected)]
public sealed partial class Pair08;

[Eigendecomposed(Eigh, Tolerance = 0.2, Beta2 = 1)] [Preconditioning(MaxDimension = 4)] [Grafting(Adam)] [FirstMoment(BiasCorrection = false)] [Momentum] [WeightDecay(Independent)]
public sealed partial class Pair09;

[Eigendecomposed(Eigh, BiasCorrection = false, RankDeficiency = PerturbAfter)] [InverseExponent(2, 0.5, Dimension = 0)] [InverseExponent(3, 0)] [Preconditioning(MaxDimension = 4)] [Grafting(NormalizedAdagrad)] [Momentum(0.9, Dampening = 0.1, Nesterov = true)] [WeightDecay(Decoupled)]
public sealed partial class Pair10;

[Eigendecomposed(QR, MaxIterations = 3, Tolerance = 0.1)] [Preconditioning(MaxDimension = 4)] [Grafting(NormalizedRMSProp)] [FirstMoment(Beta3 = 0.7)] [Momentum] [WeightDecay(L2)]
public sealed partial class Pair11;

[Eigendecomposed(QR, Beta2 = 1, Statistics = KullbackLeibler)] [Preconditioning(MaxDimension = 4, Start = 4, Frequency = 2)] [Grafting(NormalizedAdam)] [FirstMoment] [WeightDecay(Decoupled)]
public sealed partial class Pair12;

[EigenvalueCorrected(Eigh)] [IgnoredDimensions(2, 0)] [Preconditioning(MaxDimension = 4)] [FirstMoment(Beta3 = 0.7)] [WeightDecay(Independent)]
public sealed partial class Pair13;

[EigenvalueCorrected(QR)] [IgnoredDimensions(1, 0)] [Preconditioning(MaxDimension = 4, Start = 4, Frequency = 2)] [Grafting(SGD)] [WeightDecay(L2)]
public sealed partial class Pair14;

[EigenvalueCorrected(Eigh, Tolerance = 0.2)] [Preconditioning(MaxDimension = 4, Start = 4, Frequency = 2)] [Grafting(Adam)] [Momentum(0.9, Dampening = 0.1, Nesterov = true)]
public sealed partial class Pair15;

[EigenvalueCorrected(QR, Beta2 = 1)] [Preconditioning(MaxDimension = 4)] [Grafting(NormalizedAdagrad)] [FirstMoment] [Momentum] [WeightDecay(L2)] [Precision(Factors = Precision.Float64, Eigenvectors = Precision.Float32)]
public sealed partial class Pair16;

[EigenvalueCorrected(Eigh, Exponent = 0.25)] [Preconditioning(MaxDimension = 4, Start = 4, Frequency = 2)] [Grafting(NormalizedRMSProp)] [FirstMoment(Beta3 = 0.7, BiasCorrection = false)] [Momentum] [WeightDecay(Decoupled)]
public sealed partial class Pair17;

[EigenvalueCorrected(QR, MaxIterations = 2, BiasCorrection = false)] [Preconditioning(MaxDimension = 4, Start = 4, Frequency = 2)] [Grafting(NormalizedAdam)] [FirstMoment(BiasCorrection = false)] [Momentum] [WeightDecay(Corrected)]
public sealed partial class Pair18;

[SpectralDescent(NewtonSchulz)] [Preconditioning(MaxDimension = 4, TargetDimensionality = 2)] [Momentum] [WeightDecay(Decoupled)]
public sealed partial class Pair19;

[SpectralDescent(SVD)] [Preconditioning(MaxDimension = 4, TargetDimensionality = 2)] [Grafting(SGD)] [FirstMoment(Beta3 = 0.7, BiasCorrection = false)] [Momentum] [WeightDecay(Independent)]
public sealed partial class Pair20;

[SpectralDescent(SVD, ScaleByNuclearNorm = true)] [Preconditioning(MaxDimension = 4, TargetDimensionality = 2, Start = 4, Frequency = 2)] [Grafting(Adam)] [FirstMoment] [WeightDecay(Corrected)]
public sealed partial class Pair21;

[SpectralDescent(NewtonSchulz, Iterations = 3)] [Preconditioning(MaxDimension = 4, TargetDimensionality = 2, Start = 4, Frequency = 2)] [Grafting(NormalizedAdagrad)] [FirstMoment(Beta3 = 0.7)] [Momentum(0.9, Dampening = 0.1, Nesterov = true)]
public sealed partial class Pair22;

[SpectralDescent(NewtonSchulz)] [Preconditioning(MaxDimension = 4, TargetDimensionality = 2)] [Grafting(NormalizedRMSProp)] [FirstMoment(BiasCorrection = false)] [Momentum(0.9, Dampening = 0.1, Nesterov = true)]
public sealed partial class Pair23;

[SpectralDescent(SVD)] [Preconditioning(MaxDimension = 4, TargetDimensionality = 2)] [Grafting(NormalizedAdam)] [FirstMoment(Beta3 = 0.7, BiasCorrection = false)] [Momentum(0.9, Dampening = 0.1, Nesterov = true)] [WeightDecay(L2)]
public sealed partial class Pair24;

[SignDescent(Scale = 0.5)] [Preconditioning(MaxDimension = 4)] [FirstMoment] [Momentum(0.9, Dampening = 0.1, Nesterov = true)] [WeightDecay(Corrected)]
public sealed partial class Pair25;

[SignDescent(Scale = 0.5)] [Preconditioning(MaxDimension = 4, Start = 4, Frequency = 2)] [Grafting(SGD)] [FirstMoment(BiasCorrection = false)] [Momentum(0.9, Dampening = 0.1, Nesterov = true)] [WeightDecay(Decoupled)]
public sealed partial class Pair26;

[SignDescent(Scale = 0.5)] [Preconditioning(MaxDimension = 4)] [Grafting(Adam)] [FirstMoment(Beta3 = 0.7, BiasCorrection = false)] [Momentum] [WeightDecay(L2)]
public sealed partial class Pair27;

[SignDescent(Scale = 0.5)] [Preconditioning(MaxDimension = 4, Start = 4, Frequency = 2)] [Grafting(NormalizedAdagrad)] [FirstMoment(BiasCorrection = false)] [WeightDecay(Independent)]
public sealed partial class Pair28;

[SignDescent(Scale = 0.5)] [Preconditioning(MaxDimension = 4, Start = 4, Frequency = 2)] [Grafting(NormalizedRMSProp)] [Momentum(0.9, Dampening = 0.1, Nesterov = true)] [WeightDecay(Corrected)]
public sealed partial class Pair29;

[SignDescent(Scale = 0.5)] [Preconditioning(MaxDimension = 4, Start = 4, Frequency = 2)] [Grafting(NormalizedAdam)] [FirstMoment(Beta3 = 0.7)] [Momentum(0.9, Dampening = 0.1, Nesterov = true)]
public sealed partial class Pair30;
