using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Shampoo.Generators.Tests.Compiling;

/// <summary>A project of a user: files and settings. Immutable; <c>with</c> makes variants.</summary>
internal sealed record TestProject(ImmutableArray<TestFile> Files)
{
    /// <summary>What users write at the top of a file.</summary>
    private const string Usings = """
        global using Shampoo;
        global using static Shampoo.AveragingMethod;
        global using static Shampoo.BlockCost;
        global using static Shampoo.Communicated;
        global using static Shampoo.ElementwiseDialect;
        global using static Shampoo.FactorStatistics;
        global using static Shampoo.GraftingMethod;
        global using static Shampoo.LargeDimensions;
        global using static Shampoo.Parallelism;
        global using static Shampoo.Precision;
        global using static Shampoo.RankDeficiency;
        global using static Shampoo.Refresh;
        global using static Shampoo.SignScaling;
        global using static Shampoo.Solver;
        global using static Shampoo.SpectralScaling;
        global using static Shampoo.WeightDecayKind;
        """;

    public LanguageVersion LanguageVersion { get; init; } = LanguageVersion.Latest;

    public NullableContextOptions Nullable { get; init; } = NullableContextOptions.Enable;

    public bool AllowUnsafe { get; init; }

    public ImmutableArray<MetadataReference> References { get; init; } = Compiling.References.All;

    /// <summary>What an .editorconfig sets.</summary>
    public SyntaxTreeOptionsProvider? EditorConfig { get; init; }

    /// <summary>What the properties NoWarn and WarningsAsErrors set.</summary>
    public ImmutableDictionary<string, ReportDiagnostic> Severities { get; init; } = ImmutableDictionary<string, ReportDiagnostic>.Empty;

    /// <summary>Files without any usings but their own.</summary>
    public static TestProject OfFiles(params string[] sources) =>
        new([.. sources.Select(static (source, i) => new TestFile($"File{i}.cs", source))]);

    /// <summary>One file, in a project that has usings for all of Shampoo's attributes and enums.</summary>
    public static TestProject Of(string source) =>
        new([new TestFile("Optimizers.cs", source), new TestFile("Usings.cs", Usings)]);

    /// <summary>A class <c>Optimizer</c> with these attributes.</summary>
    public static TestProject Declaring(string attributes) => Of($"{attributes}\npublic sealed partial class Optimizer;\n");

    public CSharpCompilation Compile() => CSharpCompilation.Create("User", Files.Select(Parse), References, Options);

    public SyntaxTree Parse(TestFile file) => CSharpSyntaxTree.ParseText(file.Text, ParseOptions, file.Path);

    public CSharpParseOptions ParseOptions => new(LanguageVersion, DocumentationMode.Diagnose);

    public CSharpCompilationOptions Options => new CSharpCompilationOptions(
        OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: Nullable, allowUnsafe: AllowUnsafe, specificDiagnosticOptions: Severities).WithSyntaxTreeOptionsProvider(EditorConfig);
}

internal sealed record TestFile(string Path, string Text);
