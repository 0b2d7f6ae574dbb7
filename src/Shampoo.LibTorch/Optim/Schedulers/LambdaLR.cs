namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            public static partial class impl
            {
                /// <summary>The initial rate times a function of the epoch.</summary>
                internal sealed class LambdaLR : LRScheduler
                {
                    private readonly Func<int, double> _factor;

                    internal LambdaLR(Optimizer optimizer, Func<int, double> factor, int last_epoch, bool verbose) : base(optimizer, last_epoch, verbose)
                    {
                        _factor = factor;
                        step();
                    }

                    protected override IEnumerable<double> get_lr() => BaseScaled(_factor(_last_epoch));
                }
            }
        }
    }
}
