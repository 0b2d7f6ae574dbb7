namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            public static partial class impl
            {
                /// <summary>A factor at each of some epochs.</summary>
                internal sealed class MultiStepLR : LRScheduler
                {
                    private readonly int[] _milestones;
                    private readonly double _gamma;

                    internal MultiStepLR(Optimizer optimizer, IList<int> milestones, double gamma, int last_epoch, bool verbose) : base(optimizer, last_epoch, verbose)
                    {
                        _milestones = milestones.Distinct().ToArray();
                        _gamma = gamma;
                        step();
                    }

                    protected override IEnumerable<double> get_lr() => _milestones.Contains(_last_epoch) ? Scaled(_gamma) : Current;

                    protected override IEnumerable<double> get_closed_form_lr() => BaseScaled(Math.Pow(_gamma, _milestones.Count(m => m <= _last_epoch)));
                }
            }
        }
    }
}
