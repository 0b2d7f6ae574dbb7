using System.Runtime.CompilerServices;

namespace Shampoo.Runtime;

/// <summary>Some elements of one block, in every array of a sweep.</summary>
/// <typeparam name="T">The type of an element.</typeparam>
public readonly unsafe ref struct Piece<T> where T : unmanaged
{
    private readonly T** _arrays;
    private readonly ChunkNorms* _norms;

    internal Piece(T** arrays, ChunkNorms* norms, nint start, nint end)
    {
        _arrays = arrays;
        _norms = norms;
        Start = start;
        End = end;
    }

    /// <summary>The first element to work on.</summary>
    public nint Start { get; }

    /// <summary>The element after the last one to work on.</summary>
    public nint End { get; }

    /// <summary>The elements of an array.</summary>
    /// <param name="array">Its place in the list of the sweep's arrays.</param>
    public Elements<T> this[int array]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(_arrays[array]);
    }

    /// <summary>Adds to the sum of squares whose root a norm is.</summary>
    /// <param name="norm">Its place in the list of the sweep's norms.</param>
    /// <param name="sum">The squares of the elements of this piece.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddSquares(int norm, in SumOfSquares sum)
    {
        _norms->Sums[norm] += sum.Total;
        _norms->Written |= 1 << norm;
    }

    /// <summary>The Frobenius norm of the whole block, as an earlier sweep has summed it up.</summary>
    /// <param name="norm">Its place in the list of the sweep's norms.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double Norm(int norm) => _norms->Values[norm];

    /// <summary>The root mean square of the whole block: the norm, divided by the root of the number of elements.</summary>
    /// <param name="norm">Its place in the list of the sweep's norms.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double Rms(int norm) => _norms->Values[norm] / Math.Sqrt(_norms->Elements);
}

/// <summary>The norms of a sweep at one chunk of a block: what they are, and what the chunk adds to new ones.</summary>
internal unsafe struct ChunkNorms
{
    /// <summary>How many norms a sweep can have.</summary>
    public const int Capacity = 8;

    /// <summary>The norms of the block.</summary>
    public fixed double Values[Capacity];

    /// <summary>The number of elements of the block.</summary>
    public long Elements;

    /// <summary>The sums of squares of the chunk.</summary>
    public fixed double Sums[Capacity];

    /// <summary>The norms that have been added to, as bits.</summary>
    public int Written;
}
