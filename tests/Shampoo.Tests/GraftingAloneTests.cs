using TorchSharp;
using static TorchSharp.torch;

namespace Shampoo.Tests;

/// <summary>Without a preconditioner a declaration is the optimizer that it grafts: against transcriptions of torch's own, in double.</summary>
public sealed class GraftingAloneTests
{
    private const double Lr = 0.02;

    /// <summary>Operations between one value of a parameter and the next.</summary>
    private const int RoundingsOfStep = 12;

    private delegate void Rule(double[] w, double[] g, double[] first, double[] second, int t);

    [Theory, InlineData(ScalarType.Float64), InlineData(ScalarType.Float32)]
    public void IsAdamW(ScalarType dtype) => AssertSame(dtype, nameof(PlainAdamW), static (w, g, m, v, t) => Each(w, i =>
    {
        w[i] -= Lr * 0.01 * w[i];
        Adam(w, g[i], m, v, i, t);
    }));

    [Theory, InlineData(ScalarType.Float64), InlineData(ScalarType.Float32)]
    public void IsAdamWithL2(ScalarType dtype) => AssertSame(dtype, nameof(PlainAdam), static (w, g, m, v, t) => Each(w, i => Adam(w, g[i] + 0.01 * w[i], m, v, i, t)));

    [Theory, InlineData(ScalarType.Float64), InlineData(ScalarType.Float32)]
    public void IsAdagrad(ScalarType dtype) => AssertSame(dtype, nameof(PlainAdagrad), static (w, g, _, v, _) => Each(w, i =>
    {
        v[i] += g[i] * g[i];
        w[i] -= Lr * g[i] / (Math.Sqrt(v[i]) + 1e-10);
    }));

    [Theory, InlineData(ScalarType.Float64), InlineData(ScalarType.Float32)]
    public void IsRMSProp(ScalarType dtype) => AssertSame(dtype, nameof(PlainRMSProp), static (w, g, _, v, _) => Each(w, i =>
    {
        double decayed = g[i] + 0.01 * w[i];
        v[i] = 0.99 * v[i] + 0.01 * decayed * decayed;
        w[i] -= Lr * decayed / (Math.Sqrt(v[i]) + 1e-8);
    }));

    /// <summary>torch starts its buffer with the first gradient, undampened; Shampoo's momentum starts from zero.</summary>
    [Theory, InlineData(ScalarType.Float64), InlineData(ScalarType.Float32)]
    public void IsSGDWithMomentum(ScalarType dtype) => AssertSame(dtype, nameof(PlainSGD), static (w, g, m, _, _) => Each(w, i =>
    {
        m[i] = 0.9 * m[i] + 0.75 * (g[i] + 0.01 * w[i]);
        w[i] -= Lr * m[i];
    }));

    [Theory, InlineData(ScalarType.Float64), InlineData(ScalarType.Float32)]
    public void IsPlainGradientDescentWithoutAnything(ScalarType dtype) => AssertSame(dtype, nameof(Bare), static (w, g, _, _, _) => Each(w, i => w[i] -= Lr * g[i]));

    private static void Adam(double[] w, double g, double[] m, double[] v, int i, int t)
    {
        m[i] = 0.9 * m[i] + 0.1 * g;
        v[i] = 0.999 * v[i] + 0.001 * g * g;
        w[i] -= Lr * (m[i] / (1 - Math.Pow(0.9, t))) / (Math.Sqrt(v[i] / (1 - Math.Pow(0.999, t))) + 1e-8);
    }

    private static void Each(double[] w, Action<int> update)
    {
        for (int i = 0; i < w.Length; i++)
            update(i);
    }

    private static void AssertSame(ScalarType dtype, string name, Rule rule)
    {
        using var model = new Model(Model.AllShapes, dtype);
        using var optimizer = Declarations.Create(name, model.Parameters, Lr);
        double[] w = model.Values(), first = new double[w.Length], second = new double[w.Length];
        for (int t = 1; t <= 20; t++)
        {
            model.NewGradients();
            double[] g = [.. model.Parameters.SelectMany(static p => Model.Values(p.parameter.grad!))];
            optimizer.step();
            rule(w, g, first, second, t);
        }
        Rounding.AssertClose(w, model.Values(), 20 * RoundingsOfStep * Rounding.Unit(dtype));
    }
}
