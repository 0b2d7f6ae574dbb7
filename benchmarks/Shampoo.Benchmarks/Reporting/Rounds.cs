using System.Diagnostics;

namespace Shampoo.Benchmarks.Reporting;

/// <summary>
/// Times several candidates in turn, round after round, so that what disturbs the machine disturbs all of them.
/// </summary>
internal static class Rounds
{
    /// <param name="rounds">How many rounds count; two more come before.</param>
    /// <param name="candidates">What is timed.</param>
    /// <returns>Milliseconds of every candidate in every round: [candidate][round].</returns>
    public static double[][] Time(int rounds, params Action[] candidates)
    {
        const int WarmUp = 2;
        var times = Array.ConvertAll(candidates, _ => new double[rounds]);
        for (var round = -WarmUp; round < rounds; round++)
        {
            for (var c = 0; c < candidates.Length; c++)
            {
                var start = Stopwatch.GetTimestamp();
                candidates[c]();
                var elapsed = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                if (round >= 0)
                    times[c][round] = elapsed;
            }
        }
        return times;
    }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>The median of the ratios of each round.</summary>
    public static double Ratio(double[] numerator, double[] denominator) => Median(numerator.Zip(denominator, (n, d) => n / d));
}
