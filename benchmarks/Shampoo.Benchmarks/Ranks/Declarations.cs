using static Shampoo.GraftingMethod;
using static Shampoo.Parallelism;
using static Shampoo.WeightDecayKind;

namespace Shampoo.Benchmarks.Ranks;

[Grafting(Adam), FirstMoment, WeightDecay(Decoupled)]
public sealed partial class WholeAdamW;

[Distributed(DDP), Grafting(Adam), FirstMoment, WeightDecay(Decoupled)]
public sealed partial class DividedAdamW;

[Distributed(ReduceScatter), Grafting(Adam), FirstMoment, WeightDecay(Decoupled)]
public sealed partial class ReducedAdamW;

[Distributed(DDP, Communication = Precision.BFloat16), Grafting(Adam), FirstMoment, WeightDecay(Decoupled)]
public sealed partial class DividedAdamWInBFloat16;

[Grafting(Adam), RootInverse(Solver.Eigh), FirstMoment, WeightDecay(Decoupled), Preconditioning(MaxDimension = 384, Frequency = RanksCommand.Frequency)]
public sealed partial class WholeShampoo;

[Distributed(DDP, Cost = BlockCost.Work), Grafting(Adam), RootInverse(Solver.Eigh), FirstMoment, WeightDecay(Decoupled), Preconditioning(MaxDimension = 384, Frequency = RanksCommand.Frequency)]
public sealed partial class DividedShampoo;

[Distributed(ReduceScatter, Cost = BlockCost.Work), Grafting(Adam), RootInverse(Solver.Eigh), FirstMoment, WeightDecay(Decoupled), Preconditioning(MaxDimension = 384, Frequency = RanksCommand.Frequency)]
public sealed partial class ReducedShampoo;

[Distributed(DDP, Cost = BlockCost.Work, Communication = Precision.BFloat16), Grafting(Adam), RootInverse(Solver.Eigh), FirstMoment, WeightDecay(Decoupled), Preconditioning(MaxDimension = 384, Frequency = RanksCommand.Frequency)]
public sealed partial class DividedShampooInBFloat16;
