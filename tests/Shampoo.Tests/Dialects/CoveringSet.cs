using static Shampoo.GraftingMethod;
using static Shampoo.Solver;
using static Shampoo.WeightDecayKind;

// A pairwise covering set: every two values of two options that change what a sweep does meet in a class, as CoveringTests requires. There are
// six kinds of grafting and five of momentum, so it cannot have less than thirty. None looks for NaN, so that NaN reaches the sweeps.
namespace Shampoo.Tests.Dialects;

[Momentum(0.9, Dampening = 0.1, Nesterov = true)] [WeightDecay(L2)] [GradientChecks(false)]
public sealed partial class Cover01;

[FirstMoment] [GradientChecks(false)]
public sealed partial class Cover02;

[FirstMoment] [Momentum(0.9, Dampening = 0.1)] [WeightDecay(Decoupled)] [GradientChecks(false)]
public sealed partial class Cover03;

[RootInverse(Eigh)] [Preconditioning(MaxDimension = 4)] [FirstMoment(BiasCorrection = false)] [Momentum] [GradientChecks(false)]
public sealed partial class Cover04;

[RootInverse(Eigh)] [Preconditioning(MaxDimension = 4, Start = 4, Frequency = 2)] [Momentum(Nesterov = true)] [WeightDecay(Decoupled)] [GradientChecks(false)]
public sealed partial class Cover05;

[Grafting(SGD)] [FirstMoment(BiasCorrection = false)] [Momentum] [WeightDecay(L2)] [GradientChecks(false)]
public sealed partial class Cover06;

[Grafting(SGD)] [FirstMoment(BiasCorrection = false)] [Momentum(0.9, Dampening = 0.1)] [WeightDecay(L2)] [GradientChecks(false)]
public sealed partial class Cover07;

[Grafting(SGD)] [RootInverse(Eigh)] [Preconditioning(MaxDimension = 4)] [Momentum(Nesterov = true)] [GradientChecks(false)]
public sealed partial class Cover08;

[Grafting(SGD)] [RootInverse(Eigh)] [Preconditioning(MaxDimension = 4)] [Momentum(0.9, Dampening = 0.1, Nesterov = true)] [WeightDecay(Decoupled)] [GradientChecks(false)]
public sealed partial class Cover09;

[Grafting(SGD)] [RootInverse(Eigh)] [Preconditioning(MaxDimension = 4, Start = 4, Frequency = 2)] [FirstMoment] [WeightDecay(L2)] [GradientChecks(false)]
public sealed partial class Cover10;

[Grafting(Adagrad)] [GradientChecks(false)]
public sealed partial class Cover11;

[Grafting(Adagrad)] [RootInverse(Eigh)] [Preconditioning(MaxDimension = 4)] [Momentum(0.9, Dampening = 0.1)] [GradientChecks(false)]
public sealed partial class Cover12;

[Grafting(Adagrad)] [RootInverse(Eigh)] [Preconditioning(MaxDimension = 4)] [FirstMoment(BiasCorrection = false)] [Momentum] [WeightDecay(L2)] [GradientChecks(false)]
public sealed partial class Cover13;

[Grafting(Adagrad)] [RootInverse(Eigh)] [Preconditioning(MaxDimension = 4)] [FirstMoment(BiasCorrection = false)] [Momentum(0.9, Dampening = 0.1, Nesterov = true)] [WeightDecay(Decoupled)] [GradientChecks(false)]
public sealed partial class Cover14;

[Grafting(Adagrad)] [RootInverse(Eigh)] [Preconditioning(MaxDimension = 4, Start = 4, Frequency = 2)] [FirstMoment] [Momentum(Nesterov = true)] [WeightDecay(Decoupled)] [GradientChecks(false)]
public sealed partial class Cover15;

[Grafting(RMSProp)] [FirstMoment(BiasCorrection = false)] [Momentum(Nesterov = true)] [WeightDecay(L2)] [GradientChecks(false)]
public sealed partial class Cover16;

[Grafting(RMSProp)] [RootInverse(Eigh)] [Preconditioning(MaxDimension = 4)] [Momentum(0.9, Dampening = 0.1)] [GradientChecks(false)]
public sealed partial class Cover17;

[Grafting(RMSProp)] [RootInverse(Eigh)] [Preconditioning(MaxDimension = 4)] [FirstMoment] [Momentum(0.9, Dampening = 0.1, Nesterov = true)] [WeightDecay(L2)] [GradientChecks(false)]
public sealed partial class Cover18;

[Grafting(RMSProp)] [RootInverse(Eigh)] [Preconditioning(MaxDimension = 4, Start = 4, Frequency = 2)] [WeightDecay(L2)] [GradientChecks(false)]
public sealed partial class Cover19;

[Grafting(RMSProp)] [RootInverse(Eigh)] [Preconditioning(MaxDimension = 4, Start = 4, Frequency = 2)] [FirstMoment] [Momentum] [WeightDecay(Decoupled)] [GradientChecks(false)]
public sealed partial class Cover20;

[Grafting(RMSProp, Beta2 = 1)] [Momentum] [WeightDecay(Decoupled)] [GradientChecks(false)]
public sealed partial class Cover21;

[Grafting(RMSProp, Beta2 = 1)] [FirstMoment] [Momentum(0.9, Dampening = 0.1, Nesterov = true)] [WeightDecay(Decoupled)] [GradientChecks(false)]
public sealed partial class Cover22;

[Grafting(RMSProp, Beta2 = 1)] [RootInverse(Eigh)] [Preconditioning(MaxDimension = 4)] [GradientChecks(false)]
public sealed partial class Cover23;

[Grafting(RMSProp, Beta2 = 1)] [RootInverse(Eigh)] [Preconditioning(MaxDimension = 4, Start = 4, Frequency = 2)] [Momentum(Nesterov = true)] [WeightDecay(L2)] [GradientChecks(false)]
public sealed partial class Cover24;

[Grafting(RMSProp, Beta2 = 1)] [RootInverse(Eigh)] [Preconditioning(MaxDimension = 4, Start = 4, Frequency = 2)] [FirstMoment(BiasCorrection = false)] [Momentum(0.9, Dampening = 0.1)] [WeightDecay(L2)] [GradientChecks(false)]
public sealed partial class Cover25;

[Grafting(Adam)] [Momentum] [WeightDecay(Decoupled)] [GradientChecks(false)]
public sealed partial class Cover26;

[Grafting(Adam)] [FirstMoment] [Momentum(Nesterov = true)] [GradientChecks(false)]
public sealed partial class Cover27;

[Grafting(Adam)] [RootInverse(Eigh)] [Preconditioning(MaxDimension = 4)] [FirstMoment(BiasCorrection = false)] [WeightDecay(Decoupled)] [GradientChecks(false)]
public sealed partial class Cover28;

[Grafting(Adam)] [RootInverse(Eigh)] [Preconditioning(MaxDimension = 4, Start = 4, Frequency = 2)] [FirstMoment(BiasCorrection = false)] [Momentum(0.9, Dampening = 0.1)] [WeightDecay(L2)] [GradientChecks(false)]
public sealed partial class Cover29;

[Grafting(Adam)] [RootInverse(Eigh)] [Preconditioning(MaxDimension = 4, Start = 4, Frequency = 2)] [FirstMoment(BiasCorrection = false)] [Momentum(0.9, Dampening = 0.1, Nesterov = true)] [GradientChecks(false)]
public sealed partial class Cover30;

// Expressions that are not in the classes above: the sign, the filter with β₃, a decay by the highest rate.
[SignDescent(Scale = 0.5)] [FirstMoment(Beta3 = 0.7)] [WeightDecay(Corrected)] [GradientChecks(false)]
public sealed partial class Cover31;
