using Shampoo.LibTorch.Native;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Rows of a table, by their numbers.</summary>
public sealed class Embedding : nn.Module<Tensor, Tensor>
{
    private readonly long _paddingIndex;
    private readonly double? _maxNorm;
    private readonly double _normType;
    private readonly bool _scaleByFrequency;
    private readonly bool _sparse;

    internal Embedding(Parameter weight, long? paddingIndex, double? maxNorm, double normType, bool scaleByFrequency, bool sparse) : base(nameof(Embedding))
    {
        _paddingIndex = paddingIndex is long p ? (p < 0 ? weight.shape[0] + p : p) : -1;
        _maxNorm = maxNorm;
        _normType = normType;
        _scaleByFrequency = scaleByFrequency;
        _sparse = sparse;
        this.weight = weight;
    }

    internal static Embedding Random(long count, long dimensions, long? paddingIndex, double? maxNorm, double normType, bool scaleByFrequency, bool sparse, Device? device, ScalarType? dtype)
    {
        var table = nn.init.normal_(empty(count, dimensions, dtype, device));
        if (paddingIndex is long p) {
            using var row = table.select(0, p);
            row.zero_();
        }
        return new Embedding(new Parameter(table), paddingIndex, maxNorm, normType, scaleByFrequency, sparse);
    }

    public Parameter weight
    {
        get => get_parameter(nameof(weight))!;
        set => ConditionallyRegisterParameter(nameof(weight), value);
    }

    public override Tensor forward(Tensor input)
    {
        var table = weight;
        if (_maxNorm is double bound) {
            using var mode = no_grad();
            using var indices = input.contiguous();
            Aten.embedding_renorm_.InPlace(table, indices, bound, _normType);
        }
        return Aten.embedding.Call(table, input, _paddingIndex, _scaleByFrequency, _sparse);
    }
}
