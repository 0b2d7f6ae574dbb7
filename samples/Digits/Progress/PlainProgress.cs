namespace Digits.Progress;

/// <summary>One line per epoch.</summary>
internal sealed class PlainProgress(TextWriter output, int epochs) : IProgressDisplay
{
    public IReadOnlyList<TrainingRun> Watch(IReadOnlyList<Contender> contenders, Training train) =>
        [.. contenders.Select(contender => Watch(contender, train))];

    private TrainingRun Watch(Contender contender, Training train)
    {
        var written = 0;
        return train(contender, run =>
        {
            var epoch = run.Latest.Step * epochs / run.Steps;
            if (epoch == written)
                return;
            written = epoch;
            output.WriteLine(Line(run, epoch));
        });
    }

    private string Line(TrainingRun run, int epoch) =>
        $"{run.Contender.Name,-8} epoch {epoch,2} of {epochs}   loss {run.Latest.Loss:0.0000}   accuracy {run.Accuracy:0.0 %}";
}
