using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Unicode;

namespace Shampoo.Runtime;

/// <summary>
/// The header of a safetensors file: 8 bytes, little-endian, that hold the length of the JSON text after them; for each tensor of the text
/// its dtype, shape and the bytes that it has after the text; and <c>__metadata__</c>, a list of texts.
/// </summary>
internal sealed class SafetensorsHeader
{
    /// <summary>The longest header that the format allows, in bytes.</summary>
    public const long MaxLength = 100_000_000;

    /// <summary>The name under which the header has texts.</summary>
    public const string MetadataKey = "__metadata__";

    private const int Alignment = 8;

    private SafetensorsHeader(IReadOnlyList<SafetensorsEntry> entries, IReadOnlyDictionary<string, string> metadata, long dataStart)
    {
        Entries = entries;
        Metadata = metadata;
        DataStart = dataStart;
    }

    /// <summary>The tensors, in the order of their bytes.</summary>
    public IReadOnlyList<SafetensorsEntry> Entries { get; }

    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Where the bytes of tensors begin in the file.</summary>
    public long DataStart { get; }

    /// <summary>The header as it stands in a file, with spaces after the text so that tensors begin at a multiple of 8.</summary>
    public static byte[] Encode(IEnumerable<SafetensorsEntry> entries, IReadOnlyDictionary<string, string> metadata)
    {
        var text = JsonText.Encode(writer =>
        {
            writer.WriteStartObject();
            if (metadata.Count > 0)
                WriteMetadata(writer, metadata);
            foreach (var entry in entries)
                Write(writer, entry);
            writer.WriteEndObject();
        });
        var length = (text.Length + Alignment - 1) / Alignment * Alignment;
        if (length > MaxLength)
            throw new NotSupportedException($"The names and shapes of the tensors take {length} bytes; the format allows {MaxLength}. Write fewer tensors to a file.");
        var bytes = new byte[sizeof(long) + length];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, length);
        text.CopyTo(bytes, sizeof(long));
        bytes.AsSpan(sizeof(long) + text.Length).Fill((byte)' ');
        return bytes;
    }

    /// <summary>Reads and checks a header.</summary>
    /// <param name="file">The file, from its beginning.</param>
    /// <param name="length">The bytes of the file.</param>
    /// <exception cref="InvalidDataException">It is not what the format asks for; the message says where, but not in which file.</exception>
    public static SafetensorsHeader Read(Stream file, long length)
    {
        var prefix = new byte[sizeof(ulong)];
        if (length < prefix.Length)
            throw new InvalidDataException($"it has {length} bytes, but begins with a length of 8");
        file.ReadExactly(prefix);
        var size = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (size > MaxLength)
            throw new InvalidDataException($"its header would have {size} bytes, but the format allows {MaxLength}; it is another kind of file, or damaged");
        if ((long)size > length - prefix.Length)
            throw new InvalidDataException($"its header has {size} bytes, but after the first 8 there are only {length - prefix.Length}; it is truncated, or another kind of file");
        var text = new byte[size];
        file.ReadExactly(text);
        var start = prefix.Length + (long)size;
        return Parse(text, start, length - start);
    }

    private static SafetensorsHeader Parse(byte[] text, long start, long dataLength)
    {
        if (text.Length == 0 || text[0] != (byte)'{')
            throw new InvalidDataException("its header does not begin with '{'");
        if (!Utf8.IsValid(text))
            throw new InvalidDataException("its header is not UTF-8");
        try
        {
            using var document = JsonDocument.Parse(text);
            var (entries, metadata) = Read(document.RootElement);
            entries.Sort((left, right) => (left.Begin, left.End).CompareTo((right.Begin, right.End)));
            RequireContiguous(entries, dataLength);
            return new SafetensorsHeader(entries, metadata, start);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"its header is not JSON: {e.Message}", e);
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidDataException($"its header has a text that is no text: {e.Message}", e); // half of a surrogate pair
        }
    }

    private static (List<SafetensorsEntry> Entries, Dictionary<string, string> Metadata) Read(JsonElement root)
    {
        var entries = new List<SafetensorsEntry>();
        var metadata = new Dictionary<string, string>();
        var names = new HashSet<string>();
        foreach (var member in root.EnumerateObject())
        {
            if (!names.Add(member.Name))
                throw new InvalidDataException($"its header has '{member.Name}' twice");
            if (member.Name == MetadataKey)
                ReadMetadata(member.Value, metadata);
            else
                entries.Add(ReadEntry(member.Name, member.Value));
        }
        return (entries, metadata);
    }

    private static void ReadMetadata(JsonElement element, Dictionary<string, string> metadata)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw new InvalidDataException($"{MetadataKey} is not a list of texts by name");
        foreach (var member in element.EnumerateObject())
        {
            if (member.Value.ValueKind != JsonValueKind.String)
                throw new InvalidDataException($"{MetadataKey} has '{member.Name}', which is not a text");
            if (!metadata.TryAdd(member.Name, member.Value.GetString()!))
                throw new InvalidDataException($"{MetadataKey} has '{member.Name}' twice");
        }
    }

    private static SafetensorsEntry ReadEntry(string name, JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw new InvalidDataException($"the tensor '{name}' is not described by dtype, shape and data_offsets");
        foreach (var member in element.EnumerateObject())
        {
            if (member.Name is not ("dtype" or "shape" or "data_offsets"))
                throw new InvalidDataException($"the tensor '{name}' has '{member.Name}', which the format does not know");
        }
        var names = element.EnumerateObject().Select(member => member.Name).ToArray();
        if (names.Length != 3 || names.Distinct().Count() != 3)
            throw new InvalidDataException($"the tensor '{name}' needs dtype, shape and data_offsets, once each");
        var type = ReadType(name, element.GetProperty("dtype"));
        var shape = ReadNumbers(name, "shape", element.GetProperty("shape"));
        var offsets = ReadNumbers(name, "data_offsets", element.GetProperty("data_offsets"));
        if (offsets.Length != 2 || offsets[1] < offsets[0])
            throw new InvalidDataException($"the tensor '{name}' has the data_offsets [{string.Join(", ", offsets)}], which are not its begin and its end");
        if (SafetensorsEntry.BytesOf(type, shape) is not { } bytes || bytes != offsets[1] - offsets[0])
            throw new InvalidDataException($"the tensor '{name}' is {SafetensorsType.Name(type)} [{string.Join(", ", shape)}], but its data_offsets give it {offsets[1] - offsets[0]} bytes");
        return new SafetensorsEntry(name, type, shape, offsets[0], offsets[1]);
    }

    private static ScalarType ReadType(string name, JsonElement element)
    {
        var type = element.ValueKind == JsonValueKind.String ? element.GetString()! : element.GetRawText();
        return SafetensorsType.Find(type) ?? throw new InvalidDataException($"the tensor '{name}' has the dtype '{type}', which is none of {SafetensorsType.All}");
    }

    private static long[] ReadNumbers(string name, string what, JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Array)
            throw new InvalidDataException($"the {what} of the tensor '{name}' is not a list of numbers");
        return [.. element.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.Number && item.TryGetInt64(out var number) && number >= 0
            ? number
            : throw new InvalidDataException($"the {what} of the tensor '{name}' has {item.GetRawText()}, which is not a whole number from 0"))];
    }

    // Tensors follow one another without holes and overlaps, from the first byte to the last one.
    private static void RequireContiguous(List<SafetensorsEntry> entries, long dataLength)
    {
        long end = 0;
        foreach (var entry in entries)
        {
            if (entry.Begin != end)
                throw new InvalidDataException($"the tensor '{entry.Name}' begins at byte {entry.Begin} of the data, but the one before it ends at {end}");
            end = entry.End;
        }
        if (end != dataLength)
            throw new InvalidDataException($"its tensors have {end} bytes, but {dataLength} follow the header; it is {(dataLength < end ? "truncated" : "longer than it says")}");
    }

    private static void WriteMetadata(Utf8JsonWriter writer, IReadOnlyDictionary<string, string> metadata)
    {
        writer.WriteStartObject(MetadataKey);
        foreach (var (name, value) in metadata)
            writer.WriteString(name, value);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, SafetensorsEntry entry)
    {
        writer.WriteStartObject(entry.Name);
        writer.WriteString("dtype", SafetensorsType.Name(entry.Type));
        writer.WriteStartArray("shape");
        foreach (var size in entry.Shape)
            writer.WriteNumberValue(size);
        writer.WriteEndArray();
        writer.WriteStartArray("data_offsets");
        writer.WriteNumberValue(entry.Begin);
        writer.WriteNumberValue(entry.End);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
