using Shampoo.Runtime;
using Shampoo.Runtime.Tests.Elementwise;
using TorchSharp;
using TorchSharp.Modules;
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
        { typeof(Counted), ScalarType.BFloat16, true }, { typeof(Counted), ScalarType.Float16, true },
        { typeof(CountedMoments), ScalarType.Float32, true }, { typeof(CountedMoments), ScalarType.BFloat16, true },
        { typeof(CountedCodes), ScalarType.Float32, true }, { typeof(CountedCodes), ScalarType.Float64, false }, { typeof(CountedCodes), ScalarType.BFloat16, true },
        { typeof(CountedOperators), ScalarType.Float32, true }, { typeof(CountedOperators), ScalarType.Float64, false },
    };

    [Theory, MemberData(nameof(Cases))]
    public void Tensors_and_memory_are_counted_by_shapes(Type type, ScalarType dtype, bool hasBlas)
    {
        bool before = Blas.IsAvailable;
        Blas.IsAvailable &= hasBlas;
        try
        {
            using Trained few = new(type, dtype, copies: 2), many = new(type, dtype, copies: 40);
            // Nothing is left of operators where sweeps are vectors and products BLAS.
            bool isNative = type != typeof(CountedOperators) && Blas.IsAvailable;
            Assert.Equal(few.Tensors, many.Tensors);
            Assert.Equal(isNative, few.Tensors == 0);
            (long bytes, long ofMany) = (-1, -2);
            // The compiler may still be making better code.
            for (int attempt = 0; attempt < 10 && (bytes != ofMany || isNative && bytes != 0); attempt++)
                (bytes, ofMany) = (few.Bytes(), many.Bytes());
            Assert.Equal(bytes, ofMany);
            Assert.Equal(isNative, bytes == 0);
        }
        finally
        {
            Blas.IsAvailable = before;
        }
    }

    /// <summary>An optimizer that preconditions, between two refreshes.</summary>
    private sealed class Trained : IDisposable
    {
        private readonly Model _model;
        private readonly OptimizerHelper _optimizer;

        public Trained(Type type, ScalarType dtype, int copies)
        {
            _model = new Model([.. Enumerable.Repeat(Shapes, copies).SelectMany(static shapes => shapes)], dtype);
            _optimizer = DialectRun.Create(type, _model.Parameters);
            _model.NewGradients();
            for (int step = 0; step < Counted.Refresh; step++)
                _optimizer.step();
            long before = Created();
            _optimizer.step();
            Tensors = Created() - before;
        }

        /// <summary>How many a step makes.</summary>
        public long Tensors { get; }

        /// <summary>The fewest managed bytes of a step, on all threads.</summary>
        public long Bytes() => Allocations.Least(() => _optimizer.step());

        public void Dispose()
        {
            _optimizer.Dispose();
            _model.Dispose();
        }
    }

    private static long Created()
    {
        ThreadDisposeScopeStatistics statistics = DisposeScopeManager.Statistics;
        return statistics.CreatedInScopeCount + statistics.CreatedOutsideScopeCount;
    }
}
