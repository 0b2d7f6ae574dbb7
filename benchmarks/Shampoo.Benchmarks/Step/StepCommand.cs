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
            Description = $"The shapes: {string.Join(", ", Shapes.Models.Keys)}.", DefaultValueFactory = _ => ["gpt-10m"], AllowMultipleArgumentsPerToken = true,
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
        var device = new Option<string>("--device") { Description = "cpu, cuda or cuda:N.", DefaultValueFactory = _ => "cpu" };
        device.Validators.Add(static result =>
        {
            var name = result.GetValueOrDefault<string>();
            if (name != "cpu" && !(name.StartsWith("cuda", StringComparison.Ordinal) && torch.cuda.is_available()))
                result.AddError($"torch has no device '{name}' here.");
        });
        var json = new Option<FileInfo?>("--json") { Description = "A file for the figures." };
        var command = new Command("step", "Plain and refreshing steps, beside the floor, AdamW, and Shampoo block by block.") { models, blocks, solvers, periods, training, device, json };
        command.SetAction(result => Report.Of("step", [.. Cases(
            result.GetValue(models)!, result.GetValue(blocks)!, result.GetValue(solvers)!, result.GetValue(periods), result.GetValue(training),
            torch.device(result.GetValue(device)!))]).Finish(result.GetValue(json)));
        return command;
    }

    private static IEnumerable<Figure> Cases(string[] models, int[] blocks, Solver[] solvers, int periods, int training, torch.Device device)
    {
        foreach (var model in models)
        {
            foreach (var block in blocks)
            {
                foreach (var solver in solvers.Where(solver => Declarations.All.ContainsKey((solver, block))))
                {
                    var figures = device.type == DeviceType.CPU
                        ? new StepCase(model, block, solver, periods, training).Run()
                        : new DeviceStepCase(model, block, solver, periods, device).Run();
                    foreach (var figure in figures)
                        yield return figure;
                }
            }
        }
    }
}

/// <summary>One model, one size of blocks, one solver.</summary>
internal sealed class StepCase(string modelName, int block, Solver solver, int periods, int training)
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
        using var floor = new Floor(BlockSizes.Of(shapes, block));
        var candidates = Candidates(model);
        try
        {
            var floors = Time(model, floor, candidates);
            StepTable.Print(
                $"{_name}, {ShampooThreads.Count} threads", model.Elements, candidates, floors["products"], floors["eigendecompositions"], floors["pass"]);
            return [.. Figures(model, candidates, floors)];
        }
        finally
        {
            candidates.ForEach(candidate => candidate.Dispose());
        }
    }

    private List<StepCandidate> Candidates(SyntheticModel model)
    {
        var shampoo = Declarations.All[(solver, block)](model.Parameters);
        var declaredAdamW = new DeclaredAdamW(model.Parameters);
        var adamW = torch.optim.AdamW(model.Parameters);
        var blockByBlock = new BlockByBlock(model.Parameters, new BlockByBlockNumbers { MaxDimension = block, Frequency = Declarations.Frequency, Start = Declarations.Frequency, Newton = solver != Solver.Eigh });
        List<StepCandidate> candidates =
        [
            StepCandidate.Of("Shampoo", model, shampoo, StateSize.Of(shampoo)),
            StepCandidate.Of(Best, model, blockByBlock, () => Blas.Threads.OneThread()),
            StepCandidate.Of(AsItComes, model, blockByBlock, static () => null), // in turn, each for a whole period
            StepCandidate.Of("AdamW, declared", model, declaredAdamW, StateSize.Of(declaredAdamW)),
            StepCandidate.Of("AdamW of torch.optim", model, adamW, 2 * sizeof(float) * model.Elements),
        ];
        if (Declarations.Spread.TryGetValue((solver, block), out var spread))
        {
            candidates.Add(Declared("Shampoo, staggered", spread.Staggered, 0));
            candidates.Add(Declared("Shampoo, overlapped", spread.Overlapped, 0));
            candidates.Add(Declared(_whileTraining, spread.Overlapped, training));
        }
        if (Declarations.Packed.TryGetValue((solver, block), out var packed))
            candidates.Add(Declared(WithPacking, packed, 0));
        return candidates;

        StepCandidate Declared(string name, Func<IEnumerable<(string, TorchSharp.Modules.Parameter)>, torch.optim.Optimizer> create, int training)
        {
            var optimizer = create(model.Parameters);
            return StepCandidate.Of(name, model, optimizer, StateSize.Of(optimizer), training);
        }
    }

    // All in turn, period after period, so that what disturbs the machine disturbs all of them.
    private Dictionary<string, double> Time(SyntheticModel model, Floor floor, List<StepCandidate> candidates)
    {
        Action?[] actions = [floor.Stacked, floor.SideBySide, floor.Eigendecompositions, floor.Pass];
        var floors = new List<double[]>();
        for (var period = -1; period < periods; period++)
        {
            candidates.ForEach(candidate => candidate.RunPeriod(Declarations.Frequency, counts: period >= 0));
            var times = Array.ConvertAll(actions, action => action is null ? double.NaN : model.Time(action));
            if (period >= 0)
                floors.Add(times);
        }
        double MedianOf(int action) => actions[action] is null ? double.NaN : Rounds.Median(floors.Select(times => times[action]));
        return new()
        {
            ["products"] = Math.Min(MedianOf(0), double.IsNaN(MedianOf(1)) ? double.PositiveInfinity : MedianOf(1)),
            ["eigendecompositions"] = MedianOf(2),
            ["pass"] = MedianOf(3),
        };
    }

    private IEnumerable<Figure> Figures(SyntheticModel model, List<StepCandidate> candidates, Dictionary<string, double> floors)
    {
        StepCandidate shampoo = candidates[0], best = candidates[1], asItComes = candidates[2], adamW = candidates[4];
        Figure Of(string name, double value, string unit = "", Bound? bound = null) => new($"{_name}: {name}", value, unit, bound);

        yield return Of("plain step", shampoo.Plain, "ms");
        yield return Of("refresh step", shampoo.Refresh, "ms");
        yield return Of("mean over a period", shampoo.Mean, "ms");
        yield return Of("slowest step", shampoo.Slowest, "ms");
        yield return Of("state per parameter", (double)shampoo.StateBytes / model.Elements, "B");
        yield return Of("allocated in a plain step", shampoo.Allocation, "B");
        yield return Of("products alone", floors["products"], "ms");
        yield return Of("eigendecompositions alone", floors["eigendecompositions"], "ms");
        yield return Of("a pass over the state", floors["pass"], "ms");
        yield return Of("AdamW of torch.optim", adamW.Plain, "ms");
        yield return Of("plain step / products alone", shampoo.Plain / floors["products"], bound: AtMost(1.3));
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
        yield return new($"{_name}: staggered, slowest step / mean", staggered.Unevenness, "", AtMost(1.5));
        yield return new($"{_name}: staggered, mean / together, mean", staggered.Mean / together.Mean, "");
        yield return new($"{_name}: cost of refreshes to a step, together", Cost(together, 0), "");
        yield return new($"{_name}: cost of refreshes to a step, overlapped, no core idle", Cost(overlapped, 0), "");
        yield return new($"{_name}: cost of refreshes to a step with {training} ms of training, together", Cost(together, training), "");
        yield return new($"{_name}: cost of refreshes to a step with {training} ms of training, overlapped", Cost(whileTraining, training), "", AtMost(0.1));
    }
}
