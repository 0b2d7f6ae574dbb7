using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>PyTorch's default initial values.</summary>
internal static class Initialization
{
    /// <summary>Both uniform within ±1/√fan_in: what kaiming_uniform_(a: √5) comes to.</summary>
    internal static void Reset(Tensor weight, Tensor? bias)
    {
        nn.init.kaiming_uniform_(weight, Math.Sqrt(5));
        if (bias is null) return;
        var (fanIn, _) = nn.init.CalculateFanInAndFanOut(weight);
        double bound = fanIn > 0 ? 1 / Math.Sqrt(fanIn) : 0;
        nn.init.uniform_(bias, -bound, bound);
    }
}
