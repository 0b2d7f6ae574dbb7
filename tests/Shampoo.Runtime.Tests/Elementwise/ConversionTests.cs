namespace Shampoo.Runtime.Tests.Elementwise;

public sealed unsafe class ConversionTests
{
    [Fact]
    public void Widens_every_bfloat16_and_back()
    {
        var narrow = Enumerable.Range(0, 65536).Select(bits => new BFloat16((ushort)bits)).ToArray();
        var (wide, back) = (new float[narrow.Length], new BFloat16[narrow.Length]);
        fixed (BFloat16* source = narrow, destination = back)
        fixed (float* floats = wide)
        {
            BFloat16.Widen(source, floats, narrow.Length);
            BFloat16.Round(floats, destination, narrow.Length);
        }

        for (var bits = 0; bits < narrow.Length; bits++)
        {
            Assert.Equal((uint)bits << 16, BitConverter.SingleToUInt32Bits(wide[bits]));
            Assert.Equal(BitConverter.SingleToUInt32Bits(wide[bits]), BitConverter.SingleToUInt32Bits(narrow[bits].ToSingle()));
            // A signalling NaN becomes the quiet one.
            Assert.Equal(float.IsNaN(wide[bits]) ? bits | 0x40 : bits, back[bits].Bits);
        }
    }

    [Fact]
    public void Rounds_to_the_nearest_bfloat16_as_torch_does()
    {
        var random = new Random(3);
        var floats = new float[40003];
        for (var i = 0; i < floats.Length; i++)
        {
            // Every second one is halfway between two neighbours, or one bit beside that.
            var bits = (uint)random.NextInt64(1L << 32);
            floats[i] = BitConverter.UInt32BitsToSingle(i % 2 == 0 ? bits : (bits & 0xffff0000) + 0x8000 + (uint)random.Next(-1, 2));
        }
        var rounded = new BFloat16[floats.Length];
        fixed (float* source = floats)
        fixed (BFloat16* destination = rounded)
            BFloat16.Round(source, destination, floats.Length);

        using var expected = torch.tensor(floats).to_type(ScalarType.BFloat16).to_type(ScalarType.Float32);
        var expectations = expected.data<float>().ToArray();
        for (var i = 0; i < floats.Length; i++)
        {
            Assert.Equal(rounded[i].Bits, BFloat16.Round(floats[i]).Bits);
            if (float.IsNaN(floats[i]))
                Assert.True(float.IsNaN(rounded[i].ToSingle()));
            else
                Assert.Equal(expectations[i], rounded[i].ToSingle());
        }
    }

    // A tensor of 4 × 300 in the middle of its memory, rows apart, transposed, or with a table, staged from any element on.
    public static TheoryData<int, int> Ranges => new() { { 0, 1024 }, { 1, 7 }, { 299, 2 }, { 300, 300 }, { 451, 700 }, { 1199, 1 } };

    [Theory]
    [MemberData(nameof(Ranges))]
    public void Stages_any_range_of_any_type(int start, int count)
    {
        foreach (var axes in (Axis[][])[[new(1200, 1)], [new(4, 300), new(300, 1)], [new(4, 310), new(300, 1)], [new(4, 1), new(300, 4)],
            [new(2, 700), new(2, 320), new(300, 1)], [new(1200, 0, [.. Enumerable.Range(0, 1200).Select(i => (long)(i * 7 % 1201))])],
            [new(4, 0, [0, 900, 300, 600]), new(300, 1)]])
        {
            Stages<float, float>(ScalarType.Float32, axes, start, count, x => x);
            Stages<double, float>(ScalarType.Float64, axes, start, count, x => (float)x);
            Stages<BFloat16, float>(ScalarType.BFloat16, axes, start, count, x => x.ToSingle());
            Stages<Half, float>(ScalarType.Float16, axes, start, count, x => (float)x);
            Stages<float, double>(ScalarType.Float32, axes, start, count, x => x);
            Stages<double, double>(ScalarType.Float64, axes, start, count, x => x);
            Stages<BFloat16, double>(ScalarType.BFloat16, axes, start, count, x => x.ToSingle());
            Stages<Half, double>(ScalarType.Float16, axes, start, count, x => (double)x);
        }
    }

    private static void Stages<S, T>(ScalarType type, Axis[] axes, int start, int count, Func<S, T> widen)
        where S : unmanaged
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        const int length = 2000;
        var array = new S[length];
        var staged = new T[count + 1];
        for (var i = 0; i < length; i++)
            array[i] = Small<S>(i % 200 + 1);
        var expected = (S[])array.Clone();
        fixed (S* pointer = array)
        fixed (T* destination = staged)
        {
            Staging<T>.Load(type, (nint)pointer, axes, start, destination, count);
            for (var i = 0; i < count; i++)
            {
                Assert.Equal(widen(array[Offset(axes, start + i)]), staged[i]);
                staged[i] += T.One;
                expected[Offset(axes, start + i)] = Small<S>(Offset(axes, start + i) % 200 + 2);
            }
            Assert.Equal(T.Zero, staged[count]);
            Staging<T>.Store(type, (nint)pointer, axes, start, destination, count);
        }
        Assert.Equal(expected, array);
    }

    // Exact in all types.
    private static S Small<S>(int value) where S : unmanaged =>
        typeof(S) == typeof(float) ? (S)(object)(float)value
        : typeof(S) == typeof(double) ? (S)(object)(double)value
        : typeof(S) == typeof(Half) ? (S)(object)(Half)value
        : (S)(object)BFloat16.Round(value);

    private static int Offset(Axis[] axes, long index)
    {
        long offset = 0;
        for (var k = axes.Length - 1; k >= 0; k--)
        {
            offset += axes[k].Offset(index % axes[k].Count);
            index /= axes[k].Count;
        }
        return (int)offset;
    }
}
