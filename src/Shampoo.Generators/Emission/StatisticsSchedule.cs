using System.Globalization;
using Shampoo.Generators.Model;

namespace Shampoo.Generators.Emission;

/// <summary>
/// The steps whose gradient the factor matrices take in: those whose number t is a multiple of StatisticsInterval n or of Frequency f, and that of
/// the first refresh, s. So where blocks are refreshed together, at s and at later multiples of f, every refresh knows the gradient of its own step, and no
/// matrix is empty there. Staggered and overlapped refreshes begin at other steps, too: they know the last of these steps before, if there was one.
/// </summary>
internal sealed class StatisticsSchedule(Preconditioning preconditioning, int firstRefresh)
{
    private readonly int _interval = preconditioning.StatisticsInterval, _frequency = preconditioning.Frequency;

    /// <summary>The condition on t; null if that is every step.</summary>
    public string? Condition
    {
        get
        {
            if (preconditioning.UpdatesEveryStep) return null;
            List<string> steps = [Multiple(_interval)];
            if (!DividesFrequency) steps.Add(Multiple(_frequency));
            if (IsFirstExtra) steps.Add($"t == {Text(firstRefresh)}");
            return string.Join(" || ", steps);

            static string Multiple(int number) => $"t % {Text(number)} == 0";
        }
    }

    /// <summary>How many of these steps there are from 1 to t, which is s at least where refreshes are not spread: ⌊t / n⌋ + ⌊t / f⌋ less what is a multiple of both, and s if it is neither.</summary>
    public string Updates
    {
        get
        {
            if (preconditioning.UpdatesEveryStep) return "t";
            string updates = $"t / {Text(_interval)}";
            if (!DividesFrequency) updates += $" + t / {Text(_frequency)} - t / {Text(LeastCommonMultiple(_interval, _frequency))}";
            if (!IsFirstExtra) return updates;
            return preconditioning.Refresh == Refresh.Together ? $"{updates} + 1" : $"{updates} + (t < {Text(firstRefresh)} ? 0 : 1)";
        }
    }

    private bool DividesFrequency => _frequency % _interval == 0;

    private bool IsFirstExtra => firstRefresh % _interval != 0 && firstRefresh % _frequency != 0;

    private static long LeastCommonMultiple(long one, long other)
    {
        (long a, long b) = (one, other);
        while (b != 0) (a, b) = (b, a % b);
        return one / a * other;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
