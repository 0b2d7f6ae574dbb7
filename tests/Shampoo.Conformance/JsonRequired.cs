using System.Text.Json;

namespace Shampoo.Conformance;

/// <summary>Properties that have to be there, with messages that say which one is not.</summary>
internal static class JsonRequired
{
    /// <summary>A property of an object.</summary>
    /// <exception cref="InvalidDataException">There is none of this name.</exception>
    public static JsonElement Required(this JsonElement parent, string name) =>
        parent.TryGetProperty(name, out JsonElement value) ? value : throw new InvalidDataException($"'{name}' is missing.");

    /// <summary>A property of an object, as a type.</summary>
    /// <exception cref="InvalidDataException">There is none of this name, or it is null.</exception>
    public static T Required<T>(this JsonElement parent, string name) where T : class =>
        parent.Required(name).Deserialize<T>() ?? throw new InvalidDataException($"'{name}' is null.");
}
