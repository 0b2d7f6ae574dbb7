namespace Shampoo.Runtime;

/// <summary>The communicators of a group: what goes through one of them never meets what goes through another.</summary>
/// <param name="Data">For tensors.</param>
/// <param name="Checks">For the sums by which ranks compare what they called.</param>
/// <param name="Diagnosis">For what ranks tell each other after a failure.</param>
internal sealed record MpiCommunicators(nint Data, nint Checks, nint Diagnosis)
{
    /// <summary>Those of all processes.</summary>
    public static MpiCommunicators World(Mpi mpi)
    {
        lock (Mpi.Gate)
            return Of(mpi, mpi.Duplicate(mpi.World));
    }

    /// <summary>Those of the ranks of a colour.</summary>
    public MpiCommunicators Split(Mpi mpi, int colour, int key) => Of(mpi, mpi.Split(Data, colour, key));

    public void Free(Mpi mpi)
    {
        mpi.Free(Diagnosis);
        mpi.Free(Checks);
        mpi.Free(Data);
    }

    private static MpiCommunicators Of(Mpi mpi, nint data) => new(data, mpi.Duplicate(data), mpi.Duplicate(data));
}
