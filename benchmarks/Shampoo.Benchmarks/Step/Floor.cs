using Numerics = System.Numerics.Tensors.TensorPrimitives;
using System.Runtime.InteropServices;
using Shampoo.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Shampoo.Benchmarks.Step;

/// <summary>What no step can do without: its products, its eigendecompositions, and one pass over its state. Each in the fastest way to be had.</summary>
internal sealed class Floor : IDisposable
{
    private readonly StackedProducts _stacked;
    private readonly ProductsSideBySide? _sideBySide;
    private readonly Eigendecompositions? _eigendecompositions;
    private readonly StatePass _pass;

    public Floor(long[][] blocks)
    {
        _stacked = new StackedProducts(blocks);
        _sideBySide = Blas.IsAvailable ? new ProductsSideBySide(blocks) : null;
        _eigendecompositions = Lapack.IsAvailable ? new Eigendecompositions(blocks) : null;
        _pass = new StatePass(blocks);
    }

    /// <summary>Products of stacks of blocks, by torch's batched product.</summary>
    public void Stacked() => _stacked.Run();

    /// <summary>The same products block by block, on all cores side by side, each symmetric one by half: null where there is no BLAS.</summary>
    public Action? SideBySide => _sideBySide is { } products ? products.Run : null;

    /// <summary>The eigendecompositions of all factor matrices, on all cores side by side: null where there is no LAPACK.</summary>
    public Action? Eigendecompositions => _eigendecompositions is { } decompositions ? decompositions.Run : null;

    /// <summary>Reads everything once, and writes what a step changes.</summary>
    public void Pass() => _pass.Run();

    public void Dispose()
    {
        _stacked.Dispose();
        _sideBySide?.Dispose();
        _eigendecompositions?.Dispose();
        _pass.Dispose();
    }
}

/// <summary>Statistics and directions of all blocks of two dimensions and more, stacked by shape.</summary>
internal sealed class StackedProducts : IDisposable
{
    private readonly List<(Tensor Gradient, Tensor Rows, Tensor Columns, Tensor RowRoots, Tensor ColumnRoots)> _stacks = [];

    public StackedProducts(long[][] blocks, Device? device = null)
    {
        foreach (var stack in blocks.Where(block => block.Length > 1).GroupBy(block => (m: block[0], n: block.Others(0))))
        {
            var (m, n, count) = (stack.Key.m, stack.Key.n, stack.Count());
            _stacks.Add((Random(m, n), Random(m, m), Random(n, n), Random(m, m), Random(n, n)));
            Tensor Random(long rows, long columns) => randn([count, rows, columns], device: device);
        }
    }

    public void Run()
    {
        using var noGrad = no_grad();
        foreach (var (gradient, rows, columns, rowRoots, columnRoots) in _stacks)
        {
            using var scope = NewDisposeScope();
            var transposed = gradient.transpose(-2, -1);
            rows.baddbmm(gradient, transposed, 0.999f, 0.001f);
            columns.baddbmm(transposed, gradient, 0.999f, 0.001f);
            rowRoots.bmm(gradient).bmm(columnRoots);
        }
    }

    public void Dispose()
    {
        foreach (var (gradient, rows, columns, rowRoots, columnRoots) in _stacks)
            new List<Tensor> { gradient, rows, columns, rowRoots, columnRoots }.ForEach(tensor => tensor.Dispose());
    }
}

/// <summary>The same with single-threaded BLAS, a block at a time on every core.</summary>
internal sealed unsafe class ProductsSideBySide : Work, IDisposable
{
    private readonly (long Rows, long Columns, Memory Gradient, Memory Factors, Memory Roots, Memory Between)[] _blocks;

    public ProductsSideBySide(long[][] blocks) => _blocks =
    [
        .. blocks.Where(block => block.Length > 1).OrderByDescending(block => block.Elements())
            .Select(block => (m: block[0], n: block.Others(0)))
            .Select(block => (block.m, block.n, new Memory(block.m * block.n), new Memory(block.m * block.m + block.n * block.n),
                new Memory(block.m * block.m + block.n * block.n), new Memory(2 * block.m * block.n))),
    ];

    public void Run()
    {
        using (Blas.Threads.OneThread())
            Workers.Run(this, _blocks.Length);
    }

    public override void Do(int index)
    {
        using var thread = Blas.Threads.OneThreadHere();
        var (m, n, gradient, factors, roots, between) = _blocks[index];
        var g = new MatrixView<float>(gradient.Data, m, n, n);
        Blas.MultiplyByTranspose(0.001f, g, 0.999f, new MatrixView<float>(factors.Data, m, m, m));
        Blas.MultiplyByTranspose(0.001f, g.Transposed, 0.999f, new MatrixView<float>(factors.Data + m * m, n, n, n));
        var half = new MatrixView<float>(between.Data, m, n, n);
        Blas.Multiply(1f, new MatrixView<float>(roots.Data, m, m, m), g, 0f, half);
        Blas.Multiply(1f, half, new MatrixView<float>(roots.Data + m * m, n, n, n), 0f, new MatrixView<float>(between.Data + m * n, m, n, n));
    }

    public void Dispose()
    {
        foreach (var (_, _, gradient, factors, roots, between) in _blocks)
            Array.ForEach([gradient, factors, roots, between], memory => memory.Dispose());
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
