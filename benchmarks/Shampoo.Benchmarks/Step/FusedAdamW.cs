#if ANY_OPERATOR
using Shampoo.LibTorch.Native;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Shampoo.Benchmarks.Step;

/// <summary>AdamW by the one kernel that torch has for all parameters together (<c>fused=True</c> in Python). On CUDA from torch 2.0 on.</summary>
internal sealed class FusedAdamW : IDisposable
{
    private const double Lr = 1e-3, Beta1 = 0.9, Beta2 = 0.999, WeightDecay = 0.01, Epsilon = 1e-8;

    private static readonly Operator s_add = new("_foreach_add_", "Scalar"), s_step = new("_fused_adamw_");

    private readonly Parameter[] _parameters;
    private readonly Tensor[] _values, _first, _second, _steps;

    public FusedAdamW(IEnumerable<(string name, Parameter parameter)> parameters)
    {
        _parameters = [.. parameters.Select(named => named.parameter)];
        _values = Array.ConvertAll(_parameters, parameter => parameter.detach());
        _first = Array.ConvertAll(_values, zeros_like);
        _second = Array.ConvertAll(_values, zeros_like);
        _steps = Array.ConvertAll(_values, values => zeros([], device: values.device));
    }

    public long StateBytes => 2 * sizeof(float) * _values.Sum(values => values.numel());

    public void Step()
    {
        s_add.Run(_steps, 1L);
        s_step.Run(
            _values, Array.ConvertAll(_parameters, parameter => parameter.grad!), _first, _second, Array.Empty<Tensor>(), _steps,
            Lr, Beta1, Beta2, WeightDecay, Epsilon, false, false);
    }

    public void Dispose() => Array.ForEach([.. _values, .. _first, .. _second, .. _steps], tensor => tensor.Dispose());

    private static Tensor zeros_like(Tensor values) => torch.zeros_like(values);
}
#endif
