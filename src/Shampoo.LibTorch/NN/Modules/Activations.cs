using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary><c>max(x, 0)</c>.</summary>
public sealed class ReLU : nn.Module<Tensor, Tensor>
{
    private readonly bool _inplace;
    internal ReLU(bool inplace) : base(nameof(ReLU)) => _inplace = inplace;
    public override Tensor forward(Tensor tensor) => nn.functional.relu(tensor, _inplace);
}

/// <summary>The identity above zero, a small slope below.</summary>
public sealed class LeakyReLU : nn.Module<Tensor, Tensor>
{
    private readonly double _slope;
    private readonly bool _inplace;

    internal LeakyReLU(double slope, bool inplace) : base(nameof(LeakyReLU))
    {
        _slope = slope;
        _inplace = inplace;
    }

    public override Tensor forward(Tensor tensor) => nn.functional.leaky_relu(tensor, _slope, _inplace);
}

/// <summary><c>x Φ(x)</c>.</summary>
public sealed class GELU : nn.Module<Tensor, Tensor>
{
    private readonly bool _inplace;
    internal GELU(bool inplace) : base(nameof(GELU)) => _inplace = inplace;
    public override Tensor forward(Tensor tensor) => nn.functional.gelu(tensor, _inplace);
}

/// <summary><c>x σ(x)</c>.</summary>
public sealed class SiLU : nn.Module<Tensor, Tensor>
{
    private readonly bool _inplace;
    internal SiLU(bool inplace) : base(nameof(SiLU)) => _inplace = inplace;
    public override Tensor forward(Tensor tensor) => nn.functional.silu(tensor, _inplace);
}

/// <summary>The logistic function.</summary>
public sealed class Sigmoid : nn.Module<Tensor, Tensor>
{
    private readonly bool _inplace;
    internal Sigmoid(bool inplace) : base(nameof(Sigmoid)) => _inplace = inplace;
    public override Tensor forward(Tensor tensor) => nn.functional.sigmoid(tensor, _inplace);
}

/// <summary>The hyperbolic tangent.</summary>
public sealed class Tanh : nn.Module<Tensor, Tensor>
{
    private readonly bool _inplace;
    internal Tanh(bool inplace) : base(nameof(Tanh)) => _inplace = inplace;
    public override Tensor forward(Tensor tensor) => nn.functional.tanh(tensor, _inplace);
}

/// <summary>Softmax along a dimension.</summary>
public sealed class Softmax : nn.Module<Tensor, Tensor>
{
    private readonly long _dim;
    internal Softmax(long dim) : base(nameof(Softmax)) => _dim = dim;
    public override Tensor forward(Tensor tensor) => tensor.softmax(_dim);
}

/// <summary>The logarithm of softmax along a dimension.</summary>
public sealed class LogSoftmax : nn.Module<Tensor, Tensor>
{
    private readonly long _dim;
    internal LogSoftmax(long dim) : base(nameof(LogSoftmax)) => _dim = dim;
    public override Tensor forward(Tensor tensor) => tensor.log_softmax(_dim);
}

/// <summary>Zeroes elements at random while training.</summary>
public sealed class Dropout : nn.Module<Tensor, Tensor>
{
    private readonly double _p;
    private readonly bool _inplace;

    internal Dropout(double p, bool inplace) : base(nameof(Dropout))
    {
        _p = p;
        _inplace = inplace;
    }

    public override Tensor forward(Tensor tensor) => nn.functional.dropout(tensor, _p, training, _inplace);
}

/// <summary>Merges a range of dimensions into one.</summary>
public sealed class Flatten : nn.Module<Tensor, Tensor>
{
    private readonly long _start;
    private readonly long _end;

    internal Flatten(long start, long end) : base(nameof(Flatten))
    {
        _start = start;
        _end = end;
    }

    public override Tensor forward(Tensor tensor) => tensor.flatten(_start, _end);
}

/// <summary>Does nothing.</summary>
public sealed class Identity : nn.Module<Tensor, Tensor>
{
    internal Identity() : base(nameof(Identity))
    {
    }

    public override Tensor forward(Tensor tensor) => tensor.alias();
}
