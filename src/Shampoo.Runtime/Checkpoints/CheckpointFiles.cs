namespace Shampoo.Runtime;

/// <summary>A checkpoint opened for reading, be it one file or many. Shards are opened when something of them is asked for.</summary>
internal sealed class CheckpointFiles : IDisposable
{
    /// <summary>The name of the text that all files of one save have in common.</summary>
    public const string SaveKey = "shampoo.save";

    private readonly Dictionary<string, SafetensorsFile> _open = [];
    private readonly Func<string, SafetensorsFile> _fileOf;
    private readonly ILookup<string, string> _states;

    private CheckpointFiles(SafetensorsFile file)
    {
        Path = file.Path;
        Metadata = file.Metadata;
        Keys = [.. file.Entries.Keys];
        _open[Path] = file;
        _fileOf = _ => file;
        _states = Group(Keys);
    }

    private CheckpointFiles(ShardNames names)
    {
        var index = CheckpointIndex.Read(names.Index);
        Path = names.Index;
        Metadata = index.Metadata;
        Keys = [.. index.Files.Keys];
        _fileOf = key => Shard(names.OfIndex(index.Files[key]));
        _states = Group(Keys);
    }

    /// <summary>The file, or the index.</summary>
    public string Path { get; }

    /// <summary>What the file or the index says of the optimizer.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>The names of all tensors.</summary>
    public IReadOnlyCollection<string> Keys { get; }

    /// <exception cref="FileNotFoundException">There is no checkpoint, or no complete one.</exception>
    /// <exception cref="InvalidDataException">It is damaged, or there are two.</exception>
    public static CheckpointFiles Open(string path)
    {
        var names = new ShardNames(path);
        var (single, index) = (!names.IsIndex && File.Exists(names.Single), File.Exists(names.Index));
        if (single && index)
            throw new InvalidDataException($"There are two checkpoints, '{names.Single}' and '{names.Index}': a save that was cut short has left the old one. Delete one of them, usually the older.");
        if (!single && !index)
            throw new FileNotFoundException($"There is no checkpoint '{path}'{(names.Existing().Any() ? ": its shards are there, but no index, so saving was not completed" : "")}.", path);
        return single ? new CheckpointFiles(new SafetensorsFile(names.Single)) : new CheckpointFiles(names);
    }

    /// <summary>The names of the states that a block has.</summary>
    /// <param name="prefix">The first part of its keys.</param>
    public IReadOnlyCollection<string> StatesOf(string prefix) => [.. _states[prefix]];

    /// <summary>Throws if a tensor is not of this type and shape, or its bytes have changed.</summary>
    /// <returns>The file that has it.</returns>
    public SafetensorsFile RequireIntact(string key, ScalarType type, long[] shape)
    {
        var file = _fileOf(key);
        if (!file.Entries.TryGetValue(key, out var entry))
            throw new InvalidDataException($"'{file.Path}' has no tensor '{key}', but '{Path}' says so. Nothing was loaded.");
        if (entry.Type != type || !entry.Shape.SequenceEqual(shape))
            throw new InvalidDataException($"'{key}' is {entry} in '{file.Path}', but {SafetensorsType.Name(type)} [{string.Join(", ", shape)}] in this optimizer. Nothing was loaded.");
        file.RequireIntact(key);
        return file;
    }

    public void Dispose()
    {
        foreach (var file in _open.Values)
            file.Dispose();
    }

    private SafetensorsFile Shard(string path)
    {
        if (_open.TryGetValue(path, out var open))
            return open;
        if (!File.Exists(path))
            throw new FileNotFoundException($"'{path}', which is a part of the checkpoint '{Path}', is missing. Nothing was loaded.", path);
        var file = _open[path] = new SafetensorsFile(path);
        if (file.Metadata.GetValueOrDefault(SaveKey) != Metadata.GetValueOrDefault(SaveKey))
            throw new InvalidDataException($"'{path}' was written by another save than '{Path}'. Nothing was loaded.");
        return file;
    }

    // Names of states have no '/'; those of parameters may.
    private static ILookup<string, string> Group(IEnumerable<string> keys) => keys
        .Select(key => (Key: key, Slash: key.LastIndexOf('/')))
        .Where(entry => entry.Slash >= 0)
        .ToLookup(entry => entry.Key[..entry.Slash], entry => entry.Key[(entry.Slash + 1)..]);
}
