using static Shampoo.GraftingMethod;
using static Shampoo.Parallelism;
using static Shampoo.Solver;
using static Shampoo.WeightDecayKind;

namespace Shampoo.Tests.Distribution;

[Distributed(DDP, GroupSize = 2)] [RootInverse(Eigh)] [Grafting(LAMB)] [WeightDecay(Decoupled, WeightDecay = 0.25)] [Momentum] [Preconditioning(MaxDimension = 4)]
public sealed partial class LayersInPairs;

[Distributed(DDP, GroupSize = 1)] [RootInverse(Eigh)] [Grafting(Adam)] [Preconditioning(MaxDimension = 4)]
public sealed partial class EachAlone;
