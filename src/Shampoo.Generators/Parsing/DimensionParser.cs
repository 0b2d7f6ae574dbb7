using Shampoo.Generators.Diagnostics;
using Shampoo.Generators.Model;

namespace Shampoo.Generators.Parsing;

/// <summary>What [InverseExponent] and [IgnoredDimensions] say of single dimensions.</summary>
internal sealed class DimensionParser(IReadOnlyList<AttributeReader> exponents, IReadOnlyList<AttributeReader> ignored)
{
    private readonly List<(AttributeReader Attribute, DimensionExponent Exponent)> _exponents = new();

    /// <summary>The exponents with the attributes that declare them, once <see cref="Exponents"/> has parsed them.</summary>
    public IReadOnlyList<(AttributeReader Attribute, DimensionExponent Exponent)> Declared => _exponents;

    public EquatableArray<DimensionExponent> Exponents() => Exponents(Range.NotNegative, fallback: 0.5);

    private EquatableArray<DimensionExponent> Exponents(Range range, double fallback)
    {
        foreach (AttributeReader attribute in exponents)
        {
            DimensionExponent exponent = Exponent(attribute, range, fallback);
            (AttributeReader? before, DimensionExponent? first) = _exponents.FirstOrDefault(e => e.Exponent.Order == exponent.Order && e.Exponent.Dimension == exponent.Dimension);
            if (first is null) _exponents.Add((attribute, exponent));
            else if (first.Exponent.Value == exponent.Exponent.Value) WithoutEffect(attribute, "it is declared twice");
            else attribute.Report(Descriptors.Contradiction, AttributeReader.Removing("[InverseExponent]"), attribute.Text, before!.Text, "a dimension has one exponent");
        }
        return _exponents.Select(static e => e.Exponent).ToEquatableArray();
    }

    /// <summary>Those of the corrected eigenvalues, of orders where they are not the usual one.</summary>
    public EquatableArray<DimensionExponent> CorrectionExponents(Number usual)
    {
        Exponents(Range.Positive, fallback: usual.Value == 1 ? 0.5 : 1); // for one that is wrong, and so is not the usual one
        foreach ((AttributeReader attribute, DimensionExponent exponent) in _exponents)
        {
            if (exponent.Dimension >= 0)
                attribute.ReportAt("Dimension", Descriptors.Contradiction, AttributeReader.Removing("Dimension"), attribute.Text, "EigenvalueCorrected", "E has one exponent for all dimensions of a block");
            else if (exponent.Exponent.Value == usual.Value)
                WithoutEffect(attribute, $"EigenvalueCorrected.Exponent is {usual.Text} already");
        }
        return _exponents.Select(static e => e.Exponent).Where(e => e.Exponent.Value != usual.Value).ToEquatableArray();
    }

    public EquatableArray<DimensionExponent> Ignored()
    {
        var all = new List<DimensionExponent>();
        foreach (AttributeReader attribute in ignored)
        {
            int order = attribute.Integer(0, "order", 1, Range.Count);
            List<DimensionExponent> dimensions = attribute.Integers(1, "dimension", Range.Dimension(order)).Select(d => new DimensionExponent(order, d, Number.Of(0))).ToList();
            if (attribute.IsEmpty(1)) WithoutEffect(attribute, "it names no dimension");
            else if (dimensions.Count > 0 && dimensions.All(all.Contains)) WithoutEffect(attribute, "these dimensions are ignored already");
            all.AddRange(dimensions);
        }
        return all.Distinct().ToEquatableArray();
    }

    public void RejectExponents(string reason)
    {
        foreach (AttributeReader exponent in exponents) WithoutEffect(exponent, reason);
    }

    public void RejectIgnored(string reason)
    {
        foreach (AttributeReader dimension in ignored) WithoutEffect(dimension, reason);
    }

    private static DimensionExponent Exponent(AttributeReader attribute, Range range, double fallback)
    {
        int order = attribute.Integer(0, "order", 1, Range.Count);
        return new DimensionExponent(order, attribute.Integer("Dimension", -1, Range.DimensionOrAll(order)), attribute.Number(1, "exponent", fallback, range));
    }

    private static void WithoutEffect(AttributeReader attribute, string reason) =>
        attribute.Report(Descriptors.WithoutEffect, AttributeReader.Removing($"[{attribute.Name}]"), $"[{attribute.Name}]", reason);
}
