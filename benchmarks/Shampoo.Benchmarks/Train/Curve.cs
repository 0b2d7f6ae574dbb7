using Shampoo.Benchmarks.Reporting;

namespace Shampoo.Benchmarks.Train;

/// <summary>The validation loss after a step, and the seconds spent on training and, of these, in the optimizer.</summary>
internal readonly record struct Measurement(int Step, double Loss, double Seconds, double OptimizerSeconds);

/// <summary>One optimizer with one learning rate: the mean over all seeds.</summary>
internal sealed record Curve(Contender Contender, double LearningRate, IReadOnlyList<Measurement> Measurements)
{
    public double Best => Measurements.Min(measurement => measurement.Loss);

    public Measurement Last => Measurements[^1];

    /// <summary>The first measurement that is as good as that, if there is one.</summary>
    public Measurement? First(double loss) => Measurements.Where(measurement => measurement.Loss <= loss).Cast<Measurement?>().FirstOrDefault();

    /// <summary>The mean of runs that were measured after the same steps. Of times it is the median.</summary>
    public static Curve Mean(Contender contender, double learningRate, IReadOnlyList<IReadOnlyList<Measurement>> runs) => new(
        contender, learningRate,
        [
            .. Enumerable.Range(0, runs[0].Count).Select(i => new Measurement(
                runs[0][i].Step, runs.Average(run => run[i].Loss), Rounds.Median(runs.Select(run => run[i].Seconds)), Rounds.Median(runs.Select(run => run[i].OptimizerSeconds)))),
        ]);
}
