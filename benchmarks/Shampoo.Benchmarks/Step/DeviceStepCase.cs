using Shampoo.Benchmarks.Reporting;
using TorchSharp;
using TorchSharp.Modules;
using static Shampoo.Benchmarks.Reporting.Bound;

namespace Shampoo.Benchmarks.Step;

/// <summary>One model, one size of blocks and one solver on a GPU. A step has ended when the GPU has done all of it.</summary>
internal sealed class DeviceStepCase(string modelName, int block, Solver solver, int periods, torch.Device device)
{
    private readonly string _name = $"{modelName}, blocks of {block}, {solver}, {device}";

    public IEnumerable<Figure> Run()
    {
        var shapes = Shapes.Models[modelName]();
        using var model = new SyntheticModel(shapes, device);
        using var floor = new DeviceFloor(BlockSizes.Of(shapes, block), device);
        var candidates = Candidates(model);
        try
        {
            var floors = Time(model, floor, candidates);
            StepTable.Print(_name, model.Elements, candidates.All, floors.Products, floors.Eigendecompositions, floors.Pass);
            return [.. Figures(model, candidates, floors), .. Shares(model, candidates)];
        }
        finally
        {
            foreach (var candidate in candidates.All)
                candidate.Dispose();
        }
    }

    private Contenders Candidates(SyntheticModel model)
    {
        var shampoo = Declarations.All[(solver, block)](model.Parameters);
        var declaredAdamW = new DeclaredAdamW(model.Parameters);
        var adamW = torch.optim.AdamW(model.Parameters);
        var numbers = new BlockByBlockNumbers { MaxDimension = block, Frequency = Declarations.Frequency, Start = Declarations.Frequency, Newton = solver != Solver.Eigh };
        return new(
            StepCandidate.Of("Shampoo", model, shampoo, StateSize.Of((OptimizerHelper)shampoo)),
            StepCandidate.Of("block by block", model, new BlockByBlock(model.Parameters, numbers), static () => null),
            StepCandidate.Of("AdamW, declared", model, declaredAdamW, StateSize.Of(declaredAdamW)),
            StepCandidate.Of("AdamW of torch.optim", model, adamW, 2 * sizeof(float) * model.Elements),
#if ANY_OPERATOR
            device.type == DeviceType.CUDA ? StepCandidate.Of("AdamW of torch, fused", model, new FusedAdamW(model.Parameters)) : null);
#else
            Fused: null);
#endif
    }

    // All in turn, period after period, so that what disturbs the machine disturbs all of them.
    private Floors Time(SyntheticModel model, DeviceFloor floor, Contenders candidates)
    {
        var times = new List<Floors>();
        for (var period = -1; period < periods; period++)
        {
            foreach (var candidate in candidates.All)
                candidate.RunPeriod(Declarations.Frequency, counts: period >= 0);
            var measured = new Floors(model.Time(floor.Products), model.Time(floor.Eigendecompositions), model.Time(floor.Pass));
            if (period >= 0)
                times.Add(measured);
        }
        double MedianOf(Func<Floors, double> part) => Rounds.Median(times.Select(part));
        return new(MedianOf(t => t.Products), MedianOf(t => t.Eigendecompositions), MedianOf(t => t.Pass));
    }

    private IEnumerable<Figure> Figures(SyntheticModel model, Contenders candidates, Floors floors)
    {
        var (shampoo, blockByBlock, _, adamW, fused) = candidates;
        Figure Of(string name, double value, string unit = "", Bound? bound = null) => new($"{_name}: {name}", value, unit, bound);

        yield return Of("plain step", shampoo.Plain, "ms");
        yield return Of("refresh step", shampoo.Refresh, "ms");
        yield return Of("mean over a period", shampoo.Mean, "ms");
        yield return Of("state per parameter", (double)shampoo.StateBytes / model.Elements, "B");
        yield return Of("allocated in a plain step", shampoo.Allocation, "B");
        yield return Of("products alone", floors.Products, "ms");
        yield return Of("eigendecompositions alone", floors.Eigendecompositions, "ms");
        yield return Of("a pass over the state", floors.Pass, "ms");
        yield return Of("plain step / products alone", shampoo.Plain / floors.Products, bound: AtMost(1.5));
        yield return Of("block by block: plain step / ours", blockByBlock.Plain / shampoo.Plain);
        yield return Of("block by block: refresh step / ours", blockByBlock.Refresh / shampoo.Refresh);
        yield return Of("plain step / AdamW of torch.optim", shampoo.Plain / adamW.Plain);
        if (fused is not null)
            yield return Of("plain step / AdamW of torch, fused", shampoo.Plain / fused.Plain);
    }

    // Where a refresh is due at every tenth step.
    private IEnumerable<Figure> Shares(SyntheticModel model, Contenders candidates)
    {
        if (TrainingIteration.Of(modelName, device) is not { } iteration)
            yield break;
        using (iteration)
        {
            var training = Rounds.Median(Enumerable.Range(0, periods + 1).Select(_ => model.Time(iteration.Run)).ToArray()[1..]);
            yield return new($"{_name}: forward and backward of {iteration.Tokens} tokens", training, "ms");
            foreach (var (candidate, bound) in new[] { (candidates.Shampoo, AtMost(0.1)), (candidates.BlockByBlock, null) })
            {
                var step = (9 * candidate.Plain + candidate.Refresh) / 10;
                yield return new($"{_name}: {candidate.Name}, frequency 10: share of a training step", step / (training + step), "", bound);
            }
        }
    }

    /// <summary>Milliseconds.</summary>
    private readonly record struct Floors(double Products, double Eigendecompositions, double Pass);

    private sealed record Contenders(StepCandidate Shampoo, StepCandidate BlockByBlock, StepCandidate Declared, StepCandidate AdamW, StepCandidate? Fused)
    {
        public IEnumerable<StepCandidate> All => [Shampoo, BlockByBlock, Declared, AdamW, .. Fused is null ? [] : new[] { Fused }];
    }
}
