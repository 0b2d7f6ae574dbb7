namespace Shampoo.Generators.Tests.Pairs;

/// <summary>Values of options in one declaration. Equal if they are written down the same.</summary>
internal sealed class Declared : IEquatable<Declared>
{
    public Declared(IEnumerable<OptionValue> values)
    {
        Values = [.. values.Distinct()];
        Text = string.Join(' ', Values.GroupBy(static v => v.Attribute).OrderBy(static a => a.Key, StringComparer.Ordinal)
            .Select(static a => $"[{a.Key}({string.Join(", ", a.OrderBy(static v => v.IsProperty).ThenBy(static v => v.Option, StringComparer.Ordinal).Select(static v => v.Argument).Where(static text => text != ""))})]"))
            .Replace("()]", "]", StringComparison.Ordinal);
    }

    public IReadOnlyList<OptionValue> Values { get; }

    /// <summary>As attributes.</summary>
    public string Text { get; }

    public bool Admits(OptionValue value) => Values.All(value.FitsBeside);

    public bool Admits(Declared other) => other.Values.All(Admits);

    public Declared With(OptionValue value) => new(Values.Append(value));

    public Declared With(Declared other) => new(Values.Concat(other.Values));

    public bool Equals(Declared? other) => other?.Text == Text;

    public override bool Equals(object? obj) => Equals(obj as Declared);

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Text;
}
