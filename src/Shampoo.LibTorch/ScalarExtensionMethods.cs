using System.Numerics;

namespace TorchSharp;

/// <summary>Conversions from and to <see cref="Scalar"/>.</summary>
public static class ScalarExtensionMethods
{
    public static Scalar ToScalar(this byte value) => value;
    public static Scalar ToScalar(this sbyte value) => value;
    public static Scalar ToScalar(this short value) => value;
    public static Scalar ToScalar(this int value) => value;
    public static Scalar ToScalar(this long value) => value;
    public static Scalar ToScalar(this float value) => value;
    public static Scalar ToScalar(this double value) => value;
    public static Scalar ToScalar(this bool value) => value;
    public static Scalar ToScalar(this Half value) => value;
    public static Scalar ToScalar(this Complex value) => value;
    public static Scalar ToScalar(this (float, float) value) => value;
    public static Scalar ToBFloat16Scalar(this float value) => Scalar.Floating(torch.ScalarType.BFloat16, value);

    public static byte ToByte(this Scalar value) => (byte)value.ToInt64();
    public static sbyte ToSByte(this Scalar value) => (sbyte)value.ToInt64();
    public static short ToInt16(this Scalar value) => (short)value.ToInt64();
    public static int ToInt32(this Scalar value) => (int)value.ToInt64();
    public static long ToInt64(this Scalar value) => value.Kind is ScalarKind.Int or ScalarKind.Bool ? value.Bits : (long)value.Real;
    public static float ToSingle(this Scalar value) => (float)value.Real;
    public static double ToDouble(this Scalar value) => value.Real;
    public static bool ToBoolean(this Scalar value) => value.Real != 0;
    public static Half ToHalf(this Scalar value) => (Half)value.Real;
    public static Complex ToComplexFloat64(this Scalar value) => new(value.Real, value.Imaginary);
    public static (float, float) ToComplexFloat32(this Scalar value) => ((float)value.Real, (float)value.Imaginary);
}
