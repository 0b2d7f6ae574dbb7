using Shampoo;
using static Shampoo.GraftingMethod;
using static Shampoo.Solver;
using static Shampoo.WeightDecayKind;

namespace AotTrainer;

/// <summary>Small blocks and frequent roots, so that a short run passes through all of the optimizer.</summary>
[Grafting(Adam)]
[RootInverse(Eigh)]
[Preconditioning(MaxDimension = 16, Frequency = 5)]
[FirstMoment]
[WeightDecay(Decoupled)]
public sealed partial class SpiralShampoo;
