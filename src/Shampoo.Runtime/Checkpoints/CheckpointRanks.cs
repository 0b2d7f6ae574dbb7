using System.Runtime.ExceptionServices;
using System.Security.Cryptography;

namespace Shampoo.Runtime;

/// <summary>The ranks that write or read a checkpoint together.</summary>
/// <param name="group">Their group; null where there is one rank alone.</param>
/// <param name="device">Where the group's tensors are.</param>
/// <param name="writers">How many ranks, from rank 0 on, have all blocks together; null for all. The others have the same ones again.</param>
internal sealed class CheckpointRanks(ProcessGroup? group, torch.Device device, int? writers = null)
{
    public int Rank => group?.Rank ?? 0;

    public int Size => group?.Size ?? 1;

    /// <summary>How many ranks write.</summary>
    public int Writers => writers ?? Size;

    /// <summary>A number that no other save has; the same on all ranks.</summary>
    public string NewId()
    {
        var own = Rank == 0 ? BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long))) & long.MaxValue : 0;
        return $"{Max(own):x16}";
    }

    /// <summary>Does something on every rank. If it fails on one, all of them throw.</summary>
    /// <param name="what">What is done, for the message of the others.</param>
    /// <param name="action">Calls no collective.</param>
    /// <param name="undo">Called on every rank when it is sure that none goes further.</param>
    public void Together(string what, Action action, Action? undo = null)
    {
        ExceptionDispatchInfo? failure = null;
        try
        {
            action();
        }
        catch (Exception e)
        {
            failure = ExceptionDispatchInfo.Capture(e);
        }
        var failed = Max(failure is null ? -1 : Rank);
        if (failed < 0)
            return;
        undo?.Invoke();
        failure?.Throw();
        throw new IOException($"Rank {failed} failed in {what}, so this rank goes no further. The exception of rank {failed} says why.");
    }

    private long Max(long value)
    {
        if (Size == 1)
            return value;
        using var tensor = torch.tensor(new[] { value }, dtype: ScalarType.Int64, device: device);
        group!.all_reduce(tensor, ReduceOp.Max);
        return tensor.item<long>();
    }
}
