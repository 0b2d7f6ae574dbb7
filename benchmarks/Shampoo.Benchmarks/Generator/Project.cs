using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Shampoo.Generators;

namespace Shampoo.Benchmarks.Generator;

/// <summary>A compilation with annotated classes, each in a file of its own, and a file that has nothing to do with them.</summary>
internal static class Project
{
    private static readonly CSharpParseOptions s_options = new(LanguageVersion.Latest);

    private static readonly MetadataReference[] s_references =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => !Path.GetFileName(path).StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal) && !Path.GetFileName(path).StartsWith("Shampoo.Generators", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    public static CSharpCompilation Of(int classes, int first = 0) => CSharpCompilation.Create("Benchmark",
        [.. Enumerable.Range(first, classes).Select(Optimizer), Unrelated(0)], s_references, new(OutputKind.DynamicallyLinkedLibrary));

    public static GeneratorDriver Driver() => CSharpGeneratorDriver.Create(
        [new ShampooGenerator().AsSourceGenerator()], parseOptions: s_options, driverOptions: new(default, trackIncrementalGeneratorSteps: true));

    /// <summary>The same project after an edit in the unrelated file.</summary>
    public static CSharpCompilation Edited(CSharpCompilation compilation, int version) =>
        compilation.ReplaceSyntaxTree(compilation.SyntaxTrees[^1], Unrelated(version));

    private static SyntaxTree Optimizer(int number) => Parse($"Optimizer{number}.cs", $$"""
        using static Shampoo.GraftingMethod;
        using static Shampoo.Solver;
        using static Shampoo.WeightDecayKind;
        using Shampoo;
        namespace Training;
        [Grafting(Adam)] [RootInverse(Eigh)] [Preconditioning(MaxDimension = {{256 + number}}, Frequency = 10)] [FirstMoment] [WeightDecay(Decoupled)]
        public sealed partial class Optimizer{{number}};
        """);

    private static SyntaxTree Unrelated(int version) => Parse("Unrelated.cs", $$"""
        namespace Training;
        public static class Unrelated { public static int Version => {{version}}; }
        """);

    private static SyntaxTree Parse(string path, string text) => CSharpSyntaxTree.ParseText(text, s_options, path);
}
