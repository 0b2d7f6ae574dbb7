using System.Runtime.CompilerServices;

namespace Shampoo.Runtime;

/// <summary>Memory of every thread for one piece of each array of a sweep.</summary>
internal static unsafe class Scratch
{
    /// <summary>How many arrays a sweep can have.</summary>
    public const int Capacity = 18;

    private const int PieceBytes = Chunks.PieceElements * sizeof(double);

    [ThreadStatic] private static byte[]? t_memory;

    /// <summary>Memory for <see cref="Chunks.PieceElements"/> elements of an array.</summary>
    public static T* Of<T>(int array) where T : unmanaged
    {
        // Pinned by where it is allocated; collected when its thread is gone.
        var memory = t_memory ??= GC.AllocateUninitializedArray<byte>(Capacity * PieceBytes, pinned: true);
        return (T*)Unsafe.AsPointer(ref memory[array * PieceBytes]);
    }
}
