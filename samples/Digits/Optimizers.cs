using Shampoo;
using static Shampoo.GraftingMethod;
using static Shampoo.Parallelism;
using static Shampoo.Solver;
using static Shampoo.WeightDecayKind;

namespace Digits;

/// <summary>Shampoo: the direction from Kronecker factors, the length of the step from Adam.</summary>
[Grafting(Adam)]
[RootInverse(Eigh)]
[Preconditioning(MaxDimension = 128, Frequency = 10)]
[FirstMoment]
[WeightDecay(Decoupled)]
public sealed partial class DigitsShampoo;

/// <summary>Grafting alone, without a preconditioner: this is AdamW.</summary>
[Grafting(Adam)]
[FirstMoment]
[WeightDecay(Decoupled)]
public sealed partial class DigitsAdamW;

/// <summary><see cref="DigitsShampoo"/> for processes that train together: state and work are divided among them.</summary>
[Grafting(Adam)]
[RootInverse(Eigh)]
[Preconditioning(MaxDimension = 128, Frequency = 10)]
[FirstMoment]
[WeightDecay(Decoupled)]
[Distributed(DDP)]
public sealed partial class DigitsShampooOnRanks;
