using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Shampoo.ApiStub;

/// <summary>What came of compiling: members that C# cannot express, and errors elsewhere.</summary>
internal sealed record StubResult(IReadOnlyList<string> Skipped, IReadOnlyList<string> Problems);

/// <summary>Compiles the stub; what cannot be expressed is left out, member by member.</summary>
internal static class StubCompiler
{
    private static readonly CSharpParseOptions Language = new(LanguageVersion.Latest, DocumentationMode.None);

    public static StubResult Compile(IReadOnlyList<StubLine> source, string library)
    {
        var unlisted = CSharpSyntaxTree.ParseText(Unlisted(), Language, "Unlisted.cs.txt");
        var skipped = new HashSet<int>();
        while (true)
        {
            var listed = CSharpSyntaxTree.ParseText(Join(source, skipped), Language, "listed");
            var errors = Emit([listed, unlisted], library);
            var members = errors.Where(error => error.Location.SourceTree == listed).Select(Line).Where(line => source[line].Member is not null).ToHashSet();
            if (members.Count == 0) return new StubResult([.. skipped.Order().Select(line => source[line].Member!)], Problems(errors, source, listed));
            skipped.UnionWith(members);
        }
    }

    private static Diagnostic[] Emit(SyntaxTree[] trees, string library)
    {
        var options = new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, deterministic: true);
        var result = CSharpCompilation.Create("TorchSharp", trees, Framework(), options).Emit(library);
        return [.. result.Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)];
    }

    private static IEnumerable<MetadataReference> Framework() =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "framework.txt")).Select(file => MetadataReference.CreateFromFile(file));

    private static string Join(IReadOnlyList<StubLine> source, HashSet<int> skipped) =>
        string.Join('\n', source.Select((line, number) => skipped.Contains(number) ? "" : line.Text));

    private static int Line(Diagnostic error) => error.Location.GetLineSpan().StartLinePosition.Line;

    private static string[] Problems(Diagnostic[] errors, IReadOnlyList<StubLine> source, SyntaxTree listed) =>
        [.. errors.Select(error => error.Location.SourceTree == listed ? $"{error}\n    {source[Line(error)].Text}" : error.ToString())];

    private static string Unlisted()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("Unlisted.cs")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
