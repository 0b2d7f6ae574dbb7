using Spectre.Console;

namespace Shampoo.Benchmarks.Step;

/// <summary>What was measured of a model, for people: the candidates, and below them what no step can do without.</summary>
internal static class StepTable
{
    /// <param name="title">What was measured, and where.</param>
    /// <param name="elements">The number of parameters.</param>
    /// <param name="candidates">The optimizers.</param>
    /// <param name="products">Milliseconds of the products alone.</param>
    /// <param name="eigendecompositions">The same of the eigendecompositions; NaN if that is not known.</param>
    /// <param name="pass">The same of a pass over the state.</param>
    public static void Print(string title, long elements, IEnumerable<StepCandidate> candidates, double products, double eigendecompositions, double pass)
    {
        var table = new Table().RoundedBorder().Title($"{title}: {elements / 1e6:0.0} million parameters".EscapeMarkup());
        table.AddColumn("");
        foreach (var column in new[] { "plain step", "refresh step", "mean", "slowest", "state per parameter", "allocated" })
            table.AddColumn(new TableColumn(column).RightAligned());
        foreach (var candidate in candidates)
        {
            table.AddRow(
                candidate.Name, Milliseconds(candidate.Plain), Milliseconds(candidate.Refresh), Milliseconds(candidate.Mean), Milliseconds(candidate.Slowest),
                $"{(double)candidate.StateBytes / elements:0.0} B", $"{candidate.Allocation:0} B");
        }
        table.AddEmptyRow();
        table.AddRow("products alone", Milliseconds(products), Milliseconds(products));
        table.AddRow("eigendecompositions alone", "", Milliseconds(eigendecompositions));
        table.AddRow("a pass over the state", Milliseconds(pass), Milliseconds(pass));
        AnsiConsole.Write(table);
    }

    private static string Milliseconds(double value) => double.IsNaN(value) ? "–" : value < 10 ? $"{value:0.00} ms" : $"{value:0} ms";
}
