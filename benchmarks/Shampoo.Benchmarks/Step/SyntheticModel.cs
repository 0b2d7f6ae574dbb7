using System.Diagnostics;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Shampoo.Benchmarks.Step;

/// <summary>Parameters of given shapes, and a few sets of random gradients that take turns.</summary>
internal sealed class SyntheticModel : IDisposable
{
    private const int Sets = 3;
    private readonly Tensor[][] _gradients;

    /// <param name="shapes">Of the parameters.</param>
    /// <param name="device">Where they are.</param>
    public SyntheticModel(long[][] shapes, Device? device = null)
    {
        random.manual_seed(11);
        Device = device ?? CPU;
        Parameters = [.. shapes.Select((shape, i) => ($"parameter{i}", new Parameter(randn(shape, device: Device).mul_(0.02))))];
        _gradients = [.. Enumerable.Range(0, Sets).Select(_ => shapes.Select(shape => randn(shape, device: Device).mul_(0.01)).ToArray())];
        TurnTo(0);
    }

    public Device Device { get; }

    public (string name, Parameter parameter)[] Parameters { get; }

    public long Elements => Parameters.Sum(named => named.parameter.numel());

    /// <summary>Sets the gradients of a step.</summary>
    public void TurnTo(long step)
    {
        var set = _gradients[step % Sets];
        for (var i = 0; i < Parameters.Length; i++)
            Parameters[i].parameter.grad = set[i];
    }

    /// <summary>Milliseconds until something is done, also on a device that works beside the host.</summary>
    public double Time(Action action)
    {
        Wait();
        var start = Stopwatch.GetTimestamp();
        action();
        Wait();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private void Wait()
    {
        if (Device.type == DeviceType.CUDA)
            cuda.synchronize(Device);
    }

    public void Dispose()
    {
        foreach (var (_, parameter) in Parameters)
            parameter.Dispose();
        foreach (var gradient in _gradients.SelectMany(set => set))
            gradient.Dispose();
    }
}
