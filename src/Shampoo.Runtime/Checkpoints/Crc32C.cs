using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;

namespace Shampoo.Runtime;

/// <summary>The cyclic redundancy check CRC-32C (RFC 3720, appendix B.4), which finds bytes that have changed.</summary>
internal struct Crc32C
{
    private uint _remainder;

    /// <summary>What all bytes so far have.</summary>
    public readonly uint Value => ~_remainder;

    /// <summary>A check of no bytes yet.</summary>
    public static Crc32C Start() => new() { _remainder = uint.MaxValue };

    /// <summary>The check as eight hexadecimal digits.</summary>
    public override readonly string ToString() => Value.ToString("x8", CultureInfo.InvariantCulture);

    /// <summary>Adds bytes.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        var remainder = _remainder;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            remainder = BitOperations.Crc32C(remainder, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var value in bytes)
            remainder = BitOperations.Crc32C(remainder, value);
        _remainder = remainder;
    }
}
