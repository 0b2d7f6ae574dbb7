using System.CommandLine;
using Shampoo.Benchmarks.Reporting;
using static Shampoo.Benchmarks.Reporting.Bound;

namespace Shampoo.Benchmarks.Passes;

/// <summary><c>passes</c>: the elementwise part of a step against the memory's speed and against operators of torch.</summary>
internal static class PassesCommand
{
    private const int Matrices = 17;
    private const long Size = 768;

    public static Command Create()
    {
        var rounds = new Option<int>("--rounds") { Description = "How many rounds are timed.", DefaultValueFactory = _ => 21 };
        var json = new Option<FileInfo?>("--json") { Description = "A file for the figures." };
        var command = new Command("passes", "The sweeps of an Adam-grafted declaration over 10 million parameters.") { rounds, json };
        command.SetAction(result => Report.Of("passes", [.. Times(result.GetValue(rounds)), .. Allocations()]).Finish(result.GetValue(json)));
        return command;
    }

    private static IEnumerable<Figure> Times(int rounds)
    {
        using Model vectorModel = new(Matrices, Size), torchModel = new(Matrices, Size);
        AdamGrafted.Vectorised = true;
        using var vector = new AdamGrafted(vectorModel.Parameters);
        AdamGrafted.Vectorised = false;
        using var torch = new AdamGrafted(torchModel.Parameters);
        using var streams = new Streams((nint)vectorModel.Elements);

        var times = Rounds.Time(rounds, streams.Run, () => vector.step(), () => torch.step());
        yield return new("Threads", Runtime.ShampooThreads.Count, "");
        yield return new("Parameters", vectorModel.Elements / 1e6, "million");
        yield return new($"Plain copy, {Streams.Reads} reads and {Streams.Writes} writes", Rounds.Median(times[0]), "ms");
        yield return new("Sweeps", Rounds.Median(times[1]), "ms");
        yield return new("Operators of torch, one after another", Rounds.Median(times[2]), "ms");
        yield return new("Sweeps / plain copy", Rounds.Ratio(times[1], times[0]), "", AtMost(1.3));
        yield return new("Operators / sweeps", Rounds.Ratio(times[2], times[1]), "", AtLeast(4));
    }

    private static IEnumerable<Figure> Allocations()
    {
        using var few = new Model(matrices: 4, size: 64);
        AdamGrafted.Vectorised = true;
        using var sweeps = new AdamGrafted(few.Parameters);
        using var whole = new WholeStep(few.Parameters);
        yield return new("Managed bytes of the sweeps of a step", BytesOf(() => sweeps.step()), "B", AtMost(0));
        yield return new("Managed bytes of a whole plain step", BytesOf(() => whole.step()), "B", Shampoo.Runtime.Blas.IsAvailable ? AtMost(0) : null);
    }

    /// <summary>What one of ten calls allocates on all threads, once everything is warm.</summary>
    private static double BytesOf(Action step)
    {
        for (var i = 0; i < 150; i++)
            step();
        return Enumerable.Range(0, 10).Min(_ =>
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            step();
            return GC.GetTotalAllocatedBytes(precise: true) - before;
        });
    }
}
