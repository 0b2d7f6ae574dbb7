namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            public static partial class impl
            {
                /// <summary>A factor that goes from one number to another on a straight line.</summary>
                internal sealed class LinearLR : LRScheduler
                {
                    private readonly double _start;
                    private readonly double _end;
                    private readonly int _total;

                    internal LinearLR(Optimizer optimizer, double start, double end, int total, int last_epoch, bool verbose) : base(optimizer, last_epoch, verbose)
                    {
                        _start = start;
                        _end = end;
                        _total = total;
                        step();
                    }

                    protected override IEnumerable<double> get_lr()
                    {
                        if (_last_epoch == 0) return Scaled(_start);
                        if (_last_epoch > _total) return Current;
                        return Scaled(1 + (_end - _start) / (_total * _start + (_last_epoch - 1) * (_end - _start)));
                    }

                    protected override IEnumerable<double> get_closed_form_lr() => BaseScaled(_start + (_end - _start) * Math.Min(_total, _last_epoch) / _total);
                }
            }
        }
    }
}
