using Shampoo.Runtime;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Shampoo.Tests.Refreshing;

using Parameters = IEnumerable<(string name, Parameter parameter)>;

/// <summary>Wherever a period is interrupted, and whoever was faster: the numbers are the same to the last bit.</summary>
public sealed class ResumingTests
{
    private const int StepCount = 13;

    // Blocks that have work for several threads, and small ones.
    private static readonly long[][] Shapes = [[96, 40], [33, 32], [64], [40, 96], [5, 3], [32, 32, 2]];

    private static readonly Dictionary<string, Func<Parameters, OptimizerHelper>> Kinds = new()
    {
        [nameof(StaggeredRoots)] = static p => new StaggeredRoots(p, epsilon: 1e-6),
        [nameof(StaggeredBases)] = static p => new StaggeredBases(p),
        [nameof(StaggeredIterations)] = static p => new StaggeredIterations(p),
        [nameof(OverlappedRoots)] = static p => new OverlappedRoots(p, epsilon: 1e-6),
        [nameof(OverlappedDivergence)] = static p => new OverlappedDivergence(p, epsilon: 1e-6),
        [nameof(OverlappedBases)] = static p => new OverlappedBases(p),
        [nameof(OverlappedIterations)] = static p => new OverlappedIterations(p),
        [nameof(OverlappedAdaptively)] = static p => new OverlappedAdaptively(p, epsilon: 1e-6),
        [nameof(StaggeredTransport)] = static p => new StaggeredTransport(p),
        [nameof(StaggeredSoap)] = static p => new StaggeredSoap(p),
        [nameof(OverlappedTransport)] = static p => new OverlappedTransport(p),
        [nameof(OverlappedNewton)] = static p => new OverlappedNewton(p, epsilon: 1e-3),
        [nameof(OverlappedSoap)] = static p => new OverlappedSoap(p),
    };

    public static TheoryData<string> All => [.. Kinds.Keys];

    [Theory, MemberData(nameof(All))]
    public void GoesOnFromAnyStepOfAPeriod(string name)
    {
        double[] expected = Train(name, static (_, _) => { });
        for (int interrupted = 3; interrupted <= 9; interrupted++)
            Assert.Equal(expected, Train(name, (step, run) => run.ReplaceIf(step == interrupted)));
    }

    [Theory, MemberData(nameof(All))]
    public void SavingChangesNothing(string name)
    {
        double[] expected = Train(name, static (_, _) => { });
        Assert.Equal(expected, Train(name, static (_, run) => run.Save()));
    }

    [Theory, MemberData(nameof(All))]
    public void NumbersDependNeitherOnTimeNorOnThreads(string name)
    {
        double[] expected = Train(name, static (_, _) => { }, threads: 1);
        foreach (int threads in (int[])[1, 2, 4])
            Assert.Equal(expected, Train(name, static (step, _) => Thread.Sleep(step % 3), threads));
    }

    /// <summary>State that is loaded while something is computed is what the next adoption finds.</summary>
    [Theory, MemberData(nameof(All))]
    public void LoadingWaits(string name)
    {
        using Run other = new(name), run = new(name);
        for (int step = 1; step <= 5; step++)
            other.Step();
        byte[] saved = other.Save();
        for (int step = 1; step <= 5; step++)
            run.Step();
        run.Step(); // in which another refresh may begin
        run.Load(saved);
        other.Model.CopyParametersTo(run.Model);
        for (int step = 6; step <= StepCount; step++)
        {
            other.Model.NewGradients();
            other.Model.CopyGradientsTo(run.Model);
            other.Optimizer.step();
            run.Optimizer.step();
        }
        Assert.Equal(other.Model.Values(), run.Model.Values());
    }

    [Theory, MemberData(nameof(All))]
    public void DisposesWhileItComputes(string name)
    {
        for (int steps = 1; steps <= 6; steps++)
        {
            using var run = new Run(name);
            for (int step = 1; step <= steps; step++)
                run.Step();
        }
    }

    private static double[] Train(string name, Action<int, Run> after, int threads = 2)
    {
        int before = ShampooThreads.Count;
        ShampooThreads.Count = threads;
        try
        {
            using var run = new Run(name);
            for (int step = 1; step <= StepCount; step++)
            {
                run.Step();
                after(step, run);
            }
            return run.Model.Values();
        }
        finally
        {
            ShampooThreads.Count = before;
        }
    }

    private sealed class Run(string name) : IDisposable
    {
        public Model Model { get; } = new(Shapes, ScalarType.Float32);

        public OptimizerHelper Optimizer
        {
            get => field ??= Kinds[name](Model.Parameters);
            private set;
        }


        public void Step()
        {
            Model.NewGradients();
            Optimizer.step();
        }

        public byte[] Save()
        {
            using var stream = new MemoryStream();
            using (var writer = new BinaryWriter(stream))
                Optimizer.save_state_dict(writer);
            return stream.ToArray();
        }

        public void Load(byte[] saved)
        {
            using var reader = new BinaryReader(new MemoryStream(saved));
            Optimizer.load_state_dict(reader);
        }

        /// <summary>Goes on with another optimizer, made of what this one saves.</summary>
        public void ReplaceIf(bool isSo)
        {
            if (!isSo) return;
            byte[] saved = Save();
            Optimizer.Dispose();
            Optimizer = Kinds[name](Model.Parameters);
            Load(saved);
        }

        public void Dispose()
        {
            Optimizer.Dispose();
            Model.Dispose();
        }
    }
}
