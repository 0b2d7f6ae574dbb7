namespace Shampoo.LibTorch.Tests.Api;

/// <summary>The list of TorchSharp's public API, and the comparison with it.</summary>
internal sealed class ApiList
{
    private readonly Dictionary<string, HashSet<string>> _sections = [];

    internal static ApiList Read()
    {
        var list = new ApiList();
        HashSet<string>? section = null;
        foreach (string line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Api", "torchsharp-api-0.106.txt"))) {
            if (line.StartsWith("## ", StringComparison.Ordinal)) list._sections[line[3..]] = section = [];
            else if (line.Length > 0 && section is not null) section.UnionWith(line.Contains('=') && !line.Contains('(') ? line.Split(", ") : [line]);
        }
        return list;
    }

    internal bool Covers(Type type) => _sections.Keys.Any(header => FullName(header) == FullName(ApiFormat.Header(type)));

    internal IEnumerable<string> Differences(Type type) => Differences(ApiFormat.Header(type), ApiFormat.Members(type));

    /// <summary>What a type has that TorchSharp's does not have in the very same form.</summary>
    internal IEnumerable<string> Differences(string header, IEnumerable<string> members)
    {
        var (listed, section) = _sections.First(s => FullName(s.Key) == FullName(header));
        if (listed != header) yield return $"{header}: TorchSharp has {listed}";
        foreach (string member in members)
            if (!section.Contains(member)) yield return $"{FullName(header)}: {member}";
    }

    /// <summary>The full name in a header, without its kind and its base.</summary>
    internal static string FullName(string header)
    {
        string name = header[header.IndexOf("TorchSharp.", StringComparison.Ordinal)..];
        int colon = name.IndexOf(" : ", StringComparison.Ordinal);
        return colon < 0 ? name : name[..colon];
    }
}
