namespace Shampoo.ApiStub;

/// <summary>Tells what overrides from what is merely virtual: the list calls both so.</summary>
internal sealed class Ancestors(IReadOnlyList<ListedType> types)
{
    private static readonly string[] OfObject = ["ToString", "Equals", "GetHashCode"];

    /// <summary>Whether a base class has a method of that name with as many parameters. A base class that is not listed has.</summary>
    public bool Declare(ListedType type, Member member)
    {
        if (type.Base is null) return OfObject.Contains(member.Name);
        var parent = types.FirstOrDefault(candidate => IsNamed(candidate, type.Base));
        return parent is null || parent.Members.Select(Member.Parse).Any(inherited => Matches(inherited, member)) || Declare(parent, member);
    }

    private static bool Matches(Member inherited, Member member) =>
        inherited.Name == member.Name && inherited.Parameters.Count == member.Parameters.Count && (inherited.Is("virtual") || inherited.Is("abstract"));

    private static bool IsNamed(ListedType candidate, string name) =>
        Outline(candidate.Name) == Outline("TorchSharp." + name) || Outline(candidate.Name) == Outline("TorchSharp.Modules." + name);

    /// <summary>A name with its number of type arguments instead of them.</summary>
    private static string Outline(string name)
    {
        var generic = name.IndexOf('<');
        return generic < 0 ? name : $"{name[..generic]}`{Text.Split(name[(generic + 1)..^1], ',').Length}";
    }
}
