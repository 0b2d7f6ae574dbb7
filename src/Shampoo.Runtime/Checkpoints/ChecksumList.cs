using System.Text.Json;

namespace Shampoo.Runtime;

/// <summary>The checks of tensors as one text: JSON, <c>{"name": "e3069283"}</c>.</summary>
internal static class ChecksumList
{
    public static string Encode(IEnumerable<(string Name, string Check)> checks) => JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        foreach (var (name, check) in checks)
            writer.WriteString(name, check);
        writer.WriteEndObject();
    });

    /// <param name="text">What <see cref="Encode"/> returned; null for none.</param>
    /// <param name="path">The file, for the message.</param>
    public static IReadOnlyDictionary<string, string> Decode(string? text, string path) => JsonText.Read(
        text ?? "{}", $"the list of checks in '{path}'", root => root.EnumerateObject().ToDictionary(member => member.Name, member => member.Value.GetString()!));
}
