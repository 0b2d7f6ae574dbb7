using System.CommandLine;
using Shampoo.Benchmarks.Reporting;
using Spectre.Console;
using static Shampoo.Benchmarks.Reporting.Bound;

namespace Shampoo.Benchmarks.Train;

/// <summary><c>train</c>: how many steps and seconds it takes to get as far as AdamW gets.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var text = new Option<FileInfo?>("--text") { Description = "A text, whose characters a small GPT learns." };
        var mnist = new Option<DirectoryInfo?>("--mnist") { Description = "The folder with the four files of MNIST." };
        var steps = new Option<int>("--steps") { Description = "Steps of each training.", DefaultValueFactory = _ => 600 };
        var seeds = new Option<int>("--seeds") { Description = "How many trainings each mean is taken of.", DefaultValueFactory = _ => 3 };
        var rates = new Option<double[]>("--lr")
        {
            Description = "Peaks of the learning rate.", DefaultValueFactory = _ => [1e-3, 2e-3, 4e-3, 8e-3], AllowMultipleArgumentsPerToken = true,
        };
        var only = new Option<string[]>("--only") { Description = $"Some of: {string.Join(", ", Contender.All.Select(c => c.Name))}.", DefaultValueFactory = _ => [], AllowMultipleArgumentsPerToken = true };
        only.AcceptOnlyFromAmong([.. Contender.All.Select(contender => contender.Name)]);
        var html = new Option<FileInfo?>("--html") { Description = "A file for the curves." };
        var json = new Option<FileInfo?>("--json") { Description = "A file for the figures." };
        var command = new Command("train", "Trains with AdamW and with declared optimizers, each at several learning rates.") { text, mnist, steps, seeds, rates, only, html, json };
        command.Validators.Add(result =>
        {
            if (result.GetValue(text) is null && result.GetValue(mnist) is null)
                result.AddError("Nothing to train on: name a text with --text, or the folder of MNIST with --mnist.");
        });
        command.SetAction(result =>
        {
            List<ITask> tasks = [];
            if (result.GetValue(text) is { } file)
                tasks.Add(new CharacterTask(file));
            if (result.GetValue(mnist) is { } folder)
                tasks.Add(new MnistTask(folder));
            var contenders = Contender.All.Where((contender, i) => i == 0 || result.GetValue(only)!.Length == 0 || result.GetValue(only)!.Contains(contender.Name)).ToArray();
            var comparisons = tasks.ConvertAll(task => Comparison.Run(task, contenders, result.GetValue(rates)!, result.GetValue(seeds), result.GetValue(steps)));
            comparisons.ForEach(comparison => comparison.Print());
            if (result.GetValue(html) is { } page)
                CurvesPage.Write(page, comparisons);
            return Report.Of("train", [.. comparisons.SelectMany(comparison => comparison.Figures())]).Finish(result.GetValue(json));
        });
        return command;
    }
}

/// <summary>All curves of a task.</summary>
internal sealed record Comparison(ITask Task, IReadOnlyList<Curve> Curves)
{
    public static Comparison Run(ITask task, IReadOnlyList<Contender> contenders, double[] rates, int seeds, int steps)
    {
        var curves = new List<Curve>();
        AnsiConsole.Progress().Start(progress =>
        {
            var bar = progress.AddTask(task.Name, maxValue: contenders.Count * rates.Length * seeds);
            foreach (var contender in contenders)
            {
                foreach (var rate in rates)
                {
                    var runs = new List<IReadOnlyList<Measurement>>();
                    for (var seed = 1; seed <= seeds; seed++)
                    {
                        runs.Add(Training.Run(task, contender, rate, seed, steps));
                        bar.Increment(1);
                    }
                    curves.Add(Curve.Mean(contender, rate, runs));
                }
            }
        });
        return new(task, curves);
    }

    /// <summary>Every optimizer at its best learning rate; AdamW first.</summary>
    public IReadOnlyList<Curve> BestCurves => [.. Curves.GroupBy(curve => curve.Contender).Select(curves => curves.MinBy(curve => curve.Best)!)];

    public Curve AdamW => BestCurves[0];

    public void Print()
    {
        var table = new Table().RoundedBorder().Title(Task.Name);
        table.AddColumn("");
        foreach (var column in new[] { "best lr", "best loss", "steps to AdamW's best", "seconds to it", "seconds in all", "of these in the optimizer" })
            table.AddColumn(new TableColumn(column).RightAligned());
        foreach (var curve in BestCurves)
        {
            var reached = curve.First(AdamW.Best);
            table.AddRow(
                curve.Contender.Name, $"{curve.LearningRate:g3}", $"{curve.Best:0.0000}", reached is { } first ? $"{first.Step}" : "–", reached is { } at ? $"{at.Seconds:0.0}" : "–",
                $"{curve.Last.Seconds:0.0}", $"{curve.Last.OptimizerSeconds:0.0}");
        }
        AnsiConsole.Write(table);
    }

    public IEnumerable<Figure> Figures()
    {
        foreach (var curve in BestCurves)
        {
            var name = $"{Task.Name}, {curve.Contender.Name}";
            yield return new($"{name}: best learning rate", curve.LearningRate, "");
            yield return new($"{name}: best loss", curve.Best, "");
        }
        var target = AdamW.First(AdamW.Best)!.Value;
        var fewest = BestCurves.Skip(1).Select(curve => curve.First(AdamW.Best)).Where(first => first is not null).Select(first => first!.Value).ToArray();
        if (BestCurves.Count == 1)
            yield break;
        yield return new($"{Task.Name}: steps of AdamW to its best / fewest steps to it", fewest.Length == 0 ? 0 : target.Step / (double)fewest.Min(first => first.Step), "", AtLeast(Task is MnistTask ? 1.5 : 1.9));
        yield return new($"{Task.Name}: seconds of AdamW to its best / fewest seconds to it", fewest.Length == 0 ? 0 : target.Seconds / fewest.Min(first => first.Seconds), "", Task is MnistTask ? null : AtLeast(1.6));
    }
}
