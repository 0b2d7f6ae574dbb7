using Spectre.Console;

namespace Digits;

/// <summary>The table at the end.</summary>
internal static class Report
{
    public static void Print(IAnsiConsole console, IReadOnlyList<TrainingRun> runs)
    {
        var table = new Table().Border(TableBorder.Rounded)
            .AddColumn("Optimizer")
            .AddColumn(new TableColumn("Test accuracy").RightAligned())
            .AddColumn(new TableColumn($"Steps to {Settings.TargetAccuracy:0 %}").RightAligned())
            .AddColumn(new TableColumn($"Seconds to {Settings.TargetAccuracy:0 %}").RightAligned())
            .AddColumn(new TableColumn("Time per step").RightAligned());
        foreach (var run in runs)
            table.AddRow(Row(run));
        console.Write(table);
    }

    private static string[] Row(TrainingRun run)
    {
        var first = run.First(Settings.TargetAccuracy);
        return
        [
            run.Contender.Name,
            $"{run.Accuracy:0.0 %}",
            first is null ? "never" : $"{first.Step}",
            first is null ? "never" : $"{first.Seconds:0.00}",
            $"{run.MillisecondsPerStep:0.00} ms",
        ];
    }
}
