using System.Runtime.CompilerServices;

namespace Shampoo.Runtime;

/// <summary>Memory of every thread that steps optimizers, for what is needed within one call only. It grows to the largest slice.</summary>
internal static unsafe class ThreadMemory
{
    [ThreadStatic] private static double[]? t_memory;

    /// <summary>The address of memory that is valid until the next call on this thread.</summary>
    public static nint Of(long bytes)
    {
        // Pinned by where it is allocated; collected when its thread is gone.
        var length = checked((int)(bytes / sizeof(double) + 1));
        if (t_memory is null || t_memory.Length < length)
            t_memory = GC.AllocateUninitializedArray<double>(length, pinned: true);
        return (nint)Unsafe.AsPointer(ref t_memory[0]);
    }
}
