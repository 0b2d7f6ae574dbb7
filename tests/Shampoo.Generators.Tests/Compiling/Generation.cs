using System.Collections.Immutable;
using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Shampoo.Generators.Tests.Compiling;

/// <summary>What the generator made of a project. Every generation runs twice, and the second run must come from the cache.</summary>
internal sealed class Generation
{
    private Generation(CSharpCompilation output, ImmutableArray<Diagnostic> diagnostics, GeneratorRunResult result)
    {
        Output = output;
        Diagnostics = diagnostics;
        Trees = [.. result.GeneratedSources.Select(static s => s.SyntaxTree)];
        Sources = result.GeneratedSources.ToImmutableSortedDictionary(static s => s.HintName, static s => s.SourceText.ToString(), StringComparer.Ordinal);
    }

    /// <summary>The user's project with the generated files.</summary>
    public CSharpCompilation Output { get; }

    /// <summary>What the generator reported and the user did not suppress.</summary>
    public ImmutableArray<Diagnostic> Diagnostics { get; }

    public ImmutableArray<SyntaxTree> Trees { get; }

    /// <summary>Generated texts by hint name.</summary>
    public ImmutableSortedDictionary<string, string> Sources { get; }

    /// <summary>The only generated text.</summary>
    public string Source => Assert.Single(Sources).Value;

    /// <summary>Diagnostics as <c>id: squiggled text</c>.</summary>
    public IEnumerable<string> Squiggles => Diagnostics.Select(static d => $"{d.Id}: {d.Location.SourceTree?.GetText().ToString(d.Location.SourceSpan)}");

    public static Generation Of(TestProject project) => Of(project.Compile(), project.ParseOptions);

    public static Generation Of(CSharpCompilation compilation, CSharpParseOptions options)
    {
        GeneratorDriver driver = Driver(options)
            .RunGeneratorsAndUpdateCompilation(compilation, out Compilation output, out ImmutableArray<Diagnostic> diagnostics);
        GeneratorRunResult result = Assert.Single(driver.GetRunResult().Results);
        if (result.Exception is { } exception) throw new InvalidOperationException("The generator threw.", exception);
        Caching.AssertCached(result, Assert.Single(driver.RunGenerators(compilation.Clone()).GetRunResult().Results));
        return new Generation((CSharpCompilation)output, [.. diagnostics.Where(static d => !d.IsSuppressed)], result);
    }

    public static GeneratorDriver Driver(CSharpParseOptions options) => CSharpGeneratorDriver.Create(
        [new ShampooGenerator().AsSourceGenerator()], parseOptions: options,
        driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));

    /// <summary>Asserts that the generator reported nothing, or only these ids.</summary>
    public Generation Reporting(params string[] ids)
    {
        Assert.Equal(ids, Diagnostics.Select(static d => d.Id));
        return this;
    }

    /// <summary>Asserts that everything compiles: no warning, and no public member without documentation in the generated files.</summary>
    public Generation Compiling()
    {
        string complaints = string.Join("\n", Complaints());
        Assert.True(complaints.Length == 0, complaints);
        return this;
    }

    /// <summary>What the compiler says. That users do not document their classes is their affair.</summary>
    public IEnumerable<string> Complaints()
    {
        using var assembly = new MemoryStream();
        using var documentation = new MemoryStream();
        return Output.Emit(assembly, xmlDocumentationStream: documentation).Diagnostics
            .Where(d => d.Severity >= DiagnosticSeverity.Warning && (d.Id != "CS1591" || Trees.Contains(d.Location.SourceTree!)))
            .Select(static d => CSharpDiagnosticFormatter.Instance.Format(d, CultureInfo.InvariantCulture));
    }
}
