using Microsoft.CodeAnalysis;

namespace Shampoo.Tests;

/// <summary>What docs/distributed.md shows of a model's gradients compiles.</summary>
public sealed class DataParallelPageTests
{
    [Fact]
    public void BlocksCompile()
    {
        string[] blocks = Pages.Blocks(Pages.Section(Pages.Text("distributed.md"), "## Gradients of a model")!);
        Assert.Equal(2, blocks.Length);
        (Compilation compilation, IEnumerable<Diagnostic> diagnostics) = Pages.Compile($$"""
            using System;
            using System.Collections.Generic;
            using Shampoo.Runtime;
            using TorchSharp;
            using static TorchSharp.torch;
            public static class Example
            {
                public static void Run(
                    optim.Optimizer optimizer, nn.Module<Tensor, Tensor> model, Func<Tensor, Tensor, Tensor> loss, IEnumerable<(Tensor, Tensor)> batches,
                    Tensor first, Tensor firstTarget, Tensor second, Tensor secondTarget)
                {
            {{string.Concat(blocks)}}
                }
            }
            """);
        Assert.Empty(diagnostics);
        Assert.Empty(compilation.GetDiagnostics().Where(static d => d.Severity >= DiagnosticSeverity.Warning));
    }
}
