using System.CommandLine;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Shampoo.Benchmarks.Reporting;

namespace Shampoo.Benchmarks.Pieces;

/// <summary><c>pieces</c>: what a step is made of, one piece at a time, each beside torch's operator for the same.</summary>
internal static class PiecesCommand
{
    private static readonly Type[] s_pieces = [typeof(Statistics), typeof(Directions), typeof(Decompositions), typeof(Compositions), typeof(Iterations)];

    public static Command Create()
    {
        var only = new Option<string[]>("--only") { Description = $"Some of: {string.Join(", ", s_pieces.Select(piece => piece.Name))}.", DefaultValueFactory = _ => [], AllowMultipleArgumentsPerToken = true };
        only.AcceptOnlyFromAmong([.. s_pieces.Select(piece => piece.Name)]);
        var folder = new Option<DirectoryInfo?>("--reports") { Description = "A folder for BenchmarkDotNet's own reports." };
        var json = new Option<FileInfo?>("--json") { Description = "A file for the figures." };
        var command = new Command("pieces", "Statistics, directions, eigendecompositions and QR iterations of single matrices by BenchmarkDotNet, on one thread.") { only, folder, json };
        command.SetAction(result =>
        {
            var names = result.GetValue(only)!;
            return Report.Of("pieces", [.. s_pieces.Where(piece => names.Length == 0 || names.Contains(piece.Name)).SelectMany(piece => Measure(piece, result.GetValue(folder)))]).Finish(result.GetValue(json));
        });
        return command;
    }

    private static IEnumerable<Figure> Measure(Type piece, DirectoryInfo? folder)
    {
        var scratch = folder is null ? Directory.CreateTempSubdirectory("shampoo-pieces-") : null;
        try
        {
            var summary = BenchmarkRunner.Run(piece, Configuration((folder ?? scratch!).FullName));
            if (summary.HasCriticalValidationErrors || summary.Reports.Any(report => !report.Success))
                throw new InvalidOperationException($"{piece.Name} could not be measured.");
            return [.. summary.BenchmarksCases.GroupBy(summary.GetLogicalGroupKey).SelectMany(group => Figures(summary, [.. group]))];
        }
        finally
        {
            scratch?.Delete(recursive: true);
        }
    }

    // In this process, as it is the one that has found libtorch.
    private static IConfig Configuration(string folder) => ManualConfig.Create(DefaultConfig.Instance)
        .AddJob(Job.ShortRun.WithIterationCount(10).WithToolchain(InProcessEmitToolchain.Instance))
        .AddDiagnoser(BenchmarkDotNet.Diagnosers.MemoryDiagnoser.Default)
        .WithOptions(ConfigOptions.DisableLogFile)
        .WithArtifactsPath(folder)
        .WithBuildTimeout(TimeSpan.FromMinutes(5));

    private static IEnumerable<Figure> Figures(Summary summary, BenchmarkCase[] cases)
    {
        var torch = summary[Array.Find(cases, summary.IsBaseline)!]!;
        var ours = summary[Array.Find(cases, candidate => !summary.IsBaseline(candidate))!]!;
        var name = $"{ours.BenchmarkCase.Descriptor.Type.Name}, {ours.BenchmarkCase.Parameters.PrintInfo}";
        yield return new($"{name}: median", ours.ResultStatistics!.Median / 1e6, "ms");
        yield return new($"{name}: torch's operators / ours", torch.ResultStatistics!.Median / ours.ResultStatistics.Median, "");
        yield return new($"{name}: allocated", ours.GcStats.GetBytesAllocatedPerOperation(ours.BenchmarkCase) ?? 0, "B");
    }
}
