using System.Runtime.InteropServices;

namespace Shampoo.Runtime;

/// <summary>A collective of MPI under way: its transfer, and beside it the comparison of what the ranks called.</summary>
/// <param name="group">The group.</param>
/// <param name="call">The arguments, which live as long as this.</param>
/// <param name="signature">What the other ranks have to call, too.</param>
/// <param name="transfer">Null on a rank that refused its arguments.</param>
internal sealed unsafe class MpiWork(MpiProcessGroup group, CollectiveCall call, CollectiveSignature signature, MpiTransfer? transfer) : CollectiveWork
{
    private static readonly List<MpiWork> s_abandoned = [];

    private readonly long[] _comparison = GC.AllocateArray<long>(2, pinned: true);
    private nint _check, _data;
    private bool _isCompared;

    public CollectiveCall Call => call;

    public CollectiveSignature Signature => signature;

    public string Description { get; } = signature.ToString();

    /// <summary>Whether the transfer has ended, and everything after it.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Whether nothing is known of ranks that called something else.</summary>
    public bool IsAgreed { get; private set; } = true;

    /// <summary>What MPI says about a transfer that failed.</summary>
    public string? Error { get; private set; }

    public override bool IsCompleted => IsDone || group.Progress() is not null || IsDone;

    /// <summary>Keeps the memory of works for ever.</summary>
    public static void Abandon(List<MpiWork> works)
    {
        s_abandoned.AddRange(works);
        works.Clear();
    }

    public override void Wait() => group.Wait(this);

    /// <summary>Calls MPI.</summary>
    public void Begin()
    {
        var mpi = group.Library;
        // Sums: of equal hashes Size times this rank's, of balances 0.
        _comparison[0] = signature.Hash();
        _comparison[1] = signature.IsRefused ? 0 : call.Balance(group.Rank);
        _check = mpi.AllReduce(Mpi.InPlace, Marshal.UnsafeAddrOfPinnedArrayElement(_comparison, 0), 2, mpi.Int64, mpi.Sum, group.Communicators.Checks);
        if (transfer is not null)
            _data = transfer.Start();
    }

    /// <summary>Goes on, without waiting.</summary>
    public void Progress()
    {
        if (IsDone)
            return;
        if (!_isCompared && Test(ref _check))
        {
            _isCompared = true;
            IsAgreed = Error is not null || (_comparison[0] == unchecked(group.Size * signature.Hash()) && _comparison[1] == 0 && !signature.IsRefused);
        }
        if (IsAgreed && Error is null && transfer is not null && _data != 0 && Test(ref _data))
            _data = 0;
        if (!_isCompared || !IsAgreed || (_data != 0 && Error is null))
            return;
        if (Error is null)
            transfer?.Finish();
        IsDone = true;
    }

    private bool Test(ref nint request)
    {
        try
        {
            return group.Library.Test(ref request);
        }
        catch (MpiException exception)
        {
            Error ??= exception.Message;
            return true;
        }
    }
}
