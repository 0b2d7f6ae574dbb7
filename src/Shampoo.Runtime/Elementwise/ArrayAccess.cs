namespace Shampoo.Runtime;

/// <summary>An array and what a sweep does with it; made by <see cref="BlockArray.Read"/>, <see cref="BlockArray.Write"/> and <see cref="BlockArray.ReadWrite"/>.</summary>
public readonly struct ArrayAccess
{
    internal ArrayAccess(BlockArray array, bool isRead, bool isWritten)
    {
        Array = array;
        IsRead = isRead;
        IsWritten = isWritten;
    }

    internal BlockArray Array { get; }

    internal bool IsRead { get; }

    internal bool IsWritten { get; }
}
