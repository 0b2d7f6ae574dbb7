namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            public static partial class impl
            {
                /// <summary>Half a cosine from the initial rate down to the least, and up again.</summary>
                internal sealed class CosineAnnealingLR : LRScheduler
                {
                    private readonly double _half;
                    private readonly double _least;

                    internal CosineAnnealingLR(Optimizer optimizer, double half, double least, int last_epoch, bool verbose) : base(optimizer, last_epoch, verbose)
                    {
                        _half = half;
                        _least = least;
                        step();
                    }

                    protected override IEnumerable<double> get_lr()
                    {
                        if (_last_epoch == 0) return Current;
                        // Where the last factor was zero, the recursion below would divide by it.
                        if ((_last_epoch - 1 - _half) % (2 * _half) == 0)
                            return Current.Zip(_base_lrs, (rate, initial) => rate + (initial - _least) * (1 - Math.Cos(Math.PI / _half)) / 2);
                        double factor = (1 + Math.Cos(Math.PI * _last_epoch / _half)) / (1 + Math.Cos(Math.PI * (_last_epoch - 1) / _half));
                        return Current.Select(rate => factor * (rate - _least) + _least);
                    }

                    protected override IEnumerable<double> get_closed_form_lr() =>
                        _base_lrs.Select(rate => _least + (rate - _least) * (1 + Math.Cos(Math.PI * _last_epoch / _half)) / 2);
                }
            }
        }
    }
}
