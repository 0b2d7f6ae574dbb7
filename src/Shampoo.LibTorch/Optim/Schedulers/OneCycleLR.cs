namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            /// <summary>The schedules themselves; the functions beside this class make them.</summary>
            public static partial class impl
            {
                /// <summary>Up to a greatest rate and down to a very small one; the momentum the other way round.</summary>
                public sealed class OneCycleLR : LRScheduler
                {
                    /// <summary>How a phase goes from one value to the next.</summary>
                    public enum AnnealStrategy
                    {
                        Cos = 0,
                        Linear = 1,
                    }

                    private readonly int _total;
                    private readonly AnnealStrategy _strategy;
                    private readonly double[] _greatest;
                    private readonly double _division;
                    private readonly double _finalDivision;
                    private readonly double[]? _leastMomentum;
                    private readonly double[]? _greatestMomentum;
                    private readonly (double end, Rate from, Rate to, bool momentumRises)[] _phases;

                    private enum Rate
                    {
                        Initial, Greatest, Last,
                    }

                    internal OneCycleLR(Optimizer optimizer, IEnumerable<double> max_lr, int total_steps, int epochs, int steps_per_epoch, double pct_start, AnnealStrategy strategy, bool cycle_momentum, IEnumerable<double>? base_momentum, IEnumerable<double>? max_momentum, double div_factor, double final_div_factor, bool three_phase, int last_epoch, bool verbose)
                        : base(optimizer, last_epoch, verbose)
                    {
                        if (total_steps == -1 && epochs == -1 && steps_per_epoch == -1)
                            throw new ArgumentException("You must define either total_steps OR (epochs AND steps_per_epoch)");
                        if (total_steps == -1 && (epochs <= 0 || steps_per_epoch <= 0))
                            throw new ArgumentException($"Expected positive epochs and steps_per_epoch, but got {epochs} and {steps_per_epoch}");
                        if (total_steps is <= 0 and not -1) throw new ArgumentException($"Expected positive integer total_steps, but got {total_steps}");
                        if (pct_start is < 0 or > 1) throw new ArgumentException($"Expected float between 0 and 1 for pct_start, but got {pct_start}");

                        _total = total_steps != -1 ? total_steps : epochs * steps_per_epoch;
                        _strategy = strategy;
                        _division = div_factor;
                        _finalDivision = final_div_factor;
                        var groups = optimizer.ParamGroups.ToList();
                        _greatest = OnePerGroup(max_lr, groups.Count, nameof(max_lr));
                        _phases = three_phase
                            ? [(pct_start * _total - 1, Rate.Initial, Rate.Greatest, false), (2 * pct_start * _total - 2, Rate.Greatest, Rate.Initial, true), (_total - 1, Rate.Initial, Rate.Last, true)]
                            : [(pct_start * _total - 1, Rate.Initial, Rate.Greatest, false), (_total - 1, Rate.Greatest, Rate.Last, true)];

                        if (last_epoch == -1)
                            for (int i = 0; i < groups.Count; i++) groups[i].InitialLearningRate = groups[i].LearningRate = _greatest[i] / div_factor;

                        if (cycle_momentum) {
                            if (optimizer is not IMomentum and not IBetas)
                                throw new ArgumentException("optimizer must support momentum or betas with `cycle_momentum` option enabled");
                            _leastMomentum = OnePerGroup(base_momentum ?? Enumerable.Repeat(0.85, groups.Count), groups.Count, nameof(base_momentum));
                            _greatestMomentum = OnePerGroup(max_momentum ?? Enumerable.Repeat(0.95, groups.Count), groups.Count, nameof(max_momentum));
                        }
                        step();
                    }

                    protected override IEnumerable<double> get_lr()
                    {
                        if (_last_epoch > _total) throw new InvalidOperationException($"Tried to step {_last_epoch + 1} times. The specified number of total steps is {_total}");
                        int active = 0;
                        while (active < _phases.Length - 1 && _last_epoch > _phases[active].end) active++;
                        var (end, from, to, momentumRises) = _phases[active];
                        double start = active == 0 ? 0 : _phases[active - 1].end;
                        double part = end > start ? (_last_epoch - start) / (end - start) : 1;

                        int i = 0;
                        foreach (var group in _optimizer.ParamGroups) {
                            if (_leastMomentum is not null) {
                                double low = _leastMomentum[i], high = _greatestMomentum![i];
                                // Three phases: the last keeps the momentum where the second left it.
                                SetMomentum(group, active == 2 ? high : momentumRises ? Anneal(low, high, part) : Anneal(high, low, part));
                            }
                            yield return Anneal(RateOf(from, i), RateOf(to, i), part);
                            i++;
                        }
                    }

                    private double RateOf(Rate rate, int group) => rate switch {
                        Rate.Greatest => _greatest[group],
                        Rate.Initial => _greatest[group] / _division,
                        _ => _greatest[group] / _division / _finalDivision,
                    };

                    private double Anneal(double start, double end, double part) =>
                        _strategy == AnnealStrategy.Cos ? end + (start - end) / 2 * (1 + Math.Cos(Math.PI * part)) : start + (end - start) * part;

                    private static void SetMomentum(ILearningRateController group, double momentum)
                    {
                        if (group is IBetas betas) betas.Betas = (momentum, betas.Betas.Item2);
                        else ((IMomentum)group).Momentum = momentum;
                    }

                    private static double[] OnePerGroup(IEnumerable<double> values, int groups, string name)
                    {
                        var list = values.ToArray();
                        if (list.Length == 1) return Enumerable.Repeat(list[0], groups).ToArray();
                        return list.Length == groups ? list : throw new ArgumentException($"Expected {groups} values for {name}, but got {list.Length}.");
                    }
                }
            }
        }
    }
}
