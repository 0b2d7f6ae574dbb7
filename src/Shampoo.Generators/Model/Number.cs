using System.Globalization;

namespace Shampoo.Generators.Model;

/// <summary>A number of a declaration: its value, and its text as the user wrote it (a C# expression of type double).</summary>
internal sealed record Number(double Value, string Text)
{
    /// <summary>A number that nobody wrote: its shortest text that reads back the same, exponents as people write them (1e-8).</summary>
    public static Number Of(double value)
    {
        string[] parts = value.ToString("R", CultureInfo.InvariantCulture).Split('E');
        return new(value, parts.Length == 1 ? parts[0] : $"{parts[0]}e{int.Parse(parts[1], CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture)}");
    }
}
