using System.Numerics;
using System.Runtime.CompilerServices;

namespace Shampoo.Runtime;

/// <summary>The upper half of a float32: 8 bits of exponent, 7 of significand.</summary>
internal readonly struct BFloat16(ushort bits)
{
    private const uint Quiet = 0x0040;      // the bit that tells a quiet NaN from infinity

    public ushort Bits => bits;

    /// <summary>The same number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float ToSingle() => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    /// <summary>The nearest number, of two the one with an even significand; a NaN stays one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BFloat16 Round(float value)
    {
        var wide = BitConverter.SingleToUInt32Bits(value);
        var rounded = float.IsNaN(value) ? wide >> 16 | Quiet : wide + 0x7fff + (wide >> 16 & 1) >> 16;
        return new BFloat16((ushort)rounded);
    }

    /// <summary>Widens neighbouring numbers.</summary>
    public static unsafe void Widen(BFloat16* source, float* destination, long count)
    {
        long i = 0;
        for (; i <= count - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector.Widen(Vector.Load((ushort*)source + i), out var lower, out var upper);
            Vector.ShiftLeft(lower, 16).Store((uint*)destination + i);
            Vector.ShiftLeft(upper, 16).Store((uint*)destination + i + Vector<uint>.Count);
        }
        for (; i < count; i++)
            destination[i] = source[i].ToSingle();
    }

    /// <summary>Rounds neighbouring numbers.</summary>
    public static unsafe void Round(float* source, BFloat16* destination, long count)
    {
        long i = 0;
        for (; i <= count - Vector<ushort>.Count; i += Vector<ushort>.Count)
            Vector.Narrow(Rounded(Vector.Load(source + i)), Rounded(Vector.Load(source + i + Vector<float>.Count))).Store((ushort*)destination + i);
        for (; i < count; i++)
            destination[i] = Round(source[i]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<uint> Rounded(Vector<float> value)
    {
        var wide = Vector.AsVectorUInt32(value);
        var upper = Vector.ShiftRightLogical(wide, 16);
        var rounded = Vector.ShiftRightLogical(wide + new Vector<uint>(0x7fff) + (upper & Vector<uint>.One), 16);
        var isNumber = Vector.AsVectorUInt32(Vector.Equals(value, value));
        return Vector.ConditionalSelect(isNumber, rounded, upper | new Vector<uint>(Quiet));
    }
}
