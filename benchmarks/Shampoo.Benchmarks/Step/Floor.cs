using Numerics = System.Numerics.Tensors.TensorPrimitives;
using System.Runtime.InteropServices;
using Shampoo.Benchmarks.Reporting;
using Shampoo.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Shampoo.Benchmarks.Step;

/// <summary>
/// A part of what no step can do without: products and one pass over the state, in the fastest way to be had, and eigendecompositions by LAPACK, of which refreshes of
/// float32 have a faster one.
/// </summary>
internal sealed class Floor : ITimed
{
    private readonly SyntheticModel _model;
    private readonly Action? _run;
    private readonly IDisposable? _memory;
    private readonly List<double> _times = [];

    private Floor(SyntheticModel model, Action? run, IDisposable? memory) => (_model, _run, _memory) = (model, run, memory);

    /// <summary>Median, in ms; NaN if it cannot be done here.</summary>
    public double Time => _run is null ? double.NaN : Rounds.Median(_times);

    /// <summary>Products of stacks of blocks, by torch's batched product.</summary>
    public static Floor Stacked(SyntheticModel model, long[][] blocks)
    {
        var products = new StackedProducts(blocks);
        return new Floor(model, products.Run, products);
    }

    /// <summary>The same products block by block, on all cores side by side, each symmetric one by half; needs BLAS.</summary>
    public static Floor SideBySide(SyntheticModel model, long[][] blocks)
    {
        var products = Blas.IsAvailable ? new ProductsSideBySide(blocks) : null;
        return new Floor(model, products is null ? null : products.Run, products);
    }

    /// <summary>The eigendecompositions of all factor matrices by LAPACK, on all cores side by side; needs LAPACK.</summary>
    public static Floor Eigendecompositions(SyntheticModel model, long[][] blocks)
    {
        var decompositions = Lapack.IsAvailable ? new Eigendecompositions(blocks) : null;
        return new Floor(model, decompositions is null ? null : decompositions.Run, decompositions);
    }

    /// <summary>Reads everything once, and writes what a step changes.</summary>
    public static Floor Pass(SyntheticModel model, long[][] blocks)
    {
        var pass = new StatePass(blocks);
        return new Floor(model, pass.Run, pass);
    }

    public void RunPeriod(int frequency, bool counts)
    {
        if (_run is null)
            return;
        var elapsed = _model.Time(_run);
        if (counts)
            _times.Add(elapsed);
    }

    public void Dispose() => _memory?.Dispose();
}

/// <summary>Statistics and directions of all blocks of two dimensions and more, stacked by shape: for each dimension one product with the transpose and one with the roots.</summary>
internal sealed class StackedProducts : IDisposable
{
    private readonly List<(Tensor Unfolded, Tensor Factor, Tensor Root)> _dimensions = [];

    public StackedProducts(long[][] blocks, Device? device = null)
    {
        foreach (var stack in blocks.Where(block => block.Length > 1).GroupBy(block => string.Join('×', block)))
        {
            var (block, count) = (stack.First(), stack.Count());
            using var gradient = randn([count, block.Elements()], device: device);
            for (var k = 0; k < block.Length; k++)
                _dimensions.Add((gradient.view(count, block[k], block.Others(k)), randn([count, block[k], block[k]], device: device), randn([count, block[k], block[k]], device: device)));
        }
    }

    public void Run()
    {
        using var noGrad = no_grad();
        foreach (var (unfolded, factor, root) in _dimensions)
        {
            using var scope = NewDisposeScope();
            factor.baddbmm(unfolded, unfolded.transpose(-2, -1), 0.999f, 0.001f);
            root.bmm(unfolded);
        }
    }

    public void Dispose()
    {
        foreach (var (unfolded, factor, root) in _dimensions)
            new List<Tensor> { unfolded, factor, root }.ForEach(tensor => tensor.Dispose());
    }
}

/// <summary>The same with single-threaded BLAS, a block at a time on every core, each symmetric product by half.</summary>
internal sealed unsafe class ProductsSideBySide : Work, IDisposable
{
    private readonly (long[] Shape, Memory Gradient, Memory Factors, Memory Roots, Memory Direction)[] _blocks;

    public ProductsSideBySide(long[][] blocks) => _blocks =
    [
        .. blocks.Where(block => block.Length > 1).OrderByDescending(block => block.Elements())
            .Select(block => (block, new Memory(block.Elements()), new Memory(block.MatrixElements()), new Memory(block.MatrixElements()), new Memory(2 * block.Elements()))),
    ];

    public void Run()
    {
        using (Blas.Threads.OneThread())
            Workers.Run(this, _blocks.Length);
    }

    public override void Do(int index)
    {
        using var thread = Blas.Threads.OneThreadHere();
        var (shape, gradient, factors, roots, direction) = _blocks[index];
        var from = gradient.Data;
        long matrix = 0;
        for (var k = 0; k < shape.Length; k++)
        {
            long size = shape[k], others = shape.Others(k);
            var to = direction.Data + k % 2 * size * others; // the halves in turn: the gradient stays as it is
            Blas.MultiplyByTranspose(0.001f, new MatrixView<float>(gradient.Data, size, others, others), 0.999f, new MatrixView<float>(factors.Data + matrix, size, size, size));
            Blas.Multiply(1f, new MatrixView<float>(roots.Data + matrix, size, size, size), new MatrixView<float>(from, size, others, others), 0f, new MatrixView<float>(to, size, others, others));
            from = to;
            matrix += size * size;
        }
    }

    public void Dispose()
    {
        foreach (var (_, gradient, factors, roots, direction) in _blocks)
            Array.ForEach([gradient, factors, roots, direction], memory => memory.Dispose());
    }
}

/// <summary>LAPACK's eigendecompositions, a matrix at a time on every core.</summary>
internal sealed unsafe class Eigendecompositions : Work, IDisposable
{
    private readonly (int Size, Memory Matrix)[] _matrices;
    private readonly Memory _scratch;
    private readonly int _largest;

    public Eigendecompositions(long[][] blocks)
    {
        int[] sizes = [.. blocks.SelectMany(block => block).Select(size => (int)size).OrderDescending()];
        _largest = sizes[0];
        _scratch = new Memory(ShampooThreads.Count * Scratch);
        _matrices = Array.ConvertAll(sizes, size => (size, Statistics(size)));
    }

    // Of a thread: the matrix, which is destroyed, and its eigenvalues.
    private long Scratch => (long)_largest * _largest + _largest;

    public void Run()
    {
        _taken = 0;
        using (Blas.Threads.OneThread())
            Workers.Run(this, ShampooThreads.Count);
    }

    private int _taken;

    public override void Do(int index)
    {
        using var thread = Blas.Threads.OneThreadHere();
        var matrix = _scratch.Data + index * Scratch;
        var eigenvalues = matrix + (long)_largest * _largest;
        for (var i = Interlocked.Increment(ref _taken) - 1; i < _matrices.Length; i = Interlocked.Increment(ref _taken) - 1)
        {
            var (size, statistics) = _matrices[i];
            var bytes = (long)size * size * sizeof(float);
            Buffer.MemoryCopy(statistics.Data, matrix, bytes, bytes);
            if (!Lapack.TryDecompose(matrix, size, eigenvalues))
                throw new ExternalException($"A matrix of {size} could not be decomposed.");
        }
    }

    // GGᵀ of a random G, as factor matrices are.
    private static Memory Statistics(int size)
    {
        using var scope = NewDisposeScope();
        var gradient = randn(size, size);
        var product = gradient.matmul(gradient.t()).div(size);
        var memory = new Memory((long)size * size);
        product.data<float>().CopyTo(new Span<float>(memory.Data, size * size));
        return memory;
    }

    public void Dispose()
    {
        foreach (var (_, matrix) in _matrices)
            matrix.Dispose();
        _scratch.Dispose();
    }
}

/// <summary>One pass over what a step reads (gradients, roots) and what it reads and writes (parameters, both moments, factor matrices).</summary>
internal sealed unsafe class StatePass : Work, IDisposable
{
    private const long Chunk = 1 << 16;
    private readonly Memory _read, _changed;
    private volatile float _sum; // what is read has to be used

    public StatePass(long[][] blocks)
    {
        long elements = blocks.Sum(block => block.Elements()), matrices = blocks.Sum(block => block.MatrixElements());
        _read = new Memory(elements + matrices);
        _changed = new Memory(3 * elements + matrices);
    }

    public void Run() => Workers.Run(this, (int)((_read.Length + _changed.Length) / Chunk));

    public override void Do(int index)
    {
        var start = index * Chunk;
        if (start + Chunk <= _read.Length)
            _sum = Numerics.Sum(_read.Span(start, Chunk));
        else if (start >= _read.Length && start - _read.Length + Chunk <= _changed.Length)
            Numerics.Multiply(_changed.Span(start - _read.Length, Chunk), 0.999f, _changed.Span(start - _read.Length, Chunk));
    }

    public void Dispose()
    {
        _read.Dispose();
        _changed.Dispose();
    }
}

/// <summary>Floats in memory that does not move.</summary>
internal sealed unsafe class Memory : IDisposable
{
    public Memory(long length)
    {
        Length = length;
        Data = (float*)NativeMemory.AlignedAlloc((nuint)(Math.Max(length, 1) * sizeof(float)), 64);
        for (long i = 0; i < length; i++)
            Data[i] = 1e-3f * (i % 1021 - 510);
    }

    public float* Data { get; private set; }

    public long Length { get; }

    public Span<float> Span(long start, long length) => new(Data + start, (int)length);

    public void Dispose()
    {
        NativeMemory.AlignedFree(Data);
        Data = null;
    }
}
