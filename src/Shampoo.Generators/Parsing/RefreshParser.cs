using Shampoo.Generators.Diagnostics;
using Shampoo.Generators.Model;

namespace Shampoo.Generators.Parsing;

/// <summary>When refreshes are computed, and what that needs of the schedule.</summary>
internal static class RefreshParser
{
    private static readonly string[] Kinds = Enum.GetNames(typeof(Refresh));

    /// <param name="attribute">[Preconditioning]</param>
    /// <param name="hasRefreshes">Whether there is anything to refresh.</param>
    /// <param name="frequency">Of refreshes.</param>
    public static Refresh Parse(AttributeReader attribute, bool hasRefreshes, int frequency)
    {
        var refresh = (Refresh)Enum.Parse(typeof(Refresh), attribute.Enum("Refresh", nameof(Refresh.Together), Kinds));
        if (!hasRefreshes || frequency > 1) return hasRefreshes ? refresh : Refresh.Together;
        if (refresh == Refresh.Staggered)
            attribute.WithoutEffect("Refresh", "with Frequency = 1 every block is refreshed at every step");
        if (refresh == Refresh.Overlapped)
            attribute.ReportAt("Refresh", Descriptors.Contradiction, AttributeReader.Removing("Refresh"), "Refresh = Overlapped", "Frequency = 1",
                "a refresh has to be adopted before the next one begins; declare Frequency, 2 at least");
        return Refresh.Together;
    }

    /// <summary>The declared staleness, or half of the period. What was begun is adopted before the next refresh begins: also what is adopted at step Start.</summary>
    public static int Staleness(AttributeReader attribute, Refresh refresh, int frequency, int start)
    {
        if (refresh != Refresh.Overlapped)
        {
            attribute.WithoutEffect("Staleness", "only Refresh = Overlapped adopts what was computed before");
            return 0;
        }
        bool isMultiple = start % frequency == 0;
        int highest = isMultiple ? frequency - 1 : Math.Min(frequency - 1, frequency - start % frequency);
        string words = isMultiple ? "less than Frequency" : $"so that what is adopted at Start ({start}) is computed before the next refresh begins";
        int staleness = attribute.Integer("Staleness", -1, Range.Staleness(highest, words));
        return staleness == -1 ? Math.Min(frequency / 2, highest) : staleness;
    }

    /// <summary>What comes first of refreshes that are spread needs statistics.</summary>
    public static void CheckStatistics(AttributeReader attribute, Preconditioning parsed)
    {
        int lead = parsed.Refresh switch { Refresh.Staggered => parsed.Frequency - 1, Refresh.Overlapped => parsed.Staleness, _ => 0 };
        int first = Math.Min(parsed.StatisticsInterval, parsed.Frequency);
        if (parsed.Refresh == Refresh.Together || parsed.Start - lead >= first) return;
        attribute.ReportAt("StatisticsInterval", Descriptors.Contradiction, AttributeReader.Removing("StatisticsInterval"),
            $"StatisticsInterval = {parsed.StatisticsInterval}", $"Refresh = {parsed.Refresh}",
            $"the first root is computed at step {parsed.Start - lead}, but the factor matrices are empty before step {first}; declare Start, {first + lead} at least");
    }
}
