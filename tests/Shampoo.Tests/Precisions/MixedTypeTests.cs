using Shampoo.Runtime;
using Shampoo.Tests.Updates;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Shampoo.Tests.Precisions;

/// <summary>Parameters of several types in one group.</summary>
public sealed class MixedTypeTests
{
    private static readonly ScalarType[] Types = [ScalarType.BFloat16, ScalarType.Float32, ScalarType.Float16, ScalarType.Float64, ScalarType.BFloat16];

    private static readonly long[][] Shapes = [[6, 5], [6, 5], [6, 5], [7], [4, 3]];

    /// <summary>Each parameter as if it had an optimizer of its own; now and then one has no gradient.</summary>
    [Fact]
    public void EachTypeHasItsOwnBuckets()
    {
        (string, Parameter)[] together = Parameters(), apart = Parameters();
        using var optimizer = new Everything(together);
        Everything[] alone = [.. apart.Select(static p => new Everything([p]))];
        double[] before = Values(together);
        for (int step = 1; step <= 8; step++)
        {
            for (int p = 0; p < Types.Length; p++)
                SetGradients(p, step, (step + p) % 4 == 0, together[p].Item2, apart[p].Item2);
            optimizer.step();
            foreach (Everything one in alone) one.step();
            Assert.Equal(Values(apart), Values(together));
        }
        Assert.NotEqual(before, Values(together));
        foreach (Everything one in alone) one.Dispose();
    }

    /// <summary>The norm is that of all gradients, whatever their types are.</summary>
    [Theory, InlineData(true), InlineData(false)]
    public void ClippingTakesTheNormOfAll(bool reachesMemory)
    {
        bool isAvailable = NativeTensor.IsAvailable;
        try
        {
            NativeTensor.IsAvailable &= reachesMemory;
            (string, Parameter)[] parameters = Parameters();
            using var optimizer = new Clipped(parameters, lr: 0.25);
            for (int p = 0; p < Types.Length; p++)
                SetGradients(p, 1, false, parameters[p].Item2);
            double[] before = Values(parameters), gradients = [.. parameters.SelectMany(static p => Model.Values(p.Item2.grad!))];
            double scale = Math.Min(1, 0.5 / Math.Sqrt(gradients.Sum(static g => g * g)));
            optimizer.step();
            double[] after = Values(parameters);
            ScalarType[] types = [.. Shapes.SelectMany((shape, p) => Enumerable.Repeat(Types[p], (int)shape.Aggregate(1L, static (n, d) => n * d)))];
            for (int i = 0; i < before.Length; i++)
                Assert.Equal(before[i] - 0.25 * scale * gradients[i], after[i], Rounding.Unit(types[i]) * 1.01);
        }
        finally
        {
            NativeTensor.IsAvailable = isAvailable;
        }
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float16)]
    public void GradientMustHaveTheTypeOfItsParameter(ScalarType other)
    {
        using var model = new Model([[6, 5], [7]], ScalarType.BFloat16);
        using var optimizer = new Everything(model.Parameters);
        model.NewGradients();
        double[] before = model.Values();
        using Tensor gradient = ones([7L], dtype: other);
        model[1].grad = gradient;
        var error = Assert.Throws<InvalidOperationException>(() => optimizer.step());
        Assert.Contains("'p1'", error.Message, StringComparison.Ordinal);
        Assert.Contains($"dtype {other}, but the parameter has BFloat16", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, model.Values());
    }

    /// <summary>At every place, in rows of vectors and behind them, dense and transposed; the largest number is none.</summary>
    [Theory]
    [InlineData(ScalarType.BFloat16, true), InlineData(ScalarType.BFloat16, false)]
    [InlineData(ScalarType.Float16, true), InlineData(ScalarType.Float16, false)]
    public void NaNAndInfinityAreFound(ScalarType dtype, bool reachesMemory)
    {
        bool isAvailable = NativeTensor.IsAvailable;
        try
        {
            NativeTensor.IsAvailable &= reachesMemory;
            using var model = new Model([[9, 5]], dtype);
            using var optimizer = new PlainAdamW(model.Parameters);
            double largest = dtype == ScalarType.BFloat16 ? 3.3895313892515355e38 : 65504;
            for (int i = 0; i < 45; i++)
            {
                foreach (double bad in (double[])[double.NaN, double.PositiveInfinity, double.NegativeInfinity])
                {
                    double[] before = model.Values();
                    SetElement(model[0], dtype, i, bad, isTransposed: i % 2 == 0);
                    Assert.Throws<NotFiniteNumberException>(() => optimizer.step());
                    Assert.Equal(before, model.Values());
                }
                SetElement(model[0], dtype, i, -largest, isTransposed: i % 2 == 1);
                optimizer.step();
            }
        }
        finally
        {
            NativeTensor.IsAvailable = isAvailable;
        }
    }

    private static (string, Parameter)[] Parameters() => [.. Shapes.Select((shape, p) => ($"p{p}", new Parameter(Sample(shape, 7 * p, Types[p]))))];

    private static void SetGradients(int p, int step, bool isMissing, params Parameter[] parameters)
    {
        using Tensor? gradient = isMissing ? null : Sample(Shapes[p], 100 * step + p, Types[p]);
        foreach (Parameter parameter in parameters)
            parameter.grad = gradient?.clone();
    }

    private static Tensor Sample(long[] shape, int seed, ScalarType dtype)
    {
        using var model = new Model([shape], dtype, seed);
        return model[0].detach().clone();
    }

    private static void SetElement(Parameter parameter, ScalarType dtype, int index, double value, bool isTransposed)
    {
        using var scope = NewDisposeScope();
        double[] values = new double[45];
        values[index] = value;
        Tensor gradient = tensor(values, ScalarType.Float64).to(dtype).reshape(9, 5);
        parameter.grad = isTransposed ? gradient.t().contiguous().t() : gradient;
    }

    private static double[] Values((string, Parameter)[] parameters) => [.. parameters.SelectMany(static p => Model.Values(p.Item2))];
}
