namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            public static partial class impl
            {
                /// <summary>A factor every so many epochs.</summary>
                internal sealed class StepLR : LRScheduler
                {
                    private readonly int _size;
                    private readonly double _gamma;

                    internal StepLR(Optimizer optimizer, int size, double gamma, int last_epoch, bool verbose) : base(optimizer, last_epoch, verbose)
                    {
                        _size = size;
                        _gamma = gamma;
                        step();
                    }

                    protected override IEnumerable<double> get_lr() => _last_epoch == 0 || _last_epoch % _size != 0 ? Current : Scaled(_gamma);

                    protected override IEnumerable<double> get_closed_form_lr() => BaseScaled(Math.Pow(_gamma, _last_epoch / _size));
                }
            }
        }
    }
}
