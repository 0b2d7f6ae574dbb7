namespace Shampoo.Generators.Parsing;

/// <summary>The values that a number may have, and the words for them. A bound is given where it belongs to the range.</summary>
internal sealed class Range(Func<double, bool> contains, string words, double? lowest = null, double? highest = null)
{
    public static readonly Range Decay = new(static x => x is >= 0 and < 1, "in [0, 1)", lowest: 0);
    public static readonly Range DecayOrSum = new(static x => x is > 0 and <= 1, "in (0, 1]", highest: 1);
    public static readonly Range Fraction = new(static x => x is >= 0 and <= 1, "in [0, 1]", lowest: 0, highest: 1);
    public static readonly Range Open = new(static x => x is > 0 and < 1, "in (0, 1)");
    public static readonly Range Positive = new(static x => x > 0 && !double.IsInfinity(x), "a finite number > 0");
    public static readonly Range NotNegative = new(static x => x >= 0 && !double.IsInfinity(x), "a finite number >= 0", lowest: 0);
    public static readonly Range Count = new(static x => x >= 1, "at least 1", lowest: 1);
    public static readonly Range CountOrZero = new(static x => x >= 0, "at least 0", lowest: 0);
    public static readonly Range Order = new(static x => x is 0 or >= 2, "0 (the solver's own) or at least 2");
    public static readonly Range Start = new(static x => x is -1 or >= 1, "-1 or at least 1", lowest: -1);
    public static readonly Range GroupSize = new(static x => x is -1 or >= 1, "-1 (all ranks) or at least 1", lowest: -1);

    /// <summary>By how many steps a refresh may be older than its adoption.</summary>
    /// <param name="highest">What Frequency and Start leave.</param>
    /// <param name="words">Why.</param>
    public static Range Staleness(int highest, string words) => new(x => x == -1 || x >= 1 && x <= highest, $"-1 or {(highest == 1 ? "1" : $"from 1 to {highest}")}, {words}", lowest: -1, highest: highest);

    /// <summary>A dimension of blocks of an order.</summary>
    public static Range Dimension(int order) => new(x => x >= 0 && x < order, order == 1 ? "0 in blocks of order 1" : $"from 0 to {order - 1} in blocks of order {order}", lowest: 0, highest: order - 1);

    /// <summary>A dimension of blocks of an order, or −1 for all of them.</summary>
    public static Range DimensionOrAll(int order) => new(x => x >= -1 && x < order, $"-1 (all dimensions) or {Dimension(order)}", lowest: -1, highest: order - 1);

    /// <summary>False for NaN, whatever the range.</summary>
    public bool Contains(double value) => contains(value);

    /// <summary>The bound that a value outside has passed, if it belongs to the range.</summary>
    public double? Nearest(double value) => value < lowest ? lowest : value > highest ? highest : null;

    public override string ToString() => words;
}
