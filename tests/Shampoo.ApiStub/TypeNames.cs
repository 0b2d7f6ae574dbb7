using System.Text.RegularExpressions;

namespace Shampoo.ApiStub;

/// <summary>Types as the list writes them, in C# that means the same wherever it stands.</summary>
internal sealed partial class TypeNames(IEnumerable<ListedType> types)
{
    private readonly HashSet<string> _modules =
        [.. types.Where(type => type.Path is [_, "Modules", _]).Select(type => type.Path[^1].Split('<')[0])];

    public string InCSharp(string type) =>
        FirstNames().Replace(Unsaid.WithElementNames(type).Replace(Unsaid.HookRemover, "HookRemover"), Qualified);

    private string Qualified(Match name) => name.Value switch
    {
        "torch" => "global::TorchSharp.torch",
        var module when _modules.Contains(module) => "global::TorchSharp.Modules." + module,
        var other => other,
    };

    [GeneratedRegex(@"(?<![\w.])[A-Za-z_]\w*")]
    private static partial Regex FirstNames();
}
