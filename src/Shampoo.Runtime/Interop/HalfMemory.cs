using System.Numerics;

namespace Shampoo.Runtime;

/// <summary>Elements of 16 bits somewhere in memory, for arithmetic in float32. Owns nothing.</summary>
/// <param name="type">bfloat16 or float16.</param>
/// <param name="data">The first element.</param>
/// <param name="axes">The elements, from the first one.</param>
internal readonly unsafe ref struct HalfMemory(ScalarType type, nint data, ReadOnlySpan<Axis> axes)
{
    private readonly ReadOnlySpan<Axis> _axes = axes;

    private long Count
    {
        get
        {
            long count = 1;
            foreach (ref readonly var axis in _axes)
                count *= axis.Count;
            return count;
        }
    }

    /// <summary>Widens all elements to a dense block.</summary>
    public void CopyTo(float* block)
    {
        var count = Count;
        for (long start = 0; start < count; start += Chunks.Elements)
            Staging<float>.Load(type, data, _axes, start, block + start, (int)Math.Min(Chunks.Elements, count - start));
    }

    /// <summary>x ← x + alpha·block for all elements x, rounded once.</summary>
    public void Add(float* block, float alpha)
    {
        var count = Count;
        var piece = Scratch.Of<float>(0);
        var operation = new AddFromBlock<float>(alpha);
        for (long start = 0; start < count; start += Chunks.PieceElements)
        {
            var length = (int)Math.Min(Chunks.PieceElements, count - start);
            Staging<float>.Load(type, data, _axes, start, piece, length);
            operation.Run(piece, new Axis(length, 1), block + start);
            Staging<float>.Store(type, data, _axes, start, piece, length);
        }
    }

    /// <summary>The sum of all squares, in double.</summary>
    public double SumOfSquares()
    {
        var count = Count;
        var piece = Scratch.Of<float>(0);
        var operation = new SumSquares<float>();
        for (long start = 0; start < count; start += Chunks.PieceElements)
        {
            var length = (int)Math.Min(Chunks.PieceElements, count - start);
            Staging<float>.Load(type, data, _axes, start, piece, length);
            operation.Run(piece, new Axis(length, 1), null);
        }
        return operation.Sum;
    }

    /// <summary>Whether there is NaN or infinity among the elements: an exponent of ones alone.</summary>
    public bool HasNonFinite()
    {
        var operation = new SearchExponent(type == ScalarType.BFloat16 ? (ushort)0x7f80 : (ushort)0x7c00);
        StridedMemory.Walk((ushort*)data, _axes, null, ref operation);
        return operation.Found;
    }

    private struct SearchExponent(ushort ones) : IRunOperation<ushort>
    {
        public bool Found { get; private set; }

        public void Run(ushort* tensor, in Axis axis, ushort* block)
        {
            long i = 0;
            if (axis is { Stride: 1, Offsets: null })
            {
                var mask = new Vector<ushort>(ones);
                for (; i <= axis.Count - Vector<ushort>.Count; i += Vector<ushort>.Count)
                    Found |= Vector.EqualsAny(Vector.Load(tensor + i) & mask, mask);
            }
            for (; i < axis.Count; i++)
                Found |= (tensor[axis.Offset(i)] & ones) == ones;
        }
    }
}
