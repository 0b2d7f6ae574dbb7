using Shampoo.Benchmarks.Train;
using TorchSharp;
using static TorchSharp.torch;

namespace Shampoo.Benchmarks.Step;

/// <summary>Forward and backward of a GPT, without its optimizer: what a step of one is a share of. Everything in float32.</summary>
internal sealed class TrainingIteration : IDisposable
{
    private readonly CharacterGpt _network;
    private readonly Tensor _texts, _targets;
    private readonly int _parts;

    /// <param name="network">The model, on a device.</param>
    /// <param name="tokens">How many kinds of tokens there are.</param>
    /// <param name="context">Tokens of a text.</param>
    /// <param name="texts">How many texts fit into memory at once.</param>
    /// <param name="parts">How often as many make a step, with accumulated gradients.</param>
    /// <param name="device">Where the model is.</param>
    public TrainingIteration(CharacterGpt network, int tokens, int context, int texts, int parts, Device device)
    {
        (_network, _parts) = (network, parts);
        _texts = randint(0, tokens, [texts, context], dtype: ScalarType.Int64, device: device);
        _targets = randint(0, tokens, [texts * context], dtype: ScalarType.Int64, device: device);
    }

    public long Tokens => _parts * _texts.numel();

    /// <summary>Of a model that is known by name, with 65536 tokens, an eighth of the half million that GPT-2 is usually trained with; null of others.</summary>
    public static TrainingIteration? Of(string model, Device device) => model == "gpt2-124m"
        ? new(new CharacterGpt(characters: 50257, context: 1024, width: 768, layers: 12, heads: 12).to(device), 50257, 1024, texts: 16, parts: 4, device)
        : null;

    public void Run()
    {
        for (var part = 0; part < _parts; part++)
        {
            using var scope = NewDisposeScope();
            nn.functional.cross_entropy(_network.call(_texts), _targets).backward();
        }
    }

    public void Dispose()
    {
        _network.Dispose();
        _texts.Dispose();
        _targets.Dispose();
    }
}
