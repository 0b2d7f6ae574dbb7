using Shampoo.Runtime.Tests;

namespace Shampoo.Tests.Preconditioners;

/// <summary>A declaration of SOAP, and its numbers, once more.</summary>
internal sealed record SoapRules
{
    public int MaxDimension { get; init; } = 1024;

    public int Frequency { get; init; } = 1;

    /// <summary>Whether dimension k of blocks of order d keeps its own basis.</summary>
    public Func<int, int, bool> Ignores { get; init; } = static (_, _) => false;

    /// <summary>The parameters, by their shapes before merging, that are not preconditioned.</summary>
    public Func<long[], bool> Skips { get; init; } = static _ => false;

    public int StatisticsInterval { get; init; } = 1;

    public double? MaxDirectionRms { get; init; }

    public bool CorrectsBias { get; init; } = true;

    public WeightDecayKind? Decay { get; init; }

    /// <summary>Whether weights only decay where their signs after the step are not opposite to those of the direction.</summary>
    public bool IsCautious { get; init; }

    public double Lr { get; init; } = 0.05;

    public double Beta1 { get; init; } = 0.9;

    public double Beta2 { get; init; } = 0.95;

    public double? ShampooBeta { get; init; }

    public double Epsilon { get; init; } = 1e-8;

    public double WeightDecay { get; init; } = 0.03;

    public double PeakLr { get; init; } = 0.1;
}

/// <summary>
/// SOAP as its authors wrote it, one parameter, element by element, in double. The first moment goes back to the space of the parameter
/// before every update of the basis, and into the basis after it, as in their program. Eigenvectors come from Jacobi rotations, orthogonal
/// factors from Gram and Schmidt; nothing is shared with what it tests.
/// </summary>
internal sealed class SoapTranscription
{
    private readonly SoapRules _rules;
    private readonly bool _isSkipped;
    private int _steps = -1;

    /// <param name="rules">The declaration.</param>
    /// <param name="shape">The shape after merging.</param>
    /// <param name="initial">The parameter, row by row.</param>
    /// <param name="isSkipped">Whether it is not preconditioned, and not cut.</param>
    public SoapTranscription(SoapRules rules, int[] shape, double[] initial, bool isSkipped)
    {
        (_rules, _isSkipped, Values) = (rules, isSkipped, [.. initial]);
        Blocks = TranscribedBlock.Cut(shape, isSkipped ? int.MaxValue : rules.MaxDimension);
    }

    public double[] Values { get; }

    public TranscribedBlock[] Blocks { get; }

    /// <summary>How many steps it has taken; −1 before the first gradient.</summary>
    public int Steps => _steps;

    /// <summary>The dimensions of a block that are rotated.</summary>
    public IEnumerable<int> Rotated(TranscribedBlock block) => Enumerable.Range(0, block.Sizes.Length).Where(k => !_isSkipped && !_rules.Ignores(block.Sizes.Length, k));

    public void Step(double[]? gradient)
    {
        if (gradient is null) return;
        _steps++;
        foreach (TranscribedBlock block in Blocks)
        {
            double[] g = [.. block.Elements.Select(e => gradient[e] + (_rules.Decay == WeightDecayKind.L2 ? _rules.WeightDecay * Values[e] : 0))];
            if (_steps > 0) Move(block, g);
            UpdateBasis(block, g);
        }
    }

    private void Move(TranscribedBlock block, double[] g)
    {
        double[] rotated = block.Multiplied(g, block.X, transposed: true);
        double[] direction = new double[g.Length];
        for (int a = 0; a < g.Length; a++)
        {
            block.First[a] = _rules.Beta1 * block.First[a] + (1 - _rules.Beta1) * rotated[a];
            block.E[a] = _rules.Beta2 * block.E[a] + (1 - _rules.Beta2) * rotated[a] * rotated[a];
            direction[a] = block.First[a] / (Math.Sqrt(block.E[a]) + _rules.Epsilon);
        }
        direction = block.Multiplied(direction, block.X);
        double correction = _rules.CorrectsBias ? Math.Sqrt(1 - Math.Pow(_rules.Beta2, _steps)) / (1 - Math.Pow(_rules.Beta1, _steps)) : 1;
        double excess = _rules.MaxDirectionRms is { } limit && direction.Length > 0 ? Math.Max(1, correction * Math.Sqrt(direction.Average(static x => x * x)) / limit) : 1;
        for (int a = 0; a < g.Length; a++)
        {
            ref double w = ref Values[block.Elements[a]];
            w -= _rules.Lr * correction / excess * direction[a];
            if (!_rules.IsCautious || w * direction[a] >= 0) w -= _rules.Lr * Alpha * w;
        }
    }

    private double Alpha => _rules.Decay switch
    {
        WeightDecayKind.Decoupled => _rules.WeightDecay,
        WeightDecayKind.Corrected => _rules.WeightDecay * _rules.Lr / _rules.PeakLr,
        WeightDecayKind.Independent => _rules.WeightDecay / _rules.PeakLr,
        _ => 0,
    };

    private void UpdateBasis(TranscribedBlock block, double[] g)
    {
        double[] first = block.Multiplied(block.First, block.X);
        bool follows = _steps % _rules.Frequency == 0;
        foreach (int k in Rotated(block))
        {
            if (follows || _steps % _rules.StatisticsInterval == 0) Accumulate(block, k, g);
            if (_steps == 0) block.X[k] = Sorted(Oracle.Jacobi(block.L[k]));
            else if (follows) block.X[k] = Followed(block, k);
        }
        block.Multiplied(first, block.X, transposed: true).CopyTo(block.First, 0);
    }

    private void Accumulate(TranscribedBlock block, int k, double[] g)
    {
        double[,] l = block.L[k];
        double beta = _rules.ShampooBeta ?? _rules.Beta2;
        for (int i = 0; i < block.Sizes[k]; i++)
            for (int j = 0; j < block.Sizes[k]; j++)
                l[i, j] *= beta;
        block.EachPair(k, (a, b, i, j) => l[i, j] += (1 - beta) * g[a] * g[b]);
    }

    private static double[,] Followed(TranscribedBlock block, int k)
    {
        double[,] q = block.X[k], lq = Product(block.L[k], q);
        int n = block.Sizes[k];
        double[] estimates = [.. Enumerable.Range(0, n).Select(j => Enumerable.Range(0, n).Sum(i => q[i, j] * lq[i, j]))];
        int[] order = [.. Enumerable.Range(0, n).OrderByDescending(j => estimates[j])];
        double[] before = [.. block.E];
        block.EachPair(k, (a, b, i, j) => block.E[a] = order[i] == j ? before[b] : block.E[a]);
        return Orthogonal(Columns(lq, order));
    }

    private static double[,] Sorted((double[] Values, double[,] Vectors) eigen) =>
        Columns(eigen.Vectors, [.. Enumerable.Range(0, eigen.Values.Length).OrderByDescending(j => eigen.Values[j])]);

    private static double[,] Columns(double[,] matrix, int[] order)
    {
        var columns = new double[order.Length, order.Length];
        for (int i = 0; i < order.Length; i++)
            for (int j = 0; j < order.Length; j++)
                columns[i, j] = matrix[i, order[j]];
        return columns;
    }

    internal static double[,] Product(double[,] a, double[,] b)
    {
        int n = a.GetLength(0);
        var product = new double[n, n];
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++)
                for (int k = 0; k < n; k++)
                    product[i, j] += a[i, k] * b[k, j];
        return product;
    }

    /// <summary>Gram and Schmidt, twice.</summary>
    private static double[,] Orthogonal(double[,] matrix)
    {
        int n = matrix.GetLength(0);
        for (int j = 0; j < n; j++)
        {
            for (int turn = 0; turn < 2; turn++)
                for (int k = 0; k < j; k++)
                    Add(j, k, -Enumerable.Range(0, n).Sum(i => matrix[i, j] * matrix[i, k]));
            double length = Math.Sqrt(Enumerable.Range(0, n).Sum(i => matrix[i, j] * matrix[i, j]));
            Add(j, j, 1 / length - 1);
        }
        return matrix;

        void Add(int to, int from, double factor)
        {
            for (int i = 0; i < n; i++)
                matrix[i, to] += factor * matrix[i, from];
        }
    }
}
