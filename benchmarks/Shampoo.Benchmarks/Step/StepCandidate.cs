using System.Diagnostics;
using Shampoo.Benchmarks.Reporting;
using TorchSharp;

namespace Shampoo.Benchmarks.Step;

/// <summary>An optimizer that is timed, step by step, with the gradients of a model.</summary>
internal sealed class StepCandidate : IDisposable
{
    private readonly SyntheticModel _model;
    private readonly Action _step;
    private readonly Func<IDisposable?> _setting;
    private readonly IDisposable _optimizer;
    private readonly List<double> _plain = [], _refreshing = [], _periods = [], _slowest = [];
    private readonly List<double> _allocations = [];
    private long _t;

    private StepCandidate(string name, SyntheticModel model, IDisposable optimizer, Action step, long stateBytes, Func<IDisposable?>? setting)
    {
        (Name, _model, _optimizer, _step, StateBytes, _setting) = (name, model, optimizer, step, stateBytes, setting ?? (static () => null));
    }

    public static StepCandidate Of(string name, SyntheticModel model, torch.optim.Optimizer optimizer, long stateBytes) =>
        new(name, model, optimizer, () => optimizer.step(), stateBytes, null);

    public static StepCandidate Of(string name, SyntheticModel model, BlockByBlock optimizer, Func<IDisposable?> setting) =>
        new(name, model, optimizer, optimizer.Step, optimizer.StateBytes, setting);

    public string Name { get; }

    /// <summary>What is kept between two steps.</summary>
    public long StateBytes { get; }

    /// <summary>Median of the steps that refresh nothing, in ms.</summary>
    public double Plain => Rounds.Median(_plain);

    /// <summary>Median of the steps that refresh, in ms.</summary>
    public double Refresh => Rounds.Median(_refreshing);

    /// <summary>Median of the mean over a period, in ms.</summary>
    public double Mean => Rounds.Median(_periods);

    /// <summary>Median of the slowest step of a period, in ms.</summary>
    public double Slowest => Rounds.Median(_slowest);

    /// <summary>The least managed memory that a plain step has allocated, in bytes.</summary>
    public double Allocation => _allocations.Min();

    /// <summary>Takes the steps of one period, the last of which refreshes.</summary>
    public void RunPeriod(int frequency, bool counts)
    {
        using var setting = _setting();
        double sum = 0, slowest = 0;
        for (var i = 0; i < frequency; i++)
        {
            _model.TurnTo(_t++);
            var bytes = GC.GetTotalAllocatedBytes(precise: true);
            var start = Stopwatch.GetTimestamp();
            _step();
            var elapsed = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            sum += elapsed;
            slowest = Math.Max(slowest, elapsed);
            if (!counts)
                continue;
            var refreshes = _t % frequency == 0;
            (refreshes ? _refreshing : _plain).Add(elapsed);
            if (!refreshes)
                _allocations.Add(GC.GetTotalAllocatedBytes(precise: true) - bytes);
        }
        if (!counts)
            return;
        _periods.Add(sum / frequency);
        _slowest.Add(slowest);
    }

    public void Dispose() => _optimizer.Dispose();
}
