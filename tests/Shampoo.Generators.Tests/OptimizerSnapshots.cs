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
    public Task Reducing_scattered_gradients_of_LAMB_in_sixteen_bits() => Snapshot.Of("""
        [Grafting(LAMB)]
        [Momentum]
        [Clipping(MaxGradientNorm = 1)]
        [Distributed(ReduceScatter, Communication = BFloat16)]
        public sealed partial class Reducing;
        """);

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
    public Task Minimax_Newton_with_fractions_of_exponents_and_corrected_decay() => Snapshot.Of("""
        [Grafting(NormalizedAdam)]
        [RootInverse(MinimaxNewton, ExponentMultiplier = 1.5)]
        [InverseExponent(2, 0.5, Dimension = 0)]
        [InverseExponent(2, 0, Dimension = 1)]
        [Preconditioning(Frequency = 20)]
        [FirstMoment(Beta3 = 0.5)]
        [WeightDecay(Corrected)]
        [Precision(Factors = Float64, Roots = BFloat16)]
        public sealed partial class Fractional;
        """);

    [Fact]
    public Task Coupled_iterations_of_higher_order_over_scaled_statistics() => Snapshot.Of("""
        [RootInverse(CoupledHigherOrder, Order = 4, RelativeEpsilon = 1e-9, AbsoluteEpsilon = 1e-14, Tolerance = 1e-7, MaxIterations = 30, TraceScalingExponent = 1)]
        [FirstMoment(Beta3 = 0.5, BiasCorrection = false)]
        [WeightDecay(Independent)]
        [Precision(Factors = Float64)]
        public sealed partial class HigherOrder;
        """);

    [Fact]
    public Task Pseudo_inverse_of_KullbackLeibler_statistics_grafted_on_normalized_Adagrad() => Snapshot.Of("""
        [Grafting(NormalizedAdagrad)]
        [RootInverse(Eigh, Statistics = KullbackLeibler, RankDeficiency = PseudoInverse, RankTolerance = 1e-7, AbsoluteRankTolerance = 1e-20)]
        [WeightDecay(L2)]
        public sealed partial class Divergence;
        """);

    [Fact]
    public Task Eigendecomposed_by_QR_with_eigenvectors_of_sixteen_bits() => Snapshot.Of("""
        [Grafting(NormalizedRMSProp)]
        [Eigendecomposed(QR, Statistics = KullbackLeibler, RankDeficiency = PerturbAfter, Tolerance = 0.01, MaxIterations = 3)]
        [Preconditioning(Frequency = 10, Start = 25)]
        [Momentum(Nesterov = true)]
        [Precision(Eigenvectors = BFloat16)]
        public sealed partial class Decomposed;
        """);

    [Fact]
    public Task Moments_of_sixteen_bits() => Snapshot.Of("""
        [Grafting(Adam)]
        [RootInverse(Eigh)]
        [FirstMoment(BiasCorrection = false)]
        [Momentum]
        [Precision(Moments = BFloat16)]
        public sealed partial class Narrow;
        """);

    [Fact]
    public Task Momentum_of_eight_bits() => Snapshot.Of("""
        [Grafting(Adam)]
        [RootInverse(Eigh)]
        [FirstMoment(BiasCorrection = false)]
        [Momentum]
        [Precision(Moments = EightBit)]
        public sealed partial class Quantised;
        """);

    [Fact]
    public Task Eigenvalue_corrected_is_SOAP() => Snapshot.Of("""
        [EigenvalueCorrected(QR, Beta2 = 0.95, Epsilon = 1e-8)]
        [IgnoredDimensions(1, 0)]
        [Preconditioning(Frequency = 10)]
        [FirstMoment(Beta1 = 0.95)]
        [WeightDecay(Decoupled)]
        public sealed partial class Rotated;
        """);

    [Fact]
    public Task Eigenvalue_corrected_sums_with_another_exponent_and_grafting() => Snapshot.Of("""
        [Grafting(Adam)]
        [EigenvalueCorrected(Eigh, Beta2 = 1, Exponent = 0.25, Tolerance = 0.1, TraceScalingExponent = 0.5)]
        [Preconditioning(Start = 5)]
        [WeightDecay(L2)]
        public sealed partial class Corrected;
        """);

    [Fact]
    public Task Staggered_refreshes_from_before_the_start_on() => Snapshot.Of("""
        [Grafting(Adam)]
        [RootInverse(Eigh, ExponentMultiplier = 1.5)]
        [Preconditioning(MaxDimension = 2048, Frequency = 20, Start = 100, Refresh = Staggered, LargeDimensions = DiagonalFactor)]
        public sealed partial class Flat;
        """);

    [Fact]
    public Task Packed_matrices_of_eigendecompositions_on_many_ranks() => Snapshot.Of("""
        [Eigendecomposed(Eigh)]
        [Preconditioning(Frequency = 10, SymmetricPacking = true)]
        [Precision(Factors = BFloat16, Roots = BFloat16)]
        [Distributed(DDP)]
        public sealed partial class Packed;
        """);

    [Fact]
    public Task Overlapped_refreshes_of_SOAP() => Snapshot.Of("""
        [EigenvalueCorrected(QR, Beta2 = 0.95)]
        [Preconditioning(Frequency = 10, Start = 25, Refresh = Overlapped)]
        [FirstMoment]
        [WeightDecay(Decoupled)]
        [Grafting(Adam)]
        public sealed partial class Beside;
        """);

    [Fact]
    public Task Soap_follows_its_bases_beside_the_steps() => Snapshot.Of("""
        [Soap]
        [Preconditioning(Frequency = 10, Refresh = Overlapped)]
        public sealed partial class Behind;
        """);

    [Fact]
    public Task Eigenvalues_are_carried_over_in_turns() => Snapshot.Of("""
        [EigenvalueCorrected(QR, TransportEigenvalues = true)]
        [Preconditioning(Frequency = 20, Refresh = Staggered)]
        public sealed partial class CarriedInTurns;
        """);

    [Fact]
    public Task Eigenvalues_are_carried_over_to_new_bases() => Snapshot.Of("""
        [EigenvalueCorrected(QR, TransportEigenvalues = true)]
        [Preconditioning(Frequency = 20)]
        public sealed partial class Carried;
        """);

    [Fact]
    public Task Soap_as_its_authors_have_it() => Snapshot.Of("""
        [Soap]
        [IgnoredDimensions(1, 0)]
        [Preconditioning(Frequency = 10)]
        [WeightDecay(Decoupled)]
        public sealed partial class Soap;
        """);

    [Fact]
    public Task Soap_without_bias_correction_clipped_and_averaged() => Snapshot.Of("""
        [Soap(ShampooBeta = 0.9, BiasCorrection = false)]
        [Momentum]
        [Clipping(MaxGradientNorm = 1)]
        [IterateAveraging(ScheduleFree)]
        [WeightDecay(Corrected)]
        public sealed partial class Averaged;
        """);

    [Fact]
    public Task Soap_with_rare_statistics_skipped_vectors_and_cautious_decay() => Snapshot.Of("""
        [Soap]
        [Preconditioning(Frequency = 10, StatisticsInterval = 4, SkipRankBelow = 2)]
        [Clipping(MaxDirectionRms = 1)]
        [WeightDecay(Independent, Cautious = true)]
        [Precision(Moments = BFloat16)]
        public sealed partial class Sparing;
        """);

    [Fact]
    public Task Spectral_descent_is_Muon() => Snapshot.Of("""
        [SpectralDescent(NewtonSchulz)]
        [Preconditioning(MaxDimension = PreconditioningAttribute.Unlimited, TargetDimensionality = 2)]
        [FirstMoment(Beta1 = 0.95, BiasCorrection = false)]
        [WeightDecay(Decoupled)]
        public sealed partial class Muon;
        """);

    [Fact]
    public Task Skipped_parameters_rare_statistics_bounded_directions_and_cautious_decay() => Snapshot.Of("""
        [Grafting(Adam)]
        [RootInverse(Eigh)]
        [Preconditioning(Frequency = 100, StatisticsInterval = 8, SkipRankBelow = 2, SkipSizeAbove = 8192)]
        [Clipping(MaxDirectionRms = 1)]
        [WeightDecay(Decoupled, Cautious = true)]
        public sealed partial class Scalable;
        """);

    [Fact]
    public Task Muon_scaled_with_vectors_left_out() => Snapshot.Of("""
        [SpectralDescent(NewtonSchulz, Scaling = MatchRmsAdamW)]
        [Preconditioning(MaxDimension = PreconditioningAttribute.Unlimited, TargetDimensionality = 2, SkipRankBelow = 2)]
        [FirstMoment(Beta1 = 0.95)]
        [WeightDecay(Corrected)]
        public sealed partial class Muon;
        """);

    [Fact]
    public Task Sign_descent_with_grafting_from_a_later_step_on() => Snapshot.Of("""
        [Grafting(SGD)]
        [SignDescent]
        [Preconditioning(Start = 100)]
        [FirstMoment]
        public sealed partial class Signs;
        """);

    [Fact]
    public Task Of_a_sample() =>
        Snapshot.OfFile("../../samples/AotTrainer/Optimizers.cs");
}
