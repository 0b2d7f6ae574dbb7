namespace Digits;

/// <summary>What was measured at one moment of a training: the loss is the mean over the steps since the previous one.</summary>
internal sealed record Measurement(int Step, double Seconds, double Loss, double Accuracy);

/// <summary>One training from the first step to the last, as far as it has come.</summary>
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
