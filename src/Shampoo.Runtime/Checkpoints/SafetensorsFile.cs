using Microsoft.Win32.SafeHandles;

namespace Shampoo.Runtime;

/// <summary>
/// A safetensors file, opened for reading: its header is read and checked, its tensors are read when they are asked for, in pieces. The
/// format is that of Python's library of this name.
/// </summary>
/// <remarks>Several threads may read at the same time.</remarks>
public sealed class SafetensorsFile : IDisposable
{
    private const string ChecksumKey = "crc32c";

    private readonly SafeFileHandle _handle;
    private readonly SafetensorsHeader _header;
    private readonly Dictionary<string, SafetensorsEntry> _entries;

    /// <summary>Opens a file, and checks all that can be known without the data.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataException">It is no safetensors file, or is damaged or truncated; the message says where.</exception>
    public SafetensorsFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Path = path;
        using (var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete))
            _header = ReadHeader(stream);
        _entries = _header.Entries.ToDictionary(entry => entry.Name);
        Checksums = ChecksumList.Decode(_header.Metadata.GetValueOrDefault(ChecksumKey), path);
        _handle = File.OpenHandle(path, share: FileShare.Read | FileShare.Delete);
    }

    /// <summary>The path that the file was opened with.</summary>
    public string Path { get; }

    /// <summary>The texts of the header, by name.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, SafetensorsEntry> Entries => _entries;

    /// <summary>The check of each tensor that has one.</summary>
    private IReadOnlyDictionary<string, string> Checksums { get; }

    /// <summary>Reads a tensor.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="device">Where it is wanted; null for the CPU.</param>
    /// <returns>A new tensor of the file's type and shape.</returns>
    /// <exception cref="KeyNotFoundException">There is none of this name.</exception>
    /// <exception cref="InvalidDataException">The file is shorter than when it was opened.</exception>
    public Tensor Load(string name, torch.Device? device = null)
    {
        var entry = Find(name);
        var tensor = torch.empty([.. entry.Shape], dtype: entry.Type, device: device ?? torch.CPU);
        try
        {
            Read(entry, tensor);
            return tensor;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    /// <summary>Reads a tensor into one that is there.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="destination">A tensor of the same type and shape, of any device and any strides.</param>
    /// <exception cref="KeyNotFoundException">There is none of this name.</exception>
    /// <exception cref="ArgumentException">It has another type or shape.</exception>
    /// <exception cref="InvalidDataException">The file is shorter than when it was opened.</exception>
    public void LoadInto(string name, Tensor destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        var entry = Find(name);
        if (entry.Type != destination.dtype || !entry.Shape.SequenceEqual(destination.shape))
            throw new ArgumentException($"'{name}' is {entry}, but the destination is {destination.dtype} [{string.Join(", ", destination.shape)}].", nameof(destination));
        Read(entry, destination);
    }

    /// <summary>Writes a file. The old one is there until the new one is complete.</summary>
    /// <param name="path">The file, which is replaced.</param>
    /// <param name="tensors">Tensors by name, of any device and any strides; those that share memory are written once each.</param>
    /// <param name="metadata">Texts by name; null for none.</param>
    /// <exception cref="ArgumentException">A name is there twice, or is the format's own <c>__metadata__</c>.</exception>
    /// <exception cref="NotSupportedException">The format has no name for the type of a tensor, or the header would be too long.</exception>
    public static void Save(string path, IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(tensors);
        var sources = tensors.Select(pair => new TensorSource(
            pair.Key, pair.Value.dtype, pair.Value.shape, visit => TensorChunks.Read(pair.Value, visit)));
        AtomicFile.Write(path, stream => SafetensorsWriter.Write(stream, sources, metadata ?? new Dictionary<string, string>()));
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _handle.Dispose();

    /// <summary>Writes a file whose header has a check of every tensor.</summary>
    internal static void SaveChecked(string path, IEnumerable<TensorSource> tensors, IReadOnlyDictionary<string, string> metadata) =>
        AtomicFile.Write(path, stream => SafetensorsWriter.Write(stream, tensors, metadata, ChecksumKey));

    /// <summary>Throws if the bytes of a tensor are not those that were written. Without a check in the header all are right.</summary>
    internal void RequireIntact(string name)
    {
        if (!Checksums.TryGetValue(name, out var expected))
            return;
        var entry = Find(name);
        var check = Crc32C.Start();
        var buffer = new byte[Math.Min(entry.Bytes, 1 << 20)];
        for (var offset = entry.Begin; offset < entry.End;)
        {
            var bytes = buffer.AsSpan(0, (int)Math.Min(buffer.Length, entry.End - offset));
            Read(entry, bytes, offset);
            check.Append(bytes);
            offset += bytes.Length;
        }
        if (check.ToString() != expected)
            throw new InvalidDataException($"'{Path}' is damaged: the bytes of the tensor '{name}' are not those that were written.");
    }

    private SafetensorsHeader ReadHeader(FileStream stream)
    {
        try
        {
            return SafetensorsHeader.Read(stream, stream.Length);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"'{Path}' is not a complete safetensors file: {e.Message}.", e);
        }
    }

    private SafetensorsEntry Find(string name) =>
        _entries.GetValueOrDefault(name) ?? throw new KeyNotFoundException($"'{Path}' has no tensor '{name}'.");

    private void Read(SafetensorsEntry entry, Tensor destination)
    {
        var offset = entry.Begin;
        TensorChunks.Write(destination, bytes =>
        {
            Read(entry, bytes, offset);
            offset += bytes.Length;
        });
    }

    private void Read(SafetensorsEntry entry, Span<byte> bytes, long offset)
    {
        while (bytes.Length > 0)
        {
            var count = RandomAccess.Read(_handle, bytes, _header.DataStart + offset);
            if (count == 0)
                throw new InvalidDataException($"'{Path}' ends in the tensor '{entry.Name}': it has become shorter since it was opened.");
            bytes = bytes[count..];
            offset += count;
        }
    }
}
