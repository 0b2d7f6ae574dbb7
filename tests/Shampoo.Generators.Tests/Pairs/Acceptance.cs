using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Shampoo.Generators.Tests.Compiling;

namespace Shampoo.Generators.Tests.Pairs;

/// <summary>What the generator says to declarations, each of which it is asked once about.</summary>
internal sealed class Acceptance
{
    private const int Batch = 400;

    private readonly Dictionary<Declared, string[]> _diagnostics = [];

    /// <summary>Whether the generator has nothing to say, not even a warning.</summary>
    public bool Accepts(Declared declaration)
    {
        Ask([declaration]);
        return _diagnostics[declaration].Length == 0 && OptionValues.AreComplete(declaration);
    }

    /// <summary>The ids of what the generator reports.</summary>
    public IReadOnlyList<string> Diagnostics(Declared declaration)
    {
        Ask([declaration]);
        return _diagnostics[declaration];
    }

    /// <summary>Asks about many at a time, which is faster.</summary>
    public void Ask(IEnumerable<Declared> declarations)
    {
        foreach (Declared[] batch in declarations.Where(d => !_diagnostics.ContainsKey(d)).Distinct().Chunk(Batch))
        {
            TestProject project = TestProject.Of(string.Concat(batch.Select(static (declaration, i) => $"{declaration} public sealed partial class C{i};\n")));
            Generation.Driver(project.ParseOptions).RunGeneratorsAndUpdateCompilation(project.Compile(), out _, out var diagnostics);
            ILookup<string, string> found = diagnostics.ToLookup(Class, static d => d.Id);
            for (int i = 0; i < batch.Length; i++)
                _diagnostics.Add(batch[i], [.. found[$"C{i}"].Distinct()]);
        }
    }

    private static string Class(Diagnostic diagnostic) =>
        diagnostic.Location.SourceTree!.GetRoot().FindToken(diagnostic.Location.SourceSpan.Start).Parent!.AncestorsAndSelf().OfType<ClassDeclarationSyntax>().First().Identifier.Text;
}
