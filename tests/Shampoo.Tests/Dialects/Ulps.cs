using static TorchSharp.torch;

namespace Shampoo.Tests.Dialects;

/// <summary>Distances of numbers in units in the last place of a dtype: how many numbers of the dtype one has to go on to come from one to the other.</summary>
internal static class Ulps
{
    /// <summary>NaN and infinities are as far as can be from all but themselves.</summary>
    public static ulong Between(double a, double b, ScalarType dtype)
    {
        if (a.Equals(b))
            return 0;
        return double.IsFinite(a) && double.IsFinite(b) ? (ulong)Int128.Abs((Int128)Ordinal(a, dtype) - Ordinal(b, dtype)) : ulong.MaxValue;
    }

    /// <summary>No element is further from its other one than so many units.</summary>
    public static void AssertWithin(ulong ulps, string name, double[] expected, double[] actual, ScalarType dtype)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Between(expected[i], actual[i], dtype) <= ulps, $"{name}[{i}]: {expected[i]:R}, {actual[i]:R}, {Between(expected[i], actual[i], dtype)} ulp");
    }

    /// <inheritdoc cref="AssertWithin(ulong, string, double[], double[], ScalarType)"/>
    public static void AssertWithin(ulong ulps, IReadOnlyDictionary<string, double[]> expected, IReadOnlyDictionary<string, double[]> actual, ScalarType dtype)
    {
        Assert.Equal(expected.Keys, actual.Keys);
        foreach ((string name, double[] values) in expected)
            AssertWithin(ulps, name, values, actual[name], dtype);
    }

    /// <summary>No element differs by more than <paramref name="tolerance"/> times the greatest one.</summary>
    public static void AssertRelative(double tolerance, string name, double[] expected, double[] actual)
    {
        double greatest = expected.Append(0).Max(Math.Abs);
        Assert.True(double.IsFinite(greatest));
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            double difference = Math.Abs(expected[i] - actual[i]);
            Assert.True(difference <= tolerance * greatest, $"{name}[{i}]: {expected[i]:R}, {actual[i]:R}, {difference / greatest / tolerance:G3} of what is tolerated");
        }
    }

    /// <summary>The same bits; any NaN is any other.</summary>
    public static void AssertEqual(IReadOnlyDictionary<string, double[]> expected, IReadOnlyDictionary<string, double[]> actual)
    {
        Assert.Equal(expected.Keys, actual.Keys);
        foreach ((string name, double[] values) in expected)
            Assert.Equal(Array.ConvertAll(values, Bits), Array.ConvertAll(actual[name], Bits));
    }

    private static long Bits(double value) => double.IsNaN(value) ? long.MaxValue : BitConverter.DoubleToInt64Bits(value);

    // Neighbours have neighbouring ordinals; those of −0 and 0 are 0.
    private static long Ordinal(double value, ScalarType dtype)
    {
        long bits = dtype switch
        {
            ScalarType.Float32 => BitConverter.SingleToUInt32Bits(Math.Abs((float)value)),
            ScalarType.BFloat16 => BitConverter.SingleToUInt32Bits(Math.Abs((float)value)) >> 16,
            ScalarType.Float16 => BitConverter.HalfToUInt16Bits(Half.Abs((Half)value)),
            _ => BitConverter.DoubleToInt64Bits(Math.Abs(value)),
        };
        return double.IsNegative(value) ? -bits : bits;
    }
}
