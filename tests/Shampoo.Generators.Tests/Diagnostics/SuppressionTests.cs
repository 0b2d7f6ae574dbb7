using Microsoft.CodeAnalysis;
using Shampoo.Generators.Tests.Compiling;

namespace Shampoo.Generators.Tests.Diagnostics;

/// <summary>The warning and the info can be silenced where they are, and everywhere; the errors, too, if somebody insists.</summary>
public sealed class SuppressionTests
{
    private const string Warned = "[Grafting(SGD, Epsilon = 1)] public sealed partial class Warned;";
    private const string Informed = "[Distributed(DDP)] public sealed partial class Informed;";

    [Theory]
    [InlineData("SHMP009", Warned)]
    [InlineData("SHMP010", Informed)]
    public void A_pragma_suppresses_what_it_encloses_and_nothing_else(string id, string source)
    {
        string other = source.Replace("class ", "class Other", StringComparison.Ordinal);
        Generation.Of(TestProject.Of($"{source}\n{other}")).Reporting(id, id);
        Generation.Of(TestProject.Of($"#pragma warning disable {id}\n{source}\n#pragma warning restore {id}\n{other}")).Reporting(id);
    }

    [Theory]
    [InlineData("SHMP009", Warned)]
    [InlineData("SHMP010", Informed)]
    public void An_editorconfig_suppresses_in_its_files(string id, string source)
    {
        TestProject project = TestProject.Of(source);
        Generation.Of(project with { EditorConfig = new Severities(id, ReportDiagnostic.Suppress) }).Reporting().Compiling();
    }

    [Fact]
    public void An_editorconfig_makes_the_info_a_warning()
    {
        Generation generation = Generation.Of(TestProject.Of(Informed) with { EditorConfig = new Severities("SHMP010", ReportDiagnostic.Warn) });
        Assert.Equal(DiagnosticSeverity.Warning, Assert.Single(generation.Diagnostics).Severity);
    }

    private sealed class Severities(string id, ReportDiagnostic severity) : SyntaxTreeOptionsProvider
    {
        public override GeneratedKind IsGenerated(SyntaxTree tree, CancellationToken cancellationToken) => GeneratedKind.Unknown;

        public override bool TryGetDiagnosticValue(SyntaxTree tree, string diagnosticId, CancellationToken cancellationToken, out ReportDiagnostic value)
        {
            value = severity;
            return diagnosticId == id;
        }

        public override bool TryGetGlobalDiagnosticValue(string diagnosticId, CancellationToken cancellationToken, out ReportDiagnostic value)
        {
            value = default;
            return false;
        }
    }
}
