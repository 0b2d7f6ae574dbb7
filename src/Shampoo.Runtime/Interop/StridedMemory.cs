using System.Numerics;

namespace Shampoo.Runtime;

/// <summary>
/// One dimension of a walk through memory: <paramref name="Count"/> elements, <paramref name="Stride"/> apart, or, where no
/// single stride describes a merged dimension, at <paramref name="Offsets"/>.
/// </summary>
internal readonly record struct Axis(long Count, long Stride, long[]? Offsets = null)
{
    public long Offset(long index) => Offsets is null ? index * Stride : Offsets[index];
}

/// <summary>What is done with a run of elements of a tensor and the same elements of a densely stored block.</summary>
internal unsafe interface IRunOperation<T> where T : unmanaged
{
    void Run(T* tensor, in Axis axis, T* block);
}

/// <summary>Walks through the elements of a tensor, the last axis innermost, and through a dense block beside it.</summary>
internal static unsafe class StridedMemory
{
    public static T* Walk<T, TOperation>(T* tensor, ReadOnlySpan<Axis> axes, T* block, ref TOperation operation)
        where T : unmanaged
        where TOperation : struct, IRunOperation<T>
    {
        ref readonly var axis = ref axes[0];
        if (axes.Length == 1)
        {
            operation.Run(tensor, axis, block);
            return block + axis.Count;
        }
        for (long i = 0; i < axis.Count; i++)
            block = Walk(tensor + axis.Offset(i), axes[1..], block, ref operation);
        return block;
    }
}

/// <summary>block ← tensor.</summary>
internal readonly unsafe struct CopyToBlock<T> : IRunOperation<T> where T : unmanaged
{
    public void Run(T* tensor, in Axis axis, T* block)
    {
        if (axis is { Stride: 1, Offsets: null })
        {
            Buffer.MemoryCopy(tensor, block, axis.Count * sizeof(T), axis.Count * sizeof(T));
            return;
        }
        for (long i = 0; i < axis.Count; i++)
            block[i] = tensor[axis.Offset(i)];
    }
}

/// <summary>tensor ← tensor + alpha·block.</summary>
internal readonly unsafe struct AddFromBlock<T>(T alpha) : IRunOperation<T> where T : unmanaged, INumberBase<T>
{
    public void Run(T* tensor, in Axis axis, T* block)
    {
        long i = 0;
        if (axis is { Stride: 1, Offsets: null })
        {
            var factor = new Vector<T>(alpha);
            for (; i <= axis.Count - Vector<T>.Count; i += Vector<T>.Count)
                (Vector.Load(tensor + i) + factor * Vector.Load(block + i)).Store(tensor + i);
        }
        for (; i < axis.Count; i++)
            tensor[axis.Offset(i)] += alpha * block[i];
    }
}

/// <summary>Looks for NaN and infinity; there is no block. 0·x is 0 for finite x and NaN for all others, and NaN stays in a sum.</summary>
internal unsafe struct SearchNonFinite<T> : IRunOperation<T> where T : unmanaged, INumberBase<T>
{
    public bool Found { get; private set; }

    public void Run(T* tensor, in Axis axis, T* block)
    {
        long i = 0;
        var sum = T.Zero;
        if (axis is { Stride: 1, Offsets: null })
        {
            Vector<T> even = default, odd = default;
            for (; i <= axis.Count - 2 * Vector<T>.Count; i += 2 * Vector<T>.Count)
            {
                even += Vector.Load(tensor + i) * Vector<T>.Zero;
                odd += Vector.Load(tensor + i + Vector<T>.Count) * Vector<T>.Zero;
            }
            sum = Vector.Sum(even + odd);
        }
        for (; i < axis.Count; i++)
            sum += tensor[axis.Offset(i)] * T.Zero;
        Found |= T.IsNaN(sum);
    }
}

/// <summary>Adds squares, in double; there is no block.</summary>
internal unsafe struct SumSquares<T> : IRunOperation<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public double Sum { get; private set; }

    public void Run(T* tensor, in Axis axis, T* block)
    {
        var squares = new SumOfSquares();
        long i = 0;
        if (axis is { Stride: 1, Offsets: null })
        {
            for (; i <= axis.Count - Vector<T>.Count; i += Vector<T>.Count)
                Lanes<T>.AddSquares(ref squares, Lanes<T>.Load(new Elements<T>(tensor), (nint)i));
        }
        for (; i < axis.Count; i++)
            Lane<T>.AddSquares(ref squares, Lane<T>.Load(new Elements<T>(tensor), (nint)axis.Offset(i)));
        Sum += squares.Total;
    }
}
