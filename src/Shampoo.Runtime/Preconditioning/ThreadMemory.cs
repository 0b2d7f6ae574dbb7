using System.Runtime.CompilerServices;

namespace Shampoo.Runtime;

/// <summary>Memory of every thread that steps optimizers, for what is needed within one call only. It grows to the largest slice.</summary>
internal static unsafe class ThreadMemory
{
    [ThreadStatic] private static double[]? t_memory;
    [ThreadStatic] private static double[]? t_item;
    [ThreadStatic] private static double[]? t_decomposition;

    /// <summary>The address of memory that is valid until the next call on this thread.</summary>
    public static nint Of(long bytes) => Of(bytes, ref t_memory);

    /// <summary>The same for one item of what threads share out, while the thread that does so keeps what it has from <see cref="Of(long)"/>.</summary>
    public static nint OfItem(long bytes) => Of(bytes, ref t_item);

    /// <summary>The same for one eigendecomposition, which is computed for an item.</summary>
    public static nint OfDecomposition(long bytes) => Of(bytes, ref t_decomposition);

    private static nint Of(long bytes, ref double[]? memory)
    {
        // Pinned by where it is allocated; collected when its thread is gone.
        var length = checked((int)(bytes / sizeof(double) + 1));
        if (memory is null || memory.Length < length)
            memory = GC.AllocateUninitializedArray<double>(length, pinned: true);
        return (nint)Unsafe.AsPointer(ref memory[0]);
    }
}
