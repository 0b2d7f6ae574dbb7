using System.Reflection;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Shampoo.Generators;

namespace Shampoo.Conformance;

/// <summary>Compiles annotated classes with the generator, while the program runs, and loads them.</summary>
public sealed class DeclaredOptimizers
{
    private const string Namespace = "Declared";

    private readonly Assembly _assembly;
    private readonly ILookup<string, Diagnostic> _errors;

    /// <param name="declarations">Name of a class → its attributes, as C# text.</param>
    public DeclaredOptimizers(IReadOnlyDictionary<string, string> declarations)
    {
        SyntaxTree[] trees = declarations.Select(static d => CSharpSyntaxTree.ParseText(Source(d.Key, d.Value), path: d.Key, encoding: Encoding.UTF8)).ToArray();
        Compilation compilation = CSharpCompilation.Create(Namespace, trees, References(),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, nullableContextOptions: NullableContextOptions.Enable));
        CSharpGeneratorDriver.Create(new ShampooGenerator()).RunGeneratorsAndUpdateCompilation(compilation, out compilation, out var diagnostics);
        _errors = diagnostics.Where(static d => d.Severity == DiagnosticSeverity.Error).ToLookup(static d => d.Location.SourceTree!.FilePath);

        using var image = new MemoryStream();
        var result = compilation.Emit(image);
        if (!result.Success)
            throw new InvalidOperationException("The generated code does not compile:\n" + string.Join("\n", result.Diagnostics.Where(static d => d.Severity == DiagnosticSeverity.Error)));
        _assembly = Assembly.Load(image.ToArray());
    }

    /// <summary>Why a declaration was rejected; empty if it was not.</summary>
    public IEnumerable<string> Errors(string name) => _errors[name].Select(static d => $"{d.Id}: {d.GetMessage()}");

    /// <summary>The generated class.</summary>
    public Type this[string name] => _assembly.GetType($"{Namespace}.{name}", throwOnError: true)!;

    private static string Source(string name, string attributes) => $"""
        using Shampoo;
        namespace {Namespace};
        {attributes}
        public sealed partial class {name};
        """;

    /// <summary>Everything that this program itself runs on.</summary>
    private static IEnumerable<MetadataReference> References() =>
        ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(static path => MetadataReference.CreateFromFile(path));
}
