namespace Shampoo.Runtime;

/// <summary>How ranks that did not call the same find out, and say, what each of them called.</summary>
internal static class Disagreement
{
    private const string Advice = "All ranks must call the same collectives in the same order, with equal dtypes and counts. The group cannot be used any more";
    private const string Unknown = "ranks called different collectives, or with different arguments";
    private const int Length = CollectiveSignature.Length;

    /// <summary>What this rank contributes to two sums over all ranks, by which they find out. See <see cref="IsNone"/>.</summary>
    public static (long Hash, long Balance) Contribution(int rank, CollectiveCall call, in CollectiveSignature signature) =>
        (signature.Hash(), signature.IsRefused ? 0 : call.Balance(rank));

    /// <summary>Whether the sums say that all ranks called the same: of equal hashes they are Size times this rank's, of balances 0.</summary>
    public static bool IsNone(int size, in CollectiveSignature signature, long hashes, long balances) =>
        !signature.IsRefused && hashes == unchecked(size * signature.Hash()) && balances == 0;

    /// <summary>The error of every rank, once all of them know that there is one.</summary>
    /// <param name="group">The group.</param>
    /// <param name="call">What this rank called.</param>
    /// <param name="signature">The same, as it was compared.</param>
    /// <param name="gather">Gathers the numbers of all ranks, equally many from each; null if that fails.</param>
    public static CollectiveException Explain(ProcessGroup group, CollectiveCall call, in CollectiveSignature signature, Func<long[], long[]?> gather)
    {
        var numbers = new long[Length];
        signature.Write(numbers);
        return new CollectiveException(group.Rank, signature.ToString(), Difference(group.Size, call, gather(numbers), gather) ?? Unknown, Advice);
    }

    private static string? Difference(int size, CollectiveCall call, long[]? all, Func<long[], long[]?> gather)
    {
        if (all is null)
            return null;
        var signatures = Enumerable.Range(0, size).Select(rank => CollectiveSignature.Read(all.AsSpan(Length * rank, Length))).ToArray();
        if (Array.FindIndex(signatures, signature => signature.IsRefused) is >= 0 and var refused)
            return $"rank {refused} refused its arguments; its own error says why";
        var other = Array.FindIndex(signatures, signature => signature != signatures[0]);
        if (other < 0)
            return call.Kind == CollectiveKind.AllToAll ? UnequalCounts(size, gather([.. call.InputCounts, .. call.OutputCounts])) : null;
        var (first, second) = (signatures[0].ToString(), signatures[other].ToString());
        return $"rank 0 called {first}, rank {other} called {(first == second ? "the same with other counts of parts" : second)}";
    }

    // Of every rank what it sends to all, and what it expects from all.
    private static string? UnequalCounts(int size, long[]? all)
    {
        for (var sender = 0; all is not null && sender < size; sender++)
        {
            for (var receiver = 0; receiver < size; receiver++)
            {
                var (sent, expected) = (all[(2 * sender * size) + receiver], all[(((2 * receiver) + 1) * size) + sender]);
                if (sent != expected)
                    return $"rank {sender} sends {sent} elements to rank {receiver}, which expects {expected}";
            }
        }
        return null;
    }
}
