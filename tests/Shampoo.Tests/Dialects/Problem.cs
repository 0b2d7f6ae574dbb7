using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Shampoo.Tests.Dialects;

/// <summary>
/// Parameters and their gradients. An element of a parameter and all of its gradients have one sign and magnitudes of [½, 1), so that no
/// difference cancels digits in an option that works element by element, and units in the last place count.
/// </summary>
internal sealed class Problem(long[][] shapes, ScalarType dtype)
{
    public long[][] Shapes => shapes;

    public ScalarType Dtype => dtype;

    /// <summary>A dtype of fewer bits that all numbers are rounded to.</summary>
    public ScalarType? Rounded { get; init; }

    /// <summary>Parameters begin at 0, which leaves the direction alone in them after a step.</summary>
    public bool StartsAtZero { get; init; }

    /// <summary>The parameters without a gradient in a step; (step, parameter).</summary>
    public Func<int, int, bool> IsMissing { get; init; } = static (_, _) => false;

    /// <summary>A gradient in place of the usual one; (step, parameter, element, usual one).</summary>
    public Func<int, int, int, double, double> Change { get; init; } = static (_, _, _, usual) => usual;

    public (string name, Parameter parameter)[] Parameters() =>
        [.. shapes.Select((shape, p) => ($"p{p}", new Parameter(Tensor(shape, i => StartsAtZero ? 0 : Usual(0, p, i)))))];

    public void SetGradient(Parameter parameter, int p, int step)
    {
        using Tensor? gradient = IsMissing(step, p) ? null : Tensor(shapes[p], i => Change(step, p, i, Usual(step, p, i)));
        parameter.grad = gradient;
    }

    /// <summary>A gradient as the dtype has it.</summary>
    public double[] Gradient(int p, int step)
    {
        using Tensor gradient = Tensor(shapes[p], i => Change(step, p, i, Usual(step, p, i)));
        return Model.Values(gradient);
    }

    private static double Usual(int step, int p, int i)
    {
        double magnitude = 0.5 + Hash(step + 1, p, i) / (2.0 * (1 << 24));
        return Hash(0, p, i) % 2 == 0 ? magnitude : -magnitude;
    }

    /// <summary>24 bits that look like chance.</summary>
    private static uint Hash(int a, int b, int c)
    {
        uint x = 2166136261;
        foreach (int part in (ReadOnlySpan<int>)[a, b, c])
        {
            x = (x ^ (uint)part) * 2654435761;
            x ^= x >> 15;
        }
        x *= 2246822519;
        return (x ^ x >> 13) >> 8;
    }

    private Tensor Tensor(long[] shape, Func<int, double> value)
    {
        long count = shape.Aggregate(1L, static (product, n) => product * n);
        double[] values = [.. Enumerable.Range(0, (int)count).Select(value)];
        using Tensor exact = tensor(values, ScalarType.Float64);
        using Tensor rounded = exact.to(Rounded ?? dtype).to(dtype);
        return rounded.reshape(shape).clone();
    }
}
