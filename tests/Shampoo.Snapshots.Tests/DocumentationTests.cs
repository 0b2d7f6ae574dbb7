using System.Text.RegularExpressions;

namespace Shampoo.Snapshots.Tests;

/// <summary>docs/snapshots.md shows what this project does.</summary>
public sealed partial class DocumentationTests
{
    [Theory]
    [InlineData("xml", "Shampoo.Snapshots.Tests.csproj")]
    [InlineData("csharp", "OptimizerTests.cs")]
    public void The_first_example_of_a_language_is_a_part_of_the_file(string language, string file)
    {
        string example = Block(language, Read("snapshots.md"));
        Assert.Contains(Flat(example), Flat(Read(file)), StringComparison.Ordinal);
    }

    private static string Read(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "documentation", name));

    private static string Block(string language, string page) => Regex.Match(page, $"```{language}\n(.*?)```", RegexOptions.Singleline).Groups[1].Value is { Length: > 0 } block
        ? block : throw new InvalidOperationException($"There is no {language} on the page.");

    private static string Flat(string text) => Space().Replace(text, " ").Trim();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
