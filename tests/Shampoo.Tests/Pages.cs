using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Shampoo.Generators;

namespace Shampoo.Tests;

/// <summary>Pages for users, and what is on them.</summary>
internal static partial class Pages
{
    private static readonly MetadataReference[] References =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(static path => MetadataReference.CreateFromFile(path))];

    /// <summary>A page, by its name.</summary>
    public static string Text(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "readme", name)).ReplaceLineEndings("\n");

    /// <summary>Its blocks of C#.</summary>
    public static string[] Blocks(string page) => [.. BlockOfCode().Matches(page).Select(static m => m.Groups[1].Value)];

    /// <summary>The text from a heading to the next one of its level or above; null if there is none.</summary>
    public static string? Section(string page, string heading)
    {
        string start = $"\n{heading}\n", level = heading[..(heading.IndexOf(' ') + 1)];
        int from = page.IndexOf(start, StringComparison.Ordinal);
        if (from < 0) return null;
        string rest = page[(from + start.Length)..];
        Match end = Regex.Match(rest, $@"\n#{{1,{level.Length - 1}}} ");
        return end.Success ? rest[..end.Index] : rest;
    }

    /// <summary>What is between backticks, outside of blocks.</summary>
    public static IEnumerable<string> Code(string text) => InlineCode().Matches(BlockOfCode().Replace(text, "")).Select(static m => m.Groups[1].Value);

    /// <summary>The cells of the table whose first column has a heading: its head, then its rows.</summary>
    public static IEnumerable<string[]> Table(string page, string heading) => page.Split('\n')
        .SkipWhile(line => !line.StartsWith($"| {heading} |", StringComparison.Ordinal)).TakeWhile(static line => line.StartsWith('|'))
        .Where(static line => !line.StartsWith("|---", StringComparison.Ordinal)).Select(static line => line.Trim('|').Split('|', StringSplitOptions.TrimEntries));

    /// <summary>Sources with what the generator makes of them; what it and the compiler have to say.</summary>
    public static (Compilation Compilation, IEnumerable<Diagnostic> Diagnostics) Compile(params string[] sources)
    {
        var compilation = CSharpCompilation.Create($"Page.{Guid.NewGuid():N}", sources.Select(static s => CSharpSyntaxTree.ParseText(s)), References,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        CSharpGeneratorDriver.Create(new ShampooGenerator()).RunGeneratorsAndUpdateCompilation(compilation, out Compilation generated, out var diagnostics);
        return (generated, diagnostics);
    }

    [GeneratedRegex(@"```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex BlockOfCode();

    [GeneratedRegex("`([^`\n]+)`")]
    private static partial Regex InlineCode();
}
