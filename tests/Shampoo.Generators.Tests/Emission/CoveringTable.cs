namespace Shampoo.Generators.Tests.Emission;

/// <summary>
/// Rows with one value of every option, in which every two values meet that may: each row begins with a pair that is still open, and takes of
/// the other options, one after the other, the value that closes the most pairs.
/// </summary>
internal sealed class CoveringTable
{
    /// <summary>Whether a value of an option and one of a later option may stand in one row.</summary>
    public delegate bool Constraint(int option, string value, int other, string otherValue);

    private readonly string[][] _options;
    private readonly Constraint _constraint;
    private readonly HashSet<(int, string, int, string)> _open = [];

    public CoveringTable(string[][] options, Constraint constraint)
    {
        (_options, _constraint) = (options, constraint);
        for (int i = 0; i < options.Length; i++)
            for (int j = i + 1; j < options.Length; j++)
                _open.UnionWith(from one in options[i] from other in options[j] where constraint(i, one, j, other) select (i, one, j, other));
        var rows = new List<string>();
        while (_open.Count > 0) rows.Add(Row());
        Rows = rows;
    }

    /// <summary>The values of every row, one after the other.</summary>
    public IReadOnlyList<string> Rows { get; }

    private string Row()
    {
        (int i, string one, int j, string other) = _open.Order().First();
        var row = new string?[_options.Length];
        (row[i], row[j]) = (one, other);
        for (int option = 0; option < row.Length; option++)
            row[option] ??= _options[option].Where(value => !(value == "" && LeavesNothing(row, option)) && Pairs(row, option, value).All(p => _constraint(p.Item1, p.Item2, p.Item3, p.Item4)))
                .MaxBy(value => Pairs(row, option, value).Count(_open.Contains)) ?? throw new InvalidOperationException($"Nothing stands beside {one} {other}.");
        for (int option = 0; option < row.Length; option++)
            _open.ExceptWith(Pairs(row, option, row[option]!));
        return string.Concat(row);
    }

    /// <summary>Whether the row would be empty if this value, its last one, were.</summary>
    private static bool LeavesNothing(string?[] row, int option) => row.Where((_, i) => i != option).All(static value => value == "");

    /// <summary>What a value meets in a row.</summary>
    private static IEnumerable<(int, string, int, string)> Pairs(string?[] row, int option, string value) =>
        from other in Enumerable.Range(0, row.Length)
        where other != option && row[other] is not null
        select other < option ? (other, row[other]!, option, value) : (option, value, other, row[other]!);
}
