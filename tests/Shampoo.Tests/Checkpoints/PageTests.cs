using Microsoft.CodeAnalysis;

namespace Shampoo.Tests.Checkpoints;

/// <summary>What docs/checkpoints.md shows compiles.</summary>
public sealed class PageTests
{
    public static TheoryData<string> Blocks => [.. Pages.Blocks(Pages.Text("checkpoints.md"))];

    [Theory, MemberData(nameof(Blocks))]
    public void BlockCompiles(string block)
    {
        (Compilation compilation, IEnumerable<Diagnostic> diagnostics) = Pages.Compile($$"""
            using System.Collections.Generic;
            using Shampoo;
            using Shampoo.Runtime;
            using TorchSharp;
            using static TorchSharp.torch;
            using static TorchSharp.torch.optim.lr_scheduler;
            [RootInverse(Solver.Eigh)] public sealed partial class DigitsShampoo;
            public static class Example
            {
                public static void Run(DigitsShampoo optimizer, nn.Module<Tensor, Tensor> model, ProcessGroup group, int epoch)
                {
            {{block}}
                }
            }
            """);
        Assert.Empty(diagnostics);
        Assert.Empty(compilation.GetDiagnostics().Where(static d => d.Severity >= DiagnosticSeverity.Warning));
    }

    [Fact]
    public void EveryBlockIsFound() => Assert.Equal(6, Blocks.Count);
}
