namespace Shampoo.Runtime;

/// <summary>A sweep over the blocks of a slice by a kernel of the GPU: one CUDA block for each chunk.</summary>
/// <remarks>The kernel reaches the gradient and the parameters where the model has them, and the other arrays as they are stored.</remarks>
public sealed class CudaSweep
{
    private readonly BlockSlice _slice;
    private readonly CudaKernel _kernel;
    private readonly ArrayAccess[] _model;      // gradient and parameters
    private readonly ArrayAccess[] _arrays;     // all others, in the order of the kernel
    private readonly BlockNorms[] _norms;
    private Arguments _arguments;

    /// <summary>Creates a sweep.</summary>
    /// <param name="slice">The blocks.</param>
    /// <param name="kernel">The name of the kernel in <c>CudaText</c>.</param>
    /// <param name="arrays">
    /// The arrays that it works on; the kernel numbers them in this order, without the gradient and the parameters. At most 16 without these.
    /// </param>
    /// <param name="norms">The norms that it takes or uses, in the order in which the kernel numbers them; at most 8.</param>
    /// <exception cref="ArgumentException">There are too many arrays or norms.</exception>
    /// <exception cref="InvalidOperationException">The slice's dialect is another one.</exception>
    /// <exception cref="CudaException">There is no such kernel.</exception>
    public CudaSweep(BlockSlice slice, string kernel, ArrayAccess[] arrays, BlockNorms[] norms)
    {
        ArgumentNullException.ThrowIfNull(slice);
        ArgumentNullException.ThrowIfNull(arrays);
        ArgumentNullException.ThrowIfNull(norms);
        var module = slice.Bucket.Module ?? throw new InvalidOperationException($"The dialect of the slice is {slice.Dialect}.");
        _slice = slice;
        _kernel = module.Kernel(kernel);
        _model = Array.FindAll(arrays, access => access.Array is ModelArray);
        _arrays = Array.FindAll(arrays, access => access.Array is not ModelArray);
        _norms = norms;
        if (_arrays.Length > Arguments.MaxArrays)
            throw new ArgumentException($"A kernel can have {Arguments.MaxArrays} arrays at most, not {_arrays.Length}.", nameof(arrays));
        if (norms.Length > Arguments.MaxNorms)
            throw new ArgumentException($"A kernel can have {Arguments.MaxNorms} norms at most, not {norms.Length}.", nameof(norms));
        _arguments = new Arguments { Blocks = slice.Count, Elements = slice.BlockElements, Chunk = Chunks.Elements };
    }

    /// <summary>
    /// Queues one pass over all elements of all blocks. Allocates nothing, and does not wait for the device.
    /// </summary>
    /// <param name="numbers">The kernel's numbers; at most 48.</param>
    /// <exception cref="ArgumentException">There are too many numbers.</exception>
    /// <exception cref="CudaException">The kernel could not be queued. Errors of the kernel itself may show up later.</exception>
    public void Run(ReadOnlySpan<double> numbers)
    {
        if (numbers.Length > Arguments.MaxNumbers)
            throw new ArgumentException($"A kernel can have {Arguments.MaxNumbers} numbers at most, not {numbers.Length}.", nameof(numbers));
        Fill(numbers);
        _kernel.Launch(ref _arguments);
        foreach (var access in _model)
        {
            if (access.IsWritten)
                access.Array.MarkChanged();
        }
    }

    private unsafe void Fill(ReadOnlySpan<double> numbers)
    {
        for (var k = 0; k < numbers.Length; k++)
            _arguments.Numbers[k] = numbers[k];
        for (var k = 0; k < _arrays.Length; k++)
            _arguments.Arrays[k] = _arrays[k].Array.Address(0);
        for (var k = 0; k < _norms.Length; k++)
            _arguments.Norms[k] = _slice.Cuda.Squares(_norms[k]);
        if (_model.Length > 0)
            _arguments.Table = _slice.Cuda.Table();
    }
}
