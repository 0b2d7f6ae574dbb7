using Shampoo.Runtime;
using static TorchSharp.torch;

namespace Shampoo.Tests.Updates;

/// <summary>Averages of iterates, and the two points that parameters can hold.</summary>
public sealed class AveragingTests
{
    private static readonly long[][] Shapes = [[6, 5], [7], [2, 3, 4], []];

    /// <summary>With gradients at the average (μ_y = 1) and a learning rate greater by 1/(1 − m), averaging is classic momentum.</summary>
    [Fact]
    public void IsMomentumWhereGradientsAreTakenAtTheAverage()
    {
        using Model one = new(Shapes), other = new(Shapes);
        using var averaged = new AveragedDescent(one.Parameters, lr: 0.01 / 0.125);
        using var momentum = new MomentumDescent(other.Parameters, lr: 0.01);
        for (int step = 0; step < 12; step++)
        {
            one.NewGradients();
            other.NewGradients();
            averaged.step();
            momentum.step();
            Rounding.AssertClose(other.Values(), one.Values(), 64 * Rounding.Unit(ScalarType.Float64));
        }
    }

    /// <summary>Z, X and Y = (1 − μ_y)Z + μ_yX, each by its own definition (Defazio et al. 2024, equations 3 to 5); weights as numbers of float32.</summary>
    [Fact]
    public void IsScheduleFreeLearning()
    {
        using var model = new Model([[6, 5]]);
        using var optimizer = new ScheduleFreeAdam(model.Parameters);
        double[] z = model.Values(), x = model.Values(), v = new double[z.Length];
        float sum = 0;
        for (int t = 1; t <= 10; t++)
        {
            double lr = t <= 3 ? 0 : 0.01 * t;
            foreach (var group in optimizer.ParamGroups) group.LearningRate = lr;
            model.NewGradients();
            double[] g = Model.Values(model[0].grad!);
            optimizer.step();
            sum += (float)(lr * lr);
            double share = sum == 0 ? 0 : 1f - (1f - (float)(lr * lr) / sum);
            for (int i = 0; i < z.Length; i++)
            {
                v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
                z[i] -= lr * g[i] / (Math.Sqrt(v[i] / (1 - Math.Pow(0.999, t))) + 1e-8);
                x[i] = (1 - share) * x[i] + share * z[i];
            }
            double[] y = [.. z.Zip(x, static (a, b) => 0.25 * a + 0.75 * b)];
            // Y moves by what X and Z move: the rounded weights differ from these by a unit of float32.
            Rounding.AssertClose(y, model.Values(), t * 4 * Rounding.Unit(ScalarType.Float32) * 0.1);
            Assert.All(model.Values(), static value => Assert.True(double.IsFinite(value)));
        }
        optimizer.eval();
        Rounding.AssertClose(x, model.Values(), 40 * Rounding.Unit(ScalarType.Float32) * 0.2);
    }

    /// <summary>
    /// Weights, their sum and their shares are rounded to float32, which shows in float64: with lr = 0.1 the sum of the weights differs from
    /// one in float64 by the third step.
    /// </summary>
    [Fact]
    public void WeightsAreNumbersOfFloat32()
    {
        const float Mu = 0.75f;
        using var model = new Model([[6, 5]]);
        using var optimizer = new ScheduleFreeAdam(model.Parameters, lr: 0.1);
        double[] z = model.Values(), y = model.Values(), v = new double[z.Length];
        float weight = (float)(0.1 * 0.1), sum = 0;
        for (int t = 1; t <= 12; t++)
        {
            model.NewGradients();
            double[] g = Model.Values(model[0].grad!);
            optimizer.step();
            sum += weight;
            float average = 1f - weight / sum, newWeight = 1f - average, iterate = 1f - average * Mu;
            for (int i = 0; i < z.Length; i++)
            {
                v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
                double change = -0.1 * g[i] / (Math.Sqrt(v[i] / (1 - Math.Pow(0.999, t))) + 1e-8);
                (y[i], z[i]) = (y[i] + iterate * change + newWeight * (z[i] - y[i]), z[i] + change);
            }
            Rounding.AssertClose(y, model.Values(), 64 * Rounding.Unit(ScalarType.Float64));
        }
        Assert.NotEqual((float)(12 * (double)weight), sum);
    }

    [Fact]
    public void DecaysTheIterate()
    {
        using var model = new Model([[4]]);
        using var optimizer = new AveragedWithDecay(model.Parameters, lr: 0.1);
        double[] z = model.Values(), y = model.Values();
        for (int t = 1; t <= 5; t++)
        {
            model.NewGradients();
            double[] g = Model.Values(model[0].grad!);
            optimizer.step();
            for (int i = 0; i < z.Length; i++)
            {
                z[i] *= 1 - 0.1 * 0.25;
                double direction = -0.1 * g[i], difference = z[i] - y[i];
                z[i] += direction;
                y[i] += (1 - 0.5 * 0.75) * direction + 0.5 * difference;
            }
            Rounding.AssertClose(y, model.Values(), 16 * Rounding.Unit(ScalarType.Float64));
        }
    }

    [Fact]
    public void ThereAndBackIsWhereItWas()
    {
        using var model = new Model(Shapes);
        using var optimizer = new ScheduleFreeAdam(model.Parameters, lr: 0.1);
        Train(model, optimizer, steps: 4);
        double[] before = model.Values();
        optimizer.train();
        Assert.Equal(before, model.Values());
        optimizer.eval();
        double[] average = model.Values();
        Assert.NotEqual(before, average);
        optimizer.eval();
        Assert.Equal(average, model.Values());
        optimizer.train();
        Rounding.AssertClose(before, model.Values(), 8 * Rounding.Unit(ScalarType.Float64));
    }

    /// <summary>The average does not fit 16 bits, so the point where gradients are taken cannot be computed from it: it comes back as it was.</summary>
    [Theory, InlineData(ScalarType.BFloat16), InlineData(ScalarType.Float16)]
    public void ThereAndBackOfSixteenBitsIsWhereItWas(ScalarType dtype)
    {
        const double Mu = 0.75;
        using var model = new Model([[6, 5], [7], [9, 4]], dtype);
        using var optimizer = new ScheduleFreeAdam(model.Parameters, lr: 0.1);
        bool isLost = false;
        for (int round = 0; round < 3; round++)
        {
            Train(model, optimizer, steps: 4);
            double[] before = model.Values(), z = Iterates(optimizer, model);
            double[] x = [.. before.Zip(z, static (y, z) => (float)y + (float)(1 - 1 / Mu) * ((float)z - (float)y))];
            optimizer.eval();
            double[] average = model.Values();
            Assert.Equal(Rounding.Round(x, dtype), average);
            isLost |= !before.SequenceEqual(Rounding.Round([.. average.Zip(z, static (x, z) => x + (1 - Mu) * (z - x))], dtype));
            optimizer.train();
            Assert.Equal(before, model.Values());
            optimizer.train();
            Assert.Equal(before, model.Values());
        }
        Assert.True(isLost, "what is tested here does not happen");
    }

    /// <summary>Z of all parameters, of which each is one block.</summary>
    private static double[] Iterates(ScheduleFreeAdam optimizer, Model model)
    {
        Bucket[] buckets = Dialects.DialectRun.Buckets(optimizer);
        return [.. model.Parameters.SelectMany(p =>
        {
            Bucket bucket = buckets.Single(b => b.Members.Any(m => m.Parameter.Name == p.name));
            using Tensor z = bucket.Arrays.Single(static a => a.Name == "weight_buffer").Tensor.select(0, Array.FindIndex(bucket.Members, m => m.Parameter.Name == p.name));
            Assert.Equal(ScalarType.Float32, z.dtype);
            return Model.Values(z);
        })];
    }

    [Fact]
    public void AverageOfNothingIsTheBeginning()
    {
        using var model = new Model(Shapes);
        double[] before = model.Values();
        using var optimizer = new ScheduleFreeAdam(model.Parameters, lr: 0.1);
        optimizer.eval();
        Assert.Equal(before, model.Values());
    }

    [Fact]
    public void StepNeedsTrainingMode()
    {
        using var model = new Model(Shapes);
        using var optimizer = new ScheduleFreeAdam(model.Parameters, lr: 0.1);
        Train(model, optimizer, steps: 2);
        optimizer.eval();
        double[] average = model.Values();
        model.NewGradients();
        var error = Assert.Throws<InvalidOperationException>(() => optimizer.step());
        Assert.Contains("train()", error.Message, StringComparison.Ordinal);
        Assert.Equal(average, model.Values());
        optimizer.train();
        optimizer.step();
    }

    [Theory]
    [InlineData(false, ScalarType.Float64), InlineData(true, ScalarType.Float64)]
    [InlineData(false, ScalarType.BFloat16), InlineData(true, ScalarType.BFloat16)]
    public void GoesOnFromACheckpoint(bool evaluating, ScalarType dtype)
    {
        using Model model = new(Shapes, dtype), copy = new(Shapes, dtype);
        using var optimizer = new ScheduleFreeAdam(model.Parameters, lr: 0.1);
        Train(model, optimizer, steps: 4);
        if (evaluating) optimizer.eval();
        using var loaded = new ScheduleFreeAdam(copy.Parameters, lr: 0.1);
        using (var stream = new MemoryStream())
        {
            using var writer = new BinaryWriter(stream);
            optimizer.save_state_dict(writer);
            stream.Position = 0;
            using var reader = new BinaryReader(stream);
            loaded.load_state_dict(reader);
        }
        using (no_grad())
            foreach (var (source, target) in model.Parameters.Zip(copy.Parameters))
                target.parameter.copy_(source.parameter);
        if (evaluating)
        {
            Assert.Throws<InvalidOperationException>(() => loaded.step());
            optimizer.train();
            loaded.train();
        }
        for (int step = 0; step < 3; step++)
        {
            model.NewGradients();
            foreach (var (source, target) in model.Parameters.Zip(copy.Parameters))
                target.parameter.grad = source.parameter.grad;
            optimizer.step();
            loaded.step();
            Assert.Equal(model.Values(), copy.Values());
        }
    }

    private static void Train(Model model, optim.Optimizer optimizer, int steps)
    {
        for (int step = 0; step < steps; step++)
        {
            model.NewGradients();
            optimizer.step();
        }
    }
}
