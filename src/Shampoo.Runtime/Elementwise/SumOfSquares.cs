using System.Numerics;
using System.Runtime.CompilerServices;

namespace Shampoo.Runtime;

/// <summary>A sum of squares in double precision: of float32 it can neither overflow nor lose a square.</summary>
public struct SumOfSquares
{
    internal Vector<double> Even;
    internal Vector<double> Odd;
    internal double Rest;

    internal readonly double Total
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector.Sum(Even + Odd) + Rest;
    }
}
