namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            public static partial class impl
            {
                /// <summary>A power of what is left of a number of epochs.</summary>
                internal sealed class PolynomialLR : LRScheduler
                {
                    private readonly int _total;
                    private readonly double _power;

                    internal PolynomialLR(Optimizer optimizer, int total, double power, int last_epoch, bool verbose) : base(optimizer, last_epoch, verbose)
                    {
                        _total = total;
                        _power = power;
                        step();
                    }

                    protected override IEnumerable<double> get_lr() =>
                        _last_epoch == 0 || _last_epoch > _total ? Current : Scaled(Math.Pow((_total - _last_epoch) / (_total - (_last_epoch - 1.0)), _power));

                    protected override IEnumerable<double> get_closed_form_lr() => BaseScaled(Math.Pow(1 - Math.Min(_total, _last_epoch) / (double)_total, _power));
                }
            }
        }
    }
}
