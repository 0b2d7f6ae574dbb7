namespace TorchSharp.Utils;

/// <summary>Integers of a variable number of bytes, seven bits in each, the lowest first, as TorchSharp's files have them.</summary>
internal static class LEB128Codec
{
    internal static void Encode(this BinaryWriter writer, long value)
    {
        if (value < 0) throw new NotImplementedException("LEB128 encoding of negative numbers");
        do {
            byte low = (byte)(value & 0x7f);
            value >>= 7;
            writer.Write((byte)(value == 0 ? low : low | 0x80));
        } while (value != 0);
    }

    internal static long Decode(this BinaryReader reader)
    {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte part = reader.ReadByte();
            value |= (long)(part & 0x7f) << shift;
            if ((part & 0x80) == 0) return value;
        }
        throw new InvalidDataException("An integer of more than nine bytes.");
    }
}
