using System.CommandLine;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Shampoo.Benchmarks.Reporting;
using static Shampoo.Benchmarks.Reporting.Bound;

namespace Shampoo.Benchmarks.Generator;

/// <summary><c>generator</c>: how long the generator takes.</summary>
internal static class GeneratorCommand
{
    private const int Rounds = 11;

    public static Command Create()
    {
        var json = new Option<FileInfo?>("--json") { Description = "A file for the figures." };
        var command = new Command("generator", "The generator's first run, edits, and many classes.") { json };
        command.SetAction(result => Report.Of("generator", [.. Figures()]).Finish(result.GetValue(json)));
        return command;
    }

    private static IEnumerable<Figure> Figures()
    {
        var number = 1000; // classes that the generator has not seen
        var times = Reporting.Rounds.Time(Rounds,
            () => Run(Project.Of(1, number++)),
            () => Run(Project.Of(50, number += 50)),
            () => Run(Project.Of(200, number += 200)));
        yield return new("First run for one class", Reporting.Rounds.Median(times[0]), "ms", AtMost(100));
        yield return new("50 classes", Reporting.Rounds.Median(times[1]), "ms");
        yield return new("200 classes", Reporting.Rounds.Median(times[2]), "ms");
        yield return new("200 classes / 50 classes", Reporting.Rounds.Ratio(times[2], times[1]), "", AtMost(6));

        var compilation = Project.Of(50);
        var driver = Run(compilation);
        var edits = Reporting.Rounds.Time(Rounds, () => driver = driver.RunGenerators(compilation = Project.Edited(compilation, number++)));
        yield return new("An edit elsewhere, 50 classes", Reporting.Rounds.Median(edits[0]), "ms");
        yield return new("Classes emitted again by it", Emitted(driver), "", AtMost(0));
    }

    private static GeneratorDriver Run(CSharpCompilation compilation) => Project.Driver().RunGenerators(compilation);

    private static int Emitted(GeneratorDriver driver) => driver.GetRunResult().Results.Single().TrackedOutputSteps
        .SelectMany(output => output.Value).SelectMany(step => step.Outputs)
        .Count(output => output.Reason is not (IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged));
}
