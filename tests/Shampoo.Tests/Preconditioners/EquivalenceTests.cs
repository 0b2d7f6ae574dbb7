using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Shampoo.Tests.Preconditioners;

using NamedParameters = IEnumerable<(string name, Parameter parameter)>;

/// <summary>Two declarations that are the same optimizer, or nearly so, and known numbers of single steps.</summary>
public sealed class EquivalenceTests
{
    /// <summary>Of factor matrices, and so large that solvers that add more, relative to a norm, add this.</summary>
    public const double Epsilon = 0.05;

    private const double Lr = 0.01;

    private const int StepCount = 12;

    /// <summary>The largest size of a block.</summary>
    private const int Size = 4;

    /// <summary>What the solvers promise: the largest element by which XᵖA differs from I, or what is left of a matrix beside its eigenvalues, relative to its norm.</summary>
    public static TheoryData<string, double> Solvers => new()
    {
        { nameof(ByCoupledNewton), 1e-6 }, { nameof(ByCoupledHigherOrder), 1e-8 }, { nameof(ByMinimaxNewton), 1e-13 }, { nameof(ByEighPerturbedAfter), 1e-13 },
        { nameof(ByDecomposition), 1e-13 }, { nameof(ByQR), 1e-6 }, { nameof(ByAdaptiveEigh), 1e-6 }, { nameof(ByNewtonSchulz), 1e-12 },
    };

    /// <summary>
    /// An error of XᵖA in one element is one of X of as much times the size, relatively, at most. Without its root of a trace, of which
    /// that of ε is the smallest eigenvalue, no direction is longer than √(trace/ε); every step takes lr of it.
    /// </summary>
    [Theory, MemberData(nameof(Solvers))]
    public void SolversComputeWhatEighDoes(string name, double tolerance)
    {
        Func<NamedParameters, OptimizerHelper> eigh = name == nameof(ByNewtonSchulz)
            ? static p => new ByEighOfPowersOfTwo(p, lr: Lr, epsilon: Epsilon) : static p => new ByEigh(p, lr: Lr, epsilon: Epsilon);
        AssertSame(eigh, p => Solver(name, p), StepCount * Lr * Math.Sqrt(Rounding.Trace / Epsilon) * Size * tolerance);
    }

    private static OptimizerHelper Solver(string name, NamedParameters p) => name switch
    {
        nameof(ByCoupledNewton) => new ByCoupledNewton(p, lr: Lr, epsilon: Epsilon),
        nameof(ByCoupledHigherOrder) => new ByCoupledHigherOrder(p, lr: Lr),
        nameof(ByMinimaxNewton) => new ByMinimaxNewton(p, lr: Lr, epsilon: Epsilon),
        nameof(ByEighPerturbedAfter) => new ByEighPerturbedAfter(p, lr: Lr, epsilon: Epsilon),
        nameof(ByDecomposition) => new ByDecomposition(p, lr: Lr, epsilon: Epsilon),
        nameof(ByQR) => new ByQR(p, lr: Lr, epsilon: Epsilon),
        nameof(ByAdaptiveEigh) => new ByAdaptiveEigh(p, lr: Lr, epsilon: Epsilon),
        _ => new ByNewtonSchulz(p, lr: Lr, epsilon: Epsilon),
    };

    [Fact]
    public void DecompositionOfScaledMatricesHasTheRootsOfScaledMatrices() => AssertSame(
        static p => new ByScaledEigh(p, lr: Lr, epsilon: Epsilon), static p => new ByScaledDecomposition(p, lr: Lr, epsilon: Epsilon));

    [Fact]
    public void OneExponentOfEveryOrderIsOneExponent() => AssertSame(
        static p => new CorrectedByQuarters(p, lr: Lr, beta2: 0.95, epsilon: 1e-8), static p => new CorrectedByQuartersOfOrders(p, lr: Lr, beta2: 0.95, epsilon: 1e-8));

    [Fact]
    public void CorrectedEigenvaluesWithoutAnyRotationAreAdam() => AssertSame(
        static p => new PlainAdamW(p, lr: Lr, beta2: 0.95, epsilon: 1e-8), static p => new NothingRotated(p, lr: Lr, beta2: 0.95, epsilon: 1e-8));

    /// <summary>What is not on the diagonal is never more than all.</summary>
    [Fact]
    public void BasisThatIsAlwaysKeptIsAdam() => AssertSame(
        static p => new PlainAdamW(p, lr: Lr, beta2: 0.95, epsilon: 1e-8), static p => new NeverRotated(p, lr: Lr, beta2: 0.95, epsilon: 1e-8));

    /// <summary>Also of a β₃ that is β₁.</summary>
    [Fact]
    public void CorrectedDecayAtOneRateIsDecoupledDecay() => AssertSame(
        static p => new DecoupledDecay(p, lr: Lr, epsilon: Epsilon, weight_decay: 0.1), static p => new CorrectedDecay(p, lr: Lr, epsilon: Epsilon, weight_decay: 0.1));

    [Fact]
    public void CorrectedDecayIsDecoupledDecayThatFollowsTheRate() => AssertSame(
        static p => new DecoupledDecay(p, lr: Lr, epsilon: Epsilon, weight_decay: 0.1), static p => new CorrectedDecay(p, lr: Lr, epsilon: Epsilon, weight_decay: 0.1),
        prepare: static (decoupled, corrected, step) =>
        {
            Rate(decoupled, step);
            Rate(corrected, step);
            ((DecoupledDecay.ParamGroup)decoupled.ParamGroups.Single()).Options.weight_decay = 0.1 / (1 + step);
        });

    [Fact]
    public void IndependentDecayIsDecoupledDecayByThePeak() => AssertSame(
        static p => new DecoupledDecay(p, lr: Lr, epsilon: Epsilon, weight_decay: 0.1 / Lr), static p => new IndependentDecay(p, lr: Lr, epsilon: Epsilon, weight_decay: 0.1),
        prepare: static (decoupled, independent, step) =>
        {
            Rate(decoupled, step);
            Rate(independent, step);
        });

    [Fact]
    public void StatisticsOfVectorsAreTheSameInBothKinds()
    {
        using Model model = new([[7], [4], [1], [3]]), twin = new([[7], [4], [1], [3]]);
        using OptimizerHelper ordinary = new OrdinaryStatistics(model.Parameters, lr: Lr, epsilon: Epsilon), divergence = new KullbackLeiblerStatistics(twin.Parameters, lr: Lr, epsilon: Epsilon);
        Train(model, ordinary, twin, divergence);
        Assert.Equal(model.Values(), twin.Values());
    }

    public static TheoryData<string, ScalarType> Blocked => Declarations.Blocked;

    /// <summary>6 × 7 elements in blocks of at most 4 × 4. None is so small that its dimensions would be merged if it stood alone.</summary>
    [Theory, MemberData(nameof(Blocked))]
    public void ParameterInBlocksIsItsBlocks(string name, ScalarType dtype)
    {
        ((int Row, int Column) Corner, long[] Shape)[] blocks = [((0, 0), [4, 4]), ((0, 4), [4, 3]), ((4, 0), [2, 4]), ((4, 4), [2, 3])];
        using Model model = new([[6, 7]], dtype), parts = new([.. blocks.Select(static b => b.Shape)], dtype);
        using (no_grad())
            for (int b = 0; b < blocks.Length; b++)
                parts[b].copy_(Part(model[0], blocks[b]));
        using OptimizerHelper whole = Declarations.Create(name, model.Parameters), each = Declarations.Create(name, parts.Parameters);
        for (int step = 0; step < StepCount; step++)
        {
            model.NewGradients();
            using Tensor gradient = model[0].grad!;
            for (int b = 0; b < blocks.Length; b++)
                parts[b].grad = Part(gradient, blocks[b]).clone();
            whole.step();
            each.step();
        }
        for (int b = 0; b < blocks.Length; b++)
            Rounding.AssertClose(Model.Values(parts[b]), Model.Values(Part(model[0], blocks[b])), Rounding.Tolerance(dtype, StepCount));

        static Tensor Part(Tensor tensor, ((int Row, int Column) Corner, long[] Shape) block) =>
            tensor.narrow(0, block.Corner.Row, block.Shape[0]).narrow(1, block.Corner.Column, block.Shape[1]);
    }

    /// <summary>L^(−1/4) G R^(−1/4) = (GGᵀ)^(−1/2) G = UVᵀ, from sums of one gradient.</summary>
    [Fact]
    public void FirstDirectionIsThePolarFactor()
    {
        double[] gradient = [1, 2, -1, 0.5, -0.25, 3];
        double[] factor = [0.478911864, 0.856123957, -0.194152508, 0.255558395, 0.075620342, 0.963831661];
        Func<NamedParameters, OptimizerHelper>[] optimizers = [static p => new BothSides(p, lr: 1), static p => new LeftSide(p, lr: 1), static p => new BySvd(p, lr: 1)];
        Assert.All(optimizers, create => Rounding.AssertClose(factor, Direction(create, gradient, 2, 3), 1e-9));
    }

    [Fact]
    public void NuclearNormIsTheSumOfSingularValues()
    {
        double[] gradient = [3, 0, 0, 0, -4, 0];
        Rounding.AssertClose([1, 0, 0, 0, -1, 0], Direction(static p => new BySvd(p, lr: 1), gradient, 2, 3), 1e-15);
        Rounding.AssertClose([7, 0, 0, 0, -7, 0], Direction(static p => new ByScaledSvd(p, lr: 1), gradient, 2, 3), 1e-14);
    }

    /// <summary>In the basis of singular vectors, here that of the elements, five iterations leave singular values between about 0.7 and 1.2.</summary>
    [Theory, InlineData(3, 0.5), InlineData(1, 1), InlineData(10, 0.3)]
    public void IterationIsNearlyThePolarFactor(double first, double second)
    {
        double[] direction = Direction(static p => new ByIteration(p, lr: 1), [first, 0, 0, 0, -second, 0], 2, 3);
        Assert.InRange(direction[0], 0.68, 1.21);
        Assert.InRange(-direction[4], 0.68, 1.21);
        Assert.All([direction[1], direction[2], direction[3], direction[5]], static rest => Assert.Equal(0, rest, 1e-15));
    }

    [Fact]
    public void SignDescentTakesTheSign() =>
        Assert.Equal([0.25, -0.25, 0, 0.25, 0, -0.25], Direction(static p => new OnlySigns(p, lr: 1), [3, -1e-300, 0, 1e300, -0.0, -2], 2, 3));

    private static void Rate(OptimizerHelper optimizer, int step) => optimizer.ParamGroups.Single().LearningRate = Lr / (1 + step);

    /// <summary>What an optimizer with the rate 1 subtracts from a matrix in its first step.</summary>
    private static double[] Direction(Func<NamedParameters, OptimizerHelper> create, double[] gradient, int rows, int columns)
    {
        using Tensor zero = zeros(rows, columns, ScalarType.Float64), given = tensor(gradient, ScalarType.Float64), matrix = given.reshape(rows, columns);
        using var parameter = new Parameter(zero);
        using OptimizerHelper optimizer = create([("p", parameter)]);
        parameter.grad = matrix;
        optimizer.step();
        return [.. Model.Values(parameter).Select(static x => 0 - x)];
    }

    /// <summary>Two optimizers, with the same gradients, some of which are missing.</summary>
    private static void AssertSame(
        Func<NamedParameters, OptimizerHelper> one, Func<NamedParameters, OptimizerHelper> other, double? tolerance = null, Action<OptimizerHelper, OptimizerHelper, int>? prepare = null)
    {
        using Model model = new(Model.AllShapes), twin = new(Model.AllShapes);
        using OptimizerHelper first = one(model.Parameters), second = other(twin.Parameters);
        Train(model, first, twin, second, prepare);
        Rounding.AssertClose(model.Values(), twin.Values(), tolerance ?? Rounding.Tolerance(ScalarType.Float64, StepCount, Lr, Epsilon));
    }

    private static void Train(Model model, OptimizerHelper first, Model twin, OptimizerHelper second, Action<OptimizerHelper, OptimizerHelper, int>? prepare = null)
    {
        for (int step = 0; step < StepCount; step++)
        {
            prepare?.Invoke(first, second, step);
            model.NewGradients(step % 4);
            model.CopyGradientsTo(twin);
            first.step();
            second.step();
        }
    }
}
