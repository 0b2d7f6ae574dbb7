using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Shampoo.Tests;

/// <summary>Parameters without a network: reproducible values and gradients, for every shape the same from a seed.</summary>
internal sealed class Model : IDisposable
{
    private readonly ScalarType _dtype;
    private readonly Random _random;

    public Model(long[][] shapes, ScalarType dtype = ScalarType.Float64, int seed = 1)
    {
        _dtype = dtype;
        _random = new Random(seed);
        Parameters = [.. shapes.Select((shape, i) => ($"p{i}", new Parameter(Sample(shape))))];
    }

    /// <summary>Orders 1 to 4 that need blocks and corners at a dimension of 3 or 4, and what is small or empty.</summary>
    public static long[][] AllShapes => [[6, 5], [7], [2, 3, 4], [2, 3, 2, 5], [], [1], [1, 4, 1], [0, 3], [2, 1, 2, 2, 3], [6, 5]];

    public (string name, Parameter parameter)[] Parameters { get; }

    public Parameter this[int index] => Parameters[index].parameter;

    public Tensor Sample(long[] shape)
    {
        long count = shape.Aggregate(1L, static (product, n) => product * n);
        double[] values = [.. Enumerable.Range(0, (int)count).Select(_ => 2 * _random.NextDouble() - 1)];
        return tensor(values, ScalarType.Float64).reshape(shape).to(_dtype);
    }

    /// <summary>New gradients for all parameters but the missing ones, which get none.</summary>
    public void NewGradients(params int[] missing)
    {
        for (int i = 0; i < Parameters.Length; i++)
        {
            using Tensor gradient = Sample(this[i].shape);
            this[i].grad = missing.Contains(i) ? null : gradient;
        }
    }

    /// <summary>All values of all parameters, or of one.</summary>
    public double[] Values(int? index = null) =>
        [.. Parameters.Where((_, i) => index is null || i == index).SelectMany(static p => Values(p.parameter))];

    public static double[] Values(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return [.. tensor.detach().to(ScalarType.Float64).reshape(-1).data<double>()];
    }

    /// <summary>Makes the parameters of <paramref name="other"/> the same numbers as these.</summary>
    public void CopyParametersTo(Model other)
    {
        using var _ = no_grad();
        for (int i = 0; i < Parameters.Length; i++)
            other[i].copy_(this[i]);
    }

    /// <summary>Gives the parameters of <paramref name="other"/> the same gradients, or none where there is none here.</summary>
    public void CopyGradientsTo(Model other)
    {
        for (int i = 0; i < Parameters.Length; i++)
        {
            using Tensor? gradient = this[i].grad;
            using Tensor? copy = gradient?.clone();
            other[i].grad = copy;
        }
    }

    /// <summary>Steps with a new gradient for every parameter.</summary>
    public void Train(OptimizerHelper optimizer, int steps)
    {
        for (int step = 0; step < steps; step++)
        {
            NewGradients();
            optimizer.step();
        }
    }

    public void Dispose()
    {
        foreach ((_, Parameter parameter) in Parameters)
            parameter.Dispose();
    }
}
