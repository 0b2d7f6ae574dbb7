using static Shampoo.GraftingMethod;
using static Shampoo.RankDeficiency;
using static Shampoo.Solver;
using static Shampoo.WeightDecayKind;

namespace Shampoo.Tests.Preconditioners;

// Every matrix has full rank when it is first refreshed, so that all columns of a basis are determined.
[EigenvalueCorrected(QR, TraceScalingExponent = 1)] [FirstMoment] [WeightDecay(Decoupled)] [Preconditioning(MaxDimension = 4, Start = 6)]
public sealed partial class ScaledIteration;

[EigenvalueCorrected(QR, MaxIterations = 4, Tolerance = 0.05, RankDeficiency = PerturbAfter)] [Grafting(Adam)] [Preconditioning(MaxDimension = 4, Start = 6, Frequency = 2)]
public sealed partial class UnperturbedIterations;

[EigenvalueCorrected(QR, MaxIterations = 2, Beta2 = 1, RankDeficiency = PseudoInverse)] [Preconditioning(MaxDimension = 4, Start = 6)]
public sealed partial class UnperturbedSums;

[EigenvalueCorrected(Eigh, Tolerance = 0.1, TraceScalingExponent = 1)] [FirstMoment] [Preconditioning(MaxDimension = 4, Start = 6)]
public sealed partial class ScaledAdaptively;

[EigenvalueCorrected(QR, MaxIterations = 3, TraceScalingExponent = 0.5)] [FirstMoment] [Preconditioning(MaxDimension = 4, Frequency = 3, Start = 9, Refresh = Refresh.Overlapped, Staleness = 2)]
public sealed partial class ScaledBeside;

[EigenvalueCorrected(QR, TraceScalingExponent = 1)] [FirstMoment] [Preconditioning(MaxDimension = 4, Frequency = 4, Start = 10, Refresh = Refresh.Staggered)]
public sealed partial class ScaledInTurns;
