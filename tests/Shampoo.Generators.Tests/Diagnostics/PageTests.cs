using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Shampoo.Generators.Diagnostics;
using Shampoo.Generators.Tests.Compiling;

namespace Shampoo.Generators.Tests.Diagnostics;

/// <summary>The examples of the documentation say what they should: the wrong one its diagnostic, the right one nothing.</summary>
public sealed partial class PageTests
{
    /// <summary>Without those whose examples are project files.</summary>
    public static TheoryData<string> Pages => [.. WithCode.Select(static d => d.Id)];

    public static TheoryData<string> Suppressible => [.. WithCode.Where(static d => d.DefaultSeverity != DiagnosticSeverity.Error).Select(static d => d.Id)];

    private static IEnumerable<DiagnosticDescriptor> WithCode => Descriptors.All.Except([Descriptors.LanguageVersion, Descriptors.MissingReference]);

    [Theory]
    [MemberData(nameof(Pages))]
    public void The_wrong_example_is_reported(string id) => Generate(Example(id, "Wrong")).Reporting(id);

    [Theory]
    [MemberData(nameof(Pages))]
    public void The_right_example_is_not_reported(string id) => Generate(Example(id, "Right")).Reporting().Compiling();

    [Theory]
    [MemberData(nameof(Suppressible))]
    public void The_suppressed_example_is_not_reported(string id) => Generate(Example(id, "Suppress")).Reporting().Compiling();

    private static Generation Generate(string example) => Generation.Of(TestProject.Of(example));

    private static string Example(string id, string heading) =>
        Block().Match(CatalogueTests.Read($"docs/diagnostics/{id}.md").Split($"\n## {heading}\n")[1]).Groups[1].Value;

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
