using Shampoo.Benchmarks.Reporting;
using TorchSharp;

namespace Shampoo.Benchmarks.Step;

/// <summary>What is timed period by period.</summary>
internal interface ITimed : IDisposable
{
    /// <summary>Does what is to be done in the steps of one period, the last of which refreshes.</summary>
    void RunPeriod(int frequency, bool counts);
}

/// <summary>An optimizer that is timed, step by step, with the gradients of a model.</summary>
internal sealed class StepCandidate : ITimed
{
    private readonly SyntheticModel _model;
    private readonly Action _step;
    private readonly Func<IDisposable?> _setting;
    private readonly IDisposable _optimizer;
    private readonly int _training;
    private readonly List<double> _plain = [], _refreshing = [], _periods = [], _slowest = [], _unevenness = [];
    private readonly List<double> _allocations = [];
    private long _t;

    private StepCandidate(string name, SyntheticModel model, IDisposable optimizer, Action step, long stateBytes, Func<IDisposable?>? setting, int training = 0)
    {
        (Name, _model, _optimizer, _step, StateBytes, _setting, _training) = (name, model, optimizer, step, stateBytes, setting ?? (static () => null), training);
    }

    /// <param name="name">For people.</param>
    /// <param name="model">Whose gradients it gets.</param>
    /// <param name="optimizer">Takes the steps.</param>
    /// <param name="stateBytes">What is kept between two steps.</param>
    /// <param name="training">How long the model is trained before every step, in ms, while the cores are idle: on another device, say. Not a part of any time.</param>
    public static StepCandidate Of(string name, SyntheticModel model, torch.optim.Optimizer optimizer, long stateBytes, int training = 0) =>
        new(name, model, optimizer, () => optimizer.step(), stateBytes, null, training);

    public static StepCandidate Of(string name, SyntheticModel model, BlockByBlock optimizer, Func<IDisposable?> setting) =>
        new(name, model, optimizer, optimizer.Step, optimizer.StateBytes, setting);

#if ANY_OPERATOR
    public static StepCandidate Of(string name, SyntheticModel model, FusedAdamW optimizer) => new(name, model, optimizer, optimizer.Step, optimizer.StateBytes, null);
#endif

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

    /// <summary>Median of the slowest step of a period divided by the mean over it.</summary>
    public double Unevenness => Rounds.Median(_unevenness);

    /// <summary>The least managed memory that a plain step has allocated, in bytes.</summary>
    public double Allocation => _allocations.Min();

    /// <inheritdoc/>
    public void RunPeriod(int frequency, bool counts)
    {
        using var setting = _setting();
        double sum = 0, slowest = 0;
        for (var i = 0; i < frequency; i++)
        {
            _model.TurnTo(_t++);
            if (_training > 0)
                Thread.Sleep(_training);
            var bytes = GC.GetTotalAllocatedBytes(precise: true);
            var elapsed = _model.Time(_step);
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
        _unevenness.Add(slowest * frequency / sum);
    }

    public void Dispose() => _optimizer.Dispose();
}
