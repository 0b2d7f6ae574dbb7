namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            public static partial class impl
            {
                /// <summary>Several schedules at once.</summary>
                internal sealed class ChainedLR : LRScheduler
                {
                    private readonly LRScheduler[] _schedulers;

                    internal ChainedLR(IEnumerable<LRScheduler> schedulers)
                    {
                        _schedulers = schedulers.ToArray();
                        Remember();
                    }

                    public override void step()
                    {
                        foreach (var scheduler in _schedulers) scheduler.step();
                        Remember();
                    }

                    public override void step(int? epoch)
                    {
                        if (epoch is not null) throw new NotSupportedException("Chained schedules have no closed form.");
                        step();
                    }

                    private void Remember() => _last_lrs = [.. _schedulers[^1]._last_lrs];
                }
            }
        }
    }
}
