using System.Collections;
using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Shampoo.Generators.Diagnostics;
using Shampoo.Generators.Model;
using Shampoo.Generators.Parsing;
using Shampoo.Generators.Tests.Compiling;

namespace Shampoo.Generators.Tests.Incremental;

/// <summary>The model compares by value and holds nothing of the compiler.</summary>
public sealed class ModelTests
{
    private const string Full = """
        namespace A.B
        {
            public partial class Outer<T>
            {
                [Grafting(Adam, Beta2 = 0.99)] [RootInverse(Eigh, Epsilon = 1e-6)] [Preconditioning(MaxDimension = 64, Frequency = 5, Start = 7)]
                [FirstMoment(Beta1 = 0.8)] [Momentum(0.7, Dampening = 0.1)] [WeightDecay(L2)] [Precision(Roots = Float64)] [GradientChecks(false)]
                public partial class Mine { }
            }
        }
        """;

    [Fact]
    public void Equal_sources_give_equal_models()
    {
        Declaration one = Parse(Full), other = Parse(Full);
        Assert.NotSame(one, other);
        Assert.Equal(one, other);
        Assert.Equal(one.GetHashCode(), other.GetHashCode());
    }

    [Theory]
    [InlineData("A.B", "A.C")]
    [InlineData("Outer<T>", "Outer<U>")]
    [InlineData("Outer<T>", "Outer")]
    [InlineData("public partial class Outer", "public partial struct Outer")]
    [InlineData("class Mine", "class Yours")]
    [InlineData("class Mine", "class Mine<U>")]
    [InlineData("Grafting(Adam, ", "Grafting(RMSProp, ")]
    [InlineData("0.99", "0.98")]
    [InlineData("0.99", "0.990")]
    [InlineData("[RootInverse(Eigh, Epsilon = 1e-6)]", "")]
    [InlineData("Epsilon = 1e-6", "BiasCorrection = false")]
    [InlineData("Epsilon = 1e-6", "Beta2 = 1")]
    [InlineData("RootInverse(Eigh, Epsilon = 1e-6)", "RootInverse(Eigh, TraceScalingExponent = 1)")]
    [InlineData("RootInverse(Eigh, Epsilon = 1e-6)", "RootInverse(Eigh, RankDeficiency = PerturbAfter)")]
    [InlineData("RootInverse(Eigh, Epsilon = 1e-6)", "RootInverse(Eigh, Statistics = KullbackLeibler)")]
    [InlineData("RootInverse(Eigh, Epsilon = 1e-6)", "Eigendecomposed(Eigh, Epsilon = 1e-6)")]
    [InlineData("RootInverse(Eigh, Epsilon = 1e-6)", "EigenvalueCorrected(Eigh, Epsilon = 1e-6)")]
    [InlineData("RootInverse(Eigh, Epsilon = 1e-6)", "RootInverse(NewtonSchulz, Epsilon = 1e-6)")]
    [InlineData("[RootInverse(Eigh, Epsilon = 1e-6)]", "[RootInverse(Eigh, Epsilon = 1e-6)] [InverseExponent(2, 0.5)]")]
    [InlineData("Beta1 = 0.8", "Beta1 = 0.8, Beta3 = 0.9")]
    [InlineData("MaxDimension = 64", "TargetDimensionality = 2")]
    [InlineData("Frequency = 5", "Frequency = 6")]
    [InlineData("Start = 7", "Start = 8")]
    [InlineData("Start = 7", "Start = 7, ToleratedFailures = 0")]
    [InlineData("Beta1 = 0.8", "Beta1 = 0.8, BiasCorrection = false")]
    [InlineData("Dampening = 0.1", "Dampening = 0")]
    [InlineData("Dampening = 0.1", "Nesterov = true")]
    [InlineData("WeightDecay(L2)", "WeightDecay(Decoupled)")]
    [InlineData("Roots = Float64", "Factors = Float64")]
    [InlineData("GradientChecks(false)", "GradientChecks(true)")]
    [InlineData("[GradientChecks(false)]", "[GradientChecks(false)] [Elementwise(Torch)]")]
    [InlineData("[GradientChecks(false)]", "[GradientChecks(false)] [Elementwise(Cuda)]")]
    public void Different_sources_give_different_models(string old, string changed)
    {
        Assert.Contains(old, Full, StringComparison.Ordinal);
        Assert.NotEqual(Parse(Full), Parse(Full.Replace(old, changed, StringComparison.Ordinal)));
    }

    [Fact]
    public void The_dialect_is_automatic_unless_it_is_declared()
    {
        Assert.Equal(Model.ElementwiseDialect.Automatic, Parse(Full).Elementwise);
        Assert.Equal(Parse(Full), Parse(Full.Replace("[Momentum", "[Elementwise(Automatic)] [Momentum", StringComparison.Ordinal)));
        Assert.Equal(Enum.GetNames<ElementwiseDialect>(), Enum.GetNames<Model.ElementwiseDialect>());
    }

    [Fact]
    public void Parsing_can_be_cancelled() => Assert.Throws<OperationCanceledException>(static () => Parse(Full, new CancellationToken(canceled: true)));

    [Fact]
    public void Nothing_of_the_compiler_is_reachable()
    {
        List<object> objects = [.. Reachable(Parse(Full), [])];
        Assert.Contains(objects, static o => o is EnclosingType { Name: "Outer<T>" });
        Assert.DoesNotContain(objects, static o => o.GetType().FullName!.StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal));
    }

    [Fact]
    public void Equatable_arrays_compare_by_elements()
    {
        EquatableArray<string> one = new[] { "a", "b" }.ToEquatableArray(), same = new[] { "a", "b" }.ToEquatableArray();
        Assert.True(one.Equals((object)same));
        Assert.Equal(one.GetHashCode(), same.GetHashCode());
        Assert.False(one.Equals(new[] { "b", "a" }.ToEquatableArray()));
        Assert.Equal(default, Array.Empty<string>().ToEquatableArray());
        Assert.Equal(0, default(EquatableArray<string>).Count);
    }

    [Theory]
    [InlineData(1e-8, "1e-8")]
    [InlineData(1e-12, "1e-12")]
    [InlineData(0.999, "0.999")]
    [InlineData(1d, "1")]
    [InlineData(1e300, "1e300")]
    [InlineData(double.Epsilon, "5e-324")]
    [InlineData(1.5e-10, "1.5e-10")]
    public void Numbers_are_written_as_people_write_them_and_read_back(double value, string text)
    {
        Assert.Equal(text, Number.Of(value).Text);
        Assert.Equal(value, (double)Assert.IsType<LiteralExpressionSyntax>(SyntaxFactory.ParseExpression($"{text}d")).Token.Value!);
    }

    private static Declaration Parse(string source, CancellationToken cancellation = default)
    {
        CSharpCompilation compilation = TestProject.Of(source).Compile();
        ClassDeclarationSyntax syntax = compilation.SyntaxTrees[0].GetRoot().DescendantNodes().OfType<ClassDeclarationSyntax>().Last();
        INamedTypeSymbol type = compilation.GetSemanticModel(syntax.SyntaxTree).GetDeclaredSymbol(syntax)!;
        var diagnostics = new DiagnosticBag();
        Declaration? declaration = DeclarationParser.Parse(type, syntax, compilation, diagnostics, cancellation);
        Assert.False(diagnostics.HasErrors);
        return declaration!;
    }

    internal static IEnumerable<object> Reachable(object start, HashSet<object> seen)
    {
        if (!seen.Add(start)) yield break;
        yield return start;
        if (start is string || start.GetType().IsPrimitive || start.GetType().IsEnum) yield break;
        IEnumerable<object?> next = start.GetType().GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Select(f => f.GetValue(start));
        if (start is IEnumerable items) next = items.Cast<object?>();
        foreach (object child in next.Where(static o => o is not null).SelectMany(o => Reachable(o!, seen)))
            yield return child;
    }
}
