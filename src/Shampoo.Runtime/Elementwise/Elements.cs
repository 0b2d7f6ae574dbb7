namespace Shampoo.Runtime;

/// <summary>The elements of an array that a piece consists of, one after the other in memory; read and written by lanes.</summary>
/// <typeparam name="T">The type of an element.</typeparam>
public readonly unsafe struct Elements<T> where T : unmanaged
{
    internal Elements(T* pointer) => Pointer = pointer;

    internal T* Pointer { get; }
}
