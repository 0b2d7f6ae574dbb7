using TorchSharp.Utils;

namespace TorchSharp;

/// <summary>TorchSharp's format of a tensor: element type, number of sizes, sizes, raw bytes.</summary>
internal static class TensorFiles
{
    private const int Chunk = 1 << 20;

    internal static void Write(torch.Tensor tensor, BinaryWriter writer)
    {
        using var host = tensor.cpu();
        using var plain = host.contiguous();
        writer.Encode((int)plain.dtype);
        var shape = plain.shape;
        writer.Encode(shape.Length);
        foreach (long n in shape) writer.Encode(n);
        WriteBytes(plain, writer);
    }

    internal static torch.Tensor Read(BinaryReader reader)
    {
        var (type, shape) = ReadHeader(reader);
        var tensor = torch.empty(shape, type, torch.CPU);
        ReadBytes(tensor, reader);
        return tensor;
    }

    /// <summary>Reads into a tensor, which must have the type and the shape of what is read; with skip, reads and forgets.</summary>
    internal static void ReadInto(torch.Tensor tensor, BinaryReader reader, bool skip)
    {
        var (type, shape) = ReadHeader(reader);
        if (!skip && type != tensor.dtype)
            throw new ArgumentException($"Mismatched tensor data types while loading: {type} is stored, {tensor.dtype} is wanted. Make sure that the model you are loading into is exactly the same as the origin.");
        if (!skip && !shape.AsSpan().SequenceEqual(tensor.shape))
            throw new ArgumentException($"Mismatched tensor shape while loading: [{string.Join("x", shape)}] is stored, [{string.Join("x", tensor.shape)}] is wanted. Make sure that the model you are loading into is exactly the same as the origin.");
        using var read = torch.empty(shape, type, torch.CPU);
        ReadBytes(read, reader);
        if (skip) return;
        using var mode = torch.no_grad();
        tensor.copy_(read);
    }

    private static (torch.ScalarType, long[]) ReadHeader(BinaryReader reader)
    {
        var type = (torch.ScalarType)reader.Decode();
        var shape = new long[reader.Decode()];
        for (int d = 0; d < shape.Length; d++) shape[d] = reader.Decode();
        return (type, shape);
    }

    private static unsafe void WriteBytes(torch.Tensor tensor, BinaryWriter writer)
    {
        byte* data = (byte*)tensor.DataPointer();
        long size = tensor.NumberOfElements * tensor.ElementSize;
        for (long done = 0; done < size; done += Chunk) writer.Write(new ReadOnlySpan<byte>(data + done, (int)Math.Min(Chunk, size - done)));
        GC.KeepAlive(tensor);
    }

    private static unsafe void ReadBytes(torch.Tensor tensor, BinaryReader reader)
    {
        byte* data = (byte*)tensor.DataPointer();
        long size = tensor.NumberOfElements * tensor.ElementSize;
        for (long done = 0; done < size;) {
            int count = reader.Read(new Span<byte>(data + done, (int)Math.Min(Chunk, size - done)));
            if (count == 0) throw new EndOfStreamException("The stream ends within a tensor.");
            done += count;
        }
        GC.KeepAlive(tensor);
    }
}
