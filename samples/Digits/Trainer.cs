using System.Diagnostics;
using Shampoo.Runtime;

namespace Digits;

/// <summary>
/// Trains a few networks side by side, from different seeds, so that the mean over them says something about the optimizer
/// and little about luck. Whoever the contender is: the same initial weights, the same batches, the same schedule.
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
        var seeds = Enumerable.Range(settings.Seed, settings.Networks);
        Train(run, [.. seeds.Select(seed => Start(contender, seed))], report);
        return run;
    }

    /// <summary>A few steps whose result is thrown away, so that nobody pays for what .NET compiles and torch loads first.</summary>
    public void WarmUp(Contender contender)
    {
        using var pupil = Start(contender, settings.Seed);
        for (var step = 0; step < Math.Min(steps, WarmUpSteps); step++)
            pupil.Step();
        pupil.Accuracy(test);
    }

    private void Train(TrainingRun run, Pupil[] pupils, Action<TrainingRun> report)
    {
        var watch = new Stopwatch();
        var losses = new List<double>();
        for (var step = 1; step <= steps; step++)
        {
            watch.Start();
            losses.AddRange(pupils.Select(pupil => pupil.Step()));
            watch.Stop();
            if (step % StepsBetweenTests != 0 && step != steps)
                continue;
            var seconds = watch.Elapsed.TotalSeconds / pupils.Length;
            run.Add(new Measurement(step, seconds, losses.Average(), pupils.Average(pupil => pupil.Accuracy(test))));
            losses.Clear();
            report(run);
        }
        Array.ForEach(pupils, pupil => pupil.Dispose());
    }

    private Pupil Start(Contender contender, int seed) => ProcessGroup.World.Size > 1
        ? new PupilOnRanks(contender, seed, training, settings.BatchSize, steps)
        : new Pupil(contender, seed, training, settings.BatchSize, steps);
}
