using TorchSharp;
using static TorchSharp.torch;

namespace Shampoo.Benchmarks.Step;

/// <summary>What no step on a GPU can do without, by torch's operators on stacks: its products, its eigendecompositions, one pass over its state.</summary>
internal sealed class DeviceFloor : IDisposable
{
    private readonly StackedProducts _products;
    private readonly List<Tensor> _matrices;
    private readonly Tensor _read, _changed;

    public DeviceFloor(long[][] blocks, Device device)
    {
        _products = new StackedProducts(blocks, device);
        _matrices = [.. blocks.SelectMany(block => block).GroupBy(size => size).Select(stack => Statistics(stack.Count(), stack.Key, device))];
        long elements = blocks.Sum(block => block.Elements()), matrices = blocks.Sum(block => block.MatrixElements());
        _read = ones([elements + matrices], device: device);        // gradients, roots
        _changed = ones([3 * elements + matrices], device: device); // parameters, both moments, factor matrices
    }

    public void Products() => _products.Run();

    public void Eigendecompositions()
    {
        foreach (var stack in _matrices)
        {
            var (eigenvalues, eigenvectors) = linalg.eigh(stack);
            eigenvalues.Dispose();
            eigenvectors.Dispose();
        }
    }

    public void Pass()
    {
        using var sum = _read.sum();
        _changed.mul_(0.999);
    }

    public void Dispose()
    {
        _products.Dispose();
        _matrices.ForEach(stack => stack.Dispose());
        _read.Dispose();
        _changed.Dispose();
    }

    // GGᵀ of random G, as factor matrices are.
    private static Tensor Statistics(long count, long size, Device device)
    {
        using var scope = NewDisposeScope();
        var gradients = randn([count, size, size], device: device);
        return gradients.bmm(gradients.transpose(-2, -1)).div_(size).MoveToOuterDisposeScope();
    }
}
