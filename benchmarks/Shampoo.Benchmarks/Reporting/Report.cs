using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace Shampoo.Benchmarks.Reporting;

/// <summary>One measured figure, and the bound that it has to keep, if there is one.</summary>
internal sealed record Figure(string Name, double Value, string Unit, Bound? Bound = null)
{
    public bool Holds => Bound?.Holds(Value) ?? true;

    public string Text => Unit == "" ? Number(Value) : $"{Number(Value)} {Unit}";

    /// <summary>A number for people.</summary>
    public static string Number(double value) => Math.Abs(value) is > 0 and < 1e-3 ? $"{value:0.0e+0}" : $"{value:0.###}";
}

/// <summary>A bound from above or from below.</summary>
internal sealed record Bound(double Value, bool FromAbove)
{
    public static Bound AtMost(double value) => new(value, FromAbove: true);

    public static Bound AtLeast(double value) => new(value, FromAbove: false);

    public bool Holds(double value) => FromAbove ? value <= Value : value >= Value;

    public override string ToString() => $"{(FromAbove ? "≤" : "≥")} {Figure.Number(Value)}";
}

/// <summary>A table for people, and JSON for machines.</summary>
internal sealed record Report(string Benchmark, string Machine, string Date, IReadOnlyList<Figure> Figures)
{
    public static Report Of(string benchmark, IReadOnlyList<Figure> figures) =>
        new(benchmark, $"{Processor()}, {Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}", $"{DateTime.UtcNow:yyyy-MM-dd}", figures);

    /// <summary>Prints the figures and writes them to a file, if one is named.</summary>
    /// <param name="json">The file.</param>
    /// <param name="isListed">Whether the figures are printed; they are in tables already otherwise.</param>
    /// <returns>The exit status: 1 if a figure does not keep its bound.</returns>
    public int Finish(FileInfo? json, bool isListed = true)
    {
        if (isListed)
            Print();
        if (json is not null)
            File.WriteAllText(json.FullName, JsonSerializer.Serialize(this, ReportJson.Default.Report) + "\n");
        foreach (var figure in Figures.Where(figure => !figure.Holds))
            Console.Error.WriteLine($"{figure.Name}: {figure.Text}, but has to be {figure.Bound}.");
        return Figures.All(figure => figure.Holds) ? 0 : 1;
    }

    private void Print()
    {
        var table = new Table().RoundedBorder().Title(Benchmark.EscapeMarkup()).Caption(Machine.EscapeMarkup());
        table.AddColumns(new TableColumn(""), new TableColumn("Measured").RightAligned(), new TableColumn("To keep").RightAligned());
        foreach (var figure in Figures)
            table.AddRow(figure.Name.EscapeMarkup(), figure.Holds ? figure.Text : $"[red]{figure.Text}[/]", figure.Bound?.ToString() ?? "");
        AnsiConsole.Write(table);
    }

    private static string Processor()
    {
        const string Information = "/proc/cpuinfo";
        return File.Exists(Information) && File.ReadLines(Information).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal)) is { } line
            ? line[(line.IndexOf(':') + 1)..].Trim()
            : RuntimeInformation.ProcessArchitecture.ToString();
    }
}

/// <summary>Serialisation without reflection, for programs that are compiled ahead of time.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(Report))]
internal sealed partial class ReportJson : JsonSerializerContext;
