using System.Numerics;
using Shampoo.LibTorch.Native;

namespace TorchSharp;

/// <summary>How torch stores a scalar, whatever type it came from.</summary>
internal enum ScalarKind
{
    Int, Double, Bool, Complex,
}

/// <summary>A number of any type, as operators take it. Converts implicitly from every numeric type.</summary>
public sealed class Scalar : IDisposable
{
    internal readonly ScalarKind Kind;
    internal readonly long Bits;
    private readonly double _imaginary;

    private Scalar(torch.ScalarType type, ScalarKind kind, long bits, double imaginary = 0)
    {
        Type = type;
        Kind = kind;
        Bits = bits;
        _imaginary = imaginary;
    }

    internal static Scalar Integer(torch.ScalarType type, long value) => new(type, ScalarKind.Int, value);
    internal static Scalar Floating(torch.ScalarType type, double value) => new(type, ScalarKind.Double, BitConverter.DoubleToInt64Bits(value));

    internal double Real => Kind is ScalarKind.Double or ScalarKind.Complex ? BitConverter.Int64BitsToDouble(Bits) : Bits;
    internal double Imaginary => _imaginary;

    /// <summary>The element type that the value came from.</summary>
    public torch.ScalarType Type { get; }

    public static implicit operator Scalar(byte value) => Integer(torch.ScalarType.Byte, value);
    public static implicit operator Scalar(sbyte value) => Integer(torch.ScalarType.Int8, value);
    public static implicit operator Scalar(short value) => Integer(torch.ScalarType.Int16, value);
    public static implicit operator Scalar(int value) => Integer(torch.ScalarType.Int32, value);
    public static implicit operator Scalar(long value) => Integer(torch.ScalarType.Int64, value);
    public static implicit operator Scalar(float value) => Floating(torch.ScalarType.Float32, value);
    public static implicit operator Scalar(double value) => Floating(torch.ScalarType.Float64, value);
    public static implicit operator Scalar(Half value) => Floating(torch.ScalarType.Float16, (double)value);
    public static implicit operator Scalar(bool value) => new(torch.ScalarType.Bool, ScalarKind.Bool, value ? 1 : 0);

    public static implicit operator Scalar((float, float) value) =>
        new(torch.ScalarType.ComplexFloat32, ScalarKind.Complex, BitConverter.DoubleToInt64Bits(value.Item1), value.Item2);

    public static implicit operator Scalar(Complex value) =>
        new(torch.ScalarType.ComplexFloat64, ScalarKind.Complex, BitConverter.DoubleToInt64Bits(value.Real), value.Imaginary);

    /// <summary>Does nothing: the value is held in managed memory.</summary>
    public void Dispose()
    {
    }
}
