namespace Shampoo.Ranks;

/// <summary>A test that several ranks run together. Every class that derives from it is found by its name.</summary>
internal abstract class Scenario
{
    public string Name => GetType().Name;

    /// <summary>The smallest number of ranks that it makes sense with.</summary>
    public virtual int FewestRanks => 1;

    /// <summary>The largest number of ranks that it is worth its time with.</summary>
    public virtual int MostRanks => int.MaxValue;

    /// <summary>
    /// Whether ranks die in it, so that it needs processes of its own, which mpirun lets live on. Rank 0 survives, and says that it has passed.
    /// </summary>
    public virtual bool EndsProcesses => false;

    /// <summary>Whether all of its tensors are where the ranks' are, so that it runs on GPUs, too.</summary>
    public virtual bool RunsAnywhere => false;

    /// <summary>Whether it is about the device, and left out in the memory of the host.</summary>
    public virtual bool NeedsGpu => false;

    /// <summary>Runs on every rank, and throws where something is not as it should be.</summary>
    /// <param name="world">All ranks. A scenario that makes collectives fail does so on a group that it splits off.</param>
    public abstract void Run(ProcessGroup world);
}
