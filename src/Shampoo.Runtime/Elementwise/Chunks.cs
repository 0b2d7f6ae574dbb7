namespace Shampoo.Runtime;

/// <summary>
/// Blocks are cut into chunks of a fixed number of elements, whatever the number of threads, the slices and the addresses are: partial sums,
/// and so all results, depend on none of these.
/// </summary>
internal static class Chunks
{
    /// <summary>How many elements a chunk has; the last one of a block may have less.</summary>
    public const int Elements = 16384;

    /// <summary>How many elements are summed up on their own, and staged at a time.</summary>
    public const int PieceElements = 1024;

    /// <summary>The number of chunks of a block.</summary>
    public static int Of(long blockElements) => checked((int)((blockElements + Elements - 1) / Elements));
}
