namespace Shampoo.Runtime.Tests;

/// <summary>Every precision of every kind of matrix, for parameters of every type, against the same in double.</summary>
public sealed class PrecisionTests
{
    private const int Steps = 6;

    private static readonly Precision[] s_all = [Precision.SameAsParameter, Precision.Float32, Precision.Float64, Precision.BFloat16];

    public static TheoryData<string, ScalarType> Cases
    {
        get
        {
            var data = new TheoryData<string, ScalarType>();
            foreach (var method in (string[])["RootInverse", "Eigendecomposed", "EigenvalueCorrected"])
            {
                foreach (var type in (ScalarType[])[ScalarType.Float32, ScalarType.Float64, ScalarType.BFloat16, ScalarType.Float16])
                    data.Add(method, type);
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Follows_double(string method, ScalarType type)
    {
        var (expected, _) = Run(method, type, ScalarType.Float64, new Precisions(), usesMemory: true);
        var length = expected.Max(Math.Abs);
        foreach (var precisions in Combinations(method, type))
        {
            foreach (var usesMemory in (bool[])[true, false])
            {
                var (values, types) = Run(method, type, type, precisions, usesMemory);
                var own = type.Arithmetic();
                Assert.All(types, array => Assert.Equal(array.Name.Split('.')[0] switch
                {
                    "factor_matrices" => precisions.Factors.ToScalarType(own),
                    "inverse_roots" => precisions.Roots.ToScalarType(own),
                    "eigenvectors" => precisions.Eigenvectors.ToScalarType(own),
                    _ => own,
                }, array.Type));
                var tolerance = length * Tolerance(type, types);
                for (var i = 0; i < values.Length; i++)
                    Assert.True(Math.Abs(expected[i] - values[i]) <= tolerance, $"{precisions}: element {i} should be {expected[i]:R} ± {tolerance:G2}, but is {values[i]:R}");
            }
        }
    }

    [Fact]
    public void A_root_beyond_float16_is_an_error()
    {
        var parameter = Data.Parameter(Data.Normal(1, 3), [3], ScalarType.Float32);
        Data.SetGradient(parameter, [1e-7, -2e-7, 1e-7]);
        using var optimizer = new AllPrecisions([parameter], "RootInverse", new Precisions { Roots = Precision.Float16 }, usesMemory: true, epsilon: 1e-12);

        var error = Assert.Throws<IncompleteStepException>(() => optimizer.step());

        Assert.Contains("Float16, which ends at 65504", error.InnerException!.Message);
    }

    // All of the error that a type brings in is a few of its units, as the matrices are not larger than ε = 1: that of parameters and of what is
    // computed of L once a step, that of the average L as often as it remembers steps, and that of a solver for each element of a matrix.
    private static double Tolerance(ScalarType parameter, (string Name, ScalarType Type)[] arrays)
    {
        var kinds = arrays.DistinctBy(array => array.Name.Split('.')[0]).ToLookup(array => array.Name.StartsWith("factor", StringComparison.Ordinal), array => array.Type);
        return Steps * (Unit(parameter) + 4 * Unit(parameter.Arithmetic()))
            + kinds[true].Sum(type => Unit(type) / (1 - AllPrecisions.Beta) + 16 * Unit(type.Arithmetic()))
            + kinds[false].Sum(type => 2 * Unit(type));
    }

    private static double Unit(ScalarType type) => Math.Pow(2, type switch
    {
        ScalarType.BFloat16 => -8,
        ScalarType.Float16 => -11,
        ScalarType.Float32 => -24,
        _ => -53,
    });

    private static IEnumerable<Precisions> Combinations(string method, ScalarType type) =>
        from factors in s_all
        from roots in method == "EigenvalueCorrected" ? [Precision.SameAsParameter] : s_all.Append(Precision.Float16)
        from eigenvectors in method == "RootInverse" ? [Precision.SameAsParameter] : s_all.Append(Precision.Float16)
        select new Precisions { Factors = factors, Roots = roots, Eigenvectors = eigenvectors };

    // Gradients are rounded to one type, whatever the parameters are.
    private static (double[] Values, (string Name, ScalarType Type)[] Arrays) Run(string method, ScalarType rounded, ScalarType type, Precisions precisions, bool usesMemory)
    {
        long[][] shapes = [[5, 4], [7], [2, 3, 4]];
        var parameters = shapes.Select(shape => Data.Parameter(new double[Data.Elements(shape)], shape, type)).ToArray();
        using var optimizer = new AllPrecisions(parameters, method, precisions, usesMemory);
        for (var step = 0; step < Steps; step++)
        {
            for (var p = 0; p < parameters.Length; p++)
            {
                // Rows of different lengths, for eigenvectors that are far from each other.
                var numbers = Data.Normal(10 * step + p, Data.Elements(shapes[p]), 0.25);
                var row = numbers.Length / (int)shapes[p][0];
                using var gradient = Data.Tensor([.. numbers.Select((x, i) => x * Math.Pow(2, -i / row - i % row))], shapes[p], rounded);
                Data.SetGradient(parameters[p], Data.Values(gradient));
            }
            optimizer.step();
        }
        return ([.. parameters.SelectMany(Data.Values)], [.. optimizer.Buckets.SelectMany(bucket => bucket.Arrays).Select(array => (array.Name, array.Tensor.dtype))]);
    }
}

internal sealed record Precisions
{
    public Precision Factors { get; init; }

    public Precision Roots { get; init; }

    public Precision Eigenvectors { get; init; }
}

/// <summary>A preconditioner, and nothing else.</summary>
internal sealed class AllPrecisions : BlockedOptimizer<AllPrecisions.Options>
{
    public const double Beta = 0.75;

    private readonly string _method;
    private readonly Precisions _precisions;
    private readonly bool _usesMemory;
    private readonly double _epsilon;

    public AllPrecisions(IEnumerable<Parameter> parameters, string method, Precisions precisions, bool usesMemory, double epsilon = 1)
        : base(new BlockingRules(4), new Options { LearningRate = 0.125 })
    {
        (_method, _precisions, _usesMemory, _epsilon) = (method, precisions, usesMemory, epsilon);
        AddParameterGroups([new ParamGroup(parameters)]);
    }

    internal override bool UsesMemory => _usesMemory && base.UsesMemory;

    protected override BlockState CreateState(StateSource source) => _method switch
    {
        "RootInverse" => new Roots(source, _precisions),
        "Eigendecomposed" => new Decomposed(source, _precisions),
        _ => new Corrected(source, _precisions),
    };

    protected override BlockSweeps CreateSweeps(BlockSlice slice) => new Workspaces(slice);

    protected override void StepGroup(BlockSlices slices, Options options, long t)
    {
        using Scalar minusLr = -options.LearningRate!.Value;
        foreach (var slice in slices)
        {
            var workspaces = (Workspaces)slice.Sweeps;
            ((State)slice.State).Precondition(slice.Gradient, workspaces, _epsilon);
            slice.Parameters.Add(workspaces.Direction.Stack(), minusLr);
        }
    }

    private sealed class Workspaces(BlockSlice slice) : BlockSweeps(slice)
    {
        public BlockArray Direction { get; } = slice.Workspace("direction");

        public BlockArray Rotated { get; } = slice.Workspace("rotated");

        public BlockArray Divided { get; } = slice.Workspace("divided");
    }

    private abstract class State(StateSource source) : BlockState(source)
    {
        public abstract void Precondition(BlockArray gradient, Workspaces workspaces, double epsilon);
    }

    private sealed class Roots(StateSource source, Precisions precisions) : State(source)
    {
        private readonly FactorMatrices _matrices = source.FactorMatrices(precisions.Factors, precisions.Roots);

        public override void Precondition(BlockArray gradient, Workspaces workspaces, double epsilon)
        {
            _matrices.Accumulate(gradient, Beta, 1 - Beta);
            _matrices.Refresh(new Eigh(epsilon));
            _matrices.Precondition(gradient, workspaces.Direction);
        }
    }

    private sealed class Decomposed(StateSource source, Precisions precisions) : State(source)
    {
        private readonly Eigendecomposition _matrices = source.Eigendecomposition(precisions.Factors, precisions.Eigenvectors, precisions.Roots);

        public override void Precondition(BlockArray gradient, Workspaces workspaces, double epsilon)
        {
            _matrices.Accumulate(gradient, Beta, 1 - Beta);
            _matrices.Refresh(new EighBasis(), new PerturbBefore(epsilon));
            _matrices.Precondition(gradient, workspaces.Direction);
        }
    }

    private sealed class Corrected(StateSource source, Precisions precisions) : State(source)
    {
        private readonly FactorEigenbases _bases = source.FactorEigenbases(precisions.Factors, precisions.Eigenvectors);
        private readonly BlockArray _eigenvalues = source.Array("corrected_eigenvalues");

        // E ← β₂E + (1 − β₂)(QᵀG)²,  P = Q[QᵀG / (√E + ε)]
        public override void Precondition(BlockArray gradient, Workspaces workspaces, double epsilon)
        {
            using Scalar decay = Beta, weight = 1 - Beta, ridge = epsilon;
            var rotated = workspaces.Rotated;
            _bases.Accumulate(gradient, Beta, 1 - Beta);
            _bases.Refresh(new EighBasis(), new PerturbBefore(epsilon));
            _bases.Rotate(gradient, rotated);
            var eigenvalues = _eigenvalues.Stack().mul_(decay).addcmul_(rotated.Stack(), rotated.Stack(), weight);
            using var root = eigenvalues.sqrt().add_(ridge);
            workspaces.Divided.Adopt(rotated.Stack().div(root));
            _bases.RotateBack(workspaces.Divided, workspaces.Direction);
        }
    }

    public sealed class Options : BlockedOptions
    {
        protected override void Visit(OptionVisitor visitor)
        {
        }
    }

    public sealed class ParamGroup(IEnumerable<Parameter> parameters) : BlockedParamGroup<Options>(parameters);
}
