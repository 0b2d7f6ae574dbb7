using static Shampoo.FactorStatistics;
using static Shampoo.GraftingMethod;
using static Shampoo.Solver;
using static Shampoo.WeightDecayKind;

// TorchSharp.Modules has types of the same names as GraftingMethod, so it is not imported here.
namespace Shampoo.Tests;

// Adopted at 7, 8, 12, …; the first two are begun at 6 and 7, where the older one is adopted before.
[RootInverse(Eigh)] [Grafting(Adam)] [FirstMoment] [Preconditioning(MaxDimension = 4, Frequency = 4, Start = 7, Refresh = Refresh.Overlapped)]
public sealed partial class OverlappedRoots;

// Statistics of 3, 4, 6, 7, 8, 9, …; at 6 there are three of them, and the one of step Start is not among them.
[RootInverse(Eigh)] [Grafting(Adam)] [Preconditioning(MaxDimension = 4, Frequency = 4, Start = 7, Refresh = Refresh.Overlapped, StatisticsInterval = 3)]
public sealed partial class OverlappedSometimes;

// Statistics of step T are made with the roots from before T.
[Eigendecomposed(Eigh, Statistics = KullbackLeibler)] [WeightDecay(L2)] [Preconditioning(MaxDimension = 4, Frequency = 2, Start = 4, Refresh = Refresh.Overlapped)]
public sealed partial class OverlappedDivergence;

// Without a part of the step of its own before Start.
[EigenvalueCorrected(Eigh)] [FirstMoment] [Preconditioning(MaxDimension = 4, Frequency = 3, Start = 6, Refresh = Refresh.Overlapped, Staleness = 2)]
public sealed partial class OverlappedBases;

[EigenvalueCorrected(QR, Tolerance = 0.01)] [Grafting(Adam)] [Preconditioning(MaxDimension = 32, Frequency = 3, Refresh = Refresh.Overlapped, Staleness = 2)]
public sealed partial class OverlappedIterations;

[Eigendecomposed(Eigh, Tolerance = 0.1)] [Grafting(SGD)] [Preconditioning(MaxDimension = 32, Frequency = 4, Start = 6, Refresh = Refresh.Overlapped)]
public sealed partial class OverlappedAdaptively;

[RootInverse(Eigh)] [Grafting(Adam)] [FirstMoment] [Preconditioning(MaxDimension = 4, Frequency = 4, Start = 6, Refresh = Refresh.Staggered)]
public sealed partial class StaggeredRoots;

[Eigendecomposed(Eigh, Statistics = KullbackLeibler)] [Grafting(SGD)] [WeightDecay(L2)] [Preconditioning(MaxDimension = 4, Frequency = 4, Start = 8, Refresh = Refresh.Staggered)]
public sealed partial class StaggeredDivergence;

// First refreshed when there have been gradients enough to determine a basis.
[EigenvalueCorrected(Eigh)] [FirstMoment] [Preconditioning(MaxDimension = 4, Frequency = 4, Start = 8, Refresh = Refresh.Staggered)]
public sealed partial class StaggeredBases;

[EigenvalueCorrected(QR, Tolerance = 0.01)] [Preconditioning(MaxDimension = 32, Frequency = 3, Refresh = Refresh.Staggered)]
public sealed partial class StaggeredIterations;

// The iteration starts from the bases in use, and is adopted three steps later.
[Soap] [Preconditioning(TargetDimensionality = PreconditioningAttribute.Unlimited, MaxDimension = 4, Frequency = 6, Refresh = Refresh.Overlapped)] [WeightDecay(Decoupled)]
public sealed partial class OverlappedSoap;

[Soap] [Preconditioning(TargetDimensionality = PreconditioningAttribute.Unlimited, MaxDimension = 4, Frequency = 8, Refresh = Refresh.Staggered)] [WeightDecay(Decoupled)]
public sealed partial class StaggeredSoap;

[EigenvalueCorrected(QR, TransportEigenvalues = true)] [IgnoredDimensions(2, 0)] [FirstMoment] [Preconditioning(MaxDimension = 32, Frequency = 4, Refresh = Refresh.Overlapped)]
public sealed partial class OverlappedTransport;

[EigenvalueCorrected(Eigh, TransportEigenvalues = true)] [FirstMoment] [Preconditioning(MaxDimension = 32, Frequency = 4, Refresh = Refresh.Staggered)]
public sealed partial class StaggeredTransport;

[RootInverse(CoupledNewton)] [Grafting(Adam)] [Preconditioning(MaxDimension = 32, Frequency = 4, Refresh = Refresh.Overlapped)] [Precision(Factors = Precision.BFloat16)]
public sealed partial class OverlappedNewton;

[Soap] [Preconditioning(MaxDimension = 8, Frequency = RarelyStaggered.Period, Refresh = Refresh.Overlapped)]
public sealed partial class RarelyOverlappedSoap;

[RootInverse(Eigh)] [Grafting(Adam)] [FirstMoment] [Preconditioning(MaxDimension = 8, Frequency = Period, Refresh = Refresh.Staggered)]
public sealed partial class RarelyStaggered
{
    public const int Period = 100;
}

[RootInverse(Eigh)] [Grafting(Adam)] [FirstMoment] [Preconditioning(MaxDimension = 8, Frequency = RarelyStaggered.Period, Refresh = Refresh.Overlapped)]
public sealed partial class RarelyOverlapped;
