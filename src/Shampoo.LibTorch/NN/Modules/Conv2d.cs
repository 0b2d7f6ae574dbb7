using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Convolution of images.</summary>
public sealed class Conv2d : Convolution
{
    internal Conv2d(long inChannels, long outChannels, (long, long) kernelSize, (long, long) stride, (long, long)? padding, Padding named, (long, long) dilation, PaddingModes paddingMode, long groups, bool bias, Device? device, ScalarType? dtype)
        : base(nameof(Conv2d), inChannels, outChannels, List(kernelSize), List(stride), padding is (long, long) p ? List(p) : null, named, List(dilation), paddingMode, groups, bias, device, dtype)
    {
    }

    public override Tensor forward(Tensor input)
    {
        if (PaddingMode != PaddingModes.Zeros && PaddingSizes is [long rows, long columns]) {
            using var padded = nn.functional.pad(input, [columns, columns, rows, rows], PaddingMode);
            return nn.functional.conv2d(padded, weight, bias, Stride, null, Dilation, Groups);
        }
        return PaddingSizes is null
            ? nn.functional.conv2d_padding(input, weight, bias, Stride, NamedPadding, Dilation, Groups)
            : nn.functional.conv2d(input, weight, bias, Stride, PaddingSizes, Dilation, Groups);
    }

    private static long[] List((long, long) pair) => [pair.Item1, pair.Item2];
}
