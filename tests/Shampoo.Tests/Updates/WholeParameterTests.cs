using static TorchSharp.torch;

namespace Shampoo.Tests.Updates;

/// <summary>What looks at all gradients of a group, or at whole parameters: against the definitions in double.</summary>
public sealed class WholeParameterTests
{
    private const double Lr = 0.1;

    private static readonly long[][] Shapes = [[6, 5], [7], [2, 3, 4]];

    [Theory, InlineData(ScalarType.Float64), InlineData(ScalarType.Float32)]
    public void ClipsTheNormOfAllGradients(ScalarType dtype)
    {
        using var model = new Model(Shapes, dtype);
        using var optimizer = new Clipped(model.Parameters, lr: Lr);
        for (int step = 0; step < 4; step++)
        {
            model.NewGradients(missing: step == 2 ? [1] : []);
            Scale(model, step == 3 ? 1e-3 : 1); // short gradients stay as they are
            (double[][] w, double[]?[] g) = Read(model);
            double norm = Math.Sqrt(g.Sum(static gradient => gradient?.Sum(static x => x * x) ?? 0));
            Assert.Equal(step != 3, norm > 0.5);
            optimizer.step();
            AssertMoved(model, w, (p, i) => g[p] is null ? w[p][i] : w[p][i] - Lr * g[p]![i] / Math.Max(1, norm / 0.5), dtype);
        }
    }

    [Fact]
    public void DecaysAfterClipping()
    {
        using var model = new Model(Shapes);
        using var optimizer = new ClippedWithL2(model.Parameters, lr: Lr);
        model.NewGradients();
        (double[][] w, double[]?[] g) = Read(model);
        double norm = Math.Sqrt(g.Sum(static gradient => gradient!.Sum(static x => x * x)));
        optimizer.step();
        AssertMoved(model, w, (p, i) => w[p][i] - Lr * (g[p]![i] / (norm / 0.5) + 0.25 * w[p][i]), ScalarType.Float64);
    }

    [Theory, InlineData(ScalarType.Float64), InlineData(ScalarType.Float32)]
    public void GivesDirectionsTheLengthOfTheParameter(ScalarType dtype)
    {
        using var model = new Model([[6, 5], [7], [3]], dtype);
        using (no_grad()) model[2].zero_(); // a parameter without length is left with its direction
        using var optimizer = new LayerScaled(model.Parameters, lr: Lr);
        double[][] momentum = [new double[30], new double[7], new double[3]];
        for (int step = 0; step < 3; step++)
        {
            model.NewGradients();
            (double[][] w, double[]?[] g) = Read(model);
            optimizer.step();
            for (int p = 0; p < w.Length; p++)
            {
                double[] direction = [.. g[p]!.Zip(w[p], static (gradient, weight) => gradient + 0.25 * weight)];
                double length = Norm(w[p]), scale = length == 0 ? 1 : length / Norm(direction);
                for (int i = 0; i < direction.Length; i++) momentum[p][i] = 0.9 * momentum[p][i] + scale * direction[i];
            }
            AssertMoved(model, w, (p, i) => w[p][i] - Lr * momentum[p][i], dtype);
        }
    }

    private static double Norm(double[] values) => Math.Sqrt(values.Sum(static x => x * x));

    private static void Scale(Model model, double factor)
    {
        foreach (var (_, parameter) in model.Parameters)
        {
            using Tensor? gradient = parameter.grad;
            gradient?.mul_(factor);
        }
    }

    private static (double[][] W, double[]?[] G) Read(Model model)
    {
        double[][] w = [.. model.Parameters.Select((_, p) => model.Values(p))];
        double[]?[] g = [.. model.Parameters.Select(static p => p.parameter.grad is { } gradient ? Model.Values(gradient) : null)];
        return (w, g);
    }

    private static void AssertMoved(Model model, double[][] before, Func<int, int, double> expected, ScalarType dtype)
    {
        for (int p = 0; p < before.Length; p++)
            Rounding.AssertClose([.. before[p].Select((_, i) => expected(p, i))], model.Values(p), 24 * Rounding.Unit(dtype));
    }
}
