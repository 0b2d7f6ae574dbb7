using System.Collections.Concurrent;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Digits.Progress;

/// <summary>A bar for each contender, with its loss and accuracy beside it.</summary>
internal sealed class LiveProgress(IAnsiConsole console) : IProgressDisplay
{
    // By number of the bar. The bars are drawn by another thread: measurements never change, runs do.
    private readonly ConcurrentDictionary<int, Measurement> latest = [];

    public IReadOnlyList<TrainingRun> Watch(IReadOnlyList<Contender> contenders, Training train) =>
        console.Progress()
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn { Width = 30 },
                Column(measurement => $"step {measurement.Step,4}"),
                Column(measurement => $"loss {measurement.Loss:0.0000}"),
                Column(measurement => $"accuracy {measurement.Accuracy:0.0 %}"),
                new ElapsedTimeColumn())
            .Start(bars =>
            {
                var tasks = contenders.Select(contender => bars.AddTask(contender.Name, autoStart: false)).ToArray();
                return contenders.Zip(tasks, (contender, task) => Watch(contender, task, train)).ToArray();
            });

    private TrainingRun Watch(Contender contender, ProgressTask task, Training train)
    {
        task.StartTask();
        return train(contender, run =>
        {
            latest[task.Id] = run.Latest;
            task.MaxValue(run.Steps).Value(run.Latest.Step);
        });
    }

    private MeasurementColumn Column(Func<Measurement, string> text) => new(latest, text);

    /// <summary>Something about the latest measurement, once there is one.</summary>
    private sealed class MeasurementColumn(ConcurrentDictionary<int, Measurement> latest, Func<Measurement, string> text) : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(latest.TryGetValue(task.Id, out var measurement) ? text(measurement) : "");
    }
}
