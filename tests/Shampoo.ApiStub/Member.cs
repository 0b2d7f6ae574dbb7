namespace Shampoo.ApiStub;

/// <summary>What a line of the list declares.</summary>
internal enum MemberKind
{
    Field,
    Property,
    Indexer,
    Constructor,
    Method,
}

/// <summary>A parameter: "params long[] sizes", "double lr = 0.001".</summary>
internal sealed record Parameter(string Modifier, string Type, string Name, string? Default)
{
    public static Parameter Parse(string text)
    {
        var equals = text.IndexOf(" = ", StringComparison.Ordinal);
        var declared = equals < 0 ? text : text[..equals];
        var modifier = declared.Split(' ')[0] is "params" or "out" or "ref" ? declared.Split(' ')[0] + " " : "";
        var name = declared.LastIndexOf(' ');
        return new Parameter(
            modifier, declared[modifier.Length..name].Trim(), declared[(name + 1)..], equals < 0 ? null : text[(equals + 3)..]);
    }
}

/// <summary>A line of the list, taken apart.</summary>
internal sealed record Member(
    MemberKind Kind, IReadOnlyList<string> Modifiers, string Type, string Name, string TypeParameters, IReadOnlyList<Parameter> Parameters, string Accessors)
{
    private static readonly string[] AllModifiers = ["protected", "static", "abstract", "virtual"];

    public bool Is(string modifier) => Modifiers.Contains(modifier);

    public static Member Parse(string line)
    {
        var modifiers = line.Split(' ').TakeWhile(AllModifiers.Contains).ToArray();
        var rest = line[modifiers.Sum(modifier => modifier.Length + 1)..];
        return rest.StartsWith("new(", StringComparison.Ordinal)
            ? new Member(MemberKind.Constructor, modifiers, "", "", "", ParseParameters(rest["new(".Length..^1]), "")
            : ParseTyped(modifiers, rest);
    }

    private static Member ParseTyped(string[] modifiers, string text)
    {
        var space = Text.IndexOf(text, ' ');
        var (type, rest) = (text[..space], text[(space + 1)..]);
        if (rest.EndsWith(';')) return new Member(MemberKind.Field, modifiers, type, rest[..^1], "", [], "");
        if (rest.EndsWith(')')) return ParseMethod(modifiers, type, rest);
        var brace = rest.LastIndexOf(" {", StringComparison.Ordinal);
        var (name, accessors) = (rest[..brace], rest[(brace + 1)..]);
        return name.StartsWith("this[", StringComparison.Ordinal)
            ? new Member(MemberKind.Indexer, modifiers, type, "this", "", ParseParameters(name["this[".Length..^1]), accessors)
            : new Member(MemberKind.Property, modifiers, type, name, "", [], accessors);
    }

    private static Member ParseMethod(string[] modifiers, string type, string text)
    {
        var open = Text.IndexOf(text, '(');
        var generic = text[..open].IndexOf('<');
        var name = text[..(generic < 0 ? open : generic)];
        return new Member(
            MemberKind.Method, modifiers, type, name, generic < 0 ? "" : text[generic..open], ParseParameters(text[(open + 1)..^1]), "");
    }

    private static Parameter[] ParseParameters(string text) => [.. Text.Split(text, ',').Select(Parameter.Parse)];
}
