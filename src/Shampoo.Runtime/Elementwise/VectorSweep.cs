using System.Numerics;
using System.Runtime.CompilerServices;

namespace Shampoo.Runtime;

/// <summary>A sweep over the blocks of a slice in the memory of the CPU, by all threads.</summary>
/// <remarks>
/// Every piece that a sweep sees is dense memory of <typeparamref name="T"/>. Where an array is stored otherwise (a part of the rows of
/// a parameter, a transposed gradient, another dtype), pieces are copied to memory of the thread and back.
/// </remarks>
/// <typeparam name="T">The type of the arithmetic: float or double.</typeparam>
/// <typeparam name="TSweep">What is done with a piece, and the numbers that it is done with.</typeparam>
public sealed class VectorSweep<T, TSweep>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TSweep : struct, ISweep<T>
{
    private readonly SweepWork _work;

    /// <summary>Creates a sweep.</summary>
    /// <param name="slice">The blocks.</param>
    /// <param name="arrays">The arrays that it works on, in the order in which <typeparamref name="TSweep"/> numbers them; at most 18.</param>
    /// <param name="norms">The norms that it takes or uses, in the order in which <typeparamref name="TSweep"/> numbers them; at most 8.</param>
    /// <exception cref="ArgumentException">There are too many arrays or norms.</exception>
    public VectorSweep(BlockSlice slice, ArrayAccess[] arrays, BlockNorms[] norms)
    {
        ArgumentNullException.ThrowIfNull(slice);
        ArgumentNullException.ThrowIfNull(arrays);
        ArgumentNullException.ThrowIfNull(norms);
        if (arrays.Length > Scratch.Capacity)
            throw new ArgumentException($"A sweep can have {Scratch.Capacity} arrays at most, not {arrays.Length}.", nameof(arrays));
        if (norms.Length > ChunkNorms.Capacity)
            throw new ArgumentException($"A sweep can have {ChunkNorms.Capacity} norms at most, not {norms.Length}.", nameof(norms));
        _work = new SweepWork(slice, Array.ConvertAll(arrays, access => new Operand<T>(access)), norms);
    }

    /// <summary>Goes through all elements of all blocks once. Allocates nothing.</summary>
    /// <param name="sweep">What is done with them.</param>
    public void Run(in TSweep sweep) => _work.Run(sweep);

    private sealed class SweepWork : Work
    {
        private readonly Operand<T>[] _operands;
        private readonly BlockNorms[] _norms;
        private readonly int _blocks;
        private readonly long _blockElements;
        private readonly int _chunks;           // of a block
        private readonly int _blocksAtATime;    // of blocks that are smaller than a chunk
        private readonly long _pieceElements;   // where nothing is staged
        private TSweep _sweep;

        public SweepWork(BlockSlice slice, Operand<T>[] operands, BlockNorms[] norms)
        {
            _operands = operands;
            _norms = norms;
            _blocks = slice.Count;
            _blockElements = slice.BlockElements;
            _chunks = Chunks.Of(_blockElements);
            _blocksAtATime = (int)Math.Max(1, Chunks.Elements / _blockElements);
            // Squares are always summed up in the same pieces, staged or not.
            _pieceElements = norms.Length > 0 ? Chunks.PieceElements : Chunks.Elements;
        }

        public void Run(in TSweep sweep)
        {
            _sweep = sweep;
            foreach (var operand in _operands)
                operand.Begin();
            foreach (var norms in _norms)
                norms.Settle();
            Workers.Run(this, _chunks > 1 ? _blocks * _chunks : (_blocks + _blocksAtATime - 1) / _blocksAtATime);
        }

        public override void Do(int index)
        {
            if (_chunks > 1)
            {
                RunChunk(index / _chunks, index % _chunks);
                return;
            }
            var end = Math.Min((index + 1) * _blocksAtATime, _blocks);
            for (var block = index * _blocksAtATime; block < end; block++)
                RunChunk(block, 0);
        }

        [SkipLocalsInit]
        private unsafe void RunChunk(int block, int chunk)
        {
            var norms = new ChunkNorms { Elements = _blockElements };
            for (var k = 0; k < _norms.Length; k++)
                norms.Values[k] = _norms[k].Of(block);

            var dense = stackalloc T*[Scratch.Capacity];
            var pieceElements = Locate(block, dense) ? _pieceElements : Chunks.PieceElements;
            var start = (long)chunk * Chunks.Elements;
            var end = Math.Min(start + Chunks.Elements, _blockElements);
            for (; start < end; start += pieceElements)
                RunPiece(block, start, (int)Math.Min(pieceElements, end - start), dense, &norms);

            for (var k = 0; k < _norms.Length; k++)
            {
                if ((norms.Written & 1 << k) != 0)
                    _norms[k].Add(block, chunk, norms.Sums[k]);
            }
        }

        // Where the elements of the block are; null for an array that has to be staged. Whether none has to.
        private unsafe bool Locate(int block, T** dense)
        {
            var areDense = true;
            for (var k = 0; k < _operands.Length; k++)
            {
                dense[k] = _operands[k].Dense(block);
                areDense &= dense[k] != null;
            }
            return areDense;
        }

        [SkipLocalsInit]
        private unsafe void RunPiece(int block, long start, int count, T** dense, ChunkNorms* norms)
        {
            var arrays = stackalloc T*[Scratch.Capacity];
            for (var k = 0; k < _operands.Length; k++)
                arrays[k] = dense[k] != null ? dense[k] + start : _operands[k].Load(block, start, Scratch.Of<T>(k), count);

            var whole = count - count % Vector<T>.Count;
            if (whole > 0)
                _sweep.Run<Lanes<T>>(new Piece<T>(arrays, norms, 0, whole));
            if (whole < count)
                _sweep.Run<Lane<T>>(new Piece<T>(arrays, norms, whole, count));

            for (var k = 0; k < _operands.Length; k++)
            {
                if (dense[k] == null)
                    _operands[k].Store(block, start, arrays[k], count);
            }
        }
    }
}
