using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Shampoo.Runtime;

/// <summary>
/// Memory of every thread that steps optimizers, for what is needed within one call only. What slices need stays for the next one; what one
/// matrix needs, as long as it is not much.
/// </summary>
internal static unsafe class ThreadMemory
{
    // To clear the pages of more is nothing beside what is computed there.
    private const long KeptBytes = 32 << 20;

    [ThreadStatic] private static double[]? t_memory;
    [ThreadStatic] private static double[]? t_item;
    [ThreadStatic] private static double[]? t_matrices;

    /// <summary>The address of memory that is valid until the next call on this thread.</summary>
    public static nint Of(long bytes) => Of(bytes, ref t_memory);

    /// <summary>The same for one item of what threads share out, while the thread that does so keeps what it has from <see cref="Of(long)"/>.</summary>
    public static nint OfItem(long bytes) => Of(bytes, ref t_item);

    /// <summary>Memory for what is computed of an item's matrices. Dispose it on the same thread, and before it is asked for again there.</summary>
    public static MatrixMemory OfMatrices(long bytes) =>
        bytes <= KeptBytes ? new MatrixMemory(Of(bytes, ref t_matrices), isOwned: false) : new MatrixMemory((nint)NativeMemory.Alloc(checked((nuint)bytes)), isOwned: true);

    private static nint Of(long bytes, ref double[]? memory)
    {
        // Pinned by where it is allocated; collected when its thread is gone.
        var length = checked((int)(bytes / sizeof(double) + 1));
        if (memory is null || memory.Length < length)
            memory = GC.AllocateUninitializedArray<double>(length, pinned: true);
        return (nint)Unsafe.AsPointer(ref memory[0]);
    }
}

/// <summary>See <see cref="ThreadMemory.OfMatrices"/>.</summary>
internal readonly unsafe struct MatrixMemory(nint address, bool isOwned) : IDisposable
{
    public nint Address { get; } = address;

    public void Dispose()
    {
        if (isOwned)
            NativeMemory.Free((void*)Address);
    }
}
