using System.Diagnostics.Metrics;
using static Shampoo.Runtime.Tests.Matrices;

namespace Shampoo.Runtime.Tests;

/// <summary>Blocks of order 1 and size 2, whose matrices are put in their places: e = 1/2, and all numbers by hand.</summary>
public sealed class RootResidualTests
{
    private const double Angle = 0.6;

    [Fact]
    public void Compares_a_root_with_the_exact_one()
    {
        using var test = new Stored<FactorMatrices>(static source => source.FactorMatrices());
        test.Fill("factor_matrices.0", Rotate(0.5, 2, Angle)); // A is twice that
        test.State.Refresh(new Eigh(1e-300), biasCorrection: 0.5);
        var exact = test.Residual();
        test.Fill("inverse_roots.0", Rotate(1.1, 0.5, Angle)); // of diag(1, 4) it is diag(1, 0.5)

        var residual = test.Residual();

        Assert.InRange(exact.Residual!.Value, 0, 1e-14);
        Assert.InRange(exact.RelativeError!.Value, 0, 1e-14);
        Assert.Equal(0.1 / Math.Sqrt(1.25), residual.RelativeError!.Value, 1e-12);
        Assert.Equal(0.21 / Math.Sqrt(2), residual.Residual!.Value, 1e-12); // 1 · 1.1² − 1
        Assert.Equal(4, residual.ConditionNumber, 1e-12);
        Assert.Equal(("weight", 3, 0, 2L, null), (residual.Parameter, residual.Block, residual.Dimension, residual.Size, residual.OffDiagonality));
    }

    [Fact]
    public void Leaves_out_what_the_pseudo_inverse_leaves_out()
    {
        using var test = new Stored<FactorMatrices>(static source => source.FactorMatrices());
        test.Fill("factor_matrices.0", Rotate(0, 4, Angle));
        test.State.Refresh(new Eigh<PseudoInverse>(new(1e-6)));
        test.Fill("inverse_roots.0", Rotate(3, 0.5, Angle)); // it is diag(0, 0.5)

        var residual = test.Residual();

        Assert.Equal(6, residual.RelativeError!.Value, 1e-9);
        Assert.InRange(residual.Residual!.Value, 0, 1e-9);
        Assert.Equal(1, residual.ConditionNumber, 1e-12);
    }

    [Fact]
    public void Has_eigenvectors_and_roots_of_what_keeps_both()
    {
        using var test = new Stored<Eigendecomposition>(static source => source.Eigendecomposition());
        test.Fill("factor_matrices.0", Rotate(1, 4, Angle));
        test.State.Refresh(new EighBasis(), new PerturbAfter(1e-300));
        var fresh = test.Residual();
        test.Fill("eigenvectors.0", Rotate(1, 1, 0));

        var residual = test.Residual();

        Assert.InRange(fresh.OffDiagonality!.Value, 0, 1e-14);
        Assert.InRange(residual.Residual!.Value, 0, 1e-13);
        var off = Rotate(1, 4, Angle)[0, 1];
        Assert.Equal(Math.Sqrt(2) * Math.Abs(off) / Math.Sqrt(17), residual.OffDiagonality!.Value, 1e-12);
    }

    [Fact]
    public void Has_eigenvectors_alone_of_what_keeps_no_roots()
    {
        using var test = new Stored<FactorEigenbases>(static source => source.FactorEigenbases());
        test.Fill("factor_matrices.0", Rotate(1, 4, Angle));
        test.State.Refresh(new QRBasis(), new PerturbBefore(1));

        var residual = test.Residual();

        Assert.Null(residual.Residual);
        Assert.Null(residual.RelativeError);
        Assert.InRange(residual.OffDiagonality!.Value, 1e-3, 0.5); // after one iteration from the identity
        Assert.Equal(5 / 2.0, residual.ConditionNumber, 1e-12);
    }

    // Ridges are large here, so that a root of anything but A' would be far off.
    [Fact]
    public void Knows_what_every_solver_adds()
    {
        foreach (var type in (ScalarType[])[ScalarType.Float32, ScalarType.Float64])
        {
            AssertExact(new Eigh(0.3), type);
            AssertExact(new Eigh<PerturbAfter>(new(0.3)), type);
            AssertExact(new CoupledNewton(0.3, type == ScalarType.Float32 ? 1e-6 : 1e-12), type);
            AssertExact(new CoupledHigherOrder(0.2, tolerance: 0), type);
            AssertExact(new NewtonSchulzRoot(0, 0.2), type);
            AssertExact(new MinimaxNewton(0, 0.2), type);
            AssertExact(new MinimaxNewton(0.2), type);
            AssertExact(new TraceScaled<Eigh>(new(0.3), 1, 1e-12), type);
            AssertExact(new TraceScaled<CoupledHigherOrder>(new(0.2, tolerance: 0), 0.5, 1e-12), type);
        }
    }

    [Fact]
    public void Does_not_exist_before_the_first_refresh_nor_of_diagonals()
    {
        using var test = new Stored<FactorMatrices>(static source => source.FactorMatrices());
        Assert.Null(test.Bucket.LastRefreshes[3]);

        using var diagonal = new Stored<FactorMatrices>(static source => source.FactorMatrices(maxDimension: 1));
        diagonal.State.Refresh(new Eigh(0.1));
        Assert.Empty(diagonal.Residuals());
    }

    /// <summary>What was refreshed before a load says nothing of the matrices that are there after it.</summary>
    [Fact]
    public void Do_not_exist_between_a_load_and_the_next_refresh()
    {
        Parameter[] parameters = [Data.Parameter(1, 6, 3), Data.Parameter(2, 6, 3)];
        using var optimizer = new HandWrittenShampoo([("matrix", parameters[0])], new Settings(Start: 2, Frequency: 2), new());
        using var other = new HandWrittenShampoo([("matrix", parameters[1])], new Settings(Start: 2, Frequency: 2), new());
        for (var step = 1; step <= 4; step++)
            Step(step);
        Assert.NotEmpty(other.RootResiduals());

        other.load_state_dict(optimizer.state_dict());
        Assert.Empty(other.RootResiduals());
        Step(5);
        Assert.Empty(other.RootResiduals());
        Step(6);
        Assert.Equal(optimizer.RootResiduals(), other.RootResiduals());

        void Step(int seed)
        {
            foreach (var parameter in parameters)
                Data.SetGradient(parameter, Data.Normal(seed, 18));
            optimizer.step();
            other.step();
        }
    }

    [Fact]
    public void Are_named_by_parameter_block_and_dimension_and_grow_with_age()
    {
        Parameter[] parameters = [Data.Parameter(1, 6, 3), Data.Parameter(2, 4)];
        // Slices of one block each, in two buckets.
        using var optimizer = new HandWrittenShampoo(
            [("matrix", parameters[0]), ("vector", parameters[1])], new Settings(MaxDimension: 4, Start: 2, Frequency: 2), new(WorkspaceElements: 1));
        for (var step = 1; step <= 2; step++)
        {
            Assert.Empty(optimizer.RootResiduals());
            Step(step);
        }

        var fresh = optimizer.RootResiduals();
        Step(3);
        var aged = optimizer.RootResiduals();

        Assert.Equal(
            [("matrix", 0, 0, 4L), ("matrix", 0, 1, 3L), ("matrix", 1, 0, 2L), ("matrix", 1, 1, 3L), ("vector", 0, 0, 4L)],
            fresh.Select(static residual => (residual.Parameter, residual.Block, residual.Dimension, residual.Size)));
        Assert.All(fresh, static residual => Assert.InRange(residual.Residual!.Value, 0, 1e-3)); // ε is 1e-6 or less beside rank 2
        Assert.All(fresh.Zip(aged), static pair => Assert.True(pair.Second.RelativeError > 10 * pair.First.RelativeError, $"{pair}"));

        void Step(int seed)
        {
            foreach (var parameter in parameters)
                Data.SetGradient(parameter, Data.Normal(seed, (int)parameter.numel()));
            optimizer.step();
        }
    }

    [Fact]
    public void Leave_no_tensor()
    {
        using var test = new Stored<Eigendecomposition>(static source => source.Eigendecomposition());
        test.Fill("factor_matrices.0", Rotate(1, 4, Angle));
        test.State.Refresh(new EighBasis(), new PerturbAfter(0.1));
        var before = Data.LiveTensors();

        test.Residuals();

        Assert.Equal(before, Data.LiveTensors());
    }

    [Fact]
    public void A_meter_counts_failures_and_measures_refreshes()
    {
        var thread = Environment.CurrentManagedThreadId; // other tests refresh, too
        List<(string Name, double Value, object? Tag)> measured = [];
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == "Shampoo")
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument.Name, value, tags));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument.Name, value, tags));
        using var test = new Stored<FactorMatrices>(static source => source.FactorMatrices());
        listener.Start();

        test.State.Refresh(new FailingSolver(new FailingSolver.Script()));
        test.State.Refresh(new FailingSolver(new FailingSolver.Script { Fails = static _ => true }));
        listener.Dispose();
        test.State.Refresh(new FailingSolver(new FailingSolver.Script { Fails = static _ => true }));

        Assert.Equal(
            ["shampoo.refresh.duration", "shampoo.refresh.duration", "shampoo.refresh.failures"], measured.Select(static measurement => measurement.Name));
        Assert.All(measured, static measurement => Assert.Equal("inverse roots", measurement.Tag));
        Assert.All(measured.Take(2), static measurement => Assert.InRange(measurement.Value, 1e-9, 600));
        Assert.Equal(4, measured[2].Value);

        void Add(string name, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            if (Environment.CurrentManagedThreadId == thread)
                measured.Add((name, value, tags[0].Value));
        }
    }

    private static void AssertExact<TSolver>(TSolver solver, ScalarType type) where TSolver : struct, IInverseRootSolver
    {
        using var test = new Stored<FactorMatrices>(static source => source.FactorMatrices(), type);
        test.Fill("factor_matrices.0", Rotate(1, 4, Angle));
        test.State.Refresh(solver);

        var residual = test.Residual();

        var tolerance = type == ScalarType.Float32 ? 1e-5 : 1e-9;
        Assert.True(residual.Residual <= tolerance && residual.RelativeError <= tolerance, $"{typeof(TSolver)} in {type}: {residual}");
        Assert.InRange(residual.ConditionNumber, 1.5, 3.9);
    }

    /// <summary>Four blocks, of which the last one is looked at.</summary>
    private sealed class Stored<TMatrices> : IDisposable
    {
        private readonly ScalarType _type;
        private readonly MemoryParameter _member;

        public Stored(Func<StateSource, TMatrices> create, ScalarType type = ScalarType.Float64)
        {
            _type = type;
            var regions = Enumerable.Range(0, 4).Select(static b => new BlockRegion([2 * b], [2])).ToArray();
            _member = new MemoryParameter(new Parameter(torch.zeros(8, dtype: type)), "weight", new ParameterPlan([8], regions, [.. regions.Select(static (_, b) => (0, b))]));
            var plan = new BucketPlan([2], BlockedParameter.KindOf(_member.Parameter), [.. regions.Select(static (_, b) => new BlockReference(0, b))]);
            Bucket = new Bucket(plan, [_member], source => new Only(source, create(source)), new WorkspacePool(), 1 << 20);
        }

        public Bucket Bucket { get; }

        public TMatrices State => ((Only)Bucket.State).Matrices;

        public void Fill(string name, double[,] matrix)
        {
            var stack = Bucket.Arrays.Single(array => array.Name == name).Tensor;
            using var values = Data.Tensor([.. Enumerable.Repeat(Flat(matrix), 4).SelectMany(static values => values)], [4, 2, 2], _type);
            stack.copy_(values);
        }

        public RootResidual[] Residuals() => [.. Bucket.Diagnostics!.Of("weight", 3, 3, Bucket.LastRefreshes[3]!)];

        public RootResidual Residual() => Assert.Single(Residuals());

        public void Dispose()
        {
            Bucket.Dispose();
            _member.Dispose();
        }

        private sealed class Only(StateSource source, TMatrices matrices) : BlockState(source)
        {
            public TMatrices Matrices => matrices;
        }
    }
}
