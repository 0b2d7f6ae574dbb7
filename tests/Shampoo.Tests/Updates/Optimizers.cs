using static Shampoo.AveragingMethod;
using static Shampoo.GraftingMethod;
using static Shampoo.WeightDecayKind;

namespace Shampoo.Tests.Updates;

[IterateAveraging(PrimalAveraging, TrainInterpolation = 1, EvaluationInterpolation = 0.875)]
public sealed partial class AveragedDescent;

[Momentum(0.875, Dampening = 0)]
public sealed partial class MomentumDescent;

[IterateAveraging(ScheduleFree, TrainInterpolation = 0.75)] [Grafting(Adam)]
public sealed partial class ScheduleFreeAdam;

[IterateAveraging(PrimalAveraging, TrainInterpolation = 0.75, EvaluationInterpolation = 0.5)] [WeightDecay(Decoupled, WeightDecay = 0.25)]
public sealed partial class AveragedWithDecay;

[Clipping(MaxGradientNorm = 0.5)]
public sealed partial class Clipped;

[Clipping(MaxGradientNorm = 0.5)] [WeightDecay(L2, WeightDecay = 0.25)]
public sealed partial class ClippedWithL2;

[Grafting(LARS)] [WeightDecay(Decoupled, WeightDecay = 0.25)] [Momentum]
public sealed partial class LayerScaled;
