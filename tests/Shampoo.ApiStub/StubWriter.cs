namespace Shampoo.ApiStub;

/// <summary>A line of the stub, and the line of the list that it says in C#, if it is a member.</summary>
internal sealed record StubLine(string Text, string? Member = null);

/// <summary>Says the list in C#: every type as a partial one, so that <c>Unlisted.cs.txt</c> can add what the list leaves out.</summary>
internal sealed class StubWriter(IReadOnlyList<ListedType> types)
{
    private readonly List<StubLine> _lines = [];
    private readonly Ancestors _ancestors = new(types);
    private readonly TypeNames _names = new(types);

    public IReadOnlyList<StubLine> Write()
    {
        foreach (var space in (string[])["System", "System.Collections.Generic", "System.Globalization", "System.IO", "System.Numerics",
                                         "TorchSharp", "TorchSharp.Modules", "TorchSharp.Utils"])
            _lines.Add(new StubLine($"using {space};"));
        foreach (var type in types) Write(type);
        return _lines;
    }

    private void Write(ListedType type)
    {
        var containers = type.Path.Skip(1).TakeWhile(part => part != "Modules").Count() == type.Path.Length - 1 ? 1 : 2;
        _lines.Add(new StubLine(Unsaid.IsAnnotated(type) ? "#nullable enable" : "#nullable disable"));
        _lines.Add(new StubLine($"namespace {string.Join('.', type.Path[..containers])} {{"));
        foreach (var container in type.Path[containers..^1]) _lines.Add(new StubLine($"partial class {container} {{"));
        WriteDeclaration(type);
        _lines.Add(new StubLine(new string('}', type.Path.Length - containers + 1)));
    }

    private void WriteDeclaration(ListedType type)
    {
        if (type.Kind == "enum")
        {
            _lines.Add(new StubLine($"public enum {type.Path[^1]} {{ {string.Join(' ', type.Members)}"));
            return;
        }
        var space = type.Kind.LastIndexOf(' ') + 1;
        var inherits = type.Base is null ? "" : $" : {_names.InCSharp(type.Base)}";
        _lines.Add(new StubLine($"public {type.Kind[..space]}partial {type.Kind[space..]} {type.Path[^1]}{inherits} {{"));
        var printer = new MemberPrinter(type, _ancestors, _names);
        var members = type.Members.Select(line => (Line: line, Member: Member.Parse(line))).ToArray();
        foreach (var (line, member) in members.Where(each => each.Member.Name != "Finalize"))
            _lines.Add(new StubLine(printer.Print(member), line));
        if (type.Kind.EndsWith("class", StringComparison.Ordinal) && type.Kind != "static class" && !members.Any(each => IsDefaultConstructor(each.Member)))
            _lines.Add(new StubLine($"internal {printer.TypeName}() => throw null!;"));
    }

    private static bool IsDefaultConstructor(Member member) => member is { Kind: MemberKind.Constructor, Parameters: [] };
}
