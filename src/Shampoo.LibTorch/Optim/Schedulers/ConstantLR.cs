namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            public static partial class impl
            {
                /// <summary>A fixed factor for a number of epochs, none after them.</summary>
                internal sealed class ConstantLR : LRScheduler
                {
                    private readonly double _factor;
                    private readonly int _total;

                    internal ConstantLR(Optimizer optimizer, double factor, int total, int last_epoch, bool verbose) : base(optimizer, last_epoch, verbose)
                    {
                        _factor = factor;
                        _total = total;
                        step();
                    }

                    protected override IEnumerable<double> get_lr() =>
                        _last_epoch == 0 ? Scaled(_factor) : _last_epoch == _total ? Scaled(1 / _factor) : Current;

                    protected override IEnumerable<double> get_closed_form_lr() => BaseScaled(_last_epoch >= _total ? 1 : _factor);
                }
            }
        }
    }
}
