namespace Shampoo.Generators.Parsing;

/// <summary>The attributes of Shampoo.Abstractions, in the order in which a declaration is described.</summary>
internal static class AttributeNames
{
    public const string Namespace = "Shampoo";

    public const string Grafting = "GraftingAttribute";
    public const string RootInverse = "RootInverseAttribute";
    public const string Eigendecomposed = "EigendecomposedAttribute";
    public const string EigenvalueCorrected = "EigenvalueCorrectedAttribute";
    public const string Soap = "SoapAttribute";
    public const string SpectralDescent = "SpectralDescentAttribute";
    public const string SignDescent = "SignDescentAttribute";
    public const string InverseExponent = "InverseExponentAttribute";
    public const string IgnoredDimensions = "IgnoredDimensionsAttribute";
    public const string Preconditioning = "PreconditioningAttribute";
    public const string FirstMoment = "FirstMomentAttribute";
    public const string Momentum = "MomentumAttribute";
    public const string IterateAveraging = "IterateAveragingAttribute";
    public const string WeightDecay = "WeightDecayAttribute";
    public const string Clipping = "ClippingAttribute";
    public const string Precision = "PrecisionAttribute";
    public const string GradientChecks = "GradientChecksAttribute";
    public const string Elementwise = "ElementwiseAttribute";
    public const string Distributed = "DistributedAttribute";

    public static IReadOnlyList<string> All { get; } =
    [
        Grafting, RootInverse, Eigendecomposed, EigenvalueCorrected, Soap, SpectralDescent, SignDescent, InverseExponent,
        IgnoredDimensions, Preconditioning, FirstMoment, Momentum, IterateAveraging, WeightDecay, Clipping, Precision,
        GradientChecks, Elementwise, Distributed,
    ];

    /// <summary>What decides the direction; at most one of them makes sense.</summary>
    public static IReadOnlyList<string> Preconditioners { get; } =
        [RootInverse, Eigendecomposed, EigenvalueCorrected, Soap, SpectralDescent, SignDescent];

    /// <summary>As the user writes it: without the suffix.</summary>
    public static string Short(string name) => name.Substring(0, name.Length - "Attribute".Length);
}
