using System.Runtime.ExceptionServices;
using Shampoo.Ranks;
using Shampoo.Ranks.Collectives;

namespace Shampoo.Runtime.Tests;

/// <summary>NCCL's groups against a library that plays NCCL: the ranks are threads, devices are the host's memory.</summary>
public sealed class NcclTests
{
    [CudaTheory]
    [InlineData(nameof(GatherEqual))]
    [InlineData(nameof(GatherUnequal))]
    [InlineData(nameof(Broadcasts))]
    [InlineData(nameof(AllToAll))]
    [InlineData(nameof(AllReduce))]
    [InlineData(nameof(ReduceScatter))]
    [InlineData(nameof(ReduceParameters))]
    [InlineData(nameof(Split))]
    [InlineData(nameof(Devices))]
    [InlineData(nameof(Mesh))]
    [InlineData(nameof(Mismatches))]
    public void Passes_the_scenarios_of_ranks(string name)
    {
        using var fakes = new CudaFakes();
        var scenario = (Scenario)Activator.CreateInstance(typeof(Scenario).Assembly.GetType($"Shampoo.Ranks.Collectives.{name}", throwOnError: true)!)!;
        foreach (var size in (int[])[1, 2, 3, 4])
        {
            if (size >= scenario.FewestRanks)
                OnRanks(size, scenario.Run);
        }
    }

    [CudaFact]
    public void Equal_parts_are_one_call_and_unequal_ones_a_group()
    {
        using var fakes = new CudaFakes();
        OnRanks(2, group =>
        {
            using var whole = torch.zeros([4L]);
            using var part = torch.zeros([2L]);
            group.barrier();
            var before = Counts();
            group.barrier();
            group.all_gather(whole, part, [2, 2]);
            group.reduce_scatter(part, whole, [2, 2]);
            group.barrier();
            Assert.Equal((before.Gathers + 2, before.Groups), (Counts().Gathers, Counts().Groups));
        }, checkedCalls: 0);

        static (int Gathers, int Groups) Counts() => (CudaFakes.Count("ncclAllGather"), CudaFakes.Count("ncclGroupStart"));
    }

    [CudaFact]
    public void An_error_of_a_call_ends_the_group()
    {
        using var fakes = new CudaFakes();
        OnRanks(1, group =>
        {
            using var tensor = torch.zeros([4L]);
            CollectiveException error;
            using (CudaFakes.Fail("ncclAllReduce", 5))
                error = Assert.Throws<CollectiveException>(() => group.all_reduce(tensor));
            Assert.Contains("ncclAllReduce failed with code 5 (invalid usage: fake says more)", error.Message);
            Assert.Equal("all_reduce (Sum) of 4 Float32", error.Operation);
            Assert.Contains("invalid usage", Assert.Throws<CollectiveException>(() => group.all_reduce(tensor)).Message);
        });
    }

    [CudaFact]
    public void What_does_not_end_on_the_device_is_aborted()
    {
        using var fakes = new CudaFakes();
        OnRanks(1, group =>
        {
            group.Timeout = TimeSpan.FromMilliseconds(300);
            var aborted = CudaFakes.Count("ncclCommAbort");
            using var stall = CudaFakes.Fail("cuEventQuery", 600);
            var error = Assert.Throws<CollectiveException>(group.barrier);
            Assert.Contains("did not end on the device within 0.3 s", error.Message);
            Assert.Equal(aborted + 1, CudaFakes.Count("ncclCommAbort"));
        });
    }

    [CudaFact]
    public void The_watch_finds_what_nobody_waits_for()
    {
        using var fakes = new CudaFakes();
        OnRanks(1, group =>
        {
            using var tensor = torch.zeros([4L]);
            using var stall = CudaFakes.Fail("cuEventQuery", 600);
            group.all_reduce(tensor);
            using var remote = CudaFakes.Fail("ncclCommGetAsyncError", 6);
            Assert.True(SpinWait.SpinUntil(() => Record.Exception(() => group.all_reduce(tensor)) is CollectiveException, TimeSpan.FromSeconds(20)));
            Assert.Contains("code 6 (remote process exited", Assert.Throws<CollectiveException>(group.barrier).Message);
        });
    }

    [CudaFact]
    public void A_refused_argument_is_an_error_on_all_ranks()
    {
        using var fakes = new CudaFakes();
        OnRanks(2, group =>
        {
            using var tensor = torch.zeros([4L]);
            var error = Assert.Throws<CollectiveException>(() => group.broadcast(tensor, group.Rank == 0 ? 7 : 0));
            Assert.Contains(group.Rank == 0 ? "source is 7" : "rank 0 refused its arguments", error.Message);
        });
    }

    [CudaFact]
    public void The_id_goes_around_whole()
    {
        using var fakes = new CudaFakes();
        var id = NcclRendezvous.Broadcast(new SingleProcessGroup(), new Nccl([CudaFakes.Nccl]));
        Assert.Equal((byte)'w', id[0]);
        Assert.Equal(7, id[NcclId.Length - 1]);
    }

    [CudaFact]
    public void Without_MPI_every_rank_has_the_id_of_an_address()
    {
        using var fakes = new CudaFakes();
        var nccl = new Nccl([CudaFakes.Nccl]);
        foreach (var environment in (string[])["RANK=0 WORLD_SIZE=2", "RANK=1 WORLD_SIZE=2", "SLURM_PROCID=3 SLURM_STEP_NUM_TASKS=4 SLURM_LOCALID=1"])
        {
            var made = CudaFakes.Count("ncclGetUniqueId");
            Assert.Equal((byte)'w', NcclRendezvous.Id(nccl, LaunchTests.Made($"{environment} NCCL_COMM_ID=10.0.0.1:29500"))[0]);
            Assert.Equal(made + 1, CudaFakes.Count("ncclGetUniqueId"));
            foreach (var missing in (string[])["", " NCCL_COMM_ID="])
            {
                var error = Assert.Throws<InvalidOperationException>(() => NcclRendezvous.Id(nccl, LaunchTests.Made(environment + missing)));
                Assert.Contains("NCCL_COMM_ID is not set in the environment", error.Message);
                Assert.Contains("HOST:PORT", error.Message);
            }
            Assert.Equal(made + 1, CudaFakes.Count("ncclGetUniqueId"));
        }
    }

    [CudaFact]
    public void One_rank_needs_neither_MPI_nor_an_address()
    {
        using var fakes = new CudaFakes();
        Assert.Equal((byte)'w', NcclRendezvous.Id(new Nccl([CudaFakes.Nccl]), LaunchTests.Made("RANK=0 WORLD_SIZE=1"))[0]);
    }

    [Fact]
    public void A_library_that_is_missing_is_named()
    {
        var error = Assert.Throws<CollectiveException>(() => new Nccl(["libnccl-that-is-not-there.so"]));
        Assert.Contains("libnccl.so.2 was not found", error.Message);
        Assert.Contains("LD_LIBRARY_PATH", error.Advice);
    }

    [CudaFact]
    public void Another_library_is_not_taken_for_it() =>
        Assert.Contains("ncclGetErrorString", Assert.Throws<CollectiveException>(() => new Nccl([CudaFakes.Driver])).Message);

    /// <summary>Runs an action on ranks that are threads.</summary>
    internal static void OnRanks(int size, Action<ProcessGroup> action, long checkedCalls = 100)
    {
        var nccl = new Nccl([CudaFakes.Nccl]);
        var device = new CudaDevice(new CudaDriver(new CudaLibrary("CUDA", [CudaFakes.Driver])), 0);
        var id = nccl.UniqueId();
        Exception? error = null;
        var usual = NcclProcessGroup.CheckedCalls;
        NcclProcessGroup.CheckedCalls = checkedCalls;
        var threads = Enumerable.Range(0, size).Select(rank => new Thread(() =>
        {
            try
            {
                using var group = NcclProcessGroup.Join(nccl, device, torch.CPU, rank, size, id);
                Assert.Equal((rank, size), (group.Rank, group.Size));
                action(group);
            }
            catch (Exception exception)
            {
                Interlocked.CompareExchange(ref error, exception, null);
            }
        }) { IsBackground = true }).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        var isDone = threads.All(thread => thread.Join(TimeSpan.FromSeconds(error is null ? 60 : 1)));
        NcclProcessGroup.CheckedCalls = usual;
        if (error is not null)
            ExceptionDispatchInfo.Throw(error);
        Assert.True(isDone, "ranks hang");
    }
}
