using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary><c>x Wᵀ + b</c>.</summary>
public sealed class Linear : nn.Module<Tensor, Tensor>
{
    internal Linear(Parameter weight, Parameter? bias) : base(nameof(Linear))
    {
        in_features = weight.shape[1];
        out_features = weight.shape[0];
        this.weight = weight;
        this.bias = bias;
    }

    internal Linear(long inputSize, long outputSize, bool hasBias, Device? device, ScalarType? dtype) : base(nameof(Linear))
    {
        in_features = inputSize;
        out_features = outputSize;
        weight = new Parameter(empty(outputSize, inputSize, dtype, device));
        if (hasBias) bias = new Parameter(empty(outputSize, dtype, device));
        Initialization.Reset(weight, bias);
    }

    public long in_features { get; set; }
    public long out_features { get; set; }

    public Parameter weight
    {
        get => get_parameter(nameof(weight))!;
        set => ConditionallyRegisterParameter(nameof(weight), value);
    }

    public Parameter? bias
    {
        get => get_parameter(nameof(bias));
        set => ConditionallyRegisterParameter(nameof(bias), value);
    }

    public override Tensor forward(Tensor tensor) => nn.functional.linear(tensor, weight, bias);
}
