using System.Net;
using Digits.Page;

namespace Shampoo.Benchmarks.Train;

/// <summary>The curves, in one file that needs nothing else.</summary>
internal static class CurvesPage
{
    private static readonly string[] s_colours = ["#626b7a", "#0b6bcb", "#c2570c", "#2a8a4a", "#8b3fc0"];

    public static void Write(FileInfo file, IEnumerable<Comparison> comparisons)
    {
        file.Directory?.Create();
        File.WriteAllText(file.FullName, $$"""
            <!doctype html>
            <html lang="en">
            <meta charset="utf-8">
            <title>Shampoo and AdamW</title>
            <style>
              body { margin: 2rem auto; max-width: 76rem; padding: 0 1rem; font: 15px/1.5 system-ui, sans-serif; color: #1b1f27; }
              .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(30rem, 100%), 1fr)); gap: 1rem; }
              figure { margin: 0; padding: 1rem; border: 1px solid #e5e8ed; border-radius: .75rem; }
              figcaption { font-weight: 600; }
              .legend { font-weight: 400; }
              .legend i { display: inline-block; width: 1.1rem; height: .2rem; margin: 0 .35rem .2rem .9rem; background: var(--colour); }
              .reading { display: none; }
              svg text { fill: #626b7a; font-size: 12px; }
              .grid { stroke: #e5e8ed; } .tick { stroke: #626b7a; } .target { stroke: #626b7a; stroke-dasharray: 2 4; }
              .line { fill: none; stroke: var(--colour); stroke-width: 2; }
              {{string.Concat(s_colours.Select((colour, i) => $".c{i} {{ --colour: {colour}; }} "))}}
            </style>
            <h1>How far they come</h1>
            <p>Validation loss, mean over the seeds, each optimizer at its best learning rate. The dotted line is the best that AdamW reaches.</p>
            {{string.Concat(comparisons.Select(Section))}}
            """);
    }

    private static string Section(Comparison comparison) => $"""
        <h2>{WebUtility.HtmlEncode(comparison.Task.Name)}</h2>
        <div class="charts">
        {Chart(comparison, "by step", static measurement => measurement.Step)}
        {Chart(comparison, "by second of training", static measurement => measurement.Seconds)}
        </div>
        """;

    private static string Chart(Comparison comparison, string across, Func<Measurement, double> position)
    {
        var curves = comparison.BestCurves;
        var x = Axis.FromZero(across, curves.Select(curve => position(curve.Last)), value => $"{value:0.##}");
        var lowest = curves.Min(curve => curve.Best);
        var y = new Axis(lowest - 0.05 * lowest, 2 * comparison.AdamW.Best, value => $"{value:0.00}");
        Line[] lines =
        [
            .. curves.Select((curve, i) => new Line($"{curve.Contender.Name}, lr {curve.LearningRate:g3}", $"c{i % s_colours.Length}",
                [.. curve.Measurements.Select(m => new Point(position(m), m.Loss, $"{m.Loss:0.0000} · step {m.Step}, {m.Seconds:0.0} s"))])),
        ];
        return new LineChart($"Validation loss {across}", x, y, lines, comparison.AdamW.Best).ToHtml();
    }
}
