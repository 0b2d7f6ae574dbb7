namespace Shampoo.ApiStub;

/// <summary>Members of a type in C#, all of which throw.</summary>
internal sealed class MemberPrinter(ListedType type, Ancestors ancestors, TypeNames names)
{
    private const string Throws = "=> throw null!;";

    private readonly bool _annotated = Unsaid.IsAnnotated(type);

    /// <summary>The type's name without type parameters.</summary>
    public string TypeName { get; } = type.Path[^1].Split('<')[0];

    public string Print(Member member) => member.Kind switch
    {
        MemberKind.Constructor => $"{Access(member)}{TypeName}({Parameters(member)}) {Throws}",
        MemberKind.Field => $"{Access(member)}{Modifiers(member)}{Type(member)} @{member.Name};",
        MemberKind.Property => $"{Access(member)}{Modifiers(member)}{Type(member)} @{member.Name} {Accessors(member)}",
        MemberKind.Indexer => $"{Access(member)}{Modifiers(member)}{Type(member)} this[{Parameters(member)}] {Accessors(member)}",
        _ => Method(member),
    };

    private string Method(Member member)
    {
        var header = Operators.Header(member.Name, Type(member)) ?? $"{Type(member)} @{member.Name}";
        var constraints = Unsaid.Constraints(type, member);
        var body = member.Is("abstract") ? ";" : Throws;
        var obsolete = Unsaid.IsObsolete(type, member) ? "[Obsolete] " : "";
        return $"{obsolete}{Access(member)}{Modifiers(member)}{header}{member.TypeParameters}({Parameters(member)}){constraints} {body}";
    }

    private string Access(Member member) => type.Kind == "interface"
        ? ""
        : member.Is("protected") || Unsaid.IsProtected(type, member) ? "protected " : "public ";

    private string Modifiers(Member member)
    {
        if (type.Kind == "interface") return "";
        if (member.Is("virtual")) return ancestors.Declare(type, member) ? "override " : "virtual ";
        return member.Is("static") ? "static " : member.Is("abstract") ? "abstract " : "";
    }

    private string Type(Member member) =>
        names.InCSharp(member.Type) + (_annotated && Unsaid.MayBeNull(member) ? "?" : "");

    private static string Accessors(Member member) => member.Is("abstract")
        ? member.Accessors
        : member.Accessors.Replace("get;", $"get {Throws}").Replace("set;", $"set {Throws}");

    private string Parameters(Member member)
    {
        var receiver = Unsaid.IsExtension(type, member) ? "this " : "";
        return receiver + string.Join(", ", member.Parameters.Select(Parameter));
    }

    private string Parameter(Parameter parameter)
    {
        var declared = $"{parameter.Modifier}{names.InCSharp(parameter.Type)}{Annotation(parameter)} @{parameter.Name}";
        return parameter.Default is null ? declared : $"{declared} = {Default(parameter, parameter.Default)}";
    }

    private string Annotation(Parameter parameter) =>
        _annotated && parameter.Default == "null" && !parameter.Type.EndsWith('?') && !parameter.Type.StartsWith("ReadOnlySpan", StringComparison.Ordinal) ? "?" : "";

    /// <summary>Numbers in the parameter's type; members of enums with the enum's full name.</summary>
    private string Default(Parameter parameter, string value)
    {
        if (value == "null") return "default";
        if (parameter.Type == "float") return value + "f";
        var isMember = char.IsLetter(value[0]) && value.Contains('.');
        return isMember ? $"{names.InCSharp(parameter.Type)}.{value[(value.LastIndexOf('.') + 1)..]}" : value;
    }
}
