using Shampoo.Runtime;
using Shampoo.Runtime.Tests.Elementwise;
using TorchSharp;
using static TorchSharp.torch;

namespace Shampoo.Tests.Dialects;

/// <summary>What a steady step makes depends on the shapes of the blocks, and not on how many parameters there are.</summary>
[Collection(DialectCollection.Name)]
public sealed class CountingTests
{
    // Orders 0 to 4, with parts of blocks.
    private static readonly long[][] Shapes = [[20, 18], [7], [2, 3, 4], [2, 9, 2, 9], []];

    public static TheoryData<Type, ScalarType, bool> Cases => new()
    {
        { typeof(Counted), ScalarType.Float32, true }, { typeof(Counted), ScalarType.Float64, true },
        { typeof(Counted), ScalarType.Float32, false }, { typeof(Counted), ScalarType.Float64, false },
        { typeof(CountedOperators), ScalarType.Float32, true }, { typeof(CountedOperators), ScalarType.Float64, false },
    };

    [Theory, MemberData(nameof(Cases))]
    public void Tensors_and_memory_are_counted_by_shapes(Type type, ScalarType dtype, bool hasBlas)
    {
        (long tensors, long bytes) = Count(type, dtype, hasBlas, copies: 2);
        Assert.Equal((tensors, bytes), Count(type, dtype, hasBlas, copies: 40));
        // Nothing is left of operators where sweeps are vectors and products BLAS.
        bool isNative = type == typeof(Counted) && hasBlas && Blas.IsAvailable;
        Assert.Equal(isNative, tensors == 0);
        Assert.Equal(isNative, bytes == 0);
    }

    /// <summary>Tensors that a step between two refreshes makes, and the managed bytes of all threads.</summary>
    private static (long Tensors, long Bytes) Count(Type type, ScalarType dtype, bool hasBlas, int copies)
    {
        bool before = Blas.IsAvailable;
        Blas.IsAvailable &= hasBlas;
        try
        {
            using var model = new Model([.. Enumerable.Repeat(Shapes, copies).SelectMany(static shapes => shapes)], dtype);
            using var optimizer = DialectRun.Create(type, model.Parameters);
            model.NewGradients();
            for (int step = 0; step < Counted.Refresh; step++)
                optimizer.step();
            long created = Created();
            optimizer.step();
            created = Created() - created;
            return (created, Allocations.Least(() => optimizer.step()));
        }
        finally
        {
            Blas.IsAvailable = before;
        }
    }

    private static long Created()
    {
        ThreadDisposeScopeStatistics statistics = DisposeScopeManager.Statistics;
        return statistics.CreatedInScopeCount + statistics.CreatedOutsideScopeCount;
    }
}
