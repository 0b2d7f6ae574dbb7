using System.Numerics;

namespace Shampoo.Runtime;

/// <summary>What happens between the blocks of the model and a flat buffer.</summary>
internal enum TransferKind
{
    /// <summary>buffer ← block, rounded to the buffer's dtype.</summary>
    Pack,

    /// <summary>block ← buffer.</summary>
    Unpack,

    /// <summary>block ← block + buffer, in the arithmetic of the model.</summary>
    Add,
}

/// <summary>
/// Copies between blocks of the model and a flat buffer, those whose parameter takes part in the step: on the CPU by all threads and without
/// any allocation, elsewhere by one operator for each block.
/// </summary>
/// <param name="flat">The buffer, or a part of it; owned by the caller.</param>
/// <param name="first">The place of its first element in the layout.</param>
/// <param name="blocks">The blocks.</param>
internal sealed unsafe class BlockTransfer(Tensor flat, long first, FlatBlock[] blocks) : Work, IDisposable
{
    private readonly nint _data = NativeTensor.DataOf(flat);
    private readonly ScalarType _type = flat.dtype;
    private readonly (int Block, int Chunk)[] _chunks = [.. Enumerable.Range(0, blocks.Length)
        .Where(b => blocks[b].Parameter is MemoryParameter)
        .SelectMany(b => Enumerable.Range(0, Chunks.Of(blocks[b].Elements)).Select(chunk => (b, chunk)))];
    private readonly (OperatorParameter Parameter, int Block, Tensor Row)[] _rows = [.. blocks
        .Where(block => block.Parameter is OperatorParameter)
        .Select(block => ((OperatorParameter)block.Parameter, block.Block, RowOf(flat, first, block)))];
    private TransferKind _kind;
    private ModelTensor _which;

    /// <summary>Transfers the blocks of all parameters that take part in the step.</summary>
    public void Run(TransferKind kind, ModelTensor which)
    {
        (_kind, _which) = (kind, which);
        Workers.Run(this, _chunks.Length);
        foreach (var (parameter, block, row) in _rows)
        {
            if (parameter.IsActive)
                parameter.Transfer(kind, which, block, row);
        }
        if (kind == TransferKind.Pack || which == ModelTensor.Gradient)
            return;
        foreach (var block in blocks)
        {
            if (block.Parameter.IsActive)
                block.Parameter.MarkChanged();
        }
    }

    public override void Do(int index)
    {
        var (b, chunk) = _chunks[index];
        ref readonly var block = ref blocks[b];
        if (!block.Parameter.IsActive)
            return;
        if (block.Parameter.Kind.ElementType == (int)ScalarType.Float64)
            Transfer<double>(block, chunk);
        else
            Transfer<float>(block, chunk);
    }

    public void Dispose()
    {
        foreach (var (_, _, row) in _rows)
            row.Dispose();
    }

    private void Transfer<T>(in FlatBlock block, int chunk) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var model = (ScalarType)block.Parameter.Kind.ElementType;
        block.Parameter.Memory(_which).Locate(block.Block, model.Size(), out var address, out var axes);
        var dense = new Axis(block.Elements, 1);
        var buffer = new ReadOnlySpan<Axis>(in dense);
        var start = _data + (nint)((block.Offset - first) * _type.Size());
        T* values = Scratch.Of<T>(0), others = Scratch.Of<T>(1);
        var end = Math.Min((chunk + 1L) * Chunks.Elements, block.Elements);
        for (var i = (long)chunk * Chunks.Elements; i < end; i += Chunks.PieceElements)
        {
            var count = (int)Math.Min(Chunks.PieceElements, end - i);
            if (_kind == TransferKind.Unpack)
                Staging<T>.Load(_type, start, buffer, i, values, count);
            else
                Staging<T>.Load(model, address, axes, i, values, count);
            if (_kind == TransferKind.Add)
            {
                Staging<T>.Load(_type, start, buffer, i, others, count);
                Add(values, others, count);
            }
            if (_kind == TransferKind.Pack)
                Staging<T>.Store(_type, start, buffer, i, values, count);
            else
                Staging<T>.Store(model, address, axes, i, values, count);
        }
    }

    private static void Add<T>(T* values, T* others, int count) where T : unmanaged, INumberBase<T>
    {
        var i = 0;
        for (; i <= count - Vector<T>.Count; i += Vector<T>.Count)
            (Vector.Load(values + i) + Vector.Load(others + i)).Store(values + i);
        for (; i < count; i++)
            values[i] += others[i];
    }

    private static Tensor RowOf(Tensor flat, long first, FlatBlock block)
    {
        using var part = flat.narrow(0, block.Offset - first, block.Elements);
        return part.view([.. block.Region.Size]).DetachFromDisposeScope();
    }
}
