using System.CommandLine;
using Shampoo.Benchmarks.Reporting;
using Shampoo.Runtime;
using TorchSharp;
using static Shampoo.Benchmarks.Reporting.Bound;

namespace Shampoo.Benchmarks.Step;

/// <summary><c>step</c>: an optimizer alone, over the shapes of real models, beside what it cannot do without and what others do.</summary>
internal static class StepCommand
{
    public static Command Create()
    {
        var models = new Option<string[]>("--model")
        {
            Description = $"The shapes: {string.Join(", ", Shapes.Models.Keys)}.", DefaultValueFactory = _ => [Shapes.Default], AllowMultipleArgumentsPerToken = true,
        };
        models.AcceptOnlyFromAmong([.. Shapes.Models.Keys]);
        var blocks = new Option<int[]>("--block")
        {
            Description = "The largest size of a block.", DefaultValueFactory = _ => [384, 1024], AllowMultipleArgumentsPerToken = true,
        };
        var solvers = new Option<Solver[]>("--solver")
        {
            Description = "Of the roots: Eigh, CoupledNewton, MinimaxNewton.", DefaultValueFactory = _ => [Solver.Eigh], AllowMultipleArgumentsPerToken = true,
        };
        var periods = new Option<int>("--periods") { Description = "How many periods are timed.", DefaultValueFactory = _ => 3 };
        var training = new Option<int>("--training")
        {
            Description = "How long the model is trained elsewhere before every step, in ms, for refreshes that are computed meanwhile.", DefaultValueFactory = _ => 1000,
        };
        var apart = new Option<bool>("--apart") { Description = "One after the other, not in turn: for models of which not all optimizers fit into memory together. Not on a GPU." };
        var device = new Option<string>("--device") { Description = "cpu, cuda or cuda:N.", DefaultValueFactory = _ => "cpu" };
        device.Validators.Add(static result =>
        {
            var name = result.GetValueOrDefault<string>();
            if (name != "cpu" && !(name.StartsWith("cuda", StringComparison.Ordinal) && torch.cuda.is_available()))
                result.AddError($"torch has no device '{name}' here.");
        });
        var json = new Option<FileInfo?>("--json") { Description = "A file for the figures." };
        var command = new Command("step", "Plain and refreshing steps, beside the floor, AdamW, and Shampoo block by block.") { models, blocks, solvers, periods, training, apart, device, json };
        command.Validators.Add(result =>
        {
            if (result.GetValue(apart) && result.GetValue(device) is not (null or "cpu")) // null: not given, and not defaulted yet
                result.AddError("--apart is not for a GPU.");
        });
        command.SetAction(result => Report.Of("step", [.. Cases(
            result.GetValue(models)!, result.GetValue(blocks)!, result.GetValue(solvers)!, result.GetValue(periods), result.GetValue(training), result.GetValue(apart),
            torch.device(result.GetValue(device)!))]).Finish(result.GetValue(json)));
        return command;
    }

    private static IEnumerable<Figure> Cases(string[] models, int[] blocks, Solver[] solvers, int periods, int training, bool isApart, torch.Device device)
    {
        foreach (var model in models)
        {
            foreach (var block in blocks)
            {
                foreach (var solver in solvers.Where(solver => Declarations.All.ContainsKey((solver, block))))
                {
                    var figures = device.type == DeviceType.CPU
                        ? new StepCase(model, block, solver, periods, training, isApart).Run()
                        : new DeviceStepCase(model, block, solver, periods, device).Run();
                    foreach (var figure in figures)
                        yield return figure;
                }
            }
        }
    }
}

/// <summary>One model, one size of blocks, one solver.</summary>
internal sealed class StepCase(string modelName, int block, Solver solver, int periods, int training, bool isApart)
{
    private const string WithPacking = "Shampoo, packed";

    // As it comes, BLAS uses as many threads as it likes for each of many small products.
    private const string Best = "block by block, BLAS on one thread", AsItComes = "block by block, as it comes";

    private readonly string _whileTraining = $"Shampoo, overlapped, {training} ms of training before each step";

    private readonly string _name = $"{modelName}, blocks of {block}, {solver}";

    public IEnumerable<Figure> Run()
    {
        var shapes = Shapes.Models[modelName]();
        using var model = new SyntheticModel(shapes);
        var blocks = BlockSizes.Of(shapes, block);
        var timed = Time([
            .. Candidates(model),
            () => Floor.Stacked(model, blocks), () => Floor.SideBySide(model, blocks), () => Floor.Eigendecompositions(model, blocks), () => Floor.Pass(model, blocks),
        ]);
        var candidates = timed.OfType<StepCandidate>().ToList();
        double[] floors = [.. timed.OfType<Floor>().Select(floor => floor.Time)];
        var times = new Floors(double.IsNaN(floors[1]) ? floors[0] : Math.Min(floors[0], floors[1]), floors[2], floors[3]);
        StepTable.Print($"{_name}, {ShampooThreads.Count} threads", model.Elements, candidates, times.Products, times.Eigendecompositions, times.Pass);
        return [.. Figures(model, candidates, times)];
    }

    private IEnumerable<Func<ITimed>> Candidates(SyntheticModel model)
    {
        var numbers = new BlockByBlockNumbers { MaxDimension = block, Frequency = Declarations.Frequency, Start = Declarations.Frequency, Newton = solver != Solver.Eigh };
        yield return Declared("Shampoo", Declarations.All[(solver, block)], 0);
        yield return () => StepCandidate.Of(Best, model, new BlockByBlock(model.Parameters, numbers), () => Blas.Threads.OneThread());
        yield return () => StepCandidate.Of(AsItComes, model, new BlockByBlock(model.Parameters, numbers), static () => null);
        yield return Declared("AdamW, declared", static parameters => new DeclaredAdamW(parameters), 0);
        yield return () => StepCandidate.Of("AdamW of torch.optim", model, torch.optim.AdamW(model.Parameters), 2 * sizeof(float) * model.Elements);
        if (Declarations.Spread.TryGetValue((solver, block), out var spread))
        {
            yield return Declared("Shampoo, staggered", spread.Staggered, 0);
            yield return Declared("Shampoo, overlapped", spread.Overlapped, 0);
            yield return Declared(_whileTraining, spread.Overlapped, training);
        }
        if (Declarations.Packed.TryGetValue((solver, block), out var packed))
            yield return Declared(WithPacking, packed, 0);

        Func<ITimed> Declared(string name, Func<IEnumerable<(string, TorchSharp.Modules.Parameter)>, torch.optim.Optimizer> create, int training) => () =>
        {
            var optimizer = create(model.Parameters);
            return StepCandidate.Of(name, model, optimizer, StateSize.Of(optimizer), training);
        };
    }

    // All in turn, period after period, so that what disturbs the machine disturbs all of them; or one after the other, if there is no memory for all.
    private List<ITimed> Time(IEnumerable<Func<ITimed>> candidates)
    {
        if (isApart)
            return [.. candidates.Select(TimeAlone)];
        List<ITimed> all = [];
        try
        {
            all.AddRange(candidates.Select(static create => create()));
            Time(all);
            return all;
        }
        finally
        {
            all.ForEach(timed => timed.Dispose());
        }
    }

    private ITimed TimeAlone(Func<ITimed> create)
    {
        using var timed = create();
        Time([timed]);
        return timed;
    }

    private void Time(List<ITimed> together)
    {
        for (var period = -1; period < periods; period++)
            together.ForEach(timed => timed.RunPeriod(Declarations.Frequency, counts: period >= 0));
    }

    private IEnumerable<Figure> Figures(SyntheticModel model, List<StepCandidate> candidates, Floors floors)
    {
        StepCandidate shampoo = candidates[0], best = candidates[1], asItComes = candidates[2], adamW = candidates[4];
        Figure Of(string name, double value, string unit = "", Bound? bound = null) => new($"{_name}: {name}", value, unit, BoundOf(bound));

        yield return Of("plain step", shampoo.Plain, "ms");
        yield return Of("refresh step", shampoo.Refresh, "ms");
        yield return Of("mean over a period", shampoo.Mean, "ms");
        yield return Of("slowest step", shampoo.Slowest, "ms");
        yield return Of("state per parameter", (double)shampoo.StateBytes / model.Elements, "B");
        yield return Of("allocated in a plain step", shampoo.Allocation, "B");
        yield return Of("products alone", floors.Products, "ms");
        yield return Of("eigendecompositions alone", floors.Eigendecompositions, "ms");
        yield return Of("a pass over the state", floors.Pass, "ms");
        yield return Of("AdamW of torch.optim", adamW.Plain, "ms");
        yield return Of("plain step / products alone", shampoo.Plain / floors.Products, bound: AtMost(1.3));
        yield return Of($"{Best}: plain step / ours", best.Plain / shampoo.Plain, bound: AtLeast(2.5));
        yield return Of($"{AsItComes}: plain step / ours", asItComes.Plain / shampoo.Plain, bound: AtLeast(6));
        yield return Of($"{Best}: refresh step / ours", best.Refresh / shampoo.Refresh, bound: AtLeast(3));
        yield return Of($"{AsItComes}: refresh step / ours", asItComes.Refresh / shampoo.Refresh, bound: AtLeast(8));
        if (candidates.Find(candidate => candidate.Name == WithPacking) is { } packed)
        {
            yield return Of($"{WithPacking}: plain step / whole matrices", packed.Plain / shampoo.Plain);
            yield return Of($"{WithPacking}: refresh step / whole matrices", packed.Refresh / shampoo.Refresh);
            // Without m and V, which are all that AdamW has.
            var others = candidates[3].StateBytes;
            yield return Of($"{WithPacking}: matrices / whole matrices", (double)(packed.StateBytes - others) / (shampoo.StateBytes - others), bound: AtMost(0.6));
        }
        foreach (var figure in Declarations.Spread.ContainsKey((solver, block)) ? SpreadFigures(shampoo, candidates[5], candidates[6], candidates[7]) : [])
            yield return figure;
    }

    // What a refresh costs is what a step of training takes longer, on the average, than one in which nothing is refreshed.
    private IEnumerable<Figure> SpreadFigures(StepCandidate together, StepCandidate staggered, StepCandidate overlapped, StepCandidate whileTraining)
    {
        double Cost(StepCandidate candidate, int training) => (candidate.Mean - together.Plain) / (training + together.Plain);

        yield return new($"{_name}: together, slowest step / mean", together.Unevenness, "");
        yield return new($"{_name}: staggered, slowest step / mean", staggered.Unevenness, "", BoundOf(AtMost(1.5)));
        yield return new($"{_name}: staggered, mean / together, mean", staggered.Mean / together.Mean, "");
        yield return new($"{_name}: cost of refreshes to a step, together", Cost(together, 0), "");
        yield return new($"{_name}: cost of refreshes to a step, overlapped, no core idle", Cost(overlapped, 0), "");
        yield return new($"{_name}: cost of refreshes to a step with {training} ms of training, together", Cost(together, training), "");
        yield return new($"{_name}: cost of refreshes to a step with {training} ms of training, overlapped", Cost(whileTraining, training), "", BoundOf(AtMost(0.1)));
    }

    // Of other models figures are given, and no bounds.
    private Bound? BoundOf(Bound? bound) => modelName == Shapes.Default ? bound : null;

    private readonly record struct Floors(double Products, double Eigendecompositions, double Pass);
}
