using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Shampoo.Benchmarks.Step;

/// <summary>Parameters of given shapes, and a few sets of random gradients that take turns.</summary>
internal sealed class SyntheticModel : IDisposable
{
    private const int Sets = 3;
    private readonly Tensor[][] _gradients;

    public SyntheticModel(long[][] shapes)
    {
        random.manual_seed(11);
        Parameters = [.. shapes.Select((shape, i) => ($"parameter{i}", new Parameter(randn(shape).mul_(0.02))))];
        _gradients = [.. Enumerable.Range(0, Sets).Select(_ => shapes.Select(shape => randn(shape).mul_(0.01)).ToArray())];
        TurnTo(0);
    }

    public (string name, Parameter parameter)[] Parameters { get; }

    public long Elements => Parameters.Sum(named => named.parameter.numel());

    /// <summary>Sets the gradients of a step.</summary>
    public void TurnTo(long step)
    {
        var set = _gradients[step % Sets];
        for (var i = 0; i < Parameters.Length; i++)
            Parameters[i].parameter.grad = set[i];
    }

    public void Dispose()
    {
        foreach (var (_, parameter) in Parameters)
            parameter.Dispose();
        foreach (var gradient in _gradients.SelectMany(set => set))
            gradient.Dispose();
    }
}
