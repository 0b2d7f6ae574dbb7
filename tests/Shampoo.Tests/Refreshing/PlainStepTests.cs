using Shampoo.Runtime;
using Shampoo.Runtime.Tests.Elementwise;
using Shampoo.Tests.Dialects;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Shampoo.Tests.Refreshing;

/// <summary>Steps in which nothing is refreshed, begun or adopted allocate nothing.</summary>
[Collection(DialectCollection.Name)]
public sealed class PlainStepTests
{
    private static readonly long[][] Shapes = [[20, 18], [7], [2, 3, 4], []];

    [Theory, InlineData(typeof(RarelyStaggered)), InlineData(typeof(RarelyOverlapped)), InlineData(typeof(RarelyOverlappedSoap))]
    public void AllocatesNothing(Type type)
    {
        Assert.True(Blas.IsAvailable);
        using var model = new Model(Shapes, ScalarType.Float32);
        using OptimizerHelper optimizer = DialectRun.Create(type, model.Parameters);
        model.NewGradients();
        for (int step = 0; step < RarelyStaggered.Period; step++)
            optimizer.step();
        long bytes = -1;
        for (int attempt = 0; attempt < 10 && bytes != 0; attempt++)
            bytes = Allocations.Least(() => optimizer.step());
        Assert.Equal(0, bytes);
    }
}
