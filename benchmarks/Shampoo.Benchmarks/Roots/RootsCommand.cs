using System.CommandLine;
using Shampoo.Benchmarks.Reporting;
using Shampoo.Runtime;
using Spectre.Console;
using TorchSharp;
using static Shampoo.Benchmarks.Reporting.Bound;
using static TorchSharp.torch;

namespace Shampoo.Benchmarks.Roots;

/// <summary><c>roots</c>: how exact the solvers' inverse roots are by condition number, and what they cost.</summary>
internal static class RootsCommand
{
    private const double Epsilon = 1e-16;

    private static readonly double[] s_conditions = [1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8];

    /// <summary>With their defaults, but for ε, which would be seen. Coupled Newton stops at a multiple of the rounding error.</summary>
    private static readonly (string Name, Func<Tensor, double, Tensor> Root)[] s_solvers =
    [
        ("Eigh", static (matrices, exponent) => new Eigh(Epsilon).InverseRoot(matrices, exponent)),
        ("MinimaxNewton", static (matrices, exponent) => new MinimaxNewton(Epsilon).InverseRoot(matrices, exponent)),
        ("CoupledNewton", static (matrices, exponent) => new CoupledNewton(Epsilon, matrices.dtype == ScalarType.Float32 ? 1e-6 : 1e-12).InverseRoot(matrices, exponent)),
        ("NewtonSchulz", static (matrices, exponent) => new NewtonSchulzRoot(Epsilon).InverseRoot(matrices, exponent)),
        ("NewtonSchulz, no ridge", static (matrices, exponent) => new NewtonSchulzRoot(Epsilon, relativeEpsilon: 0).InverseRoot(matrices, exponent)),
    ];

    public static Command Create()
    {
        var size = new Option<long>("--size") { Description = "Rows of a matrix.", DefaultValueFactory = _ => 128 };
        var rounds = new Option<int>("--rounds") { Description = "How many roots of each kind are timed.", DefaultValueFactory = _ => 10 };
        var json = new Option<FileInfo?>("--json") { Description = "A file for the figures." };
        var command = new Command("roots", "Errors of inverse roots by condition number, against roots that are known by construction, and their time.") { size, rounds, json };
        command.SetAction(result => Report.Of("roots", [.. Cases(result.GetValue(size), result.GetValue(rounds))]).Finish(result.GetValue(json), isListed: false));
        return command;
    }

    private static IEnumerable<Figure> Cases(long size, int rounds)
    {
        using var noGrad = no_grad();
        using var oneThread = Blas.Threads.OneThread();
        foreach (var type in (ScalarType[])[ScalarType.Float32, ScalarType.Float64])
        {
            foreach (var p in (int[])[2, 4])
            {
                var errors = Errors(size, type, p);
                var times = Times(size, type, p, rounds);
                Print($"A^(-1/{p}) in {type}, {size} rows: relative error by condition number", errors, times);
                for (var solver = 0; solver < s_solvers.Length; solver++)
                {
                    var name = $"{type}, p = {p}, {s_solvers[solver].Name}";
                    for (var i = 0; i < s_conditions.Length; i++)
                        yield return new($"{name}: relative error at condition {s_conditions[i]:0e+0}", errors[solver][i], "", BoundOf(solver, type, s_conditions[i]));
                    yield return new($"{name}: time / Eigh", times[solver], "");
                }
            }
        }
    }

    // Rounding A alone changes its inverse by u·κ; a root is no worse. The ridge of MinimaxNewton is another u·κ. What is relative to a ridge of
    // 1e-6, or stops by a tolerance, is told and not judged.
    private static Bound? BoundOf(int solver, ScalarType type, double condition) => (s_solvers[solver].Name, type) switch
    {
        ("Eigh" or "MinimaxNewton", ScalarType.Float32) when condition <= 1e6 => AtMost(5e-6 + 8 * 6e-8 * condition),
        ("Eigh" or "MinimaxNewton", ScalarType.Float64) => AtMost(2e-12 + 8 * 1.1e-16 * condition),
        _ => null,
    };

    private static double[][] Errors(long size, ScalarType type, int p) => [.. s_solvers.Select(solver => s_conditions.Select(condition =>
    {
        using var scope = NewDisposeScope();
        using var known = new KnownRoots(size, condition);
        return known.Error(solver.Root(known.Matrix(type), 1.0 / p), p);
    }).ToArray())];

    // Of a condition that none of them fails on, as multiples of the first solver's.
    private static double[] Times(long size, ScalarType type, int p, int rounds)
    {
        using var known = new KnownRoots(size, 1e4);
        using var matrix = known.Matrix(type);
        var times = Rounds.Time(rounds, [.. s_solvers.Select(solver => (Action)(() =>
        {
            using var scope = NewDisposeScope();
            solver.Root(matrix.clone(), 1.0 / p);
        }))]);
        return [.. times.Select(time => Rounds.Ratio(time, times[0]))];
    }

    private static void Print(string title, double[][] errors, double[] times)
    {
        var table = new Table().RoundedBorder().Title(title.EscapeMarkup()).AddColumn("");
        foreach (var condition in s_conditions)
            table.AddColumn(new TableColumn($"{condition:0e+0}").RightAligned());
        table.AddColumn(new TableColumn("time / Eigh").RightAligned());
        for (var solver = 0; solver < s_solvers.Length; solver++)
            table.AddRow([s_solvers[solver].Name, .. errors[solver].Select(static error => double.IsFinite(error) ? $"{error:0.0e+0}" : "fails"), $"{times[solver]:0.0}"]);
        AnsiConsole.Write(table);
    }
}
