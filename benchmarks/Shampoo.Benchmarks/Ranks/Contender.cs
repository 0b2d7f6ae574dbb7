using Shampoo.Benchmarks.Step;
using Shampoo.Runtime;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Shampoo.Benchmarks.Ranks;

/// <summary>An optimizer on several ranks: from the gradients of each to the parameters of all.</summary>
/// <param name="name">What it is called.</param>
/// <param name="model">Parameters and gradients, which all contenders share.</param>
/// <param name="ranks">Through which it sends all that it sends.</param>
/// <param name="optimizer">Which the contender owns.</param>
/// <param name="averages">Whether gradients are averaged before its step.</param>
internal sealed class Contender(string name, SyntheticModel model, CountingGroup ranks, OptimizerHelper optimizer, bool averages) : IDisposable
{
    private readonly Tensor _flat = zeros(averages ? model.Elements : 0);
    private int _steps;

    public string Name => name;

    /// <summary>Bytes that a rank has sent in its last step.</summary>
    public double Sent { get; private set; }

    /// <summary>Bytes of the state of this rank.</summary>
    public long StateBytes { get; } = StateSize.Of(optimizer);

    /// <summary>Takes a step; all ranks begin and end it together.</summary>
    public void Step()
    {
        model.TurnTo(_steps++);
        ranks.barrier();
        var before = ranks.Sent;
        if (averages)
            Average();
        optimizer.step();
        Sent = ranks.Sent - before;
        ranks.barrier();
    }

    public void Dispose()
    {
        optimizer.Dispose();
        _flat.Dispose();
    }

    // One bucket for all.
    private void Average()
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var parts = _flat.split([.. model.Parameters.Select(named => named.parameter.numel())]);
        var gradients = Array.ConvertAll(model.Parameters, named => named.parameter.grad!.reshape(-1));
        for (var i = 0; i < gradients.Length; i++)
            parts[i].copy_(gradients[i]);
        ranks.all_reduce(_flat, ReduceOp.Average);
        for (var i = 0; i < gradients.Length; i++)
            gradients[i].copy_(parts[i]);
    }
}
