using static TorchSharp.torch;

namespace Shampoo.Ranks.DataParallel;

/// <summary>Two layers with a branch: 4 numbers in, 3 out. Its weights are made of a seed.</summary>
internal sealed class Perceptron : nn.Module<Tensor, Tensor>
{
    public const int Inputs = 4, Outputs = 3;
    private const int Hidden = 5;

    private readonly TorchSharp.Modules.Parameter _hidden, _output, _scale;

    public Perceptron(int seed, ScalarType type) : base(nameof(Perceptron))
    {
        register_parameter("hidden", _hidden = Of(seed, type, Inputs, Hidden));
        register_parameter("output", _output = Of(seed + 1, type, Hidden, Outputs));
        register_parameter("scale", _scale = Of(seed + 2, type, Outputs));
    }

    /// <summary>Whether the last factor is used; without it, that parameter has no gradient.</summary>
    public bool UsesScale { get; set; } = true;

    /// <summary>A parameter of numbers between −1 and 1.</summary>
    public static TorchSharp.Modules.Parameter Of(int seed, ScalarType type, params long[] shape)
    {
        using var flat = Data.TensorOf(seed, (int)shape.Aggregate(1L, (product, size) => product * size), type, seed: 9);
        using var shaped = flat.view(shape);
        return new(shaped.clone());
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var result = input.matmul(_hidden).tanh().matmul(_output);
        return (UsesScale ? result.mul(_scale) : result).MoveToOuterDisposeScope();
    }

    /// <summary>The mean of squared errors.</summary>
    public Tensor Loss((Tensor Input, Tensor Target) batch) => nn.functional.mse_loss(call(batch.Input), batch.Target);

    /// <summary>The examples of a step from one to another, of a batch that all ranks can compute.</summary>
    public static (Tensor Input, Tensor Target) Batch(int step, int from, int count, ScalarType type) =>
        (Rows(step, from, count, Inputs, type), Rows(1000 + step, from, count, Outputs, type));

    private static Tensor Rows(int seed, int from, int count, int width, ScalarType type) =>
        Data.Tensor([.. Enumerable.Range(from, count).SelectMany(row => Data.Of(row, width, ScalarType.Float64, seed))], type).view(count, width);
}
