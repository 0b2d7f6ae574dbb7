namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            public static partial class impl
            {
                /// <summary>The last rate times a function of the epoch.</summary>
                internal sealed class MultiplicativeLR : LRScheduler
                {
                    private readonly Func<int, double> _factor;

                    internal MultiplicativeLR(Optimizer optimizer, Func<int, double> factor, int last_epoch, bool verbose) : base(optimizer, last_epoch, verbose)
                    {
                        _factor = factor;
                        step();
                    }

                    protected override IEnumerable<double> get_lr() => _last_epoch > 0 ? Scaled(_factor(_last_epoch)) : Current;
                }
            }
        }
    }
}
