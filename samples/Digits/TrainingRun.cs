namespace Digits;

/// <summary>What was measured after a step, mean over the networks. The loss is also the mean over the steps since the previous measurement.</summary>
internal sealed record Measurement(int Step, double Seconds, double Loss, double Accuracy);

/// <summary>The training with one optimizer, as far as it has come.</summary>
internal sealed class TrainingRun(Contender contender, int steps)
{
    private readonly List<Measurement> measurements = [];

    public Contender Contender { get; } = contender;

    public int Steps { get; } = steps;

    public IReadOnlyList<Measurement> Measurements => measurements;

    public Measurement Latest => measurements[^1];

    /// <summary>Share of the test images that are recognised.</summary>
    public double Accuracy => Latest.Accuracy;

    public double MillisecondsPerStep => 1000 * Latest.Seconds / Latest.Step;

    /// <summary>The first measurement with at least this accuracy, if there is one.</summary>
    public Measurement? First(double accuracy) => measurements.Find(measurement => measurement.Accuracy >= accuracy);

    public void Add(Measurement measurement) => measurements.Add(measurement);
}
