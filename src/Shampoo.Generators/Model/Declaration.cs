namespace Shampoo.Generators.Model;

/// <summary>
/// A declared optimizer, checked and complete: all that the emitter knows. Compares by value; holds no symbol, no syntax and
/// no location. What was not declared is null.
/// </summary>
internal sealed record Declaration(
    TypeName Type,
    Grafting? Grafting,
    RootInverse? RootInverse,
    Preconditioning Preconditioning,
    FirstMoment? FirstMoment,
    Momentum? Momentum,
    WeightDecay? WeightDecay,
    MatrixPrecision Precision,
    bool ChecksGradients,
    ElementwiseDialect Elementwise = ElementwiseDialect.Automatic);

internal enum ElementwiseDialect { Automatic, Torch, Cuda }

/// <summary>
/// <paramref name="Beta2"/> is null where the second moment is a plain sum or does not exist, <paramref name="Epsilon"/> where nothing is divided.
/// </summary>
internal sealed record Grafting(string Method, Number? Beta2, Number? Epsilon);

/// <summary><paramref name="Beta2"/> is null where the factor matrices are plain sums.</summary>
internal sealed record RootInverse(Number? Beta2, Number Epsilon, bool BiasCorrection)
{
    public bool Debiases => BiasCorrection && Beta2 is not null;
}

internal sealed record Preconditioning(int MaxDimension, int TargetDimensionality, int Frequency, int Start, int ToleratedFailures)
{
    public static Preconditioning Default { get; } = new(1024, 1, 1, 1, 3);

    public const int Unlimited = int.MaxValue;
}

internal sealed record FirstMoment(Number Beta1, bool BiasCorrection);

internal sealed record Momentum(Number Value, Number? Dampening, bool Nesterov);

internal enum WeightDecayKind { L2, Decoupled }

internal sealed record WeightDecay(WeightDecayKind Kind, Number Value);

internal enum Precision { SameAsParameter, Float32, Float64 }

internal sealed record MatrixPrecision(Precision Factors, Precision Roots)
{
    public static MatrixPrecision Default { get; } = new(Precision.SameAsParameter, Precision.SameAsParameter);
}
