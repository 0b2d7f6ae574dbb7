namespace Shampoo.Runtime;

/// <summary>Memory that is handed out piece by piece; without memory, how much of it is needed.</summary>
/// <param name="start">Its address; 0 for none. Up to a line of the cache is left out there.</param>
internal unsafe struct Pieces(nint start)
{
    /// <summary>The length of a line of the cache, in bytes.</summary>
    public const int Line = 64;

    private readonly nint _start = (start + Line - 1) / Line * Line;

    /// <summary>How many bytes have been handed out.</summary>
    public long Bytes { get; private set; }

    /// <summary>So many neighbouring elements, from where a line of the cache begins.</summary>
    public T* Take<T>(long count) where T : unmanaged
    {
        var piece = (T*)(_start + Bytes);
        Bytes = checked(Bytes + (count * sizeof(T) + Line - 1) / Line * Line);
        return piece;
    }
}
