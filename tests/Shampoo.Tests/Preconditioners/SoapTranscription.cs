using Shampoo.Runtime.Tests;

namespace Shampoo.Tests.Preconditioners;

/// <summary>A declaration of SOAP, and its numbers, once more.</summary>
internal sealed record SoapRules
{
    public int MaxDimension { get; init; } = 1024;

    public int Frequency { get; init; } = 1;

    /// <summary>Whether dimension k of blocks of order d keeps its own basis.</summary>
    public Func<int, int, bool> Ignores { get; init; } = static (_, _) => false;

    public bool CorrectsBias { get; init; } = true;

    public WeightDecayKind? Decay { get; init; }

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
    private int _steps = -1;

    /// <param name="rules">The declaration.</param>
    /// <param name="shape">The shape after merging.</param>
    /// <param name="initial">The parameter, row by row.</param>
    public SoapTranscription(SoapRules rules, int[] shape, double[] initial)
    {
        (_rules, Values) = (rules, [.. initial]);
        Blocks = TranscribedBlock.Cut(shape, rules.MaxDimension);
    }

    public double[] Values { get; }

    public TranscribedBlock[] Blocks { get; }

    /// <summary>How many steps it has taken; −1 before the first gradient.</summary>
    public int Steps => _steps;

    /// <summary>The dimensions of a block that are rotated.</summary>
    public IEnumerable<int> Rotated(TranscribedBlock block) => Enumerable.Range(0, block.Sizes.Length).Where(k => !_rules.Ignores(block.Sizes.Length, k));

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
        double size = _rules.Lr;
        if (_rules.CorrectsBias) size *= Math.Sqrt(1 - Math.Pow(_rules.Beta2, _steps)) / (1 - Math.Pow(_rules.Beta1, _steps));
        for (int a = 0; a < g.Length; a++)
        {
            ref double w = ref Values[block.Elements[a]];
            w -= size * direction[a];
            w -= _rules.Lr * Alpha * w;
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
        double beta = _rules.ShampooBeta ?? _rules.Beta2;
        foreach (int k in Rotated(block))
        {
            double[,] l = block.L[k];
            for (int i = 0; i < block.Sizes[k]; i++)
                for (int j = 0; j < block.Sizes[k]; j++)
                    l[i, j] *= beta;
            block.EachPair(k, (a, b, i, j) => l[i, j] += (1 - beta) * g[a] * g[b]);
            if (_steps == 0) block.X[k] = Sorted(Oracle.Jacobi(l));
            else if (_steps % _rules.Frequency == 0) block.X[k] = Followed(block, k);
        }
        block.Multiplied(first, block.X, transposed: true).CopyTo(block.First, 0);
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
