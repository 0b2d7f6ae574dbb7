using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Normalises groups of channels of each sample.</summary>
public sealed class GroupNorm : nn.Module<Tensor, Tensor>
{
    private readonly long _groups;
    private readonly double _eps;

    internal GroupNorm(long groups, long channels, double eps, bool affine, Device? device, ScalarType? dtype) : base(nameof(GroupNorm))
    {
        _groups = groups;
        _eps = eps;
        if (!affine) return;
        ConditionallyRegisterParameter(nameof(weight), new Parameter(ones(channels, dtype, device)));
        ConditionallyRegisterParameter(nameof(bias), new Parameter(zeros(channels, dtype, device)));
    }

    public Parameter? weight => get_parameter(nameof(weight));
    public Parameter? bias => get_parameter(nameof(bias));

    public override Tensor forward(Tensor tensor) => nn.functional.group_norm(tensor, _groups, weight, bias, _eps);
}
