using System.Globalization;

namespace Shampoo.Runtime;

/// <summary>How this process was started: alone, by mpirun, by srun, or with the rank in the environment. Makes the world of it.</summary>
internal sealed class Launch
{
    private const string TimeoutVariable = "SHAMPOO_COLLECTIVE_TIMEOUT";
    private const string EngineVariable = "SHAMPOO_COLLECTIVE_ENGINE";

    private static readonly object s_lock = new();
    private static ProcessGroup? s_world;
    private readonly Func<string, string?> _environment;

    /// <param name="environment">The value of a variable; null or empty if it is not set.</param>
    /// <exception cref="InvalidOperationException">The environment contradicts itself.</exception>
    public Launch(Func<string, string?> environment)
    {
        _environment = name => environment(name) is { Length: > 0 } value ? value : null;
        (Rank, Size, LocalRank, HasMpi) = FromOpenMpi() ?? FromRanks() ?? FromSlurm() ?? (0, 1, 0, false);
        if (Rank < 0 || Rank >= Size)
            throw new InvalidOperationException($"The environment says rank {Rank} of {Size} processes; ranks go from 0 to {Size - 1}.");
    }

    /// <summary>Of this process.</summary>
    public static Launch Here { get; } = new(Environment.GetEnvironmentVariable);

    /// <summary>The time limit that the environment sets.</summary>
    public static TimeSpan Timeout { get; } = TimeoutOf(Environment.GetEnvironmentVariable(TimeoutVariable));

    /// <summary>How many calls of a group NCCL's ranks compare.</summary>
    public static long Checks { get; } = ChecksOf(Environment.GetEnvironmentVariable("SHAMPOO_COLLECTIVE_CHECKS"));

    /// <summary>The rank for messages where nothing better is known; 0 if the environment is of no use.</summary>
    public static int RankHint =>
        int.TryParse(Environment.GetEnvironmentVariable("OMPI_COMM_WORLD_RANK") ?? Environment.GetEnvironmentVariable("RANK"), out var rank) ? rank : 0;

    public static ProcessGroup World
    {
        get
        {
            lock (s_lock)
                return s_world ??= Here.Create(null);
        }
    }

    public int Rank { get; }

    public int Size { get; }

    /// <summary>The number of the process on its machine, from 0: by it GPUs are given out.</summary>
    public int LocalRank { get; }

    /// <summary>Whether the starter is one that MPI finds its ranks by.</summary>
    public bool HasMpi { get; }

    /// <summary>Where ranks find each other without MPI, HOST:PORT; null if it is not set. NCCL reads it, too.</summary>
    public string? NcclAddress => _environment("NCCL_COMM_ID");

    public static ProcessGroup Init(string? engine, TimeSpan? timeout)
    {
        lock (s_lock)
        {
            if (s_world is not null)
                throw new InvalidOperationException("ProcessGroup.World exists already; call init_process_group once, before its first use.");
            var world = Here.Create(engine);
            world.Timeout = timeout ?? world.Timeout;
            return s_world = world;
        }
    }

    /// <summary>The engine that is taken: <c>mpi</c>, <c>nccl</c> or <c>single</c>.</summary>
    /// <param name="wanted">What the caller says; null leaves it to the environment.</param>
    /// <param name="hasGpu">Whether torch sees a GPU.</param>
    public string Engine(string? wanted, Func<bool> hasGpu)
    {
        var engine = (wanted ?? _environment(EngineVariable) ?? (Size == 1 ? "single" : hasGpu() ? "nccl" : "mpi")).ToLowerInvariant();
        if (engine is not ("mpi" or "nccl" or "single"))
            throw new InvalidOperationException($"There is no engine '{engine}' for collectives; there are mpi, nccl and single.");
        if (engine == "single" && Size > 1)
            throw new InvalidOperationException($"The engine 'single' is for one process, and this one was started as one of {Size}.");
        if (engine == "mpi" && Size > 1 && !HasMpi)
        {
            throw new InvalidOperationException(
                $"This process was started as rank {Rank} of {Size} without MPI, which collectives on CPUs need: start with mpirun -n {Size}, or srun --mpi=pmix. On GPUs, NCCL needs no MPI.");
        }
        return engine;
    }

    /// <summary>The time limit that a text means.</summary>
    internal static TimeSpan TimeoutOf(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return TimeSpan.FromMinutes(10);
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds > 0 && seconds < TimeSpan.MaxValue.TotalSeconds
            ? TimeSpan.FromSeconds(seconds)
            : throw new InvalidOperationException($"{TimeoutVariable} is '{text}'; it must be a number of seconds, more than 0.");
    }

    /// <summary>The number of calls that a text means.</summary>
    internal static long ChecksOf(string? text) => string.IsNullOrEmpty(text) ? 100
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var calls) ? calls
        : throw new InvalidOperationException($"SHAMPOO_COLLECTIVE_CHECKS is '{text}'; it must be a number of calls, 0 or more.");

    private ProcessGroup Create(string? wanted)
    {
        ProcessGroup world = Engine(wanted, torch.cuda.is_available) switch
        {
            "mpi" => new MpiProcessGroup(),
            "nccl" => NcclProcessGroup.OfJob(this),
            _ => new SingleProcessGroup(),
        };
        if (world.Size != Size)
        {
            throw new InvalidOperationException(
                $"The environment says {Size} processes, and MPI {world.Size}: the mpirun that started them is of another MPI than {Mpi.LibraryName}.");
        }
        return world;
    }

    private (int, int, int, bool)? FromOpenMpi() => _environment("OMPI_COMM_WORLD_SIZE") is null
        ? null
        : (Number("OMPI_COMM_WORLD_RANK"), Number("OMPI_COMM_WORLD_SIZE"), Number("OMPI_COMM_WORLD_LOCAL_RANK"), true);

    private (int, int, int, bool)? FromRanks()
    {
        string[] names = ["RANK", "WORLD_SIZE"];
        var missing = names.Where(name => _environment(name) is null).ToArray();
        if (missing.Length == 1)
        {
            var set = names.Except(missing).Single();
            throw new InvalidOperationException($"{set} is set in the environment, and {missing[0]} is not; set both, or neither for one process.");
        }
        var rank = missing.Length == 0 ? Number("RANK") : 0;
        return missing.Length == 0 ? (rank, Number("WORLD_SIZE"), _environment("LOCAL_RANK") is null ? rank : Number("LOCAL_RANK"), false) : null;
    }

    // A job of Slurm has SLURM_PROCID also where its script runs, which is one process; a step, which srun starts, has its size.
    private (int, int, int, bool)? FromSlurm()
    {
        if (_environment("SLURM_STEP_NUM_TASKS") is null || _environment("SLURM_PROCID") is null)
            return null;
        return (Number("SLURM_PROCID"), Number("SLURM_STEP_NUM_TASKS"), Number("SLURM_LOCALID"), _environment("PMIX_RANK") is not null || _environment("PMI_RANK") is not null);
    }

    private int Number(string name) => _environment(name) is not { } text
        ? throw new InvalidOperationException($"{name} is not set in the environment, as it is where others of its kind are.")
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new InvalidOperationException($"{name} is '{text}' in the environment; it must be a number, 0 or more.");
}
