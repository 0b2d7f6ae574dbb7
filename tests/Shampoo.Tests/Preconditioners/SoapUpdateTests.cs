using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Shampoo.Tests.Preconditioners;

/// <summary>What other attributes make of SOAP's directions, which an optimizer of nothing but [Soap] gives away.</summary>
public sealed class SoapUpdateTests
{
    private const double Lr = 0.05, Lambda = 0.3, PeakLr = 0.2, TrainInterpolation = 0.8, EvaluationInterpolation = 0.7, Momentum = 0.6, MaxNorm = 0.5;

    /// <summary>Of these the first gradient determines all bases.</summary>
    private static readonly long[][] Shapes = [[4, 4], [2, 3], [7, 8]];

    /// <summary>M ← μM + P, W ← (1 − lr·λ)(W − lr·(P + μM)).</summary>
    [Fact]
    public void MomentumIsOfTheDirectionAndDecayComesAfterTheStep()
    {
        double[] momentum = new double[Count];
        Compare(nameof(SoapWithMomentum), new() { ["momentum"] = Momentum, ["weight_decay"] = Lambda }, (w, p) =>
        {
            for (int i = 0; i < w.Length; i++)
            {
                momentum[i] = Momentum * momentum[i] + p[i];
                w[i] = (1 - Lr * Lambda) * (w[i] - Lr * (p[i] + Momentum * momentum[i]));
            }
        });
    }

    /// <summary>Y moves with Z, whose decay comes after the step.</summary>
    [Fact]
    public void IteratesAreAveraged()
    {
        double[]? z = null;
        Compare(nameof(SoapAveraged), new()
        {
            ["weight_decay"] = Lambda, ["peak_lr"] = PeakLr, ["train_interpolation"] = TrainInterpolation, ["evaluation_interpolation"] = EvaluationInterpolation,
        }, (y, p) =>
        {
            z ??= [.. y];
            for (int i = 0; i < y.Length; i++)
            {
                y[i] += (1 - (float)EvaluationInterpolation * (float)TrainInterpolation) * -Lr * p[i] + (1 - (float)EvaluationInterpolation) * (z[i] - y[i]);
                z[i] = (1 - Lr * Lambda * Lr / PeakLr) * (z[i] - Lr * p[i]);
            }
        });
    }

    /// <summary>Z decays after the step where its sign is not opposite to that of what it has moved by, here M.</summary>
    [Fact]
    public void IteratesDecayCautiously()
    {
        double[]? z = null;
        double[] momentum = new double[Count];
        int decayed = 0, kept = 0;
        Compare(nameof(SoapAveragedCautiously), new()
        {
            ["momentum"] = Momentum, ["weight_decay"] = Lambda, ["peak_lr"] = PeakLr, ["train_interpolation"] = TrainInterpolation, ["evaluation_interpolation"] = EvaluationInterpolation,
        }, (y, p) =>
        {
            z ??= [.. y];
            for (int i = 0; i < y.Length; i++)
            {
                momentum[i] = Momentum * momentum[i] + p[i];
                y[i] += (1 - (float)EvaluationInterpolation * (float)TrainInterpolation) * -Lr * momentum[i] + (1 - (float)EvaluationInterpolation) * (z[i] - y[i]);
                z[i] -= Lr * momentum[i];
                if (z[i] * momentum[i] < 0) kept++;
                else (z[i], decayed) = (z[i] * (1 - Lr * Lambda * Lr / PeakLr), decayed + 1);
            }
        });
        Assert.True(decayed > 100 && kept > 100, $"{decayed} and {kept} times");
    }

    /// <summary>Clipping and L2 decay change the gradient before SOAP sees it, the first one, too.</summary>
    [Fact]
    public void GradientsAreClippedAndDecayed()
    {
        using Model model = new(Shapes), twin = new(Shapes);
        using var optimizer = Declarations.Create(nameof(SoapClipped), model.Parameters, Lr, new Dictionary<string, double> { ["weight_decay"] = Lambda, ["max_gradient_norm"] = MaxNorm });
        using var alone = Declarations.Create(nameof(SoapAlone), twin.Parameters, Lr);
        for (int step = 0; step < 10; step++)
        {
            model.NewGradients();
            double norm = Math.Sqrt(model.Parameters.Sum(static p => Gradient(p.parameter).Sum(static g => g * g)));
            Assert.True(norm > MaxNorm);
            foreach ((Parameter own, Parameter other) in model.Parameters.Zip(twin.Parameters, static (a, b) => (a.parameter, b.parameter)))
            {
                double[] changed = [.. Gradient(own).Zip(Model.Values(own), (g, w) => g * MaxNorm / norm + Lambda * w)];
                using Tensor gradient = tensor(changed).reshape(own.shape);
                other.grad = gradient;
            }
            optimizer.step();
            alone.step();
            Rounding.AssertClose(twin.Values(), model.Values(), 1e-9);
        }
    }

    private static int Count => Shapes.Sum(static shape => (int)shape.Aggregate(1L, static (product, n) => product * n));

    /// <summary>An optimizer against what <paramref name="update"/> does to the parameters with each of SOAP's directions; the first gradient does nothing.</summary>
    private static void Compare(string name, Dictionary<string, double> numbers, Action<double[], double[]> update)
    {
        using Model model = new(Shapes), twin = new(Shapes);
        using var optimizer = Declarations.Create(name, model.Parameters, Lr, numbers);
        using var alone = Declarations.Create(nameof(SoapAlone), twin.Parameters, lr: 1);
        double[] expected = model.Values();
        for (int step = 0; step < 10; step++)
        {
            model.NewGradients();
            model.CopyGradientsTo(twin);
            double[] before = twin.Values();
            optimizer.step();
            alone.step();
            if (step > 0) update(expected, [.. before.Zip(twin.Values(), static (old, current) => old - current)]);
            Rounding.AssertClose(expected, model.Values(), 1e-9);
        }
    }

    private static double[] Gradient(Parameter parameter)
    {
        using Tensor? gradient = parameter.grad;
        return Model.Values(gradient!);
    }
}
