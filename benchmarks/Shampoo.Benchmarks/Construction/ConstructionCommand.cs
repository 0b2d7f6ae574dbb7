using System.CommandLine;
using Shampoo.Benchmarks.Reporting;
using Shampoo.Benchmarks.Step;
using TorchSharp;
using static Shampoo.Benchmarks.Reporting.Bound;

namespace Shampoo.Benchmarks.Construction;

/// <summary><c>construction</c>: how long it takes to make an optimizer over many parameters, and what its first steps and its first refresh cost.</summary>
internal static class ConstructionCommand
{
    private const int MaxDimension = 128;

    public static Command Create()
    {
        var parameters = new Option<int>("--parameters") { Description = "How many parameters.", DefaultValueFactory = _ => 1000 };
        var rounds = new Option<int>("--rounds") { Description = "How many optimizers are made after the first one.", DefaultValueFactory = _ => 5 };
        var json = new Option<FileInfo?>("--json") { Description = "A file for the figures." };
        var command = new Command("construction", "Making an optimizer over many parameters, beside making the same state with torch.zeros, its first steps, and its first refresh.") { parameters, rounds, json };
        command.SetAction(result => Report.Of("construction", [.. Figures(result.GetValue(parameters), result.GetValue(rounds))]).Finish(result.GetValue(json)));
        return command;
    }

    private static IEnumerable<Figure> Figures(int parameters, int rounds)
    {
        var shapes = ShapesOf(parameters);
        using var model = new SyntheticModel(shapes);
        var create = Declarations.All[(Solver.Eigh, MaxDimension)];
        var state = StateShapes(shapes);

        var (first, firstSteps) = Measure(model, create);
        List<double> again = [], zeros = [], steps = [], laterSteps = [], refreshes = [];
        for (var round = 0; round < rounds; round++)
        {
            var (construction, times) = Measure(model, create);
            again.Add(construction);
            zeros.Add(model.Time(() => Allocate(state)));
            steps.Add(times[0]);
            laterSteps.AddRange(times[1..^1]);
            refreshes.Add(times[^1]);
        }

        yield return new("Parameters", parameters, "");
        yield return new("Elements", model.Elements / 1e6, "million");
        yield return new("Construction, the first of the process", first, "ms", AtMost(1000));
        yield return new("Construction, later ones", Rounds.Median(again), "ms", AtMost(1000));
        yield return new("The same state by torch.zeros, block by block", Rounds.Median(zeros), "ms");
        yield return new("Construction, later ones / torch.zeros", Rounds.Ratio([.. again], [.. zeros]), "", AtMost(3));
        yield return new("First step of the process", firstSteps[0], "ms");
        yield return new("First step of a later optimizer", Rounds.Median(steps), "ms");
        yield return new("Second to fourth step", Rounds.Median(laterSteps), "ms");
        yield return new("First step of a later optimizer / second to fourth", Rounds.Median(steps) / Rounds.Median(laterSteps), "");
        yield return new("First refresh step of the process", firstSteps[^1], "ms");
        yield return new("First refresh step of a later optimizer", Rounds.Median(refreshes), "ms");
        yield return new("First refresh step of the process / of a later optimizer", firstSteps[^1] / Rounds.Median(refreshes), "");
    }

    // Weights, biases, convolutions and the vectors of their normalisation.
    private static long[][] ShapesOf(int parameters)
    {
        long[][] kinds = [[128, 128], [128], [64, 32, 3, 3], [64]];
        return [.. Enumerable.Range(0, parameters).Select(i => kinds[i % kinds.Length])];
    }

    // Factor matrices and roots of every dimension, and two moments.
    private static long[][] StateShapes(long[][] shapes) =>
    [
        .. BlockSizes.Of(shapes, MaxDimension).SelectMany(static block =>
            (long[][])[block, block, .. block.SelectMany(static size => (long[][])[[size, size], [size, size]])]),
    ];

    // Every page is written to, as identities are.
    private static void Allocate(long[][] shapes)
    {
        var tensors = Array.ConvertAll(shapes, static shape => torch.zeros(shape).fill_(1));
        Array.ForEach(tensors, static tensor => tensor.Dispose());
    }

    // All steps to the first refresh.
    private static (double Construction, double[] Steps) Measure(SyntheticModel model, Func<IEnumerable<(string name, TorchSharp.Modules.Parameter parameter)>, torch.optim.Optimizer> create)
    {
        torch.optim.Optimizer optimizer = null!;
        var construction = model.Time(() => optimizer = create(model.Parameters));
        using (optimizer)
        {
            var steps = Enumerable.Range(0, Declarations.Frequency).Select(t =>
            {
                model.TurnTo(t);
                return model.Time(() => optimizer.step());
            });
            return (construction, [.. steps]);
        }
    }
}
