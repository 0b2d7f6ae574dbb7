using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>What convolutions have in common.</summary>
public abstract class Convolution : nn.Module<Tensor, Tensor>
{
    private protected Convolution(string name, long inChannels, long outChannels, long[] kernelSize, long[] stride, long[]? padding, Padding named, long[] dilation, PaddingModes paddingMode, long groups, bool bias, Device? device, ScalarType? dtype)
        : base(name)
    {
        if (inChannels % groups != 0) throw new ArgumentException($"in_channels ({inChannels}) must be divisible by groups ({groups}).");
        if (outChannels % groups != 0) throw new ArgumentException($"out_channels ({outChannels}) must be divisible by groups ({groups}).");
        Stride = stride;
        PaddingSizes = padding;
        NamedPadding = named;
        Dilation = dilation;
        PaddingMode = paddingMode;
        Groups = groups;
        weight = new Parameter(empty([outChannels, inChannels / groups, .. kernelSize], dtype, device));
        if (bias) this.bias = new Parameter(empty(outChannels, dtype, device));
        Initialization.Reset(weight, this.bias);
    }

    private protected long[] Stride { get; }
    private protected long[]? PaddingSizes { get; }
    private protected Padding NamedPadding { get; }
    private protected long[] Dilation { get; }
    private protected PaddingModes PaddingMode { get; }
    private protected long Groups { get; }

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
}
