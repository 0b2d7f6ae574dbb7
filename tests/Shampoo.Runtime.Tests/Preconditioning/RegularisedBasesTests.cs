using static Shampoo.Runtime.Tests.Matrices;

namespace Shampoo.Runtime.Tests;

/// <summary>What trace scaling and ε, which change no eigenvectors, change of bases that are not the eigenvectors.</summary>
public sealed class RegularisedBasesTests
{
    private const int Rows = 5, Columns = 7;
    private const double Epsilon = 0.05, BiasCorrection = 0.4;

    // Of the blocks: below ε, near it, above it.
    private static readonly double[] Scales = [2e-3, 0.05, 1, 30];

    public static TheoryData<string, string> Cases
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var solver in (string[])["QR once", "QR four times", "QR to a tolerance", "adaptive"])
            {
                foreach (var rule in (string[])["scaled by the trace", "scaled by its root", "perturbed after", "never perturbed"])
                    data.Add(solver, rule);
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Are_those_of_the_transcription(string solver, string rule)
    {
        using var test = new Case();
        var expected = Solver(solver);
        var regularised = Rule(rule, expected);

        var (bases, usual) = (test.Expected(regularised), test.Expected(expected));
        switch (solver)
        {
            case "QR once": Refresh(test, new QRBasis(), rule); break;
            case "QR four times": Refresh(test, new QRBasis(expected.Iterations), rule); break;
            case "QR to a tolerance": Refresh(test, new QRBasis(expected.Iterations, expected.Tolerance), rule); break;
            default: Refresh(test, new AdaptiveBasis<EighBasis>(new(), expected.Tolerance), rule); break;
        }

        var found = test.Bases();
        for (var i = 0; i < found.Length; i++)
            Assert.InRange(Distance(bases[i], found[i]), 0, 1e-11);
        Assert.Contains(Enumerable.Range(0, found.Length), i => Distance(usual[i], found[i]) > 0.01);
    }

    /// <summary>Beside ε they are rounded away. Scaling brings them near it.</summary>
    [Fact]
    public void Are_found_of_matrices_far_below_epsilon_after_scaling()
    {
        const double Ridge = 1e-12;
        using var test = new Case(ScalarType.Float32, scale: 1e-20);
        var expected = test.Expected(new TranscribedBasis { IsPerturbed = false });

        test.State.Refresh(new EighBasis(), new PerturbBefore(Ridge), BiasCorrection);
        Assert.All(expected.Zip(test.Bases()), static pair => Assert.True(Distance(pair.First, pair.Second) > 0.1));

        test.State.Refresh(new EighBasis(), new TraceScaledRule<PerturbBefore>(new(Ridge), 1, Ridge), BiasCorrection);
        Assert.All(expected.Zip(test.Bases()), static pair => Assert.InRange(Distance(pair.First, pair.Second), 0, 1e-3));
    }

    private static TranscribedBasis Solver(string name) => name switch
    {
        "QR once" => new() { Iterations = 1 },
        "QR four times" => new() { Iterations = 4 },
        "QR to a tolerance" => new() { Iterations = 50, Tolerance = 0.1 },
        _ => new() { Tolerance = 0.12 },
    };

    private static TranscribedBasis Rule(string name, TranscribedBasis solver) => name switch
    {
        "scaled by the trace" => solver with { TraceScaling = 1 },
        "scaled by its root" => solver with { TraceScaling = 0.5 },
        _ => solver with { IsPerturbed = false },
    };

    private static void Refresh<TSolver>(Case test, TSolver solver, string rule) where TSolver : struct, IEigenbasisSolver
    {
        switch (rule)
        {
            case "scaled by the trace": test.State.Refresh(solver, new TraceScaledRule<PerturbBefore>(new(Epsilon), 1, Epsilon), BiasCorrection); break;
            case "scaled by its root": test.State.Refresh(solver, new TraceScaledRule<PerturbBefore>(new(Epsilon), 0.5, Epsilon), BiasCorrection); break;
            case "perturbed after": test.State.Refresh(solver, new PerturbAfter(Epsilon), BiasCorrection); break;
            default: test.State.Refresh(solver, new PseudoInverse(), BiasCorrection); break;
        }
    }

    /// <summary>The largest element of the difference; columns have no sign.</summary>
    private static double Distance(double[,] one, double[] other)
    {
        var n = one.GetLength(0);
        return Enumerable.Range(0, n).Max(column => new[] { 1, -1 }.Min(sign => Enumerable.Range(0, n).Max(i => Math.Abs(one[i, column] - sign * other[i * n + column]))));
    }

    /// <summary>Matrices of several sizes and scales, and bases that nearly diagonalise them.</summary>
    private sealed class Case : BlocksCase
    {
        private readonly List<(double[,] Factor, double[,] Previous)> _matrices = [];

        public Case(ScalarType type = ScalarType.Float64, double scale = 1) : base([Rows, Columns], type, static source => new Owner(source))
        {
            for (var block = 0; block < Blocks; block++)
            {
                foreach (var (k, n) in (IEnumerable<(int, int)>)[(0, Rows), (1, Columns)])
                {
                    var q = RandomOrthogonal(n, seed: 10 * block + k);
                    var factor = Compose(q, [.. Geometric(n, 30).Select(value => value * Scales[block] * scale * BiasCorrection)]);
                    var previous = Turned(q);
                    SetMatrix(State.Factor(k), block, factor);
                    SetMatrix(State.EigenvectorsOf(k), block, Flat(previous));
                    _matrices.Add((Square(factor), previous));
                }
            }
        }

        public FactorEigenbases State => ((Owner)Slice.State).Eigenbases;

        public double[][,] Expected(TranscribedBasis rules) => [.. _matrices.Select(pair => rules.Of(Divided(pair.Factor), Epsilon, pair.Previous))];

        public double[][] Bases() => [.. Enumerable.Range(0, _matrices.Count).Select(i => Matrix(State.EigenvectorsOf(i % 2), i / 2))];

        private static double[,] Divided(double[,] matrix)
        {
            var divided = (double[,])matrix.Clone();
            for (var i = 0; i < matrix.Length; i++)
                divided[i / matrix.GetLength(0), i % matrix.GetLength(0)] /= BiasCorrection;
            return divided;
        }

        /// <summary>Two pairs of columns turned by 0.3.</summary>
        private static double[,] Turned(double[,] q)
        {
            var (turned, cos, sin) = ((double[,])q.Clone(), Math.Cos(0.3), Math.Sin(0.3));
            foreach (var (a, b) in (IEnumerable<(int, int)>)[(0, 1), (2, 4)])
            {
                for (var i = 0; i < q.GetLength(0); i++)
                    (turned[i, a], turned[i, b]) = (cos * q[i, a] - sin * q[i, b], sin * q[i, a] + cos * q[i, b]);
            }
            return turned;
        }
    }

    private sealed class Owner(StateSource source) : BlockState(source)
    {
        public FactorEigenbases Eigenbases { get; } = source.FactorEigenbases();
    }
}
