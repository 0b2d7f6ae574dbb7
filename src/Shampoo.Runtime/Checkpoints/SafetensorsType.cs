namespace Shampoo.Runtime;

/// <summary>The names that the safetensors format has for element types.</summary>
internal static class SafetensorsType
{
    // In the order in which tensors are written: the first have the largest alignment.
    private static readonly (ScalarType Type, string Name, int Size)[] s_types =
    [
        (ScalarType.Int64, "I64", 8), (ScalarType.Float64, "F64", 8), (ScalarType.Float32, "F32", 4), (ScalarType.Int32, "I32", 4),
        (ScalarType.BFloat16, "BF16", 2), (ScalarType.Float16, "F16", 2), (ScalarType.Int16, "I16", 2),
        (ScalarType.Int8, "I8", 1), (ScalarType.Byte, "U8", 1), (ScalarType.Bool, "BOOL", 1),
    ];

    /// <summary>The place of a type among all, by which tensors are ordered; -1 if the format has none for it.</summary>
    public static int Order(ScalarType type) => Array.FindIndex(s_types, entry => entry.Type == type);

    public static string Name(ScalarType type) => s_types[Order(type)].Name;

    /// <summary>Bytes of an element.</summary>
    public static int Size(ScalarType type) => s_types[Order(type)].Size;

    public static ScalarType? Find(string name)
    {
        var index = Array.FindIndex(s_types, entry => entry.Name == name);
        return index < 0 ? null : s_types[index].Type;
    }

    /// <summary>All names, for a message.</summary>
    public static string All => string.Join(", ", s_types.Select(entry => entry.Name));
}
