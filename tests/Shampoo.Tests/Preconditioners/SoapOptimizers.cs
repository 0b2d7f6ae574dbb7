using static Shampoo.AveragingMethod;
using static Shampoo.Precision;
using static Shampoo.Solver;
using static Shampoo.WeightDecayKind;

namespace Shampoo.Tests.Preconditioners;

[Soap] [Preconditioning(TargetDimensionality = PreconditioningAttribute.Unlimited)] [WeightDecay(Decoupled)]
public sealed partial class SoapEveryStep;

[Soap] [Preconditioning(TargetDimensionality = PreconditioningAttribute.Unlimited, Frequency = 10)] [WeightDecay(Decoupled)]
public sealed partial class SoapEveryTenthStep;

[Soap(ShampooBeta = 0.8)] [Preconditioning(TargetDimensionality = PreconditioningAttribute.Unlimited, MaxDimension = 4, Frequency = 6)] [WeightDecay(Corrected)]
public sealed partial class SoapOfBlocks;

[Soap(BiasCorrection = false)] [Preconditioning(TargetDimensionality = PreconditioningAttribute.Unlimited, Frequency = 6)] [IgnoredDimensions(1, 0)] [IgnoredDimensions(2, 1)] [IgnoredDimensions(3, 0, 2)] [WeightDecay(Independent)]
public sealed partial class SoapOfSomeDimensions;

[Soap] [IgnoredDimensions(1, 0)]
public sealed partial class SoapWithoutRotation;

[Soap] [Preconditioning(TargetDimensionality = 2, Frequency = 6)] [WeightDecay(L2)]
public sealed partial class SoapOfMerged;

[Soap] [Preconditioning(MaxDimension = 4, Frequency = 3)] [Precision(Factors = Precision.Float64, Eigenvectors = Precision.Float32)]
public sealed partial class SoapInFloat64;

[Soap] [Preconditioning(MaxDimension = 4, Frequency = 3)]
public sealed partial class SoapAlone;

[Soap] [Preconditioning(MaxDimension = 4, Frequency = 3)] [Momentum(0.9, Nesterov = true)] [WeightDecay(Decoupled)]
public sealed partial class SoapWithMomentum;

[Soap] [Preconditioning(MaxDimension = 4, Frequency = 3)] [IterateAveraging(PrimalAveraging)] [WeightDecay(Corrected)]
public sealed partial class SoapAveraged;

[Soap] [Preconditioning(MaxDimension = 4, Frequency = 3)] [Clipping(MaxGradientNorm = 0.5)] [WeightDecay(L2)]
public sealed partial class SoapClipped;

[Soap] [Preconditioning(TargetDimensionality = PreconditioningAttribute.Unlimited, MaxDimension = 4, Frequency = 6, StatisticsInterval = 4, SkipRankBelow = 2, SkipSizeAbove = 5)]
[Clipping(MaxDirectionRms = 1)] [WeightDecay(Independent, Cautious = true)]
public sealed partial class SoapSparing;

[Soap] [Preconditioning(MaxDimension = 4, Frequency = 3)] [Momentum] [IterateAveraging(PrimalAveraging)] [WeightDecay(Corrected, Cautious = true)]
public sealed partial class SoapAveragedCautiously;

[Soap] [Preconditioning(MaxDimension = 4, Frequency = 2)] [Precision(Moments = BFloat16, Eigenvectors = BFloat16)]
public sealed partial class SoapOfFewBits;

[EigenvalueCorrected(QR, TransportEigenvalues = true)] [IgnoredDimensions(2, 0)] [Preconditioning(MaxDimension = 4, Frequency = 4)] [FirstMoment]
public sealed partial class Carried;

[EigenvalueCorrected(Eigh, TransportEigenvalues = true, Tolerance = 0.3)] [Preconditioning(MaxDimension = 4, Frequency = 4)]
public sealed partial class CarriedWhereItMoves;

[EigenvalueCorrected(Eigh, TransportEigenvalues = true)] [Preconditioning(TargetDimensionality = PreconditioningAttribute.Unlimited, Frequency = 2, Start = 4)]
public sealed partial class CarriedByEigh;

[EigenvalueCorrected(Eigh, TransportEigenvalues = true)] [Preconditioning(TargetDimensionality = 2, MaxDimension = 4, Frequency = 4, StatisticsInterval = 2, SkipRankBelow = 2)] [WeightDecay(Decoupled, Cautious = true)]
public sealed partial class CarriedRarely;
