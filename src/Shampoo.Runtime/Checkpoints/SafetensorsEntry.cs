namespace Shampoo.Runtime;

/// <summary>A tensor of a safetensors file.</summary>
/// <param name="Name">Its name; unique in the file.</param>
/// <param name="Type">The type of its elements.</param>
/// <param name="Shape">Its sizes; empty for a single number.</param>
/// <param name="Begin">Where its first byte is, counted from the end of the header.</param>
/// <param name="End">Where it ends.</param>
public sealed record SafetensorsEntry(string Name, ScalarType Type, IReadOnlyList<long> Shape, long Begin, long End)
{
    /// <summary>The number of its bytes.</summary>
    public long Bytes => End - Begin;

    /// <summary>The type and the shape, such as <c>F32 [4, 3]</c>.</summary>
    public override string ToString() => $"{SafetensorsType.Name(Type)} [{string.Join(", ", Shape)}]";

    /// <summary>The bytes of a tensor; null where they are more than a file can have.</summary>
    internal static long? BytesOf(ScalarType type, IEnumerable<long> shape)
    {
        try
        {
            return shape.Aggregate((long)SafetensorsType.Size(type), (bytes, size) => checked(bytes * size));
        }
        catch (OverflowException)
        {
            return null;
        }
    }
}
