using TorchSharp.Modules;

namespace Shampoo.Ranks.Sharding;

/// <summary>A step in which nothing is refreshed does not wait for the device: while a kernel turns on torch's stream, the host comes to the end of the step.</summary>
internal sealed class UnwaitedSteps : Scenario
{
    // Eigenvectors are computed at every third step, and overlapped ones begun one step before.
    private const int Plain = 7, Refreshing = 9;

    // What a plain step calls for the first time is loaded, which waits.
    private static readonly int[] s_first = [1, 2, 3, 4, 5, 6];

    public override bool NeedsGpu => true;

    public override void Run(ProcessGroup world)
    {
        var turning = new TurningKernel(Data.Device);
        Require(turning, n => new Alone(n.Parameters), seesRefresh: true);
        Require(turning, n => new AloneByOperators(n.Parameters), seesRefresh: true);
        Require(turning, n => new AloneOverlapped(n.Parameters), seesRefresh: false);
        using var work = SideStream.TryBegin(new StorageKind((int)ScalarType.Float32, (int)DeviceType.CUDA, Data.Device.index));
        Expect.True(work is not null, "refreshes beside steps have a stream; what was logged says why they have none");
    }

    private static void Require(TurningKernel turning, Func<Network, OptimizerHelper> make, bool seesRefresh)
    {
        using var network = new Network();
        using var optimizer = make(network);
        foreach (var step in s_first)
            Step(step);
        network.NewGradients(Plain);
        Expect.True(!turning.IsWaitedForBy(() => optimizer.step()), $"a plain step of {optimizer.GetType().Name} does not wait for the device");
        Step(Plain + 1);
        network.NewGradients(Refreshing);
        // So the kernel shows who waits for it.
        if (seesRefresh)
            Expect.True(turning.IsWaitedForBy(() => optimizer.step()), $"a step of {optimizer.GetType().Name} that refreshes looks at results");

        void Step(int step)
        {
            network.NewGradients(step);
            optimizer.step();
        }
    }
}

/// <summary>A kernel on torch's stream that does nothing for a while.</summary>
internal sealed class TurningKernel
{
    private const double Nanoseconds = 1e9;

    private const string Text = """
        extern "C" __global__ void turn(const Arguments a)
        {
            unsigned long long start, now;
            asm volatile("mov.u64 %0, %globaltimer;" : "=l"(start));
            do
                asm volatile("mov.u64 %0, %globaltimer;" : "=l"(now));
            while ((double)(now - start) < a.numbers[0]);
        }
        """;

    private readonly CudaModule _module;
    private readonly CudaKernel _kernel;

    public TurningKernel(torch.Device device)
    {
        _module = Cuda.TryPrepare(Text, new StorageKind((int)ScalarType.Float32, (int)DeviceType.CUDA, device.index))
            ?? throw new InvalidOperationException("there are no kernels on this GPU; what was logged says why");
        _kernel = _module.Kernel("turn");
        _ = IsWaitedForBy(() => { }); // loaded
    }

    /// <summary>Whether the kernel, begun before an action, has come to its end when the action has.</summary>
    public unsafe bool IsWaitedForBy(Action action)
    {
        var (device, driver) = (_module.Device, _module.Device.Driver);
        torch.cuda.synchronize();
        var arguments = new Arguments { Blocks = 1, Elements = 1, Chunk = 1 };
        arguments.Numbers[0] = Nanoseconds;
        _kernel.Launch(ref arguments);
        nint end;
        using (device.Use())
        {
            end = driver.CreateEvent();
            driver.Record(end);
        }
        action();
        using (device.Use())
        {
            var isOver = driver.HasHappened(end);
            driver.WaitFor(end);
            driver.DestroyEvent(end);
            return isOver;
        }
    }
}
