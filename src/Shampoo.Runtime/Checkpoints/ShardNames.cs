using System.Globalization;
using System.Text.RegularExpressions;

namespace Shampoo.Runtime;

/// <summary>The files of a checkpoint: one alone, or the shards of several ranks and their index.</summary>
/// <param name="path">What the user calls the checkpoint: the path of the single file, or of the index.</param>
internal sealed partial class ShardNames(string path)
{
    private const string Extension = ".safetensors";
    private const string IndexExtension = ".index.json";

    private readonly string _folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!;
    private readonly string _stem = Stem(System.IO.Path.GetFileName(path));

    /// <summary>The file that has everything, where one rank writes.</summary>
    public string Single { get; } = path;

    /// <summary>Whether the path is that of an index.</summary>
    public bool IsIndex => Single.EndsWith(IndexExtension, StringComparison.Ordinal);

    /// <summary>The file that says in which shard a tensor is.</summary>
    public string Index => IsIndex ? Single : In($"{_stem}{Extension}{IndexExtension}");

    /// <summary>The file of a rank: <c>name-id-00001-of-00004.safetensors</c>.</summary>
    public string Shard(string id, int rank, int size) =>
        In(string.Create(CultureInfo.InvariantCulture, $"{_stem}-{id}-{rank + 1:D5}-of-{size:D5}{Extension}"));

    /// <summary>A file of the same folder.</summary>
    /// <param name="name">Its name, as the index has it.</param>
    /// <exception cref="InvalidDataException">It is not the name of a shard of this checkpoint.</exception>
    public string OfIndex(string name) => IsShard(name)
        ? In(name)
        : throw new InvalidDataException($"'{Index}' names the file '{name}', which is not a shard of this checkpoint.");

    /// <summary>The shards that are there, of this save and of all others.</summary>
    public IEnumerable<string> Existing() =>
        Directory.Exists(_folder) ? Directory.EnumerateFiles(_folder, $"*{Extension}").Where(file => IsShard(System.IO.Path.GetFileName(file))) : [];

    private bool IsShard(string name) =>
        name.StartsWith($"{_stem}-", StringComparison.Ordinal) && Ending().IsMatch(name.AsSpan(_stem.Length));

    private string In(string name) => System.IO.Path.Combine(_folder, name);

    private static string Stem(string name)
    {
        foreach (var extension in (string[])[IndexExtension, Extension])
        {
            if (name.EndsWith(extension, StringComparison.Ordinal))
                name = name[..^extension.Length];
        }
        return name;
    }

    [GeneratedRegex(@"^-[0-9a-f]{16}-[0-9]{5,}-of-[0-9]{5,}\.safetensors$")]
    private static partial Regex Ending();
}
