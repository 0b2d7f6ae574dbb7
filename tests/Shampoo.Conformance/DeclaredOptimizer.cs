using System.Reflection;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Shampoo.Generators;

namespace Shampoo.Conformance;

/// <summary>Compiles an annotated class with the generator, while the program runs, and loads it.</summary>
public sealed class DeclaredOptimizer
{
    private const string Namespace = "Declared", Name = "Optimizer";

    /// <summary>Everything that this program itself runs on.</summary>
    private static readonly MetadataReference[] References =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(static path => MetadataReference.CreateFromFile(path))];

    private readonly Compilation _compilation;

    /// <param name="attributes">The attributes of the class, as C# text.</param>
    public DeclaredOptimizer(string attributes)
    {
        SyntaxTree tree = CSharpSyntaxTree.ParseText(Source(attributes), encoding: Encoding.UTF8);
        Compilation compilation = CSharpCompilation.Create($"{Namespace}.{Guid.NewGuid():N}", [tree], References,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, nullableContextOptions: NullableContextOptions.Enable));
        CSharpGeneratorDriver.Create(new ShampooGenerator()).RunGeneratorsAndUpdateCompilation(compilation, out _compilation, out var diagnostics);
        Errors = [.. diagnostics.Where(static d => d.Severity == DiagnosticSeverity.Error)];
    }

    /// <summary>Why the declaration was rejected; empty if it was not.</summary>
    public IReadOnlyList<Diagnostic> Errors { get; }

    /// <summary>The generated class.</summary>
    /// <exception cref="InvalidOperationException">It does not compile.</exception>
    public Type Load()
    {
        using var image = new MemoryStream();
        var result = _compilation.Emit(image);
        if (!result.Success)
            throw new InvalidOperationException("The generated code does not compile: " + result.Diagnostics.First(static d => d.Severity == DiagnosticSeverity.Error));
        return Assembly.Load(image.ToArray()).GetType($"{Namespace}.{Name}", throwOnError: true)!;
    }

    private static string Source(string attributes) => $"""
        using Shampoo;
        namespace {Namespace};
        {attributes}
        public sealed partial class {Name};
        """;
}
