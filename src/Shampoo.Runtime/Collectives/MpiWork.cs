using System.Runtime.InteropServices;

namespace Shampoo.Runtime;

/// <summary>A collective of MPI under way: the comparison of what the ranks called, and then the transfer.</summary>
/// <param name="group">The group.</param>
/// <param name="call">The arguments, which live as long as this.</param>
/// <param name="signature">What the other ranks have to call, too.</param>
/// <param name="transfer">Null on a rank that refused its arguments.</param>
internal sealed class MpiWork(MpiProcessGroup group, CollectiveCall call, CollectiveSignature signature, MpiTransfer? transfer) : CollectiveWork
{
    private static readonly List<MpiWork> s_abandoned = [];

    private readonly long[] _comparison = GC.AllocateArray<long>(2, pinned: true);
    private Tensor[] _kept = [];
    private nint _check, _data;

    public CollectiveCall Call => call;

    public CollectiveSignature Signature => signature;

    public string Description { get; } = signature.ToString();

    /// <summary>Whether the ranks agree, and the transfer has begun.</summary>
    public bool IsStarted { get; private set; }

    /// <summary>Whether the transfer has ended, and everything after it.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Whether nothing is known of ranks that called something else.</summary>
    public bool IsAgreed { get; private set; } = true;

    /// <summary>What MPI says about a transfer that failed.</summary>
    public string? Error { get; private set; }

    public override bool IsCompleted => IsDone || group.Progress() is not null || IsDone;

    /// <summary>Keeps the memory of works for ever, also where the owners of the tensors dispose of them.</summary>
    public static void Abandon(List<MpiWork> works)
    {
        foreach (var work in works)
            work.Keep();
        s_abandoned.AddRange(works);
        works.Clear();
    }

    public override void Wait() => group.Wait(this);

    /// <summary>Begins the comparison.</summary>
    public void Begin()
    {
        var mpi = group.Library;
        (_comparison[0], _comparison[1]) = Disagreement.Contribution(group.Rank, call, signature);
        _check = mpi.AllReduce(Mpi.InPlace, Marshal.UnsafeAddrOfPinnedArrayElement(_comparison, 0), 2, mpi.Int64, mpi.Sum, group.Communicators.Checks);
    }

    /// <summary>Goes on, without waiting: the comparison, the transfer, what is computed after it.</summary>
    public void Progress()
    {
        if (IsDone)
            return;
        try
        {
            if (!IsStarted && group.Library.Test(ref _check))
                Start();
            if (IsStarted && group.Library.Test(ref _data))
                Finish();
        }
        catch (MpiException exception)
        {
            Error = exception.Message;
            IsDone = true;
        }
    }

    private void Keep()
    {
        Tensor?[] tensors = [call.Output, call.Input, transfer?.Workspace];
        _kept = [.. tensors.OfType<Tensor>().Where(tensor => !tensor.IsInvalid).Select(tensor => tensor.detach().DetachFromDisposeScope())];
    }

    private void Start()
    {
        IsAgreed = Disagreement.IsNone(group.Size, signature, _comparison[0], _comparison[1]);
        if (!IsAgreed)
            return;
        _data = transfer!.Start();
        IsStarted = true;
    }

    private void Finish()
    {
        transfer!.Finish();
        IsDone = true;
    }
}
