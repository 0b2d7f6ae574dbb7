using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Shampoo.Runtime;

/// <summary>Small rectangles of matrices, of which a transposition reads and writes whole lines of the cache.</summary>
internal static unsafe class Tiles
{
    /// <summary>The number of rows and of columns: a line of the cache of float32.</summary>
    public const long Size = 16;

    private const long Lanes = 8;

    /// <summary>D ← Sᵀ</summary>
    /// <param name="source">S, row by row.</param>
    /// <param name="sourceStride">From a row of S to the next one, in elements.</param>
    /// <param name="destination">D, row by row, elsewhere.</param>
    /// <param name="destinationStride">The same of D.</param>
    /// <param name="rows">Of S.</param>
    /// <param name="columns">Of S.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transpose<T>(T* source, long sourceStride, T* destination, long destinationStride, long rows, long columns) where T : unmanaged
    {
        var isVectorized = Avx.IsSupported && sizeof(T) == sizeof(float);
        long wholeRows = isVectorized ? rows - rows % Lanes : 0, wholeColumns = isVectorized ? columns - columns % Lanes : 0;
        for (long j = 0; j < wholeColumns; j += Lanes)
        {
            for (long i = 0; i < wholeRows; i += Lanes)
                Transpose((float*)(source + i * sourceStride + j), sourceStride, (float*)(destination + j * destinationStride + i), destinationStride);
        }
        for (long j = 0; j < columns; j++)
        {
            for (var i = j < wholeColumns ? wholeRows : 0; i < rows; i++)
                destination[j * destinationStride + i] = source[i * sourceStride + j];
        }
    }

    // 8×8: pairs of rows, then of pairs, then of halves.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(float* source, long sourceStride, float* destination, long destinationStride)
    {
        var (a0, a1) = Interleave(source, sourceStride);
        var (a2, a3) = Interleave(source + 2 * sourceStride, sourceStride);
        var (b0, b1) = Interleave(source + 4 * sourceStride, sourceStride);
        var (b2, b3) = Interleave(source + 6 * sourceStride, sourceStride);
        Store(Avx.Shuffle(a0, a2, 0x44), Avx.Shuffle(b0, b2, 0x44), destination, destinationStride);
        Store(Avx.Shuffle(a0, a2, 0xEE), Avx.Shuffle(b0, b2, 0xEE), destination + destinationStride, destinationStride);
        Store(Avx.Shuffle(a1, a3, 0x44), Avx.Shuffle(b1, b3, 0x44), destination + 2 * destinationStride, destinationStride);
        Store(Avx.Shuffle(a1, a3, 0xEE), Avx.Shuffle(b1, b3, 0xEE), destination + 3 * destinationStride, destinationStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<float> Low, Vector256<float> High) Interleave(float* rows, long stride)
    {
        Vector256<float> first = Vector256.Load(rows), second = Vector256.Load(rows + stride);
        return (Avx.UnpackLow(first, second), Avx.UnpackHigh(first, second));
    }

    // The rows j and j + 4.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<float> left, Vector256<float> right, float* row, long stride)
    {
        Avx.Permute2x128(left, right, 0x20).Store(row);
        Avx.Permute2x128(left, right, 0x31).Store(row + 4 * stride);
    }
}
