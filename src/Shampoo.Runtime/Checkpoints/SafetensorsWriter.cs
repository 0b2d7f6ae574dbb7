namespace Shampoo.Runtime;

/// <summary>A tensor to be written: what the header says of it, and its bytes in pieces.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The type of its elements.</param>
/// <param name="Shape">Its sizes.</param>
/// <param name="Read">Shows all of its bytes, in order.</param>
internal sealed record TensorSource(string Name, ScalarType Type, long[] Shape, Action<TensorChunks.Visitor> Read);

/// <summary>Writes safetensors files as Python's library lays them out: by type, the largest first, and then by name.</summary>
internal static class SafetensorsWriter
{
    /// <param name="file">An empty file.</param>
    /// <param name="tensors">What it will contain.</param>
    /// <param name="metadata">Texts for the header.</param>
    /// <param name="checksumKey">The name of a further text, which has a check of every tensor; null for none.</param>
    public static void Write(
        FileStream file, IEnumerable<TensorSource> tensors, IReadOnlyDictionary<string, string> metadata, string? checksumKey = null)
    {
        var sources = tensors.ToArray();
        var entries = Lay(sources);
        var checks = new string[sources.Length];
        Array.Fill(checks, Crc32C.Start().ToString());
        file.Write(Header());
        for (var i = 0; i < sources.Length; i++)
            checks[i] = Copy(sources[i], entries[i], file);
        if (checksumKey is null)
            return;
        file.Position = 0;
        file.Write(Header()); // as long as before: all checks have eight digits

        byte[] Header() => SafetensorsHeader.Encode(entries, checksumKey is null
            ? metadata
            : new Dictionary<string, string>(metadata) { [checksumKey] = ChecksumList.Encode(sources.Select(source => source.Name).Zip(checks)) });
    }

    /// <summary>Sorts tensors, and gives each its place.</summary>
    private static SafetensorsEntry[] Lay(TensorSource[] sources)
    {
        foreach (var source in sources)
            RequireSupported(source);
        Array.Sort(sources, (left, right) =>
        {
            var byType = SafetensorsType.Order(left.Type).CompareTo(SafetensorsType.Order(right.Type));
            return byType != 0 ? byType : string.CompareOrdinal(left.Name, right.Name);
        });
        var names = new HashSet<string>();
        var entries = new SafetensorsEntry[sources.Length];
        long end = 0;
        for (var i = 0; i < sources.Length; i++)
        {
            var source = sources[i];
            if (!names.Add(source.Name))
                throw new ArgumentException($"Two tensors are called '{source.Name}'. Give each a name of its own.", nameof(sources));
            entries[i] = new SafetensorsEntry(source.Name, source.Type, source.Shape, end, end += SafetensorsEntry.BytesOf(source.Type, source.Shape)!.Value);
        }
        return entries;
    }

    private static void RequireSupported(TensorSource source)
    {
        if (source.Name == SafetensorsHeader.MetadataKey)
            throw new ArgumentException($"A tensor cannot be called '{source.Name}': that is the format's own name.", nameof(source));
        if (SafetensorsType.Order(source.Type) < 0)
            throw new NotSupportedException($"The tensor '{source.Name}' is {source.Type}, which safetensors files cannot hold; they hold {SafetensorsType.All}.");
    }

    private static string Copy(TensorSource source, SafetensorsEntry entry, FileStream file)
    {
        var check = Crc32C.Start();
        long written = 0;
        source.Read(bytes =>
        {
            file.Write(bytes);
            check.Append(bytes);
            written += bytes.Length;
        });
        if (written != entry.Bytes)
            throw new InvalidOperationException($"The tensor '{source.Name}' has {written} bytes, but was {entry} when writing began.");
        return check.ToString();
    }
}
