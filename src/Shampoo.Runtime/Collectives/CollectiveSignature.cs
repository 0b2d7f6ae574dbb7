namespace Shampoo.Runtime;

/// <summary>The collectives.</summary>
internal enum CollectiveKind
{
    AllGather,
    AllGatherParts,
    AllReduce,
    ReduceScatter,
    AllToAll,
    Broadcast,
    Barrier,
    Split,
}

/// <summary>What all ranks have to call alike.</summary>
/// <param name="Kind">The collective.</param>
/// <param name="Type">The dtype; of a barrier or a split, any.</param>
/// <param name="Count">Elements; 0 where ranks may differ.</param>
/// <param name="Op">The reduction; 0 where there is none.</param>
/// <param name="Source">The rank that sends; 0 where there is none.</param>
/// <param name="Parts">A hash of the counts of unequal parts.</param>
/// <param name="IsRefused">Whether the rank has found an error in its arguments, and does not take part.</param>
internal readonly record struct CollectiveSignature(
    CollectiveKind Kind, ScalarType Type, long Count, ReduceOp Op, int Source, long Parts, bool IsRefused)
{
    /// <summary>That of a rank that has found an error in its arguments, which may be none that could be read.</summary>
    public static CollectiveSignature Refusal(CollectiveKind kind) => new(kind, ScalarType.Byte, 0, ReduceOp.Sum, 0, 0, IsRefused: true);

    /// <summary>How many numbers <see cref="Write"/> writes.</summary>
    public const int Length = 7;

    public static CollectiveSignature Read(ReadOnlySpan<long> numbers) => new(
        (CollectiveKind)numbers[0], (ScalarType)numbers[1], numbers[2], (ReduceOp)numbers[3], (int)numbers[4], numbers[5], numbers[6] != 0);

    public void Write(Span<long> numbers)
    {
        ReadOnlySpan<long> own = [(long)Kind, (long)Type, Count, (long)Op, Source, Parts, IsRefused ? 1 : 0];
        own.CopyTo(numbers);
    }

    /// <summary>The same number on all ranks, and in all processes, if and, but for a chance of 2⁻⁶⁴, only if the signature is the same.</summary>
    public long Hash()
    {
        Span<long> numbers = stackalloc long[Length];
        Write(numbers);
        return HashOf(numbers);
    }

    /// <summary>Mixes numbers (the finalizer of splitmix64 after every one of them).</summary>
    public static long HashOf(ReadOnlySpan<long> numbers)
    {
        var hash = 0x9e3779b97f4a7c15UL;
        foreach (var number in numbers)
        {
            hash = (hash ^ (ulong)number) + 0x9e3779b97f4a7c15UL;
            hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9UL;
            hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebUL;
            hash ^= hash >> 31;
        }
        return (long)hash;
    }

    public override string ToString() => Kind switch
    {
        CollectiveKind.AllGather => $"all_gather of {Count} {Type} from each rank",
        CollectiveKind.AllGatherParts => $"all_gather of unequal parts, {Count} {Type} in all",
        CollectiveKind.AllReduce => $"all_reduce ({Op}) of {Count} {Type}",
        CollectiveKind.ReduceScatter => $"reduce_scatter ({Op}) of {Count} {Type}",
        CollectiveKind.AllToAll => $"all_to_all of {Type}",
        CollectiveKind.Broadcast => $"broadcast of {Count} {Type} from rank {Source}",
        CollectiveKind.Barrier => "barrier",
        _ => "split",
    };
}
