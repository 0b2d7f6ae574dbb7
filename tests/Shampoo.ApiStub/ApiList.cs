namespace Shampoo.ApiStub;

/// <summary>A type of the list: what it is, its full name with type parameters, its base class, and a line per member.</summary>
internal sealed record ListedType(string Kind, string Name, string? Base, IReadOnlyList<string> Members)
{
    /// <summary>The full name, part by part.</summary>
    public string[] Path { get; } = Text.Split(Name, '.');
}

/// <summary>Reads the list: "## class Name : Base", then the members, one a line.</summary>
internal static class ApiList
{
    private const string Heading = "## ";
    private const string BaseSeparator = " : ";

    public static List<ListedType> Read(string file)
    {
        var types = new List<ListedType>();
        List<string> members = [];
        foreach (var line in File.ReadLines(file))
        {
            if (line.StartsWith(Heading, StringComparison.Ordinal)) types.Add(ReadHeading(line[Heading.Length..], members = []));
            else if (line.Length > 0 && line[0] != '#') members.Add(line);
        }
        return types;
    }

    private static ListedType ReadHeading(string heading, List<string> members)
    {
        var colon = heading.IndexOf(BaseSeparator, StringComparison.Ordinal);
        var declared = colon < 0 ? heading : heading[..colon];
        var name = declared.IndexOf("TorchSharp.", StringComparison.Ordinal);
        return new ListedType(
            declared[..name].TrimEnd(), declared[name..], colon < 0 ? null : heading[(colon + BaseSeparator.Length)..], members);
    }
}
