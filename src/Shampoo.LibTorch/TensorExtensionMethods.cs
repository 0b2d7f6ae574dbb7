using System.Numerics;
using TorchSharp.Modules;

namespace TorchSharp;

/// <summary>Conversions of tensors.</summary>
public static class TensorExtensionMethods
{
    public static byte ToByte(this torch.Tensor value) => value.ToScalar().ToByte();
    public static sbyte ToSByte(this torch.Tensor value) => value.ToScalar().ToSByte();
    public static short ToInt16(this torch.Tensor value) => value.ToScalar().ToInt16();
    public static int ToInt32(this torch.Tensor value) => value.ToScalar().ToInt32();
    public static long ToInt64(this torch.Tensor value) => value.ToScalar().ToInt64();
    public static float ToSingle(this torch.Tensor value) => value.ToScalar().ToSingle();
    public static double ToDouble(this torch.Tensor value) => value.ToScalar().ToDouble();
    public static bool ToBoolean(this torch.Tensor value) => value.ToScalar().ToBoolean();
    public static Half ToHalf(this torch.Tensor value) => value.ToScalar().ToHalf();
    public static (float, float) ToComplexFloat32(this torch.Tensor value) => value.ToScalar().ToComplexFloat32();
    public static Complex ToComplexFloat64(this torch.Tensor value) => value.ToScalar().ToComplexFloat64();

    /// <summary>A parameter in place of the tensor, which is empty afterwards.</summary>
    public static Parameter AsParameter(this torch.Tensor tensor) => new(tensor);

    /// <summary>The bytes of one element.</summary>
    public static int ElementSize(this torch.ScalarType type) => torch.SizeOf(type);

    /// <summary>The product of the sizes.</summary>
    public static long TotalSize(this IEnumerable<long> shape)
    {
        long total = 1;
        foreach (long n in shape) total *= n;
        return total;
    }

    /// <summary>Writes the tensor in TorchSharp's format.</summary>
    public static void Save(this torch.Tensor tensor, BinaryWriter writer) => TensorFiles.Write(tensor, writer);

    /// <inheritdoc cref="Save(torch.Tensor, BinaryWriter)"/>
    public static void Save(this torch.Tensor tensor, Stream stream)
    {
        using var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true);
        TensorFiles.Write(tensor, writer);
    }

    /// <inheritdoc cref="Save(torch.Tensor, BinaryWriter)"/>
    public static void Save(this torch.Tensor tensor, string location)
    {
        using var stream = File.Create(location);
        tensor.Save(stream);
    }

    /// <summary>Reads what <c>Save</c> wrote into a tensor of the same type and shape.</summary>
    public static void Load(this torch.Tensor tensor, BinaryReader reader, bool skip = false) => TensorFiles.ReadInto(tensor, reader, skip);

    /// <summary>A new tensor from what <c>Save</c> wrote; with <paramref name="skip"/>, it is read over and null is returned.</summary>
    public static torch.Tensor? Load(this BinaryReader reader, bool skip = false)
    {
        var tensor = TensorFiles.Read(reader);
        if (!skip) return tensor;
        tensor.Dispose();
        return null;
    }

    /// <summary>Reads what <c>Save</c> wrote, into the tensor or, if it is null, into a new one.</summary>
    public static void Load(ref torch.Tensor? tensor, BinaryReader reader, bool skip = false)
    {
        if (tensor is null) tensor = TensorFiles.Read(reader);
        else TensorFiles.ReadInto(tensor, reader, skip);
    }
}
