using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Shampoo.Generators;

namespace Shampoo.Tests;

/// <summary>Every C# block of the README is a piece of a sample, or of what the generator makes of one.</summary>
public sealed class ReadmeTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "readme");

    [Fact]
    public void BlocksAreCompiledFromTheSample()
    {
        string[] sources = [Text("Optimizers.cs"), Text("Contender.cs"), Text("Pupil.cs"), Text("Program.cs"), Generated(Text("Optimizers.cs"))];
        string[] blocks = [.. Blocks(Text("README.md"))];
        Assert.Equal(4, blocks.Length);
        Assert.Contains("`new DigitsShampoo(parameters, lr: lr)`", Text("README.md"), StringComparison.Ordinal);
        foreach (string block in blocks.Append("new DigitsShampoo(parameters, lr: lr)"))
            Assert.True(sources.Any(source => Unindented(source).Contains(Unindented(block), StringComparison.Ordinal)), $"Not in the sample:\n{block}");
    }

    private static string Text(string file) => File.ReadAllText(Path.Combine(Folder, file)).ReplaceLineEndings("\n");

    private static IEnumerable<string> Blocks(string markdown) =>
        markdown.Split("```").Where(static (_, i) => i % 2 == 1).Where(static b => b.StartsWith("csharp\n", StringComparison.Ordinal)).Select(static b => b["csharp\n".Length..]);

    /// <summary>Indentation differs: a block of the README stands alone.</summary>
    private static string Unindented(string text)
    {
        var lines = new StringBuilder();
        foreach (string line in text.Split('\n'))
            lines.Append(line.Trim()).Append('\n');
        return lines.ToString().Trim();
    }

    private static string Generated(string source)
    {
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(static p => MetadataReference.CreateFromFile(p));
        var compilation = CSharpCompilation.Create("Readme", [CSharpSyntaxTree.ParseText(source, path: "Optimizers.cs")], references, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        GeneratorDriverRunResult run = CSharpGeneratorDriver.Create(new ShampooGenerator()).RunGenerators(compilation).GetRunResult();
        return string.Join("\n", run.GeneratedTrees.Select(static t => t.ToString()));
    }
}
