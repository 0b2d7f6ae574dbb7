using TorchSharp.Modules;

namespace Shampoo.Ranks.Sharding;

/// <summary>Parameters and gradients that are the same on all ranks: more blocks than ranks, some of a kind, some alone, some empty.</summary>
internal sealed class Network : IDisposable
{
    private static readonly long[][] s_shapes = [[12, 20], [12], [5, 12], [5], [3, 4, 9], [], [0, 3], [12, 20], [1]];

    private readonly Random _random = new(1);
    private readonly ScalarType _type;
    private readonly torch.Device _device;

    /// <param name="type">Of the parameters.</param>
    /// <param name="device">Where they are; null for the device of the ranks.</param>
    public Network(ScalarType type = ScalarType.Float32, torch.Device? device = null)
    {
        _type = type;
        _device = device ?? Data.Device;
        Parameters = [.. s_shapes.Select((shape, i) => ($"p{i}", new Parameter(Sample(shape))))];
    }

    public (string name, Parameter parameter)[] Parameters { get; }

    /// <summary>All parameters, one after the other.</summary>
    public Tensor Flat()
    {
        using var scope = torch.NewDisposeScope();
        return torch.cat([.. Parameters.Select(entry => entry.parameter.detach().reshape(-1))]).MoveToOuterDisposeScope();
    }

    /// <summary>The gradients of the next step.</summary>
    /// <param name="step">Its number; now and then some parameters have none.</param>
    /// <param name="factor">What all of them are multiplied by.</param>
    public void NewGradients(int step, double factor = 1)
    {
        for (var i = 0; i < Parameters.Length; i++)
        {
            var parameter = Parameters[i].parameter;
            using var gradient = Sample(parameter.shape, factor);
            parameter.grad = (step, i) is (2, 0) or (2, 4) or (4, _) or (6, 1) ? null : gradient;
        }
    }

    /// <summary>Puts NaN into all gradients.</summary>
    public void Spoil()
    {
        foreach (var (_, parameter) in Parameters)
        {
            using var gradient = parameter.grad;
            gradient?.fill_(double.NaN);
        }
    }

    public void CopyTo(Network other)
    {
        using var noGrad = torch.no_grad();
        for (var i = 0; i < Parameters.Length; i++)
            other.Parameters[i].parameter.copy_(Parameters[i].parameter);
    }

    public void Dispose()
    {
        foreach (var (_, parameter) in Parameters)
            parameter.Dispose();
    }

    // Few bits, so that sums over ranks are exact in every order.
    private Tensor Sample(long[] shape, double factor = 1)
    {
        var count = shape.Aggregate(1L, (product, size) => product * size);
        using var values = torch.tensor([.. Enumerable.Range(0, (int)count).Select(_ => factor * (_random.Next(255) - 127) / 64.0)], ScalarType.Float64);
        return values.reshape(shape).to(_type, _device);
    }
}
