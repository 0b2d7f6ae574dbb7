using System.Globalization;

namespace Shampoo.Runtime;

/// <summary>The values that a number of an optimizer may have.</summary>
public sealed class Bounds
{
    private readonly double _lower;
    private readonly double _upper;
    private readonly bool _includesLower;
    private readonly bool _includesUpper;
    private readonly string? _remedy;

    private Bounds(double lower, double upper, bool includesLower, bool includesUpper, string? remedy = null)
    {
        _lower = lower;
        _upper = upper;
        _includesLower = includesLower;
        _includesUpper = includesUpper;
        _remedy = remedy;
    }

    /// <summary>[0, ∞): learning rates, weight decay.</summary>
    public static Bounds NonNegative { get; } = new(0, double.PositiveInfinity, true, false);

    /// <summary>(0, ∞): epsilon, peak learning rates.</summary>
    public static Bounds Positive { get; } = new(0, double.PositiveInfinity, false, false);

    /// <summary>[0, 1): β₁ and dampening.</summary>
    public static Bounds FirstMomentDecay { get; } = new(0, 1, true, false);

    /// <summary>(0, 1): β₂ of factor matrices and of grafting. A plain sum, β₂ = 1, is declared, because it is another step.</summary>
    public static Bounds AverageDecay { get; } = new(0, 1, false, false, "a plain sum is declared in the attribute: Beta2 = 1");

    /// <summary>(0, 1]: interpolation between iterate and average.</summary>
    public static Bounds Interpolation { get; } = new(0, 1, false, true);

    /// <summary>(0, 1): momentum.</summary>
    public static Bounds Momentum { get; } = new(0, 1, false, false);

    /// <summary>Whether a value is allowed; NaN and infinity never are.</summary>
    internal bool Contains(double value) =>
        double.IsFinite(value)
        && (_includesLower ? value >= _lower : value > _lower)
        && (_includesUpper ? value <= _upper : value < _upper);

    /// <summary>The interval, such as <c>[0, 1)</c>.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{(_includesLower ? '[' : '(')}{_lower}, {(double.IsInfinity(_upper) ? "infinity" : _upper)}{(_includesUpper ? ']' : ')')}");

    /// <param name="name">The number, as users write it.</param>
    /// <param name="value">Its value; null is refused.</param>
    /// <param name="where">The group, for the message; null for constructor arguments.</param>
    internal void Require(string name, double? value, string? where)
    {
        if (!Contains(value ?? double.NaN))
        {
            throw new ArgumentOutOfRangeException(name, value, string.Create(
                CultureInfo.InvariantCulture, $"{name} must be in {this}, but is {Text(value)}{(where is null ? "" : $" in {where}")}{(_remedy is null ? "" : $"; {_remedy}")}."));
        }
    }

    /// <summary>A value for a message.</summary>
    internal static string Text(double? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "null";
}
