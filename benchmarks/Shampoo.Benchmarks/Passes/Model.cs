using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Shampoo.Benchmarks.Passes;

/// <summary>Square matrices as parameters, with random gradients.</summary>
internal sealed class Model : IDisposable
{
    public Model(int matrices, long size)
    {
        random.manual_seed(7);
        for (var i = 0; i < matrices; i++)
        {
            var parameter = new Parameter(randn(size, size));
            parameter.grad = randn(size, size);
            Parameters.Add(($"matrix{i}", parameter));
        }
    }

    public List<(string name, Parameter parameter)> Parameters { get; } = [];

    public long Elements => Parameters.Sum(named => named.parameter.numel());

    public void Dispose() => Parameters.ForEach(named => named.parameter.Dispose());
}
