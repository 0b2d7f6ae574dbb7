namespace Digits.Page;

/// <summary>One axis of a chart: a range of values, where they lie on it, and which of them are written beside it.</summary>
internal sealed record Axis(double Minimum, double Maximum, Func<double, string> Write, string Label = "", bool Logarithmic = false)
{
    private const int WantedTicks = 5;

    /// <summary>An axis from 0 to the largest value.</summary>
    public static Axis FromZero(string label, IEnumerable<double> values, Func<double, string> write) =>
        new(0, values.Max(), write, label);

    /// <summary>An axis of whole powers of ten around all values.</summary>
    public static Axis PowersOfTen(IEnumerable<double> values, Func<double, string> write)
    {
        var exponents = values.Select(value => Math.Log10(Math.Max(value, 1e-9))).ToArray();
        return new(Math.Pow(10, Math.Floor(exponents.Min())), Math.Pow(10, Math.Ceiling(exponents.Max())), write, Logarithmic: true);
    }

    /// <summary>0 at the minimum, 1 at the maximum.</summary>
    public double Position(double value) => (Scale(value) - Scale(Minimum)) / (Scale(Maximum) - Scale(Minimum));

    public IEnumerable<double> Ticks()
    {
        if (Logarithmic)
        {
            for (var tick = Minimum; tick < Maximum * 1.01; tick *= 10)
                yield return tick;
            yield break;
        }
        var distance = RoundDistance((Maximum - Minimum) / WantedTicks);
        for (var tick = Math.Ceiling(Minimum / distance) * distance; tick <= Maximum * 1.0001; tick += distance)
            yield return tick;
    }

    private double Scale(double value) => Logarithmic ? Math.Log10(Math.Max(value, Minimum)) : value;

    /// <summary>1, 2 or 5 times a power of ten.</summary>
    private static double RoundDistance(double distance)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(distance)));
        return power * (distance / power) switch { < 1.5 => 1, < 3.5 => 2, < 7.5 => 5, _ => 10 };
    }
}
