using System.Reflection;

namespace Shampoo.Generators.Tests.Pairs;

/// <summary>Every option of every attribute: one number for each number, and all values of an enum or a switch but the default.</summary>
internal static class OptionValues
{
    /// <summary>Exponents that a solver of square roots takes, in two attributes.</summary>
    private const string PowersOfTwo = "InverseExponent(3, 0.125)] [InverseExponent(5, 0.125)";

    private static readonly string[] Constructed =
    [
        .. new[] { "Eigh", "CoupledNewton", "CoupledHigherOrder", "MinimaxNewton", "NewtonSchulz" }.Select(static solver => $"RootInverse({solver})"),
        "Eigendecomposed(Eigh)", "Eigendecomposed(QR)", "EigenvalueCorrected(Eigh)", "EigenvalueCorrected(QR)", "Soap()", "SpectralDescent(SVD)", "SpectralDescent(NewtonSchulz)", "SignDescent()",
        .. Of<GraftingMethod>("Grafting"), .. Of<WeightDecayKind>("WeightDecay"), .. Of<AveragingMethod>("IterateAveraging"), "FirstMoment()", "Momentum()", "Distributed(DDP)", "Distributed(ReduceScatter)",
        "InverseExponent(2, 0.5)", "InverseExponent(1, 0)", "InverseExponent(2, 0.25, Dimension = 1)", "IgnoredDimensions(2, 0)", "IgnoredDimensions(3, 1)",
        PowersOfTwo, "GradientChecks(false)", "Elementwise(ElementwiseDialect.Torch)",  // ElementwiseDialect.Cuda needs a GPU to run.
    ];

    private static readonly string[] Numbers =
    [
        "RootInverse(Beta2 = 1)", "RootInverse(Epsilon = 1e-3)", "RootInverse(RankTolerance = 1e-6)", "RootInverse(AbsoluteRankTolerance = 1e-9)", "RootInverse(ExponentMultiplier = 0.5)",
        "RootInverse(TraceScalingExponent = 1)", "RootInverse(Tolerance = 1e-4)", "RootInverse(MaxIterations = 60)", "RootInverse(Order = 4)",
        "RootInverse(RelativeEpsilon = 0.05)", "RootInverse(AbsoluteEpsilon = 0.05)",
        "Eigendecomposed(Beta2 = 1)", "Eigendecomposed(Epsilon = 1e-3)", "Eigendecomposed(RankTolerance = 1e-6)", "Eigendecomposed(AbsoluteRankTolerance = 1e-9)",
        "Eigendecomposed(TraceScalingExponent = 1)", "Eigendecomposed(Tolerance = 0.1)", "Eigendecomposed(MaxIterations = 3)",
        "EigenvalueCorrected(Beta2 = 1)", "EigenvalueCorrected(Epsilon = 1e-3)", "EigenvalueCorrected(Exponent = 0.25)", "EigenvalueCorrected(TraceScalingExponent = 1)", "EigenvalueCorrected(Tolerance = 0.1)", "EigenvalueCorrected(MaxIterations = 3)",
        "Soap(Beta1 = 0.8)", "Soap(Beta2 = 0.9)", "Soap(ShampooBeta = 0.8)", "Soap(Epsilon = 1e-3)",
        "SpectralDescent(Iterations = 3)", "SignDescent(Scale = 0.1)",
        "Preconditioning(MaxDimension = 4)", "Preconditioning(TargetDimensionality = 2)", "Preconditioning(TargetDimensionality = PreconditioningAttribute.Unlimited)",
        "Preconditioning(Frequency = 3)", "Preconditioning(Staleness = 2)", "Preconditioning(Start = 6)", "Preconditioning(StatisticsInterval = 2)", "Preconditioning(ToleratedFailures = 0)",
        "Preconditioning(SkipRankBelow = 2)", "Preconditioning(SkipSizeAbove = 20)",
        "Grafting(Beta2 = 0.9)", "Grafting(Epsilon = 1e-3)", "FirstMoment(Beta1 = 0.8)", "FirstMoment(Beta3 = 0.5)", "Momentum(Dampening = 0.1)", "WeightDecay(WeightDecay = 0.1)",
        "IterateAveraging(TrainInterpolation = 0.8)", "IterateAveraging(EvaluationInterpolation = 0.8)", "IterateAveraging(LearningRatePower = 1)",
        "Distributed(GroupSize = 1)", "Clipping(MaxGradientNorm = 0.5)", "Clipping(MaxDirectionRms = 0.5)",
    ];

    /// <summary>What a later version brings: error SHMP003 until then.</summary>
    private static bool IsLater(string property, object value) => value is Precision.FourBit || value is Precision.EightBit && property != nameof(PrecisionAttribute.Moments);

    /// <summary>What a value needs beside it, whatever else: one of these.</summary>
    private static readonly (string Value, string[] Needs)[] Needed =
    [
        ("RootInverse(RankTolerance", ["RootInverse(RankDeficiency = RankDeficiency.PseudoInverse)"]),
        ("RootInverse(AbsoluteRankTolerance", ["RootInverse(RankDeficiency = RankDeficiency.PseudoInverse)"]),
        ("Eigendecomposed(RankTolerance", ["Eigendecomposed(RankDeficiency = RankDeficiency.PseudoInverse)"]),
        ("Eigendecomposed(AbsoluteRankTolerance", ["Eigendecomposed(RankDeficiency = RankDeficiency.PseudoInverse)"]),
        ("SpectralDescent(", ["Preconditioning(TargetDimensionality = 2)"]),
        ("Preconditioning(StatisticsInterval", ["Preconditioning(Frequency = 3)"]),
        ("Preconditioning(Refresh", ["Preconditioning(Frequency = 3)"]),
        ("Preconditioning(Staleness", ["Preconditioning(Refresh = Refresh.Overlapped)"]),
        ("Preconditioning(Staleness", ["Preconditioning(Frequency = 3)"]),
        ("Preconditioning(Start", ["Grafting(Adam)", "EigenvalueCorrected(Eigh)", "EigenvalueCorrected(QR)"]),
        ("Preconditioning(LargeDimensions", ["Preconditioning(MaxDimension = 4)"]),
        ("Distributed(Cost", ["RootInverse(Eigh)", "Eigendecomposed(Eigh)", "EigenvalueCorrected(Eigh)", "Soap()"]),
        ("Precision(Moments", ["FirstMoment()", "Grafting(Adam)", "Momentum()", "EigenvalueCorrected(Eigh)", "Soap()"]),
        ("RootInverse(NewtonSchulz", [PowersOfTwo]),
        ("WeightDecay(Cautious", ["WeightDecay(Decoupled)"]),
    ];

    public static IReadOnlyList<OptionValue> All { get; } = [.. Constructed.Concat(Numbers).Concat(Switches()).Select(OptionValue.Parse)];

    /// <summary>The attributes that declare something about the step.</summary>
    public static IEnumerable<Type> AttributeTypes => typeof(GraftingAttribute).Assembly.GetExportedTypes()
        .Where(static t => t.IsSubclassOf(typeof(Attribute)));

    /// <summary>The declarations to look at for a value: with what it needs, and nothing else but an attribute to be written in and a preconditioner.</summary>
    public static IReadOnlyList<Declared> Alternatives(OptionValue value)
    {
        IEnumerable<Declared> alternatives = [new Declared([value])];
        if (value.IsProperty && IsConstructed(value.Attribute))
            alternatives = Joined(alternatives, All.Where(v => v.Attribute == value.Attribute && !v.IsProperty));
        foreach (var (_, needs) in Needed.Where(need => value.ToString().StartsWith(need.Value, StringComparison.Ordinal)))
            alternatives = Joined(alternatives, needs.Select(OptionValue.Parse));
        if (value.Attribute is "Preconditioning" or "Precision" or "InverseExponent" or "IgnoredDimensions")
            alternatives = [.. alternatives, .. Joined(alternatives, All.Where(static v => v.Option == "Preconditioner"))];
        return [.. alternatives];
    }

    /// <summary>Whether C# finds the arguments of all constructors.</summary>
    public static bool AreComplete(Declared declaration) =>
        declaration.Values.All(value => !value.IsProperty || !IsConstructed(value.Attribute) || declaration.Values.Any(v => v.Attribute == value.Attribute && !v.IsProperty));

    /// <summary>Some values as a user would first write them: with the arguments that C# wants of constructors, and nothing else.</summary>
    public static IEnumerable<Declared> Written(params OptionValue[] values)
    {
        IEnumerable<Declared> written = [new Declared(values)];
        foreach (string attribute in values.Select(static v => v.Attribute).Distinct().Where(IsConstructed))
            if (!values.Any(v => v.Attribute == attribute && !v.IsProperty))
                written = [.. from declaration in written from value in All where value.Attribute == attribute && !value.IsProperty && declaration.Admits(value) select declaration.With(value)];
        return written;
    }

    private static bool IsConstructed(string attribute) => All.Any(v => v.Attribute == attribute && !v.IsProperty);

    private static IEnumerable<Declared> Joined(IEnumerable<Declared> declarations, IEnumerable<OptionValue> values) =>
        from declaration in declarations from value in values where declaration.Admits(value)
        from needed in value.Option == "Preconditioner" ? Alternatives(value) : [new Declared([value])] where declaration.Admits(needed)
        select declaration.With(needed);

    /// <summary>Every property that is an enum or a bool, with every value that is not its default.</summary>
    private static IEnumerable<string> Switches() =>
        from type in AttributeTypes
        from property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        where property.CanWrite && (property.PropertyType.IsEnum || property.PropertyType == typeof(bool))
        let usual = property.GetValue(WithDefaults(type))
        from value in property.PropertyType.IsEnum ? Enum.GetValues(property.PropertyType).Cast<object>() : [false, true]
        where !value.Equals(usual) && !IsLater(property.Name, value)
        select $"{type.Name[..^"Attribute".Length]}({property.Name} = {(value is bool flag ? flag ? "true" : "false" : $"{property.PropertyType.Name}.{value}")})";

    private static object WithDefaults(Type type)
    {
        ConstructorInfo constructor = type.GetConstructors().Single();
        return constructor.Invoke([.. constructor.GetParameters().Select(static p =>
            p.HasDefaultValue ? p.DefaultValue : p.ParameterType.IsArray ? Array.CreateInstance(p.ParameterType.GetElementType()!, 0) : Convert.ChangeType(1, p.ParameterType.IsEnum ? typeof(int) : p.ParameterType, null))]);
    }

    private static IEnumerable<string> Of<T>(string attribute) where T : struct, Enum => Enum.GetNames<T>().Select(value => $"{attribute}({value})");
}
