using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Shampoo.Runtime;

/// <summary>What the meter "Shampoo" tells those who listen. Where nobody does, it costs a comparison at each refresh.</summary>
internal static class RefreshMetrics
{
    private static readonly Meter Meter = new("Shampoo");

    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>(
        "shampoo.refresh.duration", "s", "Time in which inverse roots or eigenbases of a stack of blocks were computed anew.");

    private static readonly Counter<long> Failures = Meter.CreateCounter<long>(
        "shampoo.refresh.failures", "{block}", "Blocks whose inverse roots or eigenbases could not be computed, and which keep their old ones.");

    /// <summary>When a refresh begins; 0 if nobody listens.</summary>
    public static long Start() => Duration.Enabled ? Stopwatch.GetTimestamp() : 0;

    /// <summary>A refresh is over.</summary>
    /// <param name="start">What <see cref="Start"/> returned.</param>
    /// <param name="results">What was computed.</param>
    /// <param name="failures">For how many blocks it could not be.</param>
    public static void Report(long start, string results, int failures)
    {
        if (start != 0)
            Duration.Record(Stopwatch.GetElapsedTime(start).TotalSeconds, Tag(results));
        if (failures > 0)
            Failures.Add(failures, Tag(results));
    }

    private static KeyValuePair<string, object?> Tag(string results) => new("results", results);
}
