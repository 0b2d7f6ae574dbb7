using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Shampoo.Runtime;

/// <summary>JSON in texts and files.</summary>
internal static class JsonText
{
    public static string Write(Action<Utf8JsonWriter> write) => Encoding.UTF8.GetString(Encode(write));

    public static byte[] Encode(Action<Utf8JsonWriter> write, bool indented = false)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = indented }))
            write(writer);
        return buffer.ToArray();
    }

    /// <summary>Reads JSON, and says what is damaged where it is not as expected.</summary>
    /// <param name="text">The JSON.</param>
    /// <param name="what">Its name in messages.</param>
    /// <param name="read">Reads the root.</param>
    public static T Read<T>(string text, string what, Func<JsonElement, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new InvalidDataException($"Damaged: {what} cannot be read. {e.Message}", e);
        }
    }
}
