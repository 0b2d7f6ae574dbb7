using System.Collections.Immutable;
using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Shampoo.Generators.Diagnostics;
using Shampoo.Generators.Parsing;
using Shampoo.Generators.Tests.Compiling;

namespace Shampoo.Generators.Tests.Diagnostics;

/// <summary>Every diagnostic: where it points, how it is worded, how severe it is. An error leaves no generated code behind.</summary>
public sealed class DiagnosticTests
{
    [Theory]
    [InlineData("[Grafting(SGD)] public class Mine { }", "Mine", "'Mine' must be partial, so that its step can be generated into it")]
    [InlineData("public class Outer { [Grafting(SGD)] public partial class Mine { } }", "Outer", "'Outer' must be partial, so that its step can be generated into it")]
    public void SHMP001_not_partial(string source, string squiggle, string message) => Expect(source, "SHMP001", squiggle, message);

    [Theory]
    [InlineData("[Grafting(SGD)] public static partial class Mine { }", "it is static")]
    [InlineData("[Grafting(SGD)] public abstract partial class Mine { }", "it is abstract")]
    [InlineData("[Grafting(SGD)] public partial record Mine { }", "it is a record")]
    [InlineData("[Grafting(SGD)] file partial class Mine { }", "it is local to its file, where nothing can be generated into it")]
    [InlineData("file partial class Outer { [Grafting(SGD)] public partial class Mine { } }", "Outer is local to its file, where nothing can be generated into it")]
    [InlineData("public class Parent { } [Grafting(SGD)] public partial class Mine : Parent { }", "it derives from Parent, but its base class is generated")]
    public void SHMP002_unsupported_types(string source, string reason) => Expect(source, "SHMP002", "Mine", $"'Mine' cannot be an optimizer: {reason}");

    [Theory]
    [InlineData("Options")]
    [InlineData("ParamGroup")]
    [InlineData("State")]
    [InlineData("Numbers")]
    public void SHMP002_names_of_generated_classes(string name) => Expect($"[Grafting(SGD)] public partial class {name} {{ }}",
        "SHMP002", name, $"'{name}' cannot be an optimizer: its generated part has a member {name}");

    [Theory]
    [InlineData("[Grafting(LAMB)]", "LAMB", "GraftingMethod.LAMB is not available in this version of Shampoo; available: SGD, Adagrad, RMSProp, Adam")]
    [InlineData("[RootInverse(CoupledNewton)]", "CoupledNewton", "Solver.CoupledNewton is not available in this version of Shampoo; available: Eigh")]
    [InlineData("[RootInverse(Eigh, ExponentMultiplier = 1.82)]", "ExponentMultiplier = 1.82", "RootInverse.ExponentMultiplier = 1.82 is not available in this version of Shampoo; available: 1")]
    [InlineData("[Distributed(FSDP)]", "FSDP", "Parallelism.FSDP is not available in this version of Shampoo; available: DDP")]
    [InlineData("[SignDescent]", "SignDescent", "[SignDescent] is not available in this version of Shampoo; available: [RootInverse(Eigh)], [Grafting], [FirstMoment], [Momentum], [WeightDecay]")]
    public void SHMP003_not_available(string attributes, string squiggle, string message) => ExpectOf(attributes, "SHMP003", squiggle, message);

    [Theory]
    [InlineData("[Grafting((GraftingMethod)77)]", "(GraftingMethod)77", "(GraftingMethod)77 is no value of GraftingMethod")]
    [InlineData("[Grafting(method: (GraftingMethod)(-1))]", "method: (GraftingMethod)(-1)", "(GraftingMethod)(-1) is no value of GraftingMethod")]
    [InlineData("[RootInverse(Eigh)] [Precision(Roots = (Precision)99)]", "Roots = (Precision)99", "(Precision)99 is no value of Precision")]
    public void SHMP004_undefined_value(string attributes, string squiggle, string message) => ExpectOf(attributes, "SHMP004", squiggle, message);

    [Theory]
    [InlineData("[Grafting(Adam, Beta2 = 1.5)]", "Beta2 = 1.5", "Beta2 is 1.5, but it must be in (0, 1]")]
    [InlineData("[Grafting(RMSProp, Beta2 = 0)]", "Beta2 = 0", "Beta2 is 0, but it must be in (0, 1]")]
    [InlineData("[Grafting(Adam, Beta2 = -0.0)]", "Beta2 = -0.0", "Beta2 is -0, but it must be in (0, 1]")]
    [InlineData("[Grafting(Adam, Epsilon = double.NaN)]", "Epsilon = double.NaN", "Epsilon is NaN, but it must be a finite number > 0")]
    [InlineData("[Grafting(Adam, Epsilon = double.PositiveInfinity)]", "Epsilon = double.PositiveInfinity", "Epsilon is Infinity, but it must be a finite number > 0")]
    [InlineData("[FirstMoment(Beta1 = 1)]", "Beta1 = 1", "Beta1 is 1, but it must be in [0, 1)")]
    [InlineData("[FirstMoment(Beta1 = -1e-3)]", "Beta1 = -1e-3", "Beta1 is -0.001, but it must be in [0, 1)")]
    [InlineData("[Momentum(0)]", "0", "momentum is 0, but it must be in (0, 1)")]
    [InlineData("[Momentum(momentum: 1)]", "momentum: 1", "momentum is 1, but it must be in (0, 1)")]
    [InlineData("[Momentum(Dampening = 1)]", "Dampening = 1", "Dampening is 1, but it must be in [0, 1)")]
    [InlineData("[Momentum(Dampening = double.NaN)]", "Dampening = double.NaN", "Dampening is NaN, but it must be in [0, 1)")]
    [InlineData("[WeightDecay(L2, WeightDecay = double.NegativeInfinity)]", "WeightDecay = double.NegativeInfinity", "WeightDecay is -Infinity, but it must be a finite number >= 0")]
    [InlineData("[RootInverse(Eigh, Epsilon = 0)]", "Epsilon = 0", "Epsilon is 0, but it must be a finite number > 0")]
    [InlineData("[RootInverse(Eigh)] [Preconditioning(MaxDimension = 0)]", "MaxDimension = 0", "MaxDimension is 0, but it must be at least 1")]
    [InlineData("[RootInverse(Eigh)] [Preconditioning(Frequency = -3)]", "Frequency = -3", "Frequency is -3, but it must be at least 1")]
    [InlineData("[RootInverse(Eigh)] [Preconditioning(Start = 0)]", "Start = 0", "Start is 0, but it must be -1 or at least 1")]
    [InlineData("[RootInverse(Eigh)] [Preconditioning(ToleratedFailures = -1)]", "ToleratedFailures = -1", "ToleratedFailures is -1, but it must be at least 0")]
    public void SHMP005_out_of_range(string attributes, string squiggle, string message) => ExpectOf(attributes, "SHMP005", squiggle, message);

    [Fact]
    public void SHMP006_two_preconditioners() => Expect("[RootInverse(Eigh), SignDescent] public sealed partial class Mine;",
        "SHMP006", "SignDescent", "[SignDescent] contradicts [RootInverse]: an optimizer has one preconditioner", others: ["SHMP003"]);

    [Fact]
    public void SHMP006_Adam_over_a_sum() => ExpectOf("[Grafting(Adam, Beta2 = 1)]",
        "SHMP006", "Beta2 = 1", "[Grafting(Adam)] contradicts [Beta2 = 1]: a plain sum has no bias to correct; use Adagrad");

    [Theory]
    [InlineData("QR")]
    [InlineData("SVD")]
    public void SHMP007_solver_does_not_fit(string solver) => ExpectOf($"[RootInverse({solver})]",
        "SHMP007", solver, $"Solver.{solver} does not compute what [RootInverse] needs; use Eigh");

    [Fact]
    public void SHMP008_start_before_the_first_refresh() => ExpectOf("[RootInverse(Eigh)] [Preconditioning(Frequency = 10, Start = 5)]",
        "SHMP008", "Start = 5", "Start is 5, but it must be at least Frequency (10), or -1 for Frequency itself");

    [Theory]
    [InlineData("[Grafting(SGD, Beta2 = 0.9)]", "Beta2 = 0.9", "Beta2 has no effect: SGD grafting has no decay")]
    [InlineData("[Grafting(Adagrad, Beta2 = 0.9)]", "Beta2 = 0.9", "Beta2 has no effect: Adagrad grafting has no decay")]
    [InlineData("[Grafting(SGD, Epsilon = 1e-8)]", "Epsilon = 1e-8", "Epsilon has no effect: SGD grafting does not divide")]
    [InlineData("[RootInverse(Eigh, Beta2 = 1, BiasCorrection = true)]", "BiasCorrection = true", "BiasCorrection has no effect: a plain sum (Beta2 = 1) has no bias")]
    [InlineData("[Preconditioning(Frequency = 5)]", "Preconditioning(Frequency = 5)", "[Preconditioning] has no effect: there is no preconditioner; declare one, for example [RootInverse(Eigh)]")]
    [InlineData("[Precision(Factors = Float64)]", "Factors = Float64", "Factors has no effect: there are no factor matrices")]
    [InlineData("[Precision(Roots = Float64)]", "Roots = Float64", "Roots has no effect: there are no inverse roots")]
    [InlineData("[Grafting(Adam)] [Preconditioning(Frequency = 50)]", "Preconditioning(Frequency = 50)", "[Preconditioning] has no effect: there is no preconditioner; declare one, for example [RootInverse(Eigh)]")]
    public void SHMP009_without_effect(string attributes, string squiggle, string message) =>
        ExpectOf(attributes, "SHMP009", squiggle, message, DiagnosticSeverity.Warning);

    [Fact]
    public void SHMP010_one_rank() => ExpectOf("[Distributed(DDP, GroupSize = 8)]", "SHMP010", "Distributed(DDP, GroupSize = 8)",
        "[Distributed(DDP)] runs on one rank in this version of Shampoo: every process keeps all state and does all work", DiagnosticSeverity.Info);

    [Fact]
    public void SHMP011_language_version() => Expect(
        TestProject.OfFiles("[Shampoo.Grafting(Shampoo.GraftingMethod.SGD)] public partial class Mine { }") with { LanguageVersion = LanguageVersion.CSharp11 },
        "SHMP011", "Mine", "'Mine' needs C# 12.0 or later, but the language version is 11.0");

    [Fact]
    public void SHMP012_missing_runtime() => Expect(
        TestProject.Of("[Grafting(SGD)] public partial class Mine { }") with { References = [.. References.Framework, .. References.Abstractions, .. References.Torch] },
        "SHMP012", "Mine", "'Mine' needs a reference to Shampoo.Runtime, which defines 'Shampoo.Runtime.BlockedOptimizer`1'");

    [Fact]
    public void SHMP012_missing_torch() => Expect(
        TestProject.Of("[Grafting(SGD)] public partial class Mine { }") with { References = [.. References.Framework, .. References.Abstractions, .. References.Runtime] },
        "SHMP012", "Mine", "'Mine' needs a reference to TorchSharp, which defines 'TorchSharp.torch'");

    [Theory]
    [InlineData("Start = PreconditioningAttribute.Unlimited", "2147483647")]
    [InlineData("Start = 100_000_000", "100000000")]
    [InlineData("Frequency = 100_000_000", "100000000")]
    [InlineData("Frequency = 100_000_000", "100000000", "Start = -1, MaxDimension = 8, ")]
    public void SHMP013_never_starts(string option, string step, string others = "") => ExpectOf($"[RootInverse(Eigh)] [Preconditioning({others}{option})]",
        "SHMP013", option, $"Preconditioning starts at step {step}, which no training reaches: the preconditioner costs memory and time, and is never used", DiagnosticSeverity.Warning);

    [Fact]
    public void SHMP013_leaves_the_rest_of_the_schedule_without_effect() => Expect(
        TestProject.Declaring("[RootInverse(Eigh)] [Preconditioning(Frequency = 50, Start = int.MaxValue)]"), "SHMP009", "Frequency = 50",
        "Frequency has no effect: preconditioning never starts", DiagnosticSeverity.Warning, others: ["SHMP013"]);

    [Theory]
    [InlineData("[RootInverse(Eigh, Epsilon = 1e-50)]", "Epsilon = 1e-50", "Epsilon is 1e-50, but in float32 that is 0")]
    [InlineData("[RootInverse(Eigh, Epsilon = 1e-50)] [Precision(Factors = Float32)]", "Epsilon = 1e-50", "Epsilon is 1e-50, but in float32 that is 0")]
    [InlineData("[RootInverse(Eigh, Epsilon = double.Epsilon)]", "Epsilon = double.Epsilon", "Epsilon is 5e-324, but in float32 that is 0")]
    [InlineData("[RootInverse(Eigh, Beta2 = 0.999_999_999)]", "Beta2 = 0.999_999_999", "Beta2 is 0.999999999, but in float32 that is 1")]
    [InlineData("[Grafting(Adam, Epsilon = 1e-40)]", "Epsilon = 1e-40", "Epsilon is 1e-40, but in float32 that is 0")]
    [InlineData("[Grafting(Adam, Epsilon = 1e300)]", "Epsilon = 1e300", "Epsilon is 1e300, but in float32 that is infinity")]
    [InlineData("[Momentum(0.99999999)]", "0.99999999", "momentum is 0.99999999, but in float32 that is 1")]
    [InlineData("[FirstMoment(Beta1 = 0.99999999)]", "Beta1 = 0.99999999", "Beta1 is 0.99999999, but in float32 that is 1")]
    [InlineData("[WeightDecay(L2, WeightDecay = 1e-46)]", "WeightDecay = 1e-46", "WeightDecay is 1e-46, but in float32 that is 0")]
    public void SHMP014_rounded_away(string attributes, string squiggle, string message) =>
        ExpectOf(attributes, "SHMP014", squiggle, message, DiagnosticSeverity.Warning);

    [Theory]
    [InlineData("Start = 99_999_999")]
    [InlineData("Frequency = 99_999_999, ToleratedFailures = 0")]
    public void SHMP013_spares_long_training(string options) => Generation.Of(TestProject.Declaring($"[RootInverse(Eigh)] [Preconditioning({options})]")).Reporting().Compiling();

    [Theory]
    [InlineData("[RootInverse(Eigh, Epsilon = 1e-50, Beta2 = 0.99999999)] [Precision(Factors = Float64)]")]
    [InlineData("[RootInverse(Eigh, Epsilon = 1.2e-38, Beta2 = 0.9999999)]")]
    [InlineData("[WeightDecay(L2, WeightDecay = 0)] [FirstMoment(Beta1 = 0)] [Momentum(Dampening = 0)]")]
    public void SHMP014_spares_what_float32_can_tell_apart(string attributes) => Generation.Of(TestProject.Declaring(attributes)).Reporting().Compiling();

    [Theory]
    [InlineData("", "SHMP015")]
    [InlineData("[Precision(Factors = Float32)]", "SHMP015")]
    [InlineData("[Precision(Factors = Float64)]")]
    public void SHMP015_sensitive_solver(string precision, params string[] expected)
    {
        const string Name = "CoupledNewton";
        SolverTraits[] solvers = [.. SolverTraits.All.Select(static s => s with { IsAvailable = s.IsAvailable || s.Name == Name })];
        Assert.Equal(expected, Checked($"[RootInverse({Name})] {precision}", precision.Contains("64", StringComparison.Ordinal), solvers).Select(static d => d.Id));
        Assert.Equal("Solver.CoupledNewton diverges where products of float32 matrices are taken in TF32; declare [Precision(Factors = Float64)]",
            Assert.Single(Checked($"[RootInverse({Name})]", false, solvers)).GetMessage(CultureInfo.InvariantCulture));
        Assert.Empty(Checked("[RootInverse(Eigh)]", false, solvers));
    }

    [Fact]
    public void SHMP015_knows_every_solver()
    {
        Assert.Equal(Enum.GetNames<Solver>(), SolverTraits.All.Select(static s => s.Name));
        foreach (SolverTraits solver in SolverTraits.All)
        {
            string[] expected = !solver.Computes.HasFlag(MatrixFunctions.InverseRoots) ? ["SHMP007"]
                : !solver.IsAvailable ? ["SHMP003"]
                : solver.DivergesInTF32 ? ["SHMP015"] : [];
            Generation.Of(TestProject.Declaring($"[RootInverse({solver.Name})]")).Reporting(expected);
        }
    }

    [Theory]
    [InlineData("MaxDimension = 1", "MaxDimension = 1 cuts every parameter into single numbers: each has matrices of one number, and nothing is gained over grafting alone")]
    [InlineData("MaxDimension = PreconditioningAttribute.Unlimited", "MaxDimension = Unlimited merges all dimensions of a parameter into one: n numbers then have a matrix of n × n; declare TargetDimensionality = 2, too")]
    public void SHMP016_extreme_blocks(string option, string message) =>
        ExpectOf($"[RootInverse(Eigh)] [Preconditioning({option})]", "SHMP016", option, message, DiagnosticSeverity.Warning);

    [Theory]
    [InlineData("MaxDimension = 2")]
    [InlineData("MaxDimension = int.MaxValue - 1")]
    [InlineData("MaxDimension = int.MaxValue, TargetDimensionality = 2")]
    [InlineData("TargetDimensionality = PreconditioningAttribute.Unlimited, MaxDimension = PreconditioningAttribute.Unlimited")]
    public void SHMP016_spares_blocks_of_a_size(string options) => Generation.Of(TestProject.Declaring($"[RootInverse(Eigh)] [Preconditioning({options})]")).Reporting().Compiling();

    [Fact]
    public void SHMP017_roots_beyond_their_factors() => ExpectOf("[RootInverse(Eigh)] [Precision(Factors = Float32, Roots = Float64)]", "SHMP017", "Roots = Float64",
        "The inverse roots have the precision Float64, but they are computed from factor matrices, and in arithmetic, of Float32", DiagnosticSeverity.Warning);

    [Fact]
    public void A_project_without_Shampoo_is_none_of_our_business()
    {
        TestProject project = TestProject.OfFiles("public class GraftingAttribute : System.Attribute { } [Grafting] public partial class Mine { }");
        Generation generation = Generation.Of(project with { References = References.Framework }).Reporting().Compiling();
        Assert.Empty(generation.Sources);
    }

    /// <summary>What a check of the first attribute's solver says, if these are the solvers that there are.</summary>
    private static ImmutableArray<Diagnostic> Checked(string attributes, bool inFloat64, IReadOnlyList<SolverTraits> solvers)
    {
        CSharpCompilation compilation = TestProject.Declaring(attributes).Compile();
        var diagnostics = new DiagnosticBag();
        AttributeData attribute = compilation.GetTypeByMetadataName("Optimizer")!.GetAttributes()[0];
        SolverCheck.Check(new AttributeReader(attribute, compilation, diagnostics, default), MatrixFunctions.InverseRoots, inFloat64, solvers);
        return diagnostics.ToImmutable();
    }

    private static void ExpectOf(string attributes, string id, string squiggle, string message, DiagnosticSeverity severity = DiagnosticSeverity.Error) =>
        Expect(TestProject.Declaring(attributes), id, squiggle, message, severity);

    private static void Expect(string source, string id, string squiggle, string message, string[]? others = null) =>
        Expect(TestProject.Of(source), id, squiggle, message, DiagnosticSeverity.Error, others);

    private static void Expect(
        TestProject project, string id, string squiggle, string message, DiagnosticSeverity severity = DiagnosticSeverity.Error, string[]? others = null)
    {
        Generation generation = Generation.Of(project);
        Assert.Equal([id, .. others ?? []], generation.Diagnostics.Select(static d => d.Id).Order(StringComparer.Ordinal).OrderByDescending(other => other == id));
        Diagnostic diagnostic = generation.Diagnostics.Single(d => d.Id == id);
        Assert.Equal(squiggle, diagnostic.Location.SourceTree!.GetText().ToString(diagnostic.Location.SourceSpan));
        Assert.Equal(message, diagnostic.GetMessage(CultureInfo.InvariantCulture));
        Assert.Equal(severity, diagnostic.Severity);
        Assert.Equal($"docs/diagnostics/{id}.md", diagnostic.Descriptor.HelpLinkUri);
        if (severity == DiagnosticSeverity.Error) Assert.Empty(generation.Sources);
        else generation.Compiling();
    }
}
