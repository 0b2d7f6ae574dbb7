using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Normalises each channel over the batch, and remembers mean and variance for evaluation.</summary>
public abstract class BatchNorm : nn.Module<Tensor, Tensor>
{
    private readonly double _eps;
    private readonly double? _momentum;
    private readonly int[] _dimensions;

    private protected BatchNorm(string name, int[] dimensions, long features, double eps, double? momentum, bool affine, bool trackRunningStats, Device? device, ScalarType? dtype) : base(name)
    {
        _dimensions = dimensions;
        _eps = eps;
        _momentum = momentum;
        if (affine) {
            ConditionallyRegisterParameter(nameof(weight), new Parameter(ones(features, dtype, device)));
            ConditionallyRegisterParameter(nameof(bias), new Parameter(zeros(features, dtype, device)));
        }
        if (trackRunningStats) {
            register_buffer(nameof(running_mean), zeros(features, dtype, device));
            register_buffer(nameof(running_var), ones(features, dtype, device));
            register_buffer(nameof(num_batches_tracked), torch.tensor(0L, ScalarType.Int64, device));
        }
    }

    public Parameter? weight => get_parameter(nameof(weight));
    public Parameter? bias => get_parameter(nameof(bias));
    public Tensor? running_mean => get_buffer(nameof(running_mean));
    public Tensor? running_var => get_buffer(nameof(running_var));
    public Tensor? num_batches_tracked => get_buffer(nameof(num_batches_tracked));

    public override Tensor forward(Tensor input)
    {
        if (!_dimensions.Contains((int)input.Dimensions))
            throw new ArgumentException($"Expected a tensor with {string.Join(" or ", _dimensions)} dimensions, but got one with {input.Dimensions}.");
        double momentum = _momentum ?? 0;
        if (training && num_batches_tracked is Tensor count) {
            count.add_(1);
            if (_momentum is null) momentum = 1 / count.ToDouble();
        }
        bool byBatch = training || running_mean is null;
        return nn.functional.batch_norm(input, running_mean!, running_var!, weight, bias, byBatch, momentum, _eps);
    }
}

/// <summary><see cref="BatchNorm"/> of vectors or sequences.</summary>
public sealed class BatchNorm1d : BatchNorm
{
    internal BatchNorm1d(long features, double eps, double? momentum, bool affine, bool trackRunningStats, Device? device, ScalarType? dtype)
        : base(nameof(BatchNorm1d), [2, 3], features, eps, momentum, affine, trackRunningStats, device, dtype)
    {
    }
}

/// <summary><see cref="BatchNorm"/> of images.</summary>
public sealed class BatchNorm2d : BatchNorm
{
    internal BatchNorm2d(long features, double eps, double? momentum, bool affine, bool trackRunningStats, Device? device, ScalarType? dtype)
        : base(nameof(BatchNorm2d), [4], features, eps, momentum, affine, trackRunningStats, device, dtype)
    {
    }
}
