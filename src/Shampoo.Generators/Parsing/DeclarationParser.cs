using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Shampoo.Generators.Diagnostics;
using Shampoo.Generators.Graph;
using Shampoo.Generators.Model;

namespace Shampoo.Generators.Parsing;

/// <summary>From the attributes of a class to a <see cref="Declaration"/>, or to what is wrong with it.</summary>
internal sealed class DeclarationParser
{
    private static readonly string[] GraftingMethods = [.. GraftingRule.All.Select(static rule => rule.Name)];
    private static readonly string[] DecayKinds = Enum.GetNames(typeof(WeightDecayKind));
    private static readonly string[] MomentPrecisions = Enum.GetNames(typeof(Precision));
    private static readonly string[] Precisions = [.. MomentPrecisions.Where(static name => name != nameof(Precision.EightBit))];
    private static readonly string[] Dialects = Enum.GetNames(typeof(ElementwiseDialect));

    private readonly Dictionary<string, AttributeReader> _attributes = new();
    private readonly List<(string Name, AttributeReader Reader)> _all = new();

    private DeclarationParser(INamedTypeSymbol type, Compilation compilation, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        foreach (AttributeData data in type.GetAttributes())
        {
            cancellation.ThrowIfCancellationRequested();
            if (!IsOurs(data.AttributeClass)) continue;
            var reader = new AttributeReader(data, compilation, diagnostics, cancellation);
            _all.Add((data.AttributeClass!.Name, reader));
            if (!_attributes.ContainsKey(data.AttributeClass.Name))
                _attributes.Add(data.AttributeClass.Name, reader);
        }
    }

    /// <summary>The declaration is null if anything is an error.</summary>
    public static Declaration? Parse(
        INamedTypeSymbol type, TypeDeclarationSyntax syntax, Compilation compilation, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        TypeName name = TypeParser.Parse(type, syntax, diagnostics);
        CheckHost(type, syntax, compilation, diagnostics);
        Declaration declaration = new DeclarationParser(type, compilation, diagnostics, cancellation).Parse(name);
        return diagnostics.HasErrors ? null : declaration;
    }

    public static bool IsOurs(INamedTypeSymbol? attribute) =>
        attribute is { ContainingNamespace: { Name: AttributeNames.Namespace, ContainingNamespace.IsGlobalNamespace: true } }
        && AttributeNames.All.Contains(attribute.Name);

    /// <summary>What the generated code needs of the project that it is compiled in.</summary>
    private static void CheckHost(INamedTypeSymbol type, TypeDeclarationSyntax syntax, Compilation compilation, DiagnosticBag diagnostics)
    {
        Location location = syntax.Identifier.GetLocation();
        if (((CSharpParseOptions)syntax.SyntaxTree.Options).LanguageVersion is < LanguageVersion.CSharp12 and var version)
            diagnostics.Add(Descriptors.LanguageVersion, location, type.Name, LanguageVersion.CSharp12.ToDisplayString(), version.ToDisplayString());
        foreach ((string reference, string needed) in new[] { ("Shampoo.Runtime", "Shampoo.Runtime.BlockedOptimizer`1"), ("TorchSharp", "TorchSharp.torch") })
            if (compilation.GetTypeByMetadataName(needed) is null)
                diagnostics.Add(Descriptors.MissingReference, location, type.Name, reference, needed);
    }

    private Declaration Parse(TypeName type)
    {
        RejectSecondPreconditioner();
        RejectBesideSoap();
        Grafting? grafting = ParseGrafting();
        Preconditioning preconditioning = PreconditioningParser.Parse(Attribute(AttributeNames.Preconditioning), Preconditioner, grafts: grafting is not null, measures: MeasuresBlocks);
        StatePrecision precision = ParsePrecision(grafting, preconditioning);
        return new Declaration(
            type,
            grafting,
            ParsePreconditioner(precision, preconditioning, grafts: grafting is not null),
            preconditioning,
            ParseFirstMoment(),
            ParseMomentum(),
            ParseWeightDecay(),
            precision,
            Attribute(AttributeNames.GradientChecks)?.Flag(0) ?? true,
            ParseElementwise(),
            ParseAveraging(),
            ParseClipping("MaxGradientNorm"),
            ParseClipping("MaxDirectionRms"),
            ParseDistribution());
    }

    private AttributeReader? Attribute(string name) => _attributes.TryGetValue(name, out AttributeReader? reader) ? reader : null;

    private IReadOnlyList<AttributeReader> Attributes(string name) => _all.Where(a => a.Name == name).Select(static a => a.Reader).ToList();

    private AttributeReader? Preconditioner => AttributeNames.Preconditioners.Select(Attribute).FirstOrDefault(static a => a is not null);

    /// <summary>Whether numbers depend on the blocks that they are in, whatever the preconditioner is.</summary>
    private bool MeasuresBlocks => Attribute(AttributeNames.Clipping)?.Declares("MaxDirectionRms") == true || Attribute(AttributeNames.SignDescent)?.Declares("Scaling") == true;

    private void RejectSecondPreconditioner()
    {
        foreach (AttributeReader second in AttributeNames.Preconditioners.Select(Attribute).Where(static a => a is not null).Skip(1)!)
            second.Report(Descriptors.Contradiction, AttributeReader.Removing($"[{second.Name}]").Add(Repair.Rival, Preconditioner!.Name),
                second.Name, Preconditioner.Name, "an optimizer has one preconditioner");
    }

    /// <summary>What is done to Ĝ: SOAP's first moment is in the eigenbasis, and there is no Ĝ.</summary>
    private void RejectBesideSoap()
    {
        if (Preconditioner is not { Name: "Soap" } soap) return;
        foreach ((string name, string reason) in new[]
        {
            (AttributeNames.FirstMoment, "SOAP has a first moment of its own, in the eigenbasis; its decay is Soap.Beta1"),
            (AttributeNames.Grafting, "a step of SOAP has Adam's length already; [EigenvalueCorrected] can be grafted"),
        })
            if (Attribute(name) is { } rival)
                rival.Report(Descriptors.Contradiction, AttributeReader.Removing($"[{rival.Name}]").Add(Repair.Rival, soap.Name), rival.Name, soap.Name, reason);
    }

    private Grafting? ParseGrafting()
    {
        if (Attribute(AttributeNames.Grafting) is not { } attribute) return null;
        if (attribute.Enum(0, GraftingMethods) is not { } method) return null;
        GraftingRule rule = GraftingRule.Of(method);
        if (!rule.Averages) attribute.WithoutEffect("Beta2", $"{method} grafting has no decay");
        if (!rule.HasSecondMoment) attribute.WithoutEffect("Epsilon", $"{method} grafting does not divide");
        Number beta2 = attribute.Number("Beta2", 0.999, Range.DecayOrSum), epsilon = attribute.Number("Epsilon", 1e-8, Range.Positive);
        if (rule.Corrects && beta2.Value == 1)
            attribute.ReportAt("Beta2", Descriptors.Contradiction, AttributeReader.Removing("Beta2"), $"Grafting({method})", "Beta2 = 1", "a plain sum has no bias to correct; use Adagrad");
        return new Grafting(method, rule.Averages && beta2.Value != 1 ? beta2 : null, rule.HasSecondMoment ? epsilon : null);
    }

    private Preconditioner? ParsePreconditioner(StatePrecision precision, Preconditioning preconditioning, bool grafts)
    {
        var dimensions = new DimensionParser(Attributes(AttributeNames.InverseExponent), Attributes(AttributeNames.IgnoredDimensions));
        // Only where nothing limits their merging all blocks are known to be of few dimensions.
        int highestOrder = preconditioning.MaxDimension == Preconditioning.Unlimited ? preconditioning.TargetDimensionality : int.MaxValue;
        if (Preconditioner is not null)
            return new PreconditionerParser(Preconditioner, dimensions, inFloat64: precision.Factors == Precision.Float64, grafts, highestOrder).Parse();
        const string Reason = "there is no preconditioner; declare one, for example [RootInverse(Eigh)]";
        dimensions.RejectExponents(Reason);
        dimensions.RejectIgnored(Reason);
        return null;
    }

    private FirstMoment? ParseFirstMoment()
    {
        if (Attribute(AttributeNames.FirstMoment) is not { } attribute) return null;
        return new FirstMoment(attribute.Number("Beta1", 0.9, Range.Decay), attribute.Number("Beta3", Range.Decay), attribute.Flag("BiasCorrection", true));
    }

    private Momentum? ParseMomentum() => Attribute(AttributeNames.Momentum) is not { } attribute ? null : new Momentum(
        attribute.Number(0, "momentum", 0.9, Range.Open),
        attribute.Number("Dampening", Range.Decay),
        attribute.Flag("Nesterov", false));

    private IterateAveraging? ParseAveraging()
    {
        if (Attribute(AttributeNames.IterateAveraging) is not { } attribute || attribute.Enum(0, ["PrimalAveraging", "ScheduleFree"]) is not { } method) return null;
        bool isPrimal = method == "PrimalAveraging";
        attribute.WithoutEffectIf(isPrimal, "LearningRatePower", "primal averaging has a fixed weight, EvaluationInterpolation");
        attribute.WithoutEffectIf(!isPrimal, "EvaluationInterpolation", "schedule-free learning weights iterates by the learning rate, LearningRatePower");
        return new IterateAveraging(
            attribute.Number("TrainInterpolation", 0.9, Range.DecayOrSum),
            isPrimal ? attribute.Number("EvaluationInterpolation", 0.9, Range.Decay) : null,
            isPrimal ? null : attribute.Number("LearningRatePower", 2, Range.NotNegative));
    }

    private Number? ParseClipping(string property) => Attribute(AttributeNames.Clipping)?.Number(property, Range.Positive);

    private WeightDecay? ParseWeightDecay()
    {
        if (Attribute(AttributeNames.WeightDecay) is not { } attribute) return null;
        if (attribute.Enum(0, DecayKinds) is not { } name) return null;
        var kind = (WeightDecayKind)Enum.Parse(typeof(WeightDecayKind), name);
        bool isCautious = attribute.Flag("Cautious", false);
        if (isCautious && kind == WeightDecayKind.L2)
            attribute.ReportAt("Cautious", Descriptors.Contradiction, AttributeReader.Removing("Cautious"), "WeightDecay(L2)", "Cautious = true", "L2 decay is a part of the gradient, before there is a direction; use Decoupled");
        return new WeightDecay(kind, attribute.Number("WeightDecay", 0.01, Range.NotNegative), isCautious);
    }

    private bool HasRoots => Attribute(AttributeNames.RootInverse) is not null || Attribute(AttributeNames.Eigendecomposed) is not null;

    private bool HasEigenvectors => Attribute(AttributeNames.Eigendecomposed) is not null || Attribute(AttributeNames.EigenvalueCorrected) is not null || Attribute(AttributeNames.Soap) is not null;

    private bool HasMoments(Grafting? grafting, Preconditioning preconditioning) =>
        grafting is { Epsilon: not null } || preconditioning.LargeDimensions == LargeDimensions.Elementwise
        || new[] { AttributeNames.FirstMoment, AttributeNames.Momentum, AttributeNames.EigenvalueCorrected, AttributeNames.Soap }.Any(name => Attribute(name) is not null);

    /// <summary>Whether there are moments that nothing is divided by.</summary>
    private bool HasQuantizedMoments => new[] { AttributeNames.FirstMoment, AttributeNames.Momentum, AttributeNames.Soap }.Any(name => Attribute(name) is not null);

    private StatePrecision ParsePrecision(Grafting? grafting, Preconditioning preconditioning)
    {
        if (Attribute(AttributeNames.Precision) is not { } attribute) return StatePrecision.Default;
        Precision factors = Of("Factors", HasRoots || HasEigenvectors, "there are no factor matrices");
        if (factors == Precision.Float16)
            attribute.ReportAt("Factors", Descriptors.FactorsInFloat16, AttributeReader.Removing("Factors"));
        Precision roots = Computed("Roots", HasRoots, "inverse roots");
        if (preconditioning.PacksSymmetric && HasRoots && roots != factors)
            RejectPacking(attribute.Declares("Roots") ? "Roots" : "Factors");
        return new StatePrecision(factors,
            roots,
            Computed("Eigenvectors", HasEigenvectors, "eigenvectors"),
            ParseMoments());

        Precision ParseMoments()
        {
            Precision moments = Of("Moments", HasMoments(grafting, preconditioning), "there are no moments", MomentPrecisions);
            if (moments != Precision.EightBit || HasQuantizedMoments) return moments;
            attribute.WithoutEffect("Moments", "8 bits are for first moments and momentum, and there are neither; second moments keep the precision of the arithmetic");
            return Precision.SameAsParameter;
        }

        void RejectPacking(string property) => attribute.ReportAt(property, Descriptors.Contradiction, AttributeReader.Removing(property),
            $"Precision(Factors = {factors}, Roots = {roots})", "SymmetricPacking = true", "a factor matrix and its inverse root share one array, which has one type; declare the same for both");

        Precision Of(string property, bool exists, string reason, string[]? available = null)
        {
            var precision = (Precision)Enum.Parse(typeof(Precision), attribute.Enum(property, "SameAsParameter", available ?? Precisions));
            if (exists) return precision;
            attribute.WithoutEffect(property, reason);
            return Precision.SameAsParameter;
        }

        Precision Computed(string property, bool exists, string name)
        {
            Precision precision = Of(property, exists, $"there are no {name}");
            if (precision == Precision.Float64 && factors is (Precision.Float32 or Precision.BFloat16))
                attribute.ReportAt(property, Descriptors.BeyondFactors, AttributeReader.Removing(property), name, precision, factors);
            return precision;
        }
    }

    private ElementwiseDialect ParseElementwise() => Attribute(AttributeNames.Elementwise)?.Enum(0, Dialects) is { } dialect
        ? (ElementwiseDialect)Enum.Parse(typeof(ElementwiseDialect), dialect)
        : ElementwiseDialect.Automatic;

    private Distribution? ParseDistribution()
    {
        if (Attribute(AttributeNames.Distributed) is not { } attribute) return null;
        string? parallelism = attribute.Enum(0, ["DDP", "ReduceScatter"]);
        int groupSize = attribute.Integer("GroupSize", -1, Range.GroupSize);
        string communicates = attribute.Enum("Communicates", "Directions", ["Directions", "UpdatedParameters"]);
        string communication = attribute.Enum("Communication", "SameAsParameter", ["SameAsParameter", "Float32", "BFloat16", "Float16"]);
        string cost = attribute.Enum("Cost", "MemoryAndWork", ["MemoryAndWork", "Memory", "Work"]);
        attribute.WithoutEffectIf(groupSize == 1, "Cost", "with GroupSize = 1 every rank owns all blocks");
        attribute.WithoutEffectIf(groupSize != 1 && !HasRoots && !HasEigenvectors, "Cost", "there are no matrix functions, whose work could be balanced");
        if (communicates == "UpdatedParameters" && communication is ("BFloat16" or "Float16"))
            attribute.ReportAt("Communication", Descriptors.RoundedParameters, Repair.None, communication, communication == "BFloat16" ? 256 : 2048);
        return parallelism is null ? null : new Distribution(parallelism, groupSize, communicates, (Precision)Enum.Parse(typeof(Precision), communication), cost);
    }
}
