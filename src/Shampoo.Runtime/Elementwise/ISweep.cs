using System.Numerics;

namespace Shampoo.Runtime;

/// <summary>What a sweep does with one piece of a block.</summary>
/// <typeparam name="T">The type of the arithmetic: float or double.</typeparam>
public interface ISweep<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Does it for the elements from <see cref="Piece{T}.Start"/> to <see cref="Piece{T}.End"/>, of which there are a multiple of the lanes.</summary>
    /// <typeparam name="V">So many elements at a time: <see cref="Lanes{T}"/>, and <see cref="Lane{T}"/> for those that are left over.</typeparam>
    /// <param name="piece">The elements.</param>
    void Run<V>(in Piece<T> piece) where V : struct, ILanes<V, T>;
}
