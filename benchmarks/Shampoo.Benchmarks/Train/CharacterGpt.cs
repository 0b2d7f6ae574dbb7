using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Shampoo.Benchmarks.Train;

/// <summary>A small GPT (Radford et al. 2019): [texts, context] characters in, [texts · context, characters] scores out.</summary>
internal sealed class CharacterGpt : Module<Tensor, Tensor>
{
    private readonly Embedding _tokens, _positions;
    private readonly ModuleList<GptLayer> _layers;
    private readonly LayerNorm _norm;
    private readonly Linear _scores;
    private readonly long _context;

    public CharacterGpt(int characters, int context, int width, int layers, int heads) : base(nameof(CharacterGpt))
    {
        _context = context;
        _tokens = Embedding(characters, width);
        _positions = Embedding(context, width);
        _layers = ModuleList([.. Enumerable.Range(0, layers).Select(_ => new GptLayer(width, heads))]);
        _norm = LayerNorm([width]);
        _scores = Linear(width, characters);
        RegisterComponents();
        using var noGrad = no_grad();
        foreach (var (name, parameter) in named_parameters())
        {
            if (parameter.dim() == 2)
                parameter.normal_(0, 0.02);
            else if (name.EndsWith("bias", StringComparison.Ordinal))
                parameter.zero_();
        }
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var hidden = _tokens.call(input) + _positions.call(arange(_context, device: input.device));
        foreach (var layer in _layers)
            hidden = layer.call(hidden);
        var scores = _scores.call(_norm.call(hidden));
        return scores.flatten(0, 1).MoveToOuterDisposeScope();
    }
}

/// <summary>Causal attention and a perceptron, each after a normalisation and beside a shortcut.</summary>
internal sealed class GptLayer : Module<Tensor, Tensor>
{
    private readonly LayerNorm _before, _between;
    private readonly Linear _attention, _projection, _widen, _narrow;
    private readonly int _heads;

    public GptLayer(int width, int heads) : base(nameof(GptLayer))
    {
        _heads = heads;
        (_before, _between) = (LayerNorm([width]), LayerNorm([width]));
        (_attention, _projection) = (Linear(width, 3 * width), Linear(width, width));
        (_widen, _narrow) = (Linear(width, 4 * width), Linear(4 * width, width));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var hidden = input + _projection.call(Attend(_attention.call(_before.call(input))));
        hidden = hidden + _narrow.call(functional.gelu(_widen.call(_between.call(hidden))));
        return hidden.MoveToOuterDisposeScope();
    }

    private Tensor Attend(Tensor projected)
    {
        var (texts, context, width) = (projected.shape[0], projected.shape[1], projected.shape[2] / 3);
        var parts = projected.reshape(texts, context, 3, _heads, width / _heads).permute(2, 0, 3, 1, 4);
        Tensor query = parts.select(0, 0), key = parts.select(0, 1), value = parts.select(0, 2);
        var future = ones(context, context, dtype: ScalarType.Bool, device: projected.device).triu(1);
        var weights = query.matmul(key.transpose(-2, -1)).div(Math.Sqrt(width / _heads)).masked_fill(future, double.NegativeInfinity).softmax(-1);
        return weights.matmul(value).transpose(1, 2).reshape(texts, context, width);
    }
}
