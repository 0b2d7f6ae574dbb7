using System.Text.Json;

namespace Shampoo.Conformance;

/// <summary>
/// An object of the reference's options, which knows what of it has been read: an option that nothing reads must not look as if it
/// were met. An option that is null is as one that is not there.
/// </summary>
internal sealed class Options
{
    private readonly JsonElement _values;
    private readonly string _path;
    private readonly HashSet<string> _read = [];
    private readonly List<Options> _inner = [];

    /// <param name="values">The object.</param>
    /// <param name="path">What its names begin with in messages.</param>
    public Options(JsonElement values, string path = "")
    {
        _values = values;
        _path = path;
    }

    /// <summary>The names of all options, which are read by being asked for one by one.</summary>
    public IEnumerable<string> Names => _values.EnumerateObject().Select(static option => option.Name);

    /// <summary>Whether there is an option of this name, be it null.</summary>
    public bool Has(string name) => _values.TryGetProperty(name, out _);

    /// <summary>An option of any kind, or null if there is none.</summary>
    public JsonElement? Any(string name)
    {
        _read.Add(name);
        return _values.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    /// <summary>A number, or null if there is none. <c>"inf"</c> is infinity.</summary>
    public double? Number(string name) => Any(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } number => number.GetDouble(),
        { ValueKind: JsonValueKind.String } text when text.GetString() == "inf" => double.PositiveInfinity,
        _ => throw Unfit(name, "a number"),
    };

    /// <summary>True or false; what is said of it if there is none.</summary>
    public bool Flag(string name, bool missing = false) => Any(name) switch
    {
        null => missing,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => throw Unfit(name, "true or false"),
    };

    /// <summary>A name, or null if there is none.</summary>
    public string? Text(string name) => Any(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        _ => throw Unfit(name, "a name"),
    };

    /// <summary>Options inside of an option, or null if there are none.</summary>
    public Options? Object(string name)
    {
        if (Any(name) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.Object) throw Unfit(name, "an object");
        var inner = new Options(value, $"{_path}{name}.");
        _inner.Add(inner);
        return inner;
    }

    /// <summary>A number that has to be there.</summary>
    public double RequiredNumber(string name) => Number(name) ?? throw Missing(name);

    /// <summary>A name that has to be there.</summary>
    public string RequiredText(string name) => Text(name) ?? throw Missing(name);

    /// <summary>Options that change no number here: of devices, of diagnostics, and those that others leave without effect.</summary>
    public void WithoutEffect(params ReadOnlySpan<string> names)
    {
        foreach (string name in names) _read.Add(name);
    }

    /// <summary>The error on a value that is known to the reference, but not to this runner.</summary>
    public NotSupportedException Unknown(string name) =>
        new($"The reference's option '{_path}{name}' = {_values.GetProperty(name).GetRawText()} is not known to this runner.");

    /// <exception cref="NotSupportedException">There is an option that nothing has read; the message names all of them.</exception>
    public void RequireAllRead()
    {
        string[] names = [.. Unread()];
        if (names.Length > 0) throw new NotSupportedException($"Not known to this runner, or not beside the others, of the reference's options: {string.Join(", ", names)}.");
    }

    private IEnumerable<string> Unread() =>
        _values.EnumerateObject().Where(option => option.Value.ValueKind != JsonValueKind.Null && !_read.Contains(option.Name)).Select(option => $"'{_path}{option.Name}'")
            .Concat(_inner.SelectMany(static inner => inner.Unread()));

    private InvalidDataException Missing(string name) => new($"'{_path}{name}' is missing.");

    private InvalidDataException Unfit(string name, string kind) => new($"'{_path}{name}' = {_values.GetProperty(name).GetRawText()} is not {kind}.");
}
