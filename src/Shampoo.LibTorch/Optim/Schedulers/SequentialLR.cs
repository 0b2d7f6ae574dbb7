namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            public static partial class impl
            {
                /// <summary>One schedule after the other.</summary>
                internal sealed class SequentialLR : LRScheduler
                {
                    private readonly LRScheduler[] _schedulers;
                    private readonly int[] _milestones;

                    internal SequentialLR(Optimizer optimizer, IEnumerable<LRScheduler> schedulers, IEnumerable<int> milestones, int last_epoch) : base(optimizer, last_epoch + 1)
                    {
                        _schedulers = schedulers.ToArray();
                        _milestones = milestones.ToArray();
                        if (_schedulers.Any(s => s._optimizer != optimizer))
                            throw new ArgumentException("The SequentialLR scheduler expects all its sub-schedulers to be bound to the same optimizer.");
                        if (_milestones.Length != _schedulers.Length - 1)
                            throw new ArgumentException($"Received {_schedulers.Length} schedulers and {_milestones.Length} milestones. The SequentialLR scheduler expects the number of schedulers to be one more than the number of milestones.");
                        // The schedules have all taken their first step; that is undone, and the first of them takes it again.
                        foreach (var group in optimizer.ParamGroups) group.LearningRate = group.InitialLearningRate;
                        foreach (var scheduler in _schedulers) scheduler._last_epoch--;
                        _schedulers[0].step();
                        _last_lrs = [.. _schedulers[0]._last_lrs];
                    }

                    protected override IEnumerable<double> get_lr()
                    {
                        int active = _milestones.Count(m => m <= _last_epoch);
                        if (active > 0 && _milestones[active - 1] == _last_epoch) _schedulers[active].step(0);
                        else _schedulers[active].step();
                        return Current;
                    }
                }
            }
        }
    }
}
