using static Shampoo.AveragingMethod;
using static Shampoo.GraftingMethod;
using static Shampoo.LargeDimensions;
using static Shampoo.Precision;
using static Shampoo.Solver;
using static Shampoo.WeightDecayKind;

// Every kind of moment, read in the sweep that changes it and in others, in every precision.
namespace Shampoo.Tests.Dialects;

[Grafting(Adam)] [FirstMoment] [WeightDecay(Decoupled)] [Precision(Moments = BFloat16)] [GradientChecks(false)]
public sealed partial class Moments01;

[RootInverse(Eigh)] [Preconditioning(MaxDimension = 4)] [Grafting(RMSProp)] [FirstMoment(BiasCorrection = false)] [Momentum] [Precision(Moments = BFloat16)] [GradientChecks(false)]
public sealed partial class Moments02;

[EigenvalueCorrected(Eigh, Epsilon = 1)] [Preconditioning(MaxDimension = 4, Frequency = 100)] [FirstMoment(BiasCorrection = false)] [Precision(Moments = Float16)] [GradientChecks(false)]
public sealed partial class Moments03;

[Grafting(LAMB)] [FirstMoment(Beta3 = 0.5)] [Momentum(Nesterov = true)] [Precision(Moments = Float16)] [GradientChecks(false)]
public sealed partial class Moments04;

[RootInverse(Eigh, Epsilon = 1)] [Preconditioning(MaxDimension = 4, LargeDimensions = Elementwise)] [Grafting(Adam)] [Precision(Moments = Float64)] [GradientChecks(false)]
public sealed partial class Moments05;

[IterateAveraging(ScheduleFree)] [FirstMoment(BiasCorrection = false)] [WeightDecay(L2)] [Precision(Moments = Float32)] [GradientChecks(false)]
public sealed partial class Moments06;

[SignDescent(Scale = 0.1)] [Grafting(NormalizedAdagrad)] [Momentum(0.9, Dampening = 0.1)] [Precision(Moments = BFloat16)] [GradientChecks(false)]
public sealed partial class Moments07;

/// <summary>A declaration, which is edited …</summary>
public static partial class Before
{
    [Grafting(Adam)] [FirstMoment]
    public sealed partial class Edited;
}

/// <summary>… and keeps its name.</summary>
public static partial class After
{
    [Grafting(Adam)] [FirstMoment] [Precision(Moments = BFloat16)]
    public sealed partial class Edited;
}
