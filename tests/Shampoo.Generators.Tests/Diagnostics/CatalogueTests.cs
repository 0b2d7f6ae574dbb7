using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Shampoo.Generators.Diagnostics;

namespace Shampoo.Generators.Tests.Diagnostics;

/// <summary>A diagnostic is in four places: the descriptors, the release notes, the documentation, the tests.</summary>
public sealed partial class CatalogueTests
{
    private static IEnumerable<string> Ids => Descriptors.All.Select(static d => d.Id);

    public static TheoryData<string> AllIds => [.. Ids];

    [Fact]
    public void All_descriptors_are_listed_once()
    {
        IEnumerable<DiagnosticDescriptor> fields = typeof(Descriptors).GetFields(BindingFlags.Static | BindingFlags.Public)
            .Select(static f => f.GetValue(null)).OfType<DiagnosticDescriptor>();
        Assert.Equal(fields.Select(static d => d.Id).Order(StringComparer.Ordinal), Ids);
        Assert.Equal(Ids.Distinct(), Ids);
    }

    [Fact]
    public void The_release_notes_have_the_same_rows()
    {
        string notes = Read("src/Shampoo.Generators/AnalyzerReleases.Shipped.md") + Read("src/Shampoo.Generators/AnalyzerReleases.Unshipped.md");
        IEnumerable<string> rows = Row().Matches(notes).Select(static m => m.Value.TrimEnd()).Order(StringComparer.Ordinal);
        Assert.Equal(Descriptors.All.Select(static d => $"{d.Id} | {d.Category} | {d.DefaultSeverity} | {d.Title}"), rows);
    }

    [Theory]
    [MemberData(nameof(AllIds))]
    public void A_page_explains_it(string id)
    {
        DiagnosticDescriptor descriptor = Descriptors.All.Single(d => d.Id == id);
        string page = Read($"docs/diagnostics/{id}.md");
        Assert.StartsWith($"# {id}: {descriptor.Title}\n\nSeverity: {descriptor.DefaultSeverity.ToString().ToLowerInvariant()}.", page, StringComparison.Ordinal);
        Assert.Contains("\n## Wrong\n", page, StringComparison.Ordinal);
        Assert.Contains("\n## Right\n", page, StringComparison.Ordinal);
        Assert.Equal(descriptor.DefaultSeverity != DiagnosticSeverity.Error, page.Contains("\n## Suppress\n", StringComparison.Ordinal));
    }

    [Fact]
    public void The_index_lists_the_pages_and_there_are_no_others()
    {
        IEnumerable<string> links = Link().Matches(Read("docs/diagnostics/README.md")).Select(static m => m.Groups[1].Value);
        Assert.Equal(Ids, links);
        IEnumerable<string> files = Directory.GetFiles(Path.Combine(Repository(), "docs/diagnostics"), "SHMP*.md").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal)!;
        Assert.Equal(Ids, files);
    }

    [Theory]
    [MemberData(nameof(AllIds))]
    public void A_test_covers_it(string id) =>
        Assert.Contains(typeof(DiagnosticTests).GetMethods(), m => m.Name.StartsWith(id, StringComparison.Ordinal));

    internal static string Read(string path) => File.ReadAllText(Path.Combine(Repository(), path));

    internal static string Repository([CallerFilePath] string file = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "../../.."));

    [GeneratedRegex("^SHMP.*$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("""\]\((SHMP\d+)\.md\)""")]
    private static partial Regex Link();
}
