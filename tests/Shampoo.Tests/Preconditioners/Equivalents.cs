using static Shampoo.FactorStatistics;
using static Shampoo.GraftingMethod;
using static Shampoo.RankDeficiency;
using static Shampoo.Solver;
using static Shampoo.WeightDecayKind;

// The declarations that EquivalenceTests compares with each other. TorchSharp.Modules has types of the same names as GraftingMethod.
namespace Shampoo.Tests.Preconditioners;

[RootInverse(Eigh)] [Preconditioning(MaxDimension = 4, Frequency = 2)] [FirstMoment]
public sealed partial class ByEigh;

[RootInverse(CoupledNewton)] [Preconditioning(MaxDimension = 4, Frequency = 2)] [FirstMoment] [Precision(Factors = Precision.Float64)]
public sealed partial class ByCoupledNewton;

[RootInverse(CoupledHigherOrder, RelativeEpsilon = 0, AbsoluteEpsilon = EquivalenceTests.Epsilon)] [Preconditioning(MaxDimension = 4, Frequency = 2)] [FirstMoment] [Precision(Factors = Precision.Float64)]
public sealed partial class ByCoupledHigherOrder;

[RootInverse(NewtonSchulz)] [InverseExponent(3, 0.25)] [Preconditioning(MaxDimension = 4, Frequency = 2)] [FirstMoment]
public sealed partial class ByNewtonSchulz;

[RootInverse(Eigh)] [InverseExponent(3, 0.25)] [Preconditioning(MaxDimension = 4, Frequency = 2)] [FirstMoment]
public sealed partial class ByEighOfPowersOfTwo;

[RootInverse(MinimaxNewton)] [Preconditioning(MaxDimension = 4, Frequency = 2)] [FirstMoment] [Precision(Factors = Precision.Float64)]
public sealed partial class ByMinimaxNewton;

[RootInverse(Eigh, RankDeficiency = PerturbAfter)] [Preconditioning(MaxDimension = 4, Frequency = 2)] [FirstMoment]
public sealed partial class ByEighPerturbedAfter;

[Eigendecomposed(Eigh)] [Preconditioning(MaxDimension = 4, Frequency = 2)] [FirstMoment]
public sealed partial class ByDecomposition;

[Eigendecomposed(QR, MaxIterations = 500, Tolerance = 1e-6)] [Preconditioning(MaxDimension = 4, Frequency = 2)] [FirstMoment]
public sealed partial class ByQR;

[Eigendecomposed(Eigh, Tolerance = 1e-6)] [Preconditioning(MaxDimension = 4, Frequency = 2)] [FirstMoment]
public sealed partial class ByAdaptiveEigh;

[RootInverse(Eigh, TraceScalingExponent = 1)] [Preconditioning(MaxDimension = 4, Frequency = 2)] [FirstMoment]
public sealed partial class ByScaledEigh;

[Eigendecomposed(Eigh, TraceScalingExponent = 1)] [Preconditioning(MaxDimension = 4, Frequency = 2)] [FirstMoment]
public sealed partial class ByScaledDecomposition;

[EigenvalueCorrected(QR, Exponent = 0.25)] [Preconditioning(MaxDimension = 4)] [FirstMoment] [Grafting(LAMB)]
public sealed partial class CorrectedByQuarters;

[EigenvalueCorrected(QR, Exponent = 2)] [InverseExponent(1, 0.25)] [InverseExponent(2, 0.25)] [InverseExponent(3, 0.25)] [InverseExponent(4, 0.25)] [Preconditioning(MaxDimension = 4)] [FirstMoment] [Grafting(LAMB)]
public sealed partial class CorrectedByQuartersOfOrders;

[EigenvalueCorrected(Eigh)] [IgnoredDimensions(1, 0)] [IgnoredDimensions(2, 0, 1)] [IgnoredDimensions(3, 0, 1, 2)] [IgnoredDimensions(4, 0, 1, 2, 3)] [Preconditioning(MaxDimension = 4)] [FirstMoment] [WeightDecay(Decoupled)]
public sealed partial class NothingRotated;

[EigenvalueCorrected(Eigh, Tolerance = 1)] [Preconditioning(MaxDimension = 4)] [FirstMoment] [WeightDecay(Decoupled)]
public sealed partial class NeverRotated;

[RootInverse(Eigh)] [Preconditioning(MaxDimension = 4)] [FirstMoment(Beta1 = 0.8, Beta3 = 0.8)] [WeightDecay(Corrected)]
public sealed partial class CorrectedDecay;

[RootInverse(Eigh)] [Preconditioning(MaxDimension = 4)] [FirstMoment(Beta1 = 0.8)] [WeightDecay(Independent)]
public sealed partial class IndependentDecay;

[RootInverse(Eigh)] [Preconditioning(MaxDimension = 4)] [FirstMoment(Beta1 = 0.8)] [WeightDecay(Decoupled)]
public sealed partial class DecoupledDecay;

[RootInverse(Eigh, Statistics = KullbackLeibler)] [Preconditioning(MaxDimension = 4, Frequency = 2)] [Grafting(Adam)]
public sealed partial class KullbackLeiblerStatistics;

[RootInverse(Eigh)] [Preconditioning(MaxDimension = 4, Frequency = 2)] [Grafting(Adam)]
public sealed partial class OrdinaryStatistics;

[RootInverse(Eigh, Beta2 = 1, RankDeficiency = PseudoInverse)] [Preconditioning(TargetDimensionality = 2)]
public sealed partial class BothSides;

[RootInverse(Eigh, Beta2 = 1, RankDeficiency = PseudoInverse)] [InverseExponent(2, 0.5, Dimension = 0)] [InverseExponent(2, 0, Dimension = 1)] [Preconditioning(TargetDimensionality = 2)]
public sealed partial class LeftSide;

[SpectralDescent(SVD)] [Preconditioning(TargetDimensionality = 2)]
public sealed partial class BySvd;

[SpectralDescent(SVD, ScaleByNuclearNorm = true)] [Preconditioning(TargetDimensionality = 2)]
public sealed partial class ByScaledSvd;

[SpectralDescent(NewtonSchulz)] [Preconditioning(TargetDimensionality = 2)]
public sealed partial class ByIteration;

[SignDescent(Scale = 0.25)]
public sealed partial class OnlySigns;
