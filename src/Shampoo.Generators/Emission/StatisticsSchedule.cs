using System.Globalization;
using Shampoo.Generators.Model;

namespace Shampoo.Generators.Emission;

/// <summary>
/// The steps whose gradient the factor matrices take in: those whose number t is a multiple of StatisticsInterval n or of Frequency f, and step
/// Start s. So every refresh, which is at s or at a later multiple of f, knows the gradient of its own step, and no matrix is empty there.
/// </summary>
internal static class StatisticsSchedule
{
    /// <summary>The condition on t; null if that is every step.</summary>
    public static string? Condition(Preconditioning p)
    {
        if (p.UpdatesEveryStep) return null;
        List<string> steps = [Multiple(p.StatisticsInterval)];
        if (p.Frequency % p.StatisticsInterval != 0) steps.Add(Multiple(p.Frequency));
        if (IsExtra(p)) steps.Add($"t == {Text(p.Start)}");
        return string.Join(" || ", steps);

        static string Multiple(int number) => $"t % {Text(number)} == 0";
    }

    /// <summary>How many of these steps there are up to step t ≥ s: ⌊t / n⌋ + ⌊t / f⌋ less what is a multiple of both, and s if it is neither.</summary>
    public static string Updates(Preconditioning p)
    {
        if (Condition(p) is null) return "t";
        string updates = $"t / {Text(p.StatisticsInterval)}";
        if (p.Frequency % p.StatisticsInterval != 0) updates += $" + t / {Text(p.Frequency)} - t / {Text(LeastCommonMultiple(p.StatisticsInterval, p.Frequency))}";
        return IsExtra(p) ? $"{updates} + 1" : updates;
    }

    private static bool IsExtra(Preconditioning p) => p.Start % p.StatisticsInterval != 0 && p.Start % p.Frequency != 0;

    private static long LeastCommonMultiple(long one, long other)
    {
        (long a, long b) = (one, other);
        while (b != 0) (a, b) = (b, a % b);
        return one / a * other;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
