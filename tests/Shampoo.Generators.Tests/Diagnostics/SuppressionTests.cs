using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Shampoo.Generators.Diagnostics;
using Shampoo.Generators.Tests.Compiling;

namespace Shampoo.Generators.Tests.Diagnostics;

/// <summary>Warnings can be silenced and changed where and how all others can: by pragma, by attribute, by NoWarn, by .editorconfig.</summary>
public sealed class SuppressionTests
{
    /// <summary>Every diagnostic that is not an error, with a class that has it.</summary>
    private static readonly Dictionary<string, string> Sources = new()
    {
        ["SHMP009"] = "[Grafting(SGD, Epsilon = 1)] public sealed partial class Mine;",
        ["SHMP013"] = "[RootInverse(Eigh)]\n[Preconditioning(Start = int.MaxValue)]\npublic sealed partial class Mine;",
        ["SHMP014"] = "[Grafting(Adam,\n    Epsilon = 1e-50)]\npublic sealed partial class Mine;",
        ["SHMP016"] = "[RootInverse(Eigh), Preconditioning(MaxDimension = 1)] public sealed partial class Mine;",
        ["SHMP017"] = "[RootInverse(Eigh)] [Precision(Roots = Float64, Factors = Float32)] public sealed partial class Mine;",
        ["SHMP020"] = "[RootInverse(NewtonSchulz)] public sealed partial class Mine;",
        ["SHMP031"] = "[Distributed(DDP, Communicates = UpdatedParameters, Communication = BFloat16)] public sealed partial class Mine;",
    };

    public static TheoryData<string> Ids => [.. Sources.Keys];

    [Fact]
    public void All_that_can_be_suppressed_are_tested() => Assert.Equal(
        Descriptors.All.Where(static d => d.DefaultSeverity != DiagnosticSeverity.Error).Select(static d => d.Id), Sources.Keys);

    [Theory]
    [MemberData(nameof(Ids))]
    public void A_pragma_suppresses_what_it_encloses_and_nothing_else(string id)
    {
        (string source, string other) = (Sources[id], Sources[id].Replace("class ", "class Other", StringComparison.Ordinal));
        Generation.Of(TestProject.Of($"{source}\n{other}")).Reporting(id, id);
        Generation.Of(TestProject.Of($"#pragma warning disable {id}\n{source}\n#pragma warning restore {id}\n{other}")).Reporting(id).Compiling();
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void An_attribute_suppresses_on_its_class_and_on_no_other(string id)
    {
        (string source, string other) = (Sources[id], Sources[id].Replace("class ", "class Other", StringComparison.Ordinal));
        Generation.Of(TestProject.Of($"[System.Diagnostics.CodeAnalysis.SuppressMessage(\"Shampoo\", \"{id}\")]\n{source}\n{other}")).Reporting(id).Compiling();
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void NoWarn_suppresses_in_the_whole_project(string id) => Generation.Of(
        TestProject.Of(Sources[id]) with { Severities = ImmutableDictionary<string, ReportDiagnostic>.Empty.Add(id, ReportDiagnostic.Suppress) }).Reporting().Compiling();

    [Theory]
    [MemberData(nameof(Ids))]
    public void An_editorconfig_suppresses_in_its_files(string id) =>
        Generation.Of(TestProject.Of(Sources[id]) with { EditorConfig = new Severities(id, ReportDiagnostic.Suppress) }).Reporting().Compiling();

    [Theory]
    [MemberData(nameof(Ids))]
    public void An_editorconfig_makes_it_an_error_and_the_code_is_generated_all_the_same(string id)
    {
        Generation generation = Generation.Of(TestProject.Of(Sources[id]) with { EditorConfig = new Severities(id, ReportDiagnostic.Error) });
        Assert.Equal(DiagnosticSeverity.Error, Assert.Single(generation.Diagnostics).Severity);
        Assert.Single(generation.Sources);
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
