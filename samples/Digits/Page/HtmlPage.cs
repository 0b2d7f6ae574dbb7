using System.Net;
using System.Reflection;
using System.Text;

namespace Digits.Page;

/// <summary>The page with the curves: one file that needs nothing else.</summary>
internal static class HtmlPage
{
    /// <summary>Asked before the training, so that its result is not lost. Creates the folder.</summary>
    public static string? WhyNotWritable(FileInfo file)
    {
        try
        {
            file.Directory?.Create();
            file.Open(FileMode.OpenOrCreate, FileAccess.Write).Dispose();
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return exception.Message;
        }
    }

    public static void Write(FileInfo file, IReadOnlyList<TrainingRun> runs, Settings settings) =>
        File.WriteAllText(file.FullName, Compose(runs, settings));

    private static string Compose(IReadOnlyList<TrainingRun> runs, Settings settings) =>
        new StringBuilder(Template())
            .Replace("{{setup}}", WebUtility.HtmlEncode(Setup(settings)))
            .Replace("{{cards}}", string.Concat(runs.Select(Card)))
            .Replace("{{charts}}", string.Concat(Charts(runs).Select(chart => chart.ToHtml())))
            .Replace("{{rows}}", string.Concat(Rows(runs)))
            .ToString();

    private static LineChart[] Charts(IReadOnlyList<TrainingRun> runs) =>
    [
        AccuracyChart("Test accuracy by step", runs, ByStep),
        LossChart("Training loss by step", runs, ByStep),
        AccuracyChart("Test accuracy by second", runs, BySecond),
        LossChart("Training loss by second", runs, BySecond),
    ];

    private static string Template()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("Page.html")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static string Setup(Settings settings) =>
        $"{settings.Epochs} epochs, {settings.BatchSize} images a step, mean over {settings.Networks} networks each. " +
        "Same initial weights, same batches, same schedule.";

    private static string Card(TrainingRun run, int index)
    {
        var reached = run.First(Settings.TargetAccuracy) is { } first
            ? $"{Settings.TargetAccuracy:0 %} after <b>{first.Step} steps</b>, {first.Seconds:0.00} s"
            : $"{Settings.TargetAccuracy:0 %} never reached";
        return $"""
            <section class="card {Class(index)}">
              <h2>{run.Contender.Name}</h2>
              <p class="figure">{run.Accuracy:0.0 %}</p>
              <p>of the test images recognised</p>
              <p>{reached}</p>
              <p>{run.MillisecondsPerStep:0.00} ms a step, learning rate {run.Contender.LearningRate}</p>
            </section>
            """;
    }

    private static LineChart AccuracyChart(string title, IReadOnlyList<TrainingRun> runs, Func<Measurement, double> across)
    {
        var lowest = Math.Min(0.8, Math.Floor(10 * runs.Min(run => run.Accuracy)) / 10 - 0.1);
        var y = new Axis(Math.Max(lowest, 0), 1, value => $"{value:0 %}");
        return new LineChart(title, Across(runs, across), y, Lines(runs, across, m => m.Accuracy, m => $"{m.Accuracy:0.0 %}"), Settings.TargetAccuracy);
    }

    private static LineChart LossChart(string title, IReadOnlyList<TrainingRun> runs, Func<Measurement, double> across)
    {
        var y = Axis.PowersOfTen(runs.SelectMany(run => run.Measurements).Select(m => m.Loss), value => $"{value:0.######}");
        return new LineChart(title, Across(runs, across), y, Lines(runs, across, m => m.Loss, m => $"{m.Loss:0.0000}"));
    }

    private static Axis Across(IReadOnlyList<TrainingRun> runs, Func<Measurement, double> across) =>
        Axis.FromZero(across == ByStep ? "steps" : "seconds of training", runs.Select(run => across(run.Latest)), value => $"{value:0.##}");

    private static Line[] Lines(
        IReadOnlyList<TrainingRun> runs, Func<Measurement, double> across, Func<Measurement, double> up, Func<Measurement, string> write) =>
        [.. runs.Select((run, index) => new Line(run.Contender.Name, Class(index),
            [.. run.Measurements.Select(m => new Point(across(m), up(m), $"{write(m)} · step {m.Step}, {m.Seconds:0.00} s"))]))];

    private static IEnumerable<string> Rows(IReadOnlyList<TrainingRun> runs) =>
        from run in runs
        from m in run.Measurements
        select $"<tr><td>{run.Contender.Name}<td>{m.Step}<td>{m.Seconds:0.000}<td>{m.Loss:0.00000}<td>{m.Accuracy:0.0 %}\n";

    private static readonly Func<Measurement, double> ByStep = measurement => measurement.Step;

    private static readonly Func<Measurement, double> BySecond = measurement => measurement.Seconds;

    private static string Class(int index) => index == 0 ? "first" : "second";
}
