using System.Globalization;
using System.Text;
using Shampoo.Generators.Model;

namespace Shampoo.Generators.Emission;

/// <summary>
/// The name of a generated file: the class's metadata name, which is unique. Hint names ignore case and take few special
/// characters, so special ones are replaced, and a short stable hash of the whole name keeps apart what then looks alike.
/// </summary>
internal static class HintName
{
    public static string Of(TypeName type)
    {
        string readable = string.Concat(type.MetadataName.Select(static c => IsPlain(c) ? c : '_'));
        return $"{readable}.{Hash(type.MetadataName)}.g.cs";
    }

    private static bool IsPlain(char c) => c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '.' or '_';

    /// <summary>FNV-1a: short, and the same on every machine.</summary>
    private static string Hash(string text)
    {
        uint hash = 2166136261;
        foreach (byte b in Encoding.UTF8.GetBytes(text))
            hash = unchecked((hash ^ b) * 16777619);
        return hash.ToString("x8", CultureInfo.InvariantCulture);
    }
}
