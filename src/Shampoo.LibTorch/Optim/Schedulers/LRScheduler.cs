namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        /// <summary>Schedules of the learning rate.</summary>
        public static partial class lr_scheduler
        {
            /// <summary>The base of all schedules: a step computes a rate for each group and sets it.</summary>
            public abstract class LRScheduler
            {
                protected int _step_count;

                internal Optimizer _optimizer = null!;
                internal int _last_epoch = -1;
                internal List<double> _last_lrs = [];
                private protected readonly List<double> _base_lrs = [];
                private readonly bool _verbose;

                protected LRScheduler()
                {
                }

                protected LRScheduler(Optimizer optimizer, int last_epoch = -1, bool verbose = false)
                {
                    ArgumentNullException.ThrowIfNull(optimizer);
                    _optimizer = optimizer;
                    _last_epoch = last_epoch;
                    _verbose = verbose;
                    _base_lrs = optimizer.ParamGroups.Select(group => group.InitialLearningRate).ToList();
                    _last_lrs = optimizer.ParamGroups.Select(group => group.LearningRate).ToList();
                }

                public virtual void step() => step(null);

                /// <summary>The next step, or the step to a given epoch by the closed form.</summary>
                public virtual void step(int? epoch)
                {
                    _step_count++;
                    _last_epoch = epoch ?? _last_epoch + 1;
                    var rates = (epoch is null ? get_lr() : get_closed_form_lr()).ToList();
                    int i = 0;
                    foreach (var group in _optimizer.ParamGroups) {
                        if (_verbose && _last_lrs[i] != rates[i]) Console.WriteLine($"Adjusting learning rate to {rates[i]}");
                        group.LearningRate = rates[i];
                        _last_lrs[i] = rates[i];
                        i++;
                    }
                }

                /// <summary>A step that is told a metric, which most schedules ignore.</summary>
                public virtual void step(double current, int? epoch = null) => step(epoch);

                /// <summary>The rates of the current epoch, most often from those of the last.</summary>
                protected virtual IEnumerable<double> get_lr() => Current;

                /// <summary>The rates of the current epoch from the initial ones.</summary>
                protected virtual IEnumerable<double> get_closed_form_lr() => get_lr();

                public IEnumerable<double> get_last_lr() => _last_lrs;

                /// <summary>The rates that the groups have now.</summary>
                private protected IEnumerable<double> Current => _optimizer.ParamGroups.Select(group => group.LearningRate);

                private protected IEnumerable<double> Scaled(double factor) => Current.Select(rate => rate * factor);

                private protected IEnumerable<double> BaseScaled(double factor) => _base_lrs.Select(rate => rate * factor);
            }
        }
    }
}
