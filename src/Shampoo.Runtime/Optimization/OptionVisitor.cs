namespace Shampoo.Runtime;

/// <summary>Something that is done with every number of a parameter group: filling in defaults, checking, saving, loading.</summary>
public abstract class OptionVisitor
{
    private protected OptionVisitor()
    {
    }

    /// <summary>Visits one number.</summary>
    /// <param name="name">Its name, as users write it.</param>
    /// <param name="value">The number; null where the optimizer's default is meant.</param>
    /// <param name="bounds">The values that it may have.</param>
    public abstract void Visit(string name, ref double? value, Bounds bounds);
}

/// <summary>Lists the numbers.</summary>
internal sealed class OptionReader : OptionVisitor
{
    public List<(string Name, double? Value, Bounds Bounds)> Numbers { get; } = [];

    public override void Visit(string name, ref double? value, Bounds bounds) => Numbers.Add((name, value, bounds));
}

/// <summary>Replaces the numbers, in the order in which they are visited; <paramref name="onlyMissing"/> leaves those that have a value.</summary>
internal sealed class OptionWriter(IReadOnlyList<double?> values, bool onlyMissing) : OptionVisitor
{
    private int _next;

    public override void Visit(string name, ref double? value, Bounds bounds)
    {
        var replacement = values[_next++];
        if (!onlyMissing || value is null)
            value = replacement;
    }
}

/// <summary>Throws where a number of a group is missing, or a number is not in its range.</summary>
/// <param name="where">The group, for the message; null for constructor arguments, which may be left to the groups.</param>
internal sealed class OptionCheck(string? where) : OptionVisitor
{
    public override void Visit(string name, ref double? value, Bounds bounds)
    {
        if (where is not null || value is not null)
            Require(name, value, bounds);
    }

    public void Require(string name, double? value, Bounds bounds) => bounds.Require(name, value, where);
}
