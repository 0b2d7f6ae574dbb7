using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>The greatest element of each window of an image.</summary>
public sealed class MaxPool2d : nn.Module<Tensor, Tensor>
{
    private readonly long[] _kernelSize;
    private readonly long[]? _stride;
    private readonly long[]? _padding;
    private readonly long[]? _dilation;
    private readonly bool _ceilMode;

    internal MaxPool2d(long[] kernelSize, long[]? stride, long[]? padding, long[]? dilation, bool ceilMode) : base(nameof(MaxPool2d))
    {
        _kernelSize = kernelSize;
        _stride = stride;
        _padding = padding;
        _dilation = dilation;
        _ceilMode = ceilMode;
    }

    public override Tensor forward(Tensor input) => nn.functional.max_pool2d(input, _kernelSize, _stride, _padding, _dilation, _ceilMode);
}

/// <summary>The mean of each window of an image.</summary>
public sealed class AvgPool2d : nn.Module<Tensor, Tensor>
{
    private readonly long[] _kernelSize;
    private readonly long[]? _stride;
    private readonly long[]? _padding;
    private readonly bool _ceilMode;
    private readonly bool _countPadding;
    private readonly long? _divisor;

    internal AvgPool2d(long[] kernelSize, long[]? stride, long[]? padding, bool ceilMode, bool countPadding, long? divisor) : base(nameof(AvgPool2d))
    {
        _kernelSize = kernelSize;
        _stride = stride;
        _padding = padding;
        _ceilMode = ceilMode;
        _countPadding = countPadding;
        _divisor = divisor;
    }

    public override Tensor forward(Tensor input) => nn.functional.avg_pool2d(input, _kernelSize, _stride, _padding, _ceilMode, _countPadding, _divisor);
}

/// <summary>Means of as many windows as are asked for.</summary>
public sealed class AdaptiveAvgPool2d : nn.Module<Tensor, Tensor>
{
    private readonly long[] _outputSize;
    internal AdaptiveAvgPool2d(long[] outputSize) : base(nameof(AdaptiveAvgPool2d)) => _outputSize = outputSize;
    public override Tensor forward(Tensor input) => nn.functional.adaptive_avg_pool2d(input, _outputSize);
}
