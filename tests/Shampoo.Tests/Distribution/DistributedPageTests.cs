using Microsoft.CodeAnalysis;

namespace Shampoo.Tests.Distribution;

/// <summary>What docs/distributed.md declares compiles.</summary>
public sealed class DistributedPageTests
{
    [Fact]
    public void DeclarationsCompile()
    {
        string[] declarations = [.. Pages.Blocks(Pages.Text("distributed.md")).Where(static block => block.Contains("[Distributed(", StringComparison.Ordinal))];
        Assert.NotEmpty(declarations);
        foreach (string declaration in declarations)
        {
            (Compilation compilation, IEnumerable<Diagnostic> diagnostics) = Pages.Compile(
                "global using Shampoo; global using static Shampoo.GraftingMethod; global using static Shampoo.Parallelism; global using static Shampoo.Solver;", declaration);
            Assert.Empty(diagnostics.Concat(compilation.GetDiagnostics().Where(static d => d.Severity >= DiagnosticSeverity.Warning)));
        }
    }
}
