using System.Text.Json;

namespace Shampoo.Runtime;

/// <summary>
/// The index of a checkpoint of several ranks: JSON, <c>{"metadata": {"total_size": bytes, …}, "weight_map": {"key": "file"}}</c>.
/// </summary>
/// <param name="Metadata">The texts of the manifest, and the number of the save.</param>
/// <param name="Files">The file of every tensor.</param>
internal sealed record CheckpointIndex(IReadOnlyDictionary<string, string> Metadata, IReadOnlyDictionary<string, string> Files)
{
    private const string MetadataKey = "metadata", SizeKey = "total_size", MapKey = "weight_map";

    public void Write(Stream stream, long bytes) => stream.Write(JsonText.Encode(
        writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartObject(MetadataKey);
            writer.WriteNumber(SizeKey, bytes);
            WriteTexts(writer, Metadata);
            writer.WriteEndObject();
            writer.WriteStartObject(MapKey);
            WriteTexts(writer, Files);
            writer.WriteEndObject();
            writer.WriteEndObject();
        },
        indented: true));

    public static CheckpointIndex Read(string path) => JsonText.Read(File.ReadAllText(path), $"the index '{path}'", root => new CheckpointIndex(
        root.GetProperty(MetadataKey).EnumerateObject().Where(text => text.Value.ValueKind == JsonValueKind.String).ToDictionary(text => text.Name, text => text.Value.GetString()!),
        root.GetProperty(MapKey).EnumerateObject().ToDictionary(file => file.Name, file => file.Value.GetString() ?? throw new FormatException($"'{file.Name}' is in no file."))));

    private static void WriteTexts(Utf8JsonWriter writer, IReadOnlyDictionary<string, string> texts)
    {
        foreach (var (name, text) in texts)
            writer.WriteString(name, text);
    }
}
