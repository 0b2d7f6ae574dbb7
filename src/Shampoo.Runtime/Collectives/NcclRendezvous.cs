using System.Runtime.InteropServices;

namespace Shampoo.Runtime;

/// <summary>How the ranks of a job come to the same id: rank 0's goes around by MPI; without MPI it is that of an address they all know.</summary>
internal static class NcclRendezvous
{
    public static NcclId Id(Nccl nccl, Launch launch)
    {
        if (launch.Size == 1)
            return nccl.UniqueId();
        if (launch.HasMpi)
        {
            using var group = new MpiProcessGroup();
            return Broadcast(group, nccl);
        }
        // NCCL makes the id of the address, the same on all ranks; rank 0 listens there.
        if (launch.NcclAddress is null)
        {
            throw new InvalidOperationException(
                "NCCL_COMM_ID is not set in the environment. Without MPI, ranks find each other at the address it names: HOST:PORT, a free port of the machine of rank 0, the same on all ranks.");
        }
        return nccl.UniqueId();
    }

    /// <summary>The id that rank 0 makes.</summary>
    internal static NcclId Broadcast(ProcessGroup group, Nccl nccl)
    {
        var id = group.Rank == 0 ? nccl.UniqueId() : default;
        using var bytes = torch.tensor(((ReadOnlySpan<byte>)id).ToArray());
        group.broadcast(bytes, 0);
        bytes.bytes.CopyTo(id);
        return id;
    }
}
