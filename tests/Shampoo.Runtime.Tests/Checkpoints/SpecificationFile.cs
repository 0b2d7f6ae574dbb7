using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace Shampoo.Runtime.Tests.Checkpoints;

/// <summary>A safetensors file written and read straight from the specification, with nothing of the runtime.</summary>
internal static class SpecificationFile
{
    /// <summary>The length of the header, the header, the data.</summary>
    public static byte[] Bytes(string header, params byte[] data)
    {
        var text = Encoding.UTF8.GetBytes(header);
        var length = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)text.Length);
        return [.. length, .. text, .. data];
    }

    /// <summary>The tensors of a file: dtype, shape, bytes.</summary>
    public static Dictionary<string, (string Type, long[] Shape, byte[] Bytes)> Read(byte[] file)
    {
        var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file);
        using var header = JsonDocument.Parse(file.AsMemory(8, length));
        var tensors = new Dictionary<string, (string, long[], byte[])>();
        foreach (var entry in header.RootElement.EnumerateObject().Where(entry => entry.Name != "__metadata__"))
        {
            long[] offsets = Numbers(entry.Value.GetProperty("data_offsets"));
            var bytes = file[(8 + length + (int)offsets[0])..(8 + length + (int)offsets[1])];
            tensors.Add(entry.Name, (entry.Value.GetProperty("dtype").GetString()!, Numbers(entry.Value.GetProperty("shape")), bytes));
        }
        return tensors;
    }

    private static long[] Numbers(JsonElement list) => [.. list.EnumerateArray().Select(number => number.GetInt64())];
}
