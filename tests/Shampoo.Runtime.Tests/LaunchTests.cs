using Shampoo.Ranks;
using Shampoo.Ranks.Collectives;

namespace Shampoo.Runtime.Tests;

/// <summary>What the environment says about the processes, and groups of one.</summary>
public sealed class LaunchTests
{
    [Fact]
    public void One_process_has_a_group_of_one()
    {
        Assert.Equal((0, 1, "single"), Of());
        Assert.Equal((0, 1, "single"), Of("SLURM_PROCID=0 SLURM_NTASKS=8")); // the script of a job
    }

    [Theory]
    [InlineData("OMPI_COMM_WORLD_RANK=2 OMPI_COMM_WORLD_SIZE=4 OMPI_COMM_WORLD_LOCAL_RANK=0", 2, 4, "mpi", "nccl")]
    [InlineData("OMPI_COMM_WORLD_RANK=2 OMPI_COMM_WORLD_SIZE=4 OMPI_COMM_WORLD_LOCAL_RANK=0 RANK=1 WORLD_SIZE=3", 2, 4, "mpi", "nccl")]
    [InlineData("SLURM_PROCID=3 SLURM_STEP_NUM_TASKS=4 SLURM_LOCALID=1 PMIX_RANK=3", 3, 4, "mpi", "nccl")]
    [InlineData("RANK=1 WORLD_SIZE=2 LOCAL_RANK=0", 1, 2, null, "nccl")]
    [InlineData("SLURM_PROCID=3 SLURM_STEP_NUM_TASKS=4 SLURM_LOCALID=1", 3, 4, null, "nccl")]
    [InlineData("RANK=1 WORLD_SIZE=2 SHAMPOO_COLLECTIVE_ENGINE=nccl", 1, 2, "nccl", "nccl")]
    [InlineData("OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=3 OMPI_COMM_WORLD_LOCAL_RANK=1 SHAMPOO_COLLECTIVE_ENGINE=mpi", 1, 3, "mpi", "mpi")]
    public void Starters_are_known_by_their_variables(string environment, int rank, int size, string? onHost, string onGpu)
    {
        var launch = Made(environment);
        Assert.Equal((rank, size, onGpu), (launch.Rank, launch.Size, launch.Engine(null, () => true)));
        if (onHost is not null)
            Assert.Equal(onHost, launch.Engine(null, () => false));
        else
            Assert.Contains("mpirun -n", Assert.Throws<InvalidOperationException>(() => launch.Engine(null, () => false)).Message);
    }

    [Theory]
    [InlineData("RANK=1", "RANK is set in the environment, and WORLD_SIZE is not")]
    [InlineData("WORLD_SIZE=2", "WORLD_SIZE is set in the environment, and RANK is not")]
    [InlineData("RANK=x WORLD_SIZE=2", "RANK is 'x'")]
    [InlineData("RANK=2 WORLD_SIZE=2", "rank 2 of 2 processes; ranks go from 0 to 1")]
    [InlineData("OMPI_COMM_WORLD_SIZE=2", "OMPI_COMM_WORLD_RANK is not set")]
    public void An_environment_that_contradicts_itself_is_named(string environment, string text) =>
        Assert.Contains(text, Assert.Throws<InvalidOperationException>(() => Made(environment)).Message);

    [Fact]
    public void Engines_are_checked()
    {
        Assert.Contains("no engine 'gloo'", Assert.Throws<InvalidOperationException>(() => Made("").Engine("gloo", () => false)).Message);
        Assert.Contains("one of 2", Assert.Throws<InvalidOperationException>(() => Made("RANK=0 WORLD_SIZE=2").Engine("single", () => false)).Message);
        Assert.Equal("mpi", Made("").Engine("MPI", () => false));
    }

    [Fact]
    public void A_library_that_is_missing_is_named()
    {
        var error = Assert.Throws<CollectiveException>(() => new Mpi(["libmpi-that-is-not-there.so"]));
        Assert.Contains("libmpi.so.40 was not found", error.Message);
        Assert.Contains("LD_LIBRARY_PATH", error.Advice);
    }

    [Fact]
    public void Another_library_is_not_taken_for_it() =>
        Assert.Contains("libc.so.6 has no MPI_Error_string", Assert.Throws<CollectiveException>(() => new Mpi(["libmpi-that-is-not-there.so", "libc.so.6"])).Message);

    [Fact]
    public void The_time_limit_is_a_number_of_seconds()
    {
        Assert.Equal(TimeSpan.FromMinutes(10), Launch.TimeoutOf(null));
        Assert.Equal(TimeSpan.FromSeconds(2.5), Launch.TimeoutOf("2.5"));
        Assert.Contains("'0'", Assert.Throws<InvalidOperationException>(() => Launch.TimeoutOf("0")).Message);
        Assert.Contains("'soon'", Assert.Throws<InvalidOperationException>(() => Launch.TimeoutOf("soon")).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => new SingleProcessGroup { Timeout = TimeSpan.Zero });
    }

    [Fact]
    public void The_number_of_checked_calls_is_a_number()
    {
        Assert.Equal((100, 0, 7), (Launch.ChecksOf(""), Launch.ChecksOf("0"), Launch.ChecksOf("7")));
        Assert.Contains("'-1'", Assert.Throws<InvalidOperationException>(() => Launch.ChecksOf("-1")).Message);
    }

    [Theory]
    [InlineData(typeof(GatherEqual))]
    [InlineData(typeof(GatherUnequal))]
    [InlineData(typeof(Broadcasts))]
    [InlineData(typeof(AllToAll))]
    [InlineData(typeof(AllReduce))]
    [InlineData(typeof(ReduceScatter))]
    [InlineData(typeof(Overlap))]
    [InlineData(typeof(Asking))]
    [InlineData(typeof(Split))]
    [InlineData(typeof(Devices))]
    [InlineData(typeof(Mesh))]
    public void A_group_of_one_passes_the_scenarios_of_ranks(Type scenario)
    {
        using var group = new SingleProcessGroup();
        ((Scenario)Activator.CreateInstance(scenario)!).Run(group);
    }

    [Fact]
    public void A_group_of_one_checks_as_all_do()
    {
        using var group = new SingleProcessGroup();
        using var tensor = torch.zeros([3L]);
        Assert.Contains("must have 3", Assert.Throws<CollectiveException>(() => group.all_gather(torch.zeros([4L]), tensor)).Message);
        group.Dispose();
        Assert.Throws<ObjectDisposedException>(() => group.all_reduce(tensor));
    }

    private static (int Rank, int Size, string Engine) Of(string environment = "") =>
        Made(environment) is var launch ? (launch.Rank, launch.Size, launch.Engine(null, () => true)) : default;

    internal static Launch Made(string environment)
    {
        var variables = environment.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        return new Launch(name => variables.GetValueOrDefault(name));
    }
}
