namespace Shampoo.Runtime;

/// <summary>Which tensors share a bucket.</summary>
internal static class BucketAssignment
{
    /// <summary>
    /// Fills buckets in the order of the tensors. Those of a bucket have one kind, and at most <paramref name="cap"/> bytes; a larger tensor has
    /// a bucket of its own.
    /// </summary>
    /// <param name="tensors">What each tensor is, and how many bytes it has.</param>
    /// <param name="cap">More than 0.</param>
    /// <returns>The numbers of the tensors of each bucket, ascending; buckets in the order of their first ones.</returns>
    public static List<List<int>> Of<TKind>(IReadOnlyList<(TKind Kind, long Bytes)> tensors, long cap) where TKind : notnull
    {
        var buckets = new List<List<int>>();
        var open = new Dictionary<TKind, (List<int> Bucket, long Bytes)>();
        for (var i = 0; i < tensors.Count; i++)
        {
            var (kind, bytes) = tensors[i];
            if (!open.TryGetValue(kind, out var last) || last.Bytes + bytes > cap)
                buckets.Add((last = ([], 0)).Bucket);
            last.Bucket.Add(i);
            open[kind] = (last.Bucket, last.Bytes + bytes);
        }
        return buckets;
    }
}
