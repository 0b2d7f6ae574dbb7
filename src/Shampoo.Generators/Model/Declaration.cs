namespace Shampoo.Generators.Model;

/// <summary>
/// A declared optimizer, checked and complete: all that the emitter knows. Compares by value; holds no symbol, no syntax and
/// no location. What was not declared is null.
/// </summary>
internal sealed record Declaration(
    TypeName Type,
    Grafting? Grafting,
    Preconditioner? Preconditioner,
    Preconditioning Preconditioning,
    FirstMoment? FirstMoment,
    Momentum? Momentum,
    WeightDecay? WeightDecay,
    StatePrecision Precision,
    bool ChecksGradients,
    ElementwiseDialect Elementwise = ElementwiseDialect.Automatic,
    IterateAveraging? Averaging = null,
    Number? MaxGradientNorm = null,
    Number? MaxDirectionRms = null,
    Distribution? Distribution = null)
{
    /// <summary>The preconditioner, if it is one with factor matrices.</summary>
    public MatrixPreconditioner? Matrices => Preconditioner as MatrixPreconditioner;
}

internal enum ElementwiseDialect { Automatic, Torch, Cuda }

/// <summary>
/// <paramref name="Beta2"/> is null where the second moment is a plain sum or does not exist, <paramref name="Epsilon"/> where nothing is divided.
/// </summary>
internal sealed record Grafting(string Method, Number? Beta2, Number? Epsilon);

internal enum LargeDimensions { Blocked, DiagonalFactor, Elementwise }

internal enum Refresh { Together, Staggered, Overlapped }

/// <summary><paramref name="Staleness"/> is that of overlapped refreshes, 0 without them.</summary>
internal sealed record Preconditioning(
    int MaxDimension, int TargetDimensionality, int Frequency, int Start, int ToleratedFailures, LargeDimensions LargeDimensions,
    int StatisticsInterval, int SkipRankBelow, int SkipSizeAbove, Refresh Refresh = Refresh.Together, int Staleness = 0, bool PacksSymmetric = false)
{
    public static Preconditioning Default { get; } = new(1024, 1, 1, 1, 3, LargeDimensions.Blocked, 1, 0, Unlimited);

    public const int Unlimited = int.MaxValue;

    /// <summary>Whether the factor matrices take in the gradient of every step; they do that of every refresh.</summary>
    public bool UpdatesEveryStep => StatisticsInterval == 1 || Frequency == 1;

    /// <summary>Whether there may be parameters that are not preconditioned.</summary>
    public bool Skips => SkipRankBelow > 0 || SkipSizeAbove < Unlimited;
}

/// <summary><paramref name="Beta3"/> is null where it is β₁.</summary>
internal sealed record FirstMoment(Number Beta1, Number? Beta3, bool BiasCorrection);

internal sealed record Momentum(Number Value, Number? Dampening, bool Nesterov);

/// <summary>
/// The parameters hold Y between the iterate Z and the average X. <paramref name="EvaluationInterpolation"/> is null where the average is
/// weighted by the learning rate to the power <paramref name="Power"/>, which is null otherwise.
/// </summary>
internal sealed record IterateAveraging(Number TrainInterpolation, Number? EvaluationInterpolation, Number? Power);

/// <summary>
/// State and work are divided among ranks. <paramref name="Communicates"/> and <paramref name="Cost"/> are members of the enums Communicated and BlockCost.
/// </summary>
internal sealed record Distribution(string Parallelism, int GroupSize, string Communicates, Precision Communication, string Cost)
{
    public bool SendsDirections => Communicates == "Directions";

    /// <summary>Whether the step averages gradients that each rank has for itself.</summary>
    public bool ReducesGradients => Parallelism == "ReduceScatter";
}

internal enum WeightDecayKind { L2, Decoupled, Corrected, Independent }

internal sealed record WeightDecay(WeightDecayKind Kind, Number Value, bool Cautious);

internal enum Precision { SameAsParameter, Float32, Float64, BFloat16, Float16, EightBit }

internal sealed record StatePrecision(Precision Factors, Precision Roots, Precision Eigenvectors, Precision Moments)
{
    public static StatePrecision Default { get; } = new(Precision.SameAsParameter, Precision.SameAsParameter, Precision.SameAsParameter, Precision.SameAsParameter);

    /// <summary>The type in which sweeps find moments: those of 8 bits are values in a step, which are stored when all has been done to them.</summary>
    public Precision SweptMoments => Moments == Precision.EightBit ? Precision.SameAsParameter : Moments;

    /// <summary>Whether sweeps may find moments in another type than they are computed in.</summary>
    public bool ConvertsMoments => SweptMoments != Precision.SameAsParameter;
}
