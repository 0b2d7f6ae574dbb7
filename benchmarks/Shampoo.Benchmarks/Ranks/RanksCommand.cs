using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Shampoo.Benchmarks.Reporting;
using Shampoo.Benchmarks.Step;
using Shampoo.Runtime;
using Spectre.Console;
using TorchSharp.Modules;
using static Shampoo.Benchmarks.Reporting.Bound;

namespace Shampoo.Benchmarks.Ranks;

/// <summary><c>ranks</c>: traffic, time and memory of a step on several ranks, with state divided in either way and not at all.</summary>
internal static class RanksCommand
{
    public const int Frequency = 5;

    public static Command Create()
    {
        var ranks = new Option<int>("--ranks") { Description = "How many processes mpirun starts on this machine.", DefaultValueFactory = _ => 2 };
        var model = new Option<string>("--model") { Description = $"The shapes: {string.Join(", ", Shapes.Models.Keys)}.", DefaultValueFactory = _ => "gpt-10m" };
        model.AcceptOnlyFromAmong([.. Shapes.Models.Keys]);
        var rounds = new Option<int>("--rounds") { Description = "How often everything is timed; in multiples of five all refreshes count alike.", DefaultValueFactory = _ => 15 };
        var json = new Option<FileInfo?>("--json") { Description = "A file for the figures." };
        var command = new Command("ranks", "Steps on several ranks: traffic, time, state; DDP with an all-gather beside ReduceScatter and beside undivided state.") { ranks, model, rounds, json };
        command.SetAction(result => Environment.GetEnvironmentVariable("OMPI_COMM_WORLD_SIZE") is null
            ? Launch(result.GetValue(ranks), result.Tokens.Select(static token => token.Value))
            : Measure(result.GetValue(model)!, result.GetValue(rounds), result.GetValue(json)));
        return command;
    }

    // The same program again, on every rank.
    private static int Launch(int ranks, IEnumerable<string> arguments)
    {
        var program = Environment.GetCommandLineArgs()[0]; // an assembly for dotnet, or compiled ahead of time
        string[] command = program.EndsWith(".dll", StringComparison.Ordinal) ? ["dotnet", program, .. arguments] : [program, .. arguments];
        var start = new ProcessStartInfo("mpirun", ["--oversubscribe", "-n", ranks.ToString(CultureInfo.InvariantCulture), .. command]);
        foreach (var name in new[] { "OMPI_ALLOW_RUN_AS_ROOT", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM" })
            start.Environment[name] = "1";
        start.Environment["TERM"] = "dumb";
        start.Environment["SHAMPOO_COLLECTIVE_ENGINE"] = "mpi"; // the model is on the CPU, whatever the machine has
        // The cores are shared out.
        var threads = Math.Max(1, Environment.ProcessorCount / ranks).ToString(CultureInfo.InvariantCulture);
        foreach (var name in new[] { "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "SHAMPOO_NUM_THREADS" })
            start.Environment.TryAdd(name, threads);
        using var process = Process.Start(start)!;
        process.WaitForExit();
        return process.ExitCode;
    }

    private static int Measure(string modelName, int rounds, FileInfo? json)
    {
        var world = ProcessGroup.World;
        using var model = new SyntheticModel(Shapes.Models[modelName]());
        var figures = new List<Figure>();
        foreach (var (name, make) in new (string, Func<SyntheticModel, CountingGroup, Contender[]>)[] { ("AdamW", AdamW), ("Shampoo", Shampoo) })
        {
            using var counting = new CountingGroup(world);
            var contenders = make(model, counting);
            var times = Rounds.Time(rounds, Array.ConvertAll(contenders, static contender => (Action)contender.Step));
            if (world.Rank == 0)
                Print($"{name}, {modelName}, {world.Size} ranks", model, contenders, times);
            figures.AddRange(Figures(name, world.Size, model, contenders, times));
            Array.ForEach(contenders, static contender => contender.Dispose());
        }
        var status = world.Rank == 0 ? Report.Of("ranks", figures).Finish(json) : 0;
        world.barrier();
        return status;
    }

    private static Contender[] AdamW(SyntheticModel model, CountingGroup ranks) => Contenders(
        model, ranks, new WholeAdamW(model.Parameters), new DividedAdamW(model.Parameters, process_group: ranks),
        new ReducedAdamW(model.Parameters, process_group: ranks), new DividedAdamWInBFloat16(model.Parameters, process_group: ranks));

    private static Contender[] Shampoo(SyntheticModel model, CountingGroup ranks) => Contenders(
        model, ranks, new WholeShampoo(model.Parameters), new DividedShampoo(model.Parameters, process_group: ranks),
        new ReducedShampoo(model.Parameters, process_group: ranks), new DividedShampooInBFloat16(model.Parameters, process_group: ranks));

    private static Contender[] Contenders(
        SyntheticModel model, CountingGroup ranks, OptimizerHelper whole, OptimizerHelper divided, OptimizerHelper reduced, OptimizerHelper rounded) =>
    [
        new("undivided, gradients averaged", model, ranks, whole, averages: true),
        new("DDP", model, ranks, divided, averages: true),
        new("ReduceScatter", model, ranks, reduced, averages: false),
        new("DDP, changes in bfloat16", model, ranks, rounded, averages: true),
    ];

    private static void Print(string title, SyntheticModel model, Contender[] contenders, double[][] times)
    {
        var table = new Table().RoundedBorder().Title($"{title}: {model.Elements / 1e6:0.0} million parameters".EscapeMarkup());
        table.AddColumn("");
        foreach (var column in new[] { "traffic of a rank", "in units", "step, mean", "of DDP's", "state of rank 0" })
            table.AddColumn(new TableColumn(column).RightAligned());
        for (var c = 0; c < contenders.Length; c++)
        {
            table.AddRow(
                contenders[c].Name, $"{contenders[c].Sent / 1e6:0.0} MB", $"{Units(contenders[c], model):0.00}", $"{times[c].Average():0.0} ms",
                $"{times[c].Average() / times[1].Average():0.00}", $"{contenders[c].StateBytes / 1e6:0.0} MB");
        }
        AnsiConsole.Write(table);
    }

    private static IEnumerable<Figure> Figures(string name, int ranks, SyntheticModel model, Contender[] contenders, double[][] times)
    {
        Contender whole = contenders[0], ddp = contenders[1], reduced = contenders[2], rounded = contenders[3];
        Figure Of(string what, double value, Bound? bound = null) => new($"{name}: {what}", value, "", bound);

        yield return Of("traffic of DDP in units", Units(ddp, model), AtMost(3.01));
        yield return Of("traffic of ReduceScatter in units", Units(reduced, model), AtMost(2.01));
        yield return Of("traffic of DDP with changes in bfloat16, in units", Units(rounded, model), AtMost(2.51));
        yield return Of("step of ReduceScatter / of DDP", times[2].Average() / times[1].Average());
        yield return Of("step of DDP / undivided", times[1].Average() / times[0].Average());
        yield return Of("step of ReduceScatter / undivided", times[2].Average() / times[0].Average());
        yield return Of("state of rank 0 × ranks / undivided", (double)ddp.StateBytes * ranks / whole.StateBytes, AtMost(1.1));
    }

    // One unit: every rank sends its share of the model's numbers, in their own type, to all others.
    private static double Units(Contender contender, SyntheticModel model) =>
        contender.Sent / (sizeof(float) * (double)model.Elements * (ProcessGroup.World.Size - 1) / ProcessGroup.World.Size);
}
