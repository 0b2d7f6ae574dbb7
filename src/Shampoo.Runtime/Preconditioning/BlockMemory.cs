using System.Runtime.CompilerServices;

namespace Shampoo.Runtime;

/// <summary>Where a block is in the memory of this process.</summary>
/// <param name="Data">The first element.</param>
/// <param name="Stride">The distance of neighbours in dimension 0, in elements. What has the same place in dimension 0 is dense.</param>
internal readonly record struct BlockMemory(nint Data, long Stride)
{
    /// <summary>Finds the blocks of an array where they are or, if one of them cannot be seen as a matrix there, in its stack.</summary>
    /// <exception cref="NotSupportedException">The array is stored otherwise than <typeparamref name="T"/>.</exception>
    public static void Locate<T>(BlockArray array, Span<BlockMemory> blocks) where T : unmanaged
    {
        if (array.StackType.Size() != Unsafe.SizeOf<T>())
            throw new NotSupportedException($"Products in {typeof(T).Name} cannot read an array of {array.StackType}.");
        for (var i = 0; i < blocks.Length; i++)
        {
            if (!array.TryInPlace(i, out var data, out var rowStride))
            {
                LocateDense<T>(NativeTensor.Data(array.Stack().Handle), array.BlockElements, DenseStride(array), blocks);
                return;
            }
            blocks[i] = new BlockMemory(data, array.BlockShape.Count == 2 ? rowStride : DenseStride(array));
        }
    }

    /// <summary>The blocks of a dense stack of <typeparamref name="T"/> that begins at <paramref name="data"/>.</summary>
    /// <param name="data">The first element.</param>
    /// <param name="elements">Of a block.</param>
    /// <param name="stride">From one place in dimension 0 to the next.</param>
    /// <param name="blocks">Get where they are.</param>
    public static void LocateDense<T>(nint data, long elements, long stride, Span<BlockMemory> blocks) where T : unmanaged
    {
        for (var i = 0; i < blocks.Length; i++)
            blocks[i] = new BlockMemory(data + (nint)(i * elements * Unsafe.SizeOf<T>()), stride);
    }

    private static long DenseStride(BlockArray array) => array.BlockElements / array.BlockShape[0];
}
