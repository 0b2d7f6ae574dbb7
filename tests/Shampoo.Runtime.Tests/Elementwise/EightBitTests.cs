using System.Numerics;

namespace Shampoo.Runtime.Tests.Elementwise;

/// <summary>Numbers of 8 bits, against the definition in plain loops, in vector code and as operators.</summary>
public sealed class EightBitTests
{
    private const int Blocks = 3;

    public static TheoryData<ScalarType, bool> Forms => new()
    {
        { ScalarType.Float32, true }, { ScalarType.Float32, false }, { ScalarType.Float64, true }, { ScalarType.Float64, false },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public void Codes_are_those_of_the_definition(ScalarType type, bool inMemory)
    {
        foreach (var elements in Enumerable.Range(1, 200).Append(1000).Append(16384).Append(20_001))
            foreach (var scale in elements == 100 ? [1e-37, 1e-30, 1e-3, 1e30, 1e37] : (double[])[1])
                AssertCoded(Data.Normal(elements, Blocks * elements, scale), elements, type, inMemory);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Ties_go_to_even(ScalarType type, bool inMemory)
    {
        double[] values = [.. Enumerable.Range(-126, 63).Select(k => (k + 0.5) * 2), 254]; // a = 254: halves of units
        using var coded = new Coded(values, 64, type, inMemory);
        Assert.Equal(Enumerable.Range(-126, 63).Select(k => (sbyte)Math.Round(k + 0.5, MidpointRounding.ToEven)).Append((sbyte)127), coded.Codes);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Values_have_the_codes_that_they_come_from(ScalarType type, bool inMemory)
    {
        // From the least scale, where values are subnormal, to the greatest.
        foreach (var scale in (double[])[3e-38, 1e-20, 1, 1e20, 6e37])
        {
            using var coded = new Coded(Data.Normal(1, 5000, scale), 5000, type, inMemory);
            using var again = new Coded(coded.Values, 5000, type, inMemory);
            Assert.Equal(coded.Codes, again.Codes);
            Assert.Equal(coded.Scales, again.Scales);
            Assert.Equal(coded.Values, again.Values);
        }
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void All_codes_survive(ScalarType type, bool inMemory)
    {
        foreach (var scale in (float[])[EightBitCode.LeastScale, 1.1f, 0.3333333f, 7e-11f, float.MaxValue])
        {
            sbyte[] codes = [.. Enumerable.Range(-127, 255).Select(c => (sbyte)c).Chunk(63).SelectMany(group => group.Append((sbyte)127))];
            double[] values = [.. codes.Select(c => type == ScalarType.Float32 ? scale * (c / 127f) : scale * (c / 127.0))];
            using var coded = new Coded(values, codes.Length, type, inMemory);
            Assert.Equal(codes, coded.Codes);
            Assert.All(coded.Scales, a => Assert.Equal(scale, a));
        }
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Magnitudes_below_the_normal_numbers_are_zero(ScalarType type, bool inMemory)
    {
        double[] values = [.. Data.Normal(1, 64, 1e-40), .. new double[64], .. Data.Normal(2, 3)];
        using var coded = new Coded(values, values.Length, type, inMemory);
        Assert.Equal([0, 0], coded.Scales[..2]);
        Assert.All(coded.Values[..128], value => Assert.Equal(0, value));
        Assert.All(coded.Values[128..], value => Assert.NotEqual(0, value));
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void What_is_not_finite_makes_its_group_NaN(ScalarType type, bool inMemory)
    {
        foreach (var bad in (double[])[double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1e39])
        {
            var values = Data.Normal(1, 150);
            values[70] = bad; // 1e39 is infinity in float32
            using var coded = new Coded(values, 150, type, inMemory);
            Assert.All(coded.Codes[64..128], code => Assert.Equal(0, code));
            Assert.All(coded.Values[64..128], value => Assert.True(double.IsNaN(value)));
            Assert.All(coded.Values[..64].Concat(coded.Values[128..]), value => Assert.True(double.IsFinite(value)));
            using var again = new Coded(coded.Values, 150, type, inMemory);
            Assert.Equal(coded.Scales, again.Scales);
        }
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void Results_do_not_depend_on_the_number_of_threads(ScalarType type)
    {
        var values = Data.Normal(3, 7 * 30_011);
        using var operators = new Coded(values, 30_011, type, inMemory: false);
        foreach (var threads in (int[])[1, 2, 5])
        {
            using var some = new Threads(threads);
            using var coded = new Coded(values, 30_011, type, inMemory: true);
            Assert.Equal(operators.Codes, coded.Codes);
            Assert.Equal(operators.Scales, coded.Scales);
            Assert.Equal(operators.Values, coded.Values);
        }
    }

    private static void AssertCoded(double[] values, int elements, ScalarType type, bool inMemory)
    {
        using var coded = new Coded(values, elements, type, inMemory);
        if (type == ScalarType.Float32)
            AssertDefinition(values.Select(x => (float)x).ToArray(), elements, coded);
        else
            AssertDefinition(values, elements, coded);
    }

    /// <summary>a = max |x| of 64 elements of a block; round(x / a · 127); a · (code / 127).</summary>
    private static void AssertDefinition<T>(T[] values, int elements, Coded coded) where T : IBinaryFloatingPointIeee754<T>
    {
        var group = 0;
        for (var block = 0; block < values.Length; block += elements)
        {
            for (var start = block; start < block + elements; start += 64, group++)
            {
                var end = Math.Min(start + 64, block + elements);
                var a = 0f;
                for (var i = start; i < end; i++)
                    a = Math.Max(a, float.CreateTruncating(T.Abs(values[i])));
                Assert.Equal(a, coded.Scales[group]);
                for (var i = start; i < end; i++)
                {
                    var wide = T.CreateTruncating(a);
                    var code = T.Round(values[i] / wide * T.CreateTruncating(127), MidpointRounding.ToEven);
                    Assert.Equal(int.CreateTruncating(code), coded.Codes[i]);
                    Assert.Equal(double.CreateTruncating(wide * (code / T.CreateTruncating(127))), coded.Values[i]);
                    // By more than half of a unit no value is moved, whatever rounds on the way.
                    Assert.InRange(Math.Abs(coded.Values[i] - double.CreateTruncating(values[i])), 0, a * 0.50001 / 127);
                }
            }
        }
        Assert.Equal(group, coded.Scales.Length);
    }

    /// <summary>Blocks of numbers, coded and decoded.</summary>
    private sealed class Coded : IDisposable
    {
        private readonly Tensor _codes, _scales;

        public Coded(double[] values, int blockElements, ScalarType type, bool inMemory)
        {
            var blocks = values.Length / blockElements;
            _codes = torch.zeros([blocks, blockElements], dtype: ScalarType.Int8);
            _scales = torch.zeros([blocks, EightBitCode.Groups(blockElements)], dtype: ScalarType.Float32);
            using var tensor = Data.Tensor(values, [blocks, blockElements], type);
            if (inMemory)
            {
                var memory = EightBitMemory.Of(type, blocks, blockElements);
                var (codes, scales) = (NativeTensor.Data(_codes.Handle), NativeTensor.Data(_scales.Handle));
                memory.Encode(codes, scales, NativeTensor.Data(tensor.Handle));
                memory.Decode(codes, scales, NativeTensor.Data(tensor.Handle));
            }
            else
            {
                EightBitCode.Encode(_codes, _scales, tensor);
                EightBitCode.Decode(_codes, _scales, tensor);
            }
            Values = Data.Values(tensor);
            Codes = [.. Data.Values(_codes).Select(c => (sbyte)c)];
            Scales = [.. Data.Values(_scales).Select(a => (float)a)];
        }

        public double[] Values { get; }

        public sbyte[] Codes { get; }

        public float[] Scales { get; }

        public void Dispose()
        {
            _codes.Dispose();
            _scales.Dispose();
        }
    }

    private sealed class Threads : IDisposable
    {
        private readonly int _before = ShampooThreads.Count;

        public Threads(int count) => ShampooThreads.Count = count;

        public void Dispose() => ShampooThreads.Count = _before;
    }
}
