namespace Shampoo.Runtime;

/// <summary>The Frobenius norm of every block of a slice, taken by one sweep and used by later ones of the same step.</summary>
public sealed class BlockNorms
{
    private readonly long[] _dimensions;
    private readonly long _elements;        // of a block
    private readonly int _chunks;
    private readonly double[] _squares;     // of every chunk of every block, [blocks, chunks]
    private readonly double[] _norms;       // [blocks]
    private volatile bool _isChanged;
    private Tensor? _tensor;
    private Tensor? _rms;

    internal BlockNorms(BlockSlice slice, string name)
    {
        Name = name;
        _dimensions = [.. Enumerable.Range(1, slice.BlockShape.Count).Select(k => (long)k)];
        _elements = slice.BlockElements;
        _chunks = Chunks.Of(slice.BlockElements);
        _squares = slice.Dialect.IsVector() ? new double[slice.Count * _chunks] : [];
        _norms = new double[_squares.Length / _chunks];
    }

    internal string Name { get; }

    /// <summary>The norms that <see cref="Take"/> has taken, [blocks, 1, …]; owned by this object.</summary>
    /// <exception cref="InvalidOperationException">None have been taken since the slice's turn began.</exception>
    public Tensor Tensor => _tensor ?? throw new InvalidOperationException($"No norms '{Name}' have been taken yet.");

    /// <summary>The root mean squares of the blocks, [blocks, 1, …]: their norms, divided by the root of the number of elements; owned by this object.</summary>
    /// <exception cref="InvalidOperationException">No norms have been taken since the slice's turn began.</exception>
    public Tensor Rms
    {
        get
        {
            using Scalar divisor = Math.Sqrt(_elements);
            return _rms ??= Tensor.div(divisor).DetachFromDisposeScope();
        }
    }

    /// <summary>Takes the norm of every block. As in the other dialects squares are added in double, where the device has it.</summary>
    /// <param name="blocks">[blocks, …]</param>
    public void Take(Tensor blocks)
    {
        End();
        using var wide = blocks.to_type(blocks.device_type == DeviceType.MPS ? blocks.dtype : ScalarType.Float64);
        using var norms = torch.linalg.vector_norm(wide, 2, _dimensions, keepdim: true);
        _tensor = norms.to_type(blocks.dtype).DetachFromDisposeScope();
    }

    /// <summary>Notes what a chunk of a block adds to its norm. Chunks may come from several threads at the same time.</summary>
    internal void Add(int block, int chunk, double squares)
    {
        _squares[block * _chunks + chunk] = squares;
        _isChanged = true;
    }

    /// <summary>Adds up what the chunks have added, in the order of the chunks: the sum depends on nothing else.</summary>
    internal void Settle()
    {
        if (!_isChanged)
            return;
        _isChanged = false;
        for (var block = 0; block < _norms.Length; block++)
        {
            var sum = 0.0;
            foreach (var squares in _squares.AsSpan(block * _chunks, _chunks))
                sum += squares;
            _norms[block] = Math.Sqrt(sum);
        }
    }

    /// <summary>The norm of a block, as of the last <see cref="Settle"/>.</summary>
    internal double Of(int block) => _norms[block];

    /// <summary>Ends the turn of the slice.</summary>
    internal void End()
    {
        _tensor?.Dispose();
        _tensor = null;
        _rms?.Dispose();
        _rms = null;
    }
}
