using System.Numerics;

namespace Shampoo.Runtime;

/// <summary>
/// Neighbouring elements that are computed with at the same time. All operations but <see cref="Pow"/> round as IEEE 754 says, and all work on
/// every element for itself, so that a result does not depend on how many elements there are at a time.
/// </summary>
/// <typeparam name="V">The implementing type.</typeparam>
/// <typeparam name="T">The type of an element: float or double.</typeparam>
public interface ILanes<V, T> :
    IAdditionOperators<V, V, V>, ISubtractionOperators<V, V, V>, IMultiplyOperators<V, V, V>, IDivisionOperators<V, V, V>
    where V : struct, ILanes<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>How many elements there are at a time.</summary>
    static abstract int Count { get; }

    /// <summary>The elements <paramref name="index"/> to <paramref name="index"/> + <see cref="Count"/> − 1.</summary>
    static abstract V Load(Elements<T> elements, nint index);

    /// <summary>Stores a value as the elements <paramref name="index"/> to <paramref name="index"/> + <see cref="Count"/> − 1.</summary>
    static abstract void Store(Elements<T> elements, nint index, V value);

    /// <summary>A number, rounded to <typeparamref name="T"/>, in every lane.</summary>
    static abstract V Of(double value);

    /// <summary>The square root of every lane.</summary>
    static abstract V Sqrt(V value);

    /// <summary>−1, 0 or 1 for every lane; 0 for NaN.</summary>
    static abstract V Sign(V value);

    /// <summary>Every lane to the power of an exponent, rounded to <typeparamref name="T"/>.</summary>
    static abstract V Pow(V value, double exponent);

    /// <summary>Adds the square of every lane, in double.</summary>
    static abstract void AddSquares(ref SumOfSquares sum, V value);
}
