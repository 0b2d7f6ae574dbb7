using System.Numerics;
using System.Runtime.CompilerServices;

namespace Shampoo.Runtime;

/// <summary>As many elements as a vector register of this machine holds.</summary>
/// <typeparam name="T">The type of an element: float or double.</typeparam>
public readonly struct Lanes<T> : ILanes<Lanes<T>, T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly Vector<T> _value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Lanes(Vector<T> value) => _value = value;

    /// <inheritdoc/>
    public static int Count
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector<T>.Count;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Lanes<T> Load(Elements<T> elements, nint index) => new(Vector.Load(elements.Pointer + index));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Store(Elements<T> elements, nint index, Lanes<T> value) => value._value.Store(elements.Pointer + index);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes<T> Of(double value) => new(new Vector<T>(T.CreateTruncating(value)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes<T> Sqrt(Lanes<T> value) => new(Vector.SquareRoot(value._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes<T> Sign(Lanes<T> value)
    {
        var negative = Vector.ConditionalSelect(Vector.LessThan(value._value, Vector<T>.Zero), -Vector<T>.One, Vector<T>.Zero);
        return new(Vector.ConditionalSelect(Vector.GreaterThan(value._value, Vector<T>.Zero), Vector<T>.One, negative));
    }

    // One lane after the other: there is no vector instruction for it, and lanes have to agree with Lane.
    /// <inheritdoc/>
    public static Lanes<T> Pow(Lanes<T> value, double exponent)
    {
        var power = T.CreateTruncating(exponent);
        Span<T> results = stackalloc T[Vector<T>.Count];
        for (var i = 0; i < results.Length; i++)
            results[i] = T.Pow(value._value[i], power);
        return new(new Vector<T>(results));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddSquares(ref SumOfSquares sum, Lanes<T> value)
    {
        if (typeof(T) == typeof(float))
        {
            Vector.Widen(Vector.As<T, float>(value._value), out var even, out var odd);
            sum.Even += even * even;
            sum.Odd += odd * odd;
        }
        else
        {
            var wide = Vector.As<T, double>(value._value);
            sum.Even += wide * wide;
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes<T> operator +(Lanes<T> left, Lanes<T> right) => new(left._value + right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes<T> operator -(Lanes<T> left, Lanes<T> right) => new(left._value - right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes<T> operator *(Lanes<T> left, Lanes<T> right) => new(left._value * right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes<T> operator /(Lanes<T> left, Lanes<T> right) => new(left._value / right._value);
}
