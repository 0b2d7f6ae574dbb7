using System.Numerics;

namespace Shampoo.Runtime.Tests.Elementwise;

public sealed class SweepTests
{
    public static TheoryData<int> Lengths => [.. Enumerable.Range(1, 70), 1023, 1024, 1025, 2047, 16383, 16384, 16385, 40000];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Reaches_every_element_once(int length)
    {
        Follows_the_transcription<float>([length], tensor => tensor);
        Follows_the_transcription<double>([length], tensor => tensor);
    }

    // Ways of laying out a shape in memory that is not contiguous; the result has the shape and the values of the argument.
    private static readonly Func<Tensor, Tensor>[] s_layouts =
    [
        tensor => tensor,
        Transposed,
        tensor => PartOf(tensor, last: true),
        tensor => PartOf(tensor, last: false),
    ];

    // All blocks have one shape.
    public static TheoryData<long[], int> Shapes => new()
    {
        { [40, 60], 20 },           // rows of a part
        { [3, 8], 4 },
        { [7, 12], int.MaxValue },  // merged to one dimension, with a table where it is transposed
        { [6, 5, 4], 20 },          // merged to [6, 20]
        { [6, 5, 8], 40 },
        { [3, 4, 8], 4 },
        { [2, 3, 4, 5], 6 },
        { [1200, 2], 1200 },
        { [2, 17000], 17000 },
        { [130, 260], 130 },        // a block has more than one chunk
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Reaches_elements_wherever_they_are(long[] shape, int max)
    {
        foreach (var layout in s_layouts)
        {
            Follows_the_transcription<float>(shape, layout, max);
            Follows_the_transcription<double>(shape, layout, max);
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Takes_the_same_norms_wherever_elements_are(long[] shape, int max)
    {
        var (dense, expected) = Norms(shape, max, s_layouts[0]);
        Assert.Equal(expected, dense, (a, b) => Math.Abs(a - b) <= 1e-12 * a);
        foreach (var layout in s_layouts[1..])
            Assert.Equal(dense, Norms(shape, max, layout).Norms);
    }

    [Theory]
    [InlineData(1e-30f)]
    [InlineData(1e30f)]
    public void Neither_overflows_nor_underflows_in_norms(float size)
    {
        var parameter = Parameters<float>([size, 2 * size, 2 * size], [3], tensor => tensor, [0f, 0f, 0f]);
        using var bed = new SweepBed([parameter]);
        var norm = bed.Slice.Norms("norm");
        new VectorSweep<float, SquaresSweep>(bed.Slice, [bed.Slice.Parameters.Read()], [norm]).Run(default);
        norm.Settle();

        Assert.Equal(3 * (double)size, norm.Of(0), 1e-6 * size);
    }

    [Fact]
    public void Gives_the_norm_of_a_block_to_later_sweeps()
    {
        var parameter = Parameters<double>([.. Data.Normal(1, 20000 * 2)], [2, 20000], tensor => tensor, [.. Data.Normal(2, 40000)]);
        using var bed = new SweepBed([parameter], 20000);
        var norm = bed.Slice.Norms("norm");
        var workspace = bed.Slice.Workspace("norms");
        bed.Slice.Begin();
        DescentSweep<double>.Over(bed, norm).Run(default);
        new VectorSweep<double, NormSweep<double>>(bed.Slice, [workspace.Write()], [norm]).Run(default);

        var (found, directions) = (Data.Values(workspace.Stack()), Data.Normal(2, 40000).Select(g => DescentSweep<double>.Once(g, 0, 0).Direction));
        var expected = Math.Sqrt(directions.Sum(d => d * d));
        Assert.Equal(40000, found.Length);
        Assert.True(Array.TrueForAll(found, value => Math.Abs(value - expected) <= 1e-12 * expected));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void Does_not_depend_on_the_number_of_threads(int threads)
    {
        Assert.True(Bits(1).AsSpan().SequenceEqual(Bits(threads)));

        static double[] Bits(int threads)
        {
            var before = ShampooThreads.Count;
            ShampooThreads.Count = threads;
            try
            {
                var parameter = Parameters<float>(Floats(1, 300 * 400), [300, 400], Transposed, Floats(2, 300 * 400));
                using var bed = new SweepBed([parameter], 100);
                var norm = bed.Slice.Norms("norm");
                DescentSweep<float>.Over(bed, norm).Run(default);
                norm.Settle();
                return [.. Data.Values(parameter), .. Enumerable.Range(0, bed.Slice.Count).Select(norm.Of)];
            }
            finally
            {
                ShampooThreads.Count = before;
            }
        }
    }

    [Theory]
    [InlineData(Precision.Float64, 0)]
    [InlineData(Precision.Float32, 0)]
    [InlineData(Precision.BFloat16, 1.0 / 256)]
    [InlineData(Precision.Float16, 1.0 / 2048)]
    public void Computes_with_state_that_is_stored_otherwise(Precision precision, double rounding)
    {
        var gradients = Floats(2, 2100);
        var parameter = Parameters<float>(Floats(1, 2100), [2100], tensor => tensor, gradients);
        var initial = Data.Values(parameter);
        using var bed = new SweepBed([parameter], precision: precision);
        DescentSweep<float>.Over(bed, bed.Slice.Norms("norm")).Run(default);

        var (moments, values) = (Data.Values(bed.Moment.Stack()), Data.Values(parameter));
        for (var i = 0; i < gradients.Length; i++)
        {
            var (value, moment, _) = DescentSweep<float>.Once(gradients[i], 0, (float)initial[i]);
            Assert.Equal(value, values[i]); // what is written is rounded, not what is computed with
            Assert.Equal(moment, moments[i], rounding * moment + (rounding > 0 ? 1e-7 : 0));
        }
    }

    // Rounded once, when it is written.
    [Theory]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float16)]
    public void Computes_in_float32_with_parameters_of_16_bits(ScalarType type)
    {
        const int rows = 60, columns = 50;
        using var values = Data.Tensor(Data.Normal(1, rows * columns), [rows, columns], type);
        using var gradients = Transposed(Data.Tensor(Data.Normal(2, rows * columns), [rows, columns], type));
        var parameter = new Parameter(values.clone());
        parameter.grad = gradients;
        using var bed = new SweepBed([parameter], max: 60, precision: Precision.Float32);
        Assert.Equal(Dialect.Float32, bed.Slice.Dialect);
        Assert.False(bed.Slice.Gradient.TryInPlace(0, out _, out _));
        DescentSweep<float>.Over(bed, bed.Slice.Norms("norm")).Run(default);

        var (before, g) = (Data.Values(values), Data.Values(gradients));
        var exact = before.Select((w, i) => (double)DescentSweep<float>.Once((float)g[i], 0, (float)w).Parameter).ToArray();
        using var rounded = Data.Tensor(exact, [rows, columns], ScalarType.Float32).to_type(type);
        Assert.Equal(Data.Values(rounded), Data.Values(parameter));
    }

    [Fact]
    public void Allocates_nothing()
    {
        var parameter = Parameters<float>(Floats(1, 300 * 400), [300, 400], Transposed, Floats(2, 300 * 400));
        using var bed = new SweepBed([parameter], 100);
        var sweep = DescentSweep<float>.Over(bed, bed.Slice.Norms("norm"));
        Assert.Equal(0, Allocations.Least(() => sweep.Run(default)));
    }

    [Fact]
    public void Refuses_too_many_arrays_and_norms()
    {
        using var bed = new SweepBed([Parameters<float>([1], [1], tensor => tensor, [1])]);
        var arrays = Enumerable.Repeat(bed.Moment.Read(), 19).ToArray();
        var norms = Enumerable.Range(0, 9).Select(k => bed.Slice.Norms($"norm {k}")).ToArray();

        Assert.Throws<ArgumentException>(() => new VectorSweep<float, DescentSweep<float>>(bed.Slice, arrays, []));
        Assert.Throws<ArgumentException>(() => new VectorSweep<float, DescentSweep<float>>(bed.Slice, [], norms));
    }

    private static void Follows_the_transcription<T>(long[] shape, Func<Tensor, Tensor> layout, int max = int.MaxValue)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var n = Data.Elements(shape);
        var (values, gradients) = (Numbers<T>(1, n), Numbers<T>(2, n));
        var parameter = Parameters(values, shape, layout, gradients);
        using var bed = new SweepBed([parameter], max);
        var sweep = DescentSweep<T>.Over(bed, bed.Slice.Norms("norm"));
        sweep.Run(default);
        sweep.Run(default);

        var expected = new double[n];
        for (var i = 0; i < n; i++)
        {
            var (value, moment, _) = DescentSweep<T>.Once(gradients[i], T.Zero, values[i]);
            expected[i] = double.CreateTruncating(DescentSweep<T>.Once(gradients[i], moment, value).Parameter);
        }
        Assert.True(expected.AsSpan().SequenceEqual(Data.Values(parameter)));
    }

    // As the sweep takes them, and as they are: of the quotients of each block, in double.
    private static (double[] Norms, double[] Expected) Norms(long[] shape, int max, Func<Tensor, Tensor> layout)
    {
        var n = Data.Elements(shape);
        var gradients = Floats(2, n);
        var parameter = Parameters(Floats(1, n), shape, layout, gradients);
        using var bed = new SweepBed([parameter], max);
        var norm = bed.Slice.Norms("norm");
        DescentSweep<float>.Over(bed, norm).Run(default);
        norm.Settle();
        var blocks = Enumerable.Range(0, bed.Slice.Count);
        var stack = Data.Values(bed.Slice.Gradient.Stack());
        var size = stack.Length / bed.Slice.Count;
        return ([.. blocks.Select(norm.Of)], [.. blocks.Select(b => Math.Sqrt(stack.AsSpan(b * size, size).ToArray()
            .Select(g => (double)DescentSweep<float>.Once((float)g, 0, 0).Direction).Sum(d => d * d)))]);
    }

    private static Parameter Parameters<T>(T[] values, long[] shape, Func<Tensor, Tensor> layout, T[] gradients)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var type = typeof(T) == typeof(float) ? ScalarType.Float32 : ScalarType.Float64;
        var parameter = new Parameter(layout(Data.Tensor(Array.ConvertAll(values, double.CreateTruncating), shape, type)));
        parameter.grad = layout(Data.Tensor(Array.ConvertAll(gradients, double.CreateTruncating), shape, type));
        return parameter;
    }

    private static Tensor Transposed(Tensor tensor)
    {
        var order = Enumerable.Range(0, tensor.shape.Length).Select(k => (long)k).Reverse().ToArray();
        return tensor.permute(order).contiguous().permute(order);
    }

    // The tensor as a part of a larger one, along its last or its first dimension.
    private static Tensor PartOf(Tensor tensor, bool last)
    {
        var dimension = last ? tensor.shape.Length - 1 : 0;
        var size = tensor.shape[dimension];
        return torch.cat([tensor, tensor, tensor], dimension).narrow(dimension, size, size);
    }

    private static T[] Numbers<T>(int seed, int count) where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Array.ConvertAll(Data.Normal(seed, count), T.CreateTruncating);

    private static float[] Floats(int seed, int count) => Numbers<float>(seed, count);

    private readonly struct SquaresSweep : ISweep<float>
    {
        public void Run<V>(in Piece<float> piece) where V : struct, ILanes<V, float>
        {
            var squares = new SumOfSquares();
            for (var i = piece.Start; i < piece.End; i += V.Count)
                V.AddSquares(ref squares, V.Load(piece[0], i));
            piece.AddSquares(0, squares);
        }
    }
}
