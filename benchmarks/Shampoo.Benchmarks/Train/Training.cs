using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace Shampoo.Benchmarks.Train;

/// <summary>One training: the weights and the batches depend on the seed alone.</summary>
internal static class Training
{
    private const int WarmUp = 50;
    private const double LastRate = 0.1;

    public static IReadOnlyList<Measurement> Run(ITask task, Contender contender, double learningRate, int seed, int steps)
    {
        random.manual_seed(seed);
        var batches = new Random(seed);
        using var network = task.CreateNetwork();
        using var optimizer = contender.Create(network.named_parameters(), learningRate);
        var schedule = lr_scheduler.LambdaLR(optimizer, step => Rate(step, steps));
        var measurements = new List<Measurement>();
        TimeSpan training = default, optimizing = default;
        for (var step = 1; step <= steps; step++)
        {
            using var scope = NewDisposeScope();
            var (input, target) = task.Batch(batches);
            var start = Stopwatch.GetTimestamp();
            optimizer.zero_grad();
            nn.functional.cross_entropy(network.call(input), target).backward();
            var gradients = Stopwatch.GetTimestamp();
            optimizer.step();
            optimizing += Stopwatch.GetElapsedTime(gradients);
            training += Stopwatch.GetElapsedTime(start);
            schedule.step();
            if (step % task.MeasureEvery == 0 || step == steps)
                measurements.Add(new(step, Validate(task, network), training.TotalSeconds, optimizing.TotalSeconds));
        }
        return measurements;
    }

    // Up in a straight line, down along a cosine.
    private static double Rate(int step, int steps) => step < WarmUp
        ? (step + 1.0) / WarmUp
        : LastRate + (1 - LastRate) * 0.5 * (1 + Math.Cos(Math.PI * (step - WarmUp) / Math.Max(1, steps - WarmUp)));

    private static double Validate(ITask task, nn.Module<Tensor, Tensor> network)
    {
        using var noGrad = no_grad();
        network.eval();
        var (sum, count) = (0.0, 0);
        using var batches = task.Validation().GetEnumerator();
        while (true)
        {
            using var scope = NewDisposeScope();
            if (!batches.MoveNext())
                break;
            sum += nn.functional.cross_entropy(network.call(batches.Current.Input), batches.Current.Target).ToDouble();
            count++;
        }
        network.train();
        return sum / count;
    }
}
