using System.Diagnostics;

namespace Shampoo.Runtime;

/// <summary>What ranks tell each other when a collective has failed, so that everyone's error names the rank and what it did.</summary>
internal static unsafe class MpiDiagnosis
{
    // Requests that were never answered may still be written to.
    private static readonly List<long[]> s_kept = [];

    /// <summary>The ranks did not call the same, which all of them know.</summary>
    public static CollectiveException Disagreement(MpiProcessGroup group, MpiWork work) =>
        Runtime.Disagreement.Explain(group, work.Call, work.Signature, numbers => Gather(group, numbers));

    /// <summary>Something did not end within the time limit. Whoever has waited as long as this rank gives a sign; the others are named.</summary>
    public static CollectiveException Absence(MpiProcessGroup group, MpiWork work)
    {
        var grace = TimeSpan.FromSeconds(Math.Clamp(group.Timeout.TotalSeconds / 4, 1, 10));
        var silent = Silent(group, grace);
        var who = silent.Count switch
        {
            0 => "all ranks wait",
            1 => $"rank {silent[0]} gave no sign",
            _ => $"ranks {string.Join(", ", silent)} gave no sign",
        };
        return new CollectiveException(
            group.Rank, work.Description, $"it did not end within {group.Timeout.TotalSeconds} s; {who}",
            "A rank that gave no sign has ended, is stopped, or still computes. A longer limit: SHAMPOO_COLLECTIVE_TIMEOUT, in seconds, or ProcessGroup.Timeout. The group cannot be used any more");
    }

    private static List<int> Silent(MpiProcessGroup group, TimeSpan grace)
    {
        var others = Enumerable.Range(0, group.Size).Where(rank => rank != group.Rank).ToList();
        var signs = Kept(group.Size);
        try
        {
            var received = new Dictionary<int, nint>();
            lock (Mpi.Gate)
            {
                foreach (var rank in others)
                {
                    _ = group.Library.Send((long*)Address(signs) + group.Rank, rank, group.Communicators.Diagnosis);
                    received[rank] = group.Library.Receive((long*)Address(signs) + rank, rank, group.Communicators.Diagnosis);
                }
            }
            Poll(grace, () => others.RemoveAll(rank => IsDone(group, received, rank)) >= 0 && others.Count == 0);
        }
        catch (MpiException)
        {
            // What cannot be reached has given no sign.
        }
        return others;
    }

    private static bool IsDone(MpiProcessGroup group, Dictionary<int, nint> received, int rank)
    {
        var request = received[rank];
        var isDone = group.Library.Test(ref request);
        received[rank] = request;
        return isDone;
    }

    private static long[]? Gather(MpiProcessGroup group, long[] numbers)
    {
        var own = Kept(numbers.Length);
        var all = Kept(numbers.Length * group.Size);
        numbers.CopyTo(own, 0);
        try
        {
            nint request;
            lock (Mpi.Gate)
                request = group.Library.AllGather(Address(own), own.Length, Address(all), group.Library.Int64, group.Communicators.Diagnosis);
            return Poll(group.Timeout, () => group.Library.Test(ref request)) ? all : null;
        }
        catch (MpiException)
        {
            return null;
        }
    }

    private static bool Poll(TimeSpan limit, Func<bool> isDone)
    {
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < limit; Thread.Yield())
        {
            lock (Mpi.Gate)
            {
                if (isDone())
                    return true;
            }
        }
        return false;
    }

    private static long[] Kept(int length)
    {
        var numbers = GC.AllocateArray<long>(length, pinned: true);
        lock (s_kept)
            s_kept.Add(numbers);
        return numbers;
    }

    private static nint Address(long[] pinned) => System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(pinned, 0);
}
