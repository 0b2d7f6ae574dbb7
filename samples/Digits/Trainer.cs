using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace Digits;

/// <summary>
/// Trains one network with one optimizer. Whoever the contender is: the same initial weights, the same batches in the same
/// order, and the same schedule (half a cosine from the contender's learning rate down to zero).
/// </summary>
internal sealed class Trainer(DigitImages training, DigitImages test, Settings settings)
{
    // Tests are left out of the time that is measured.
    private const int StepsBetweenTests = 5;
    private const int WarmUpSteps = 25;

    private readonly int steps = settings.Epochs * (training.Count / settings.BatchSize);

    /// <summary>Trains and reports every measurement as it is made.</summary>
    public TrainingRun Train(Contender contender, Action<TrainingRun> report)
    {
        var run = new TrainingRun(contender, steps);
        Train(run, steps, report);
        return run;
    }

    /// <summary>A few steps whose result is thrown away, so that nobody pays for what .NET compiles and torch loads first.</summary>
    public void WarmUp(Contender contender) =>
        Train(new TrainingRun(contender, steps), Math.Min(WarmUpSteps, steps), report: _ => { });

    private void Train(TrainingRun run, int until, Action<TrainingRun> report)
    {
        manual_seed(settings.Seed);
        using var network = new Network();
        using var optimizer = run.Contender.Create(network.named_parameters(), run.Contender.LearningRate);
        var schedule = lr_scheduler.CosineAnnealingLR(optimizer, T_max: steps);
        var watch = new Stopwatch();
        var losses = new List<double>();

        foreach (var (step, batch) in Batches().Take(until).Index())
        {
            watch.Start();
            losses.Add(Step(network, optimizer, batch));
            schedule.step();
            watch.Stop();
            if ((step + 1) % StepsBetweenTests != 0 && step + 1 != until)
                continue;
            run.Add(new Measurement(step + 1, watch.Elapsed.TotalSeconds, losses.Average(), Test(network)));
            losses.Clear();
            report(run);
        }
    }

    private IEnumerable<Batch> Batches()
    {
        var random = new Random(settings.Seed);
        return Enumerable.Range(0, settings.Epochs).SelectMany(_ => training.Batches(settings.BatchSize, random));
    }

    private static double Step(Network network, Optimizer optimizer, Batch batch)
    {
        using var scope = NewDisposeScope();
        using var images = batch.Images;
        using var labels = batch.Labels;
        var loss = nn.functional.cross_entropy(network.call(images), labels);
        optimizer.zero_grad();
        loss.backward();
        optimizer.step();
        return loss.item<float>();
    }

    private double Test(Network network)
    {
        using var scope = NewDisposeScope();
        using var gradients = no_grad();
        var correct = network.call(test.Images).argmax(1).eq(test.Labels).sum();
        return (double)correct.item<long>() / test.Count;
    }
}
