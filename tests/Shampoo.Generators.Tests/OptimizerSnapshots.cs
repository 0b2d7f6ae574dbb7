using Shampoo.Generators.Tests.Snapshots;

namespace Shampoo.Generators.Tests;

/// <summary>What a reviewer sees: one optimizer a snapshot, together every pair of options that meet in a step.</summary>
public sealed class OptimizerSnapshots
{
    [Fact]
    public Task Adam_grafting_over_eigh_with_every_attribute() => Snapshot.Of("""
        namespace Vision;

        [Grafting(Adam, Beta2 = 0.999, Epsilon = 1e-8)]
        [RootInverse(Eigh)]
        [Preconditioning(MaxDimension = 1024, Frequency = 50)]
        [FirstMoment]
        [WeightDecay(Decoupled)]
        [Distributed(DDP, GroupSize = 8)]
        public sealed partial class ResNetShampoo;
        """);

    [Fact]
    public Task Nothing_but_distribution_is_gradient_descent() => Snapshot.Of("[Distributed(DDP, GroupSize = 8)] public sealed partial class GradientDescent;");

    [Fact]
    public Task Grafting_alone_with_first_moment_and_decay_is_AdamW() => Snapshot.Of("""
        [Grafting(Adam)]
        [FirstMoment]
        [WeightDecay(Decoupled)]
        public sealed partial class AdamW;
        """);

    [Fact]
    public Task Grafting_Adagrad_alone() => Snapshot.Of("[Grafting(Adagrad, Epsilon = 1e-10)] public sealed partial class AdagradOnly;");

    [Fact]
    public Task First_moment_without_bias_correction_before_Nesterov_momentum() => Snapshot.Of("""
        [FirstMoment(Beta1 = 0.95, BiasCorrection = false)]
        [Momentum(0.8, Nesterov = true)]
        [WeightDecay(L2)]
        public sealed partial class Filtered;
        """);

    [Fact]
    public Task Momentum_with_dampening() => Snapshot.Of("[Momentum(Dampening = 0.1)] public sealed partial class Damped;");

    [Fact]
    public Task Momentum_after_RMSProp_with_decoupled_decay() => Snapshot.Of("""
        [Grafting(RMSProp, Beta2 = 0.99)]
        [Momentum(Nesterov = true, Dampening = 0.5)]
        [WeightDecay(Decoupled, WeightDecay = 0)]
        [GradientChecks(false)]
        public sealed partial class Propagated;
        """);

    [Fact]
    public Task Eigh_alone_at_every_step() => Snapshot.Of("[RootInverse(Eigh)] public sealed partial class Plain;");

    [Fact]
    public Task Eigh_as_a_sum_with_SGD_grafting() => Snapshot.Of("""
        [Grafting(SGD)]
        [RootInverse(Eigh, Beta2 = 1, Epsilon = 1e-6)]
        [Momentum]
        [WeightDecay(L2, WeightDecay = 5e-4)]
        public sealed partial class Original;
        """);

    [Fact]
    public Task Eigh_without_bias_correction_or_grafting_from_a_later_step_on() => Snapshot.Of("""
        [RootInverse(Eigh, BiasCorrection = false)]
        [Preconditioning(Frequency = 10, Start = 25)]
        [FirstMoment(BiasCorrection = false)]
        public sealed partial class Late;
        """);

    [Fact]
    public Task RMSProp_as_a_sum_grafted_on_unlimited_blocks_in_double_precision() => Snapshot.Of("""
        [Grafting(RMSProp, Beta2 = 1)]
        [RootInverse(Eigh)]
        [Preconditioning(MaxDimension = PreconditioningAttribute.Unlimited, TargetDimensionality = 2, Start = 5, ToleratedFailures = 0)]
        [Precision(Factors = Float64, Roots = Float32)]
        public sealed partial class Precise;
        """);

    [Fact]
    public Task Adagrad_grafted_with_momentum_and_decoupled_decay() => Snapshot.Of("""
        [Grafting(Adagrad)]
        [RootInverse(Eigh, Beta2 = 0.95)]
        [FirstMoment]
        [Momentum(0.9, Nesterov = true)]
        [WeightDecay(Decoupled)]
        public sealed partial class Everything;
        """);

    [Fact]
    public Task A_generic_optimizer_nested_in_a_generic_type() => Snapshot.Of("""
        namespace @namespace.Größe
        {
            public partial interface IHost { }

            public partial record struct Outer<T> where T : class
            {
                [Grafting(SGD)]
                public sealed partial class @class<TKey> where TKey : struct { }
            }
        }
        """);

    [Fact]
    public Task Of_a_sample() =>
        Snapshot.OfFile("../../samples/AotTrainer/Optimizers.cs");
}
