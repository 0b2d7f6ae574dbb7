using static Shampoo.AveragingMethod;
using static Shampoo.Communicated;
using static Shampoo.GraftingMethod;
using static Shampoo.Parallelism;
using static Shampoo.WeightDecayKind;

namespace Shampoo.Ranks.Sharding;

/// <summary>What the distributed ones do together, for the same gradients.</summary>
[RootInverse(Solver.Eigh)] [Grafting(Adam)] [FirstMoment] [WeightDecay(Decoupled)] [Momentum] [Preconditioning(MaxDimension = 8, Frequency = 3)]
public sealed partial class Alone;

[Elementwise(ElementwiseDialect.Torch)] [RootInverse(Solver.Eigh)] [Grafting(Adam)] [FirstMoment] [WeightDecay(Decoupled)] [Momentum] [Preconditioning(MaxDimension = 8, Frequency = 3)]
public sealed partial class AloneByOperators;

[Distributed(DDP)] [RootInverse(Solver.Eigh)] [Grafting(Adam)] [FirstMoment] [WeightDecay(Decoupled)] [Momentum] [Preconditioning(MaxDimension = 8, Frequency = 3)]
public sealed partial class Divided;

[Distributed(DDP, Communicates = UpdatedParameters, Cost = BlockCost.Work)] [RootInverse(Solver.Eigh)] [Grafting(Adam)] [FirstMoment] [WeightDecay(Decoupled)] [Momentum] [Preconditioning(MaxDimension = 8, Frequency = 3)]
public sealed partial class DividedParameters;

[Distributed(DDP, GroupSize = 2)] [RootInverse(Solver.Eigh)] [Grafting(Adam)] [FirstMoment] [WeightDecay(Decoupled)] [Momentum] [Preconditioning(MaxDimension = 8, Frequency = 3)]
public sealed partial class DividedInPairs;

[Distributed(ReduceScatter)] [RootInverse(Solver.Eigh)] [Grafting(Adam)] [FirstMoment] [WeightDecay(Decoupled)] [Momentum] [Preconditioning(MaxDimension = 8, Frequency = 3)]
public sealed partial class Reduced;

[Distributed(ReduceScatter, GroupSize = 2, Communicates = UpdatedParameters)] [RootInverse(Solver.Eigh)] [Grafting(Adam)] [FirstMoment] [WeightDecay(Decoupled)] [Momentum] [Preconditioning(MaxDimension = 8, Frequency = 3)]
public sealed partial class ReducedInPairs;

[Distributed(DDP, Communication = Precision.BFloat16)] [RootInverse(Solver.Eigh)] [Grafting(Adam)] [FirstMoment] [WeightDecay(Decoupled)] [Momentum] [Preconditioning(MaxDimension = 8, Frequency = 3)]
public sealed partial class DividedInBFloat16;

[Distributed(DDP, Communication = Precision.Float16)] [RootInverse(Solver.Eigh)] [Grafting(Adam)] [FirstMoment] [WeightDecay(Decoupled)] [Momentum] [Preconditioning(MaxDimension = 8, Frequency = 3)]
public sealed partial class DividedInFloat16;

[Soap] [WeightDecay(Decoupled)] [Clipping(MaxGradientNorm = 0.5)] [Preconditioning(MaxDimension = 8, Frequency = 3)]
public sealed partial class AloneSoap;

[Distributed(DDP)] [Soap] [WeightDecay(Decoupled)] [Clipping(MaxGradientNorm = 0.5)] [Preconditioning(MaxDimension = 8, Frequency = 3)]
public sealed partial class DividedSoap;

[RootInverse(Solver.Eigh)] [Grafting(LAMB)] [Preconditioning(MaxDimension = 8)]
public sealed partial class AloneLamb;

[Distributed(DDP)] [RootInverse(Solver.Eigh)] [Grafting(LAMB)] [Preconditioning(MaxDimension = 8)]
public sealed partial class DividedLamb;

[IterateAveraging(ScheduleFree)] [Grafting(Adam)]
public sealed partial class AloneScheduleFree;

[Distributed(DDP)] [IterateAveraging(ScheduleFree)] [Grafting(Adam)]
public sealed partial class DividedScheduleFree;

[RootInverse(Solver.Eigh)] [Grafting(Adam)] [Preconditioning(MaxDimension = 8, Frequency = 3, Refresh = Refresh.Staggered)]
public sealed partial class AloneStaggered;

[Distributed(DDP)] [RootInverse(Solver.Eigh)] [Grafting(Adam)] [Preconditioning(MaxDimension = 8, Frequency = 3, Refresh = Refresh.Staggered)]
public sealed partial class DividedStaggered;

[RootInverse(Solver.Eigh)] [Grafting(Adam)] [Preconditioning(MaxDimension = 8, Frequency = 3, Refresh = Refresh.Overlapped)]
public sealed partial class AloneOverlapped;

[Distributed(DDP)] [RootInverse(Solver.Eigh)] [Grafting(Adam)] [Preconditioning(MaxDimension = 8, Frequency = 3, Refresh = Refresh.Overlapped)]
public sealed partial class DividedOverlapped;

/// <summary>Factor matrices of few gradients are singular: with this ridge their roots do not depend on how they are rounded.</summary>
[Distributed(DDP)] [RootInverse(Solver.Eigh, Epsilon = 1e-2)] [Grafting(Adam)] [FirstMoment] [WeightDecay(Decoupled)] [Momentum] [Preconditioning(MaxDimension = 8, Frequency = 3)]
public sealed partial class Ridged;

[Distributed(DDP)] [Elementwise(ElementwiseDialect.Torch)] [RootInverse(Solver.Eigh, Epsilon = 1e-2)] [Grafting(Adam)] [FirstMoment] [WeightDecay(Decoupled)] [Momentum] [Preconditioning(MaxDimension = 8, Frequency = 3)]
public sealed partial class RidgedByOperators;

[Distributed(DDP)] [RootInverse(Solver.Eigh, Epsilon = 1e-2)] [Grafting(Adam)] [Preconditioning(MaxDimension = 8, Frequency = 3, Refresh = Refresh.Overlapped)]
public sealed partial class RidgedOverlapped;

[Distributed(DDP)] [RootInverse(Solver.Eigh, Epsilon = 1e-2)] [Grafting(LAMB)] [Preconditioning(MaxDimension = 8)]
public sealed partial class RidgedLamb;

/// <summary>NaN is left to the solver to find, which tolerates nothing.</summary>
[Distributed(DDP)] [RootInverse(Solver.Eigh)] [GradientChecks(false)] [Preconditioning(MaxDimension = 8, ToleratedFailures = 0)]
public sealed partial class DividedUnchecked;
