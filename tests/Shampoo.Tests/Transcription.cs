using Shampoo.Runtime.Tests;

namespace Shampoo.Tests;

/// <summary>A declaration, once more, for <see cref="Transcription"/>.</summary>
internal sealed record Rules
{
    public bool Roots { get; init; }

    public bool Sums { get; init; }

    public bool CorrectsRoots { get; init; } = true;

    /// <summary>Roots are kept in float32.</summary>
    public bool SingleRoots { get; init; }

    public GraftingMethod? Grafting { get; init; }

    public bool FirstMoment { get; init; }

    public bool CorrectsFirstMoment { get; init; } = true;

    public WeightDecayKind? Decay { get; init; }

    public bool Momentum { get; init; }

    public bool Dampening { get; init; }

    public bool Nesterov { get; init; }

    public int MaxDimension { get; init; } = 1024;

    public int Start { get; init; } = 1;

    public int Frequency { get; init; } = 1;
}

/// <summary>The numbers of a transcription; none is a default of a declaration.</summary>
internal static class TranscribedNumbers
{
    public const double Lr = 0.01, Beta1 = 0.8, Beta2 = 0.95, GraftingBeta2 = 0.9, GraftingEpsilon = 1e-3, WeightDecay = 0.05, Momentum = 0.7, Dampening = 0.2;
}

/// <summary>
/// The algorithm, written down a second time: one parameter, element by element, in double. Only the root of a matrix comes from
/// elsewhere (Jacobi rotations, plain C# as well); nothing is shared with what it tests.
/// </summary>
internal sealed class Transcription
{
    private readonly Rules _rules;
    private readonly double _epsilon;
    private readonly Block[] _blocks;
    private long _t;

    /// <param name="rules">The declaration.</param>
    /// <param name="mergedShape">The shape after merging, worked out by hand.</param>
    /// <param name="initial">The parameter, row by row.</param>
    /// <param name="epsilon">The epsilon of the factor matrices.</param>
    public Transcription(Rules rules, int[] mergedShape, double[] initial, double epsilon)
    {
        (_rules, _epsilon, Values) = (rules, epsilon, [.. initial]);
        _blocks = [.. Enumerable.Range(0, initial.Length).Select(e => (Element: e, Index: Index(e, mergedShape)))
            .GroupBy(e => string.Join(',', e.Index.Select(i => i / rules.MaxDimension)))
            .Select(g => new Block([.. g.Select(static e => e.Element)], [.. g.Select(e => e.Index.Select(i => i % rules.MaxDimension).ToArray())]))];
    }

    public double[] Values { get; }

    public void Step(double[]? gradient)
    {
        _t++;
        if (gradient is null) return;
        foreach (Block block in _blocks)
        {
            double[] w = [.. block.Elements.Select(e => Values[e])];
            double[] direction = Direction(block, w, [.. block.Elements.Select(e => gradient[e])]);
            for (int a = 0; a < w.Length; a++)
                Values[block.Elements[a]] = w[a] - TranscribedNumbers.Lr * direction[a];
        }
    }

    private double[] Direction(Block block, double[] w, double[] g)
    {
        if (_rules.Decay == WeightDecayKind.L2) g = Sum(g, w, TranscribedNumbers.WeightDecay);
        if (_rules.Roots) Accumulate(block, g);
        UpdateGrafting(block, g);
        if (_rules.Roots && (_t == _rules.Start || _t > _rules.Start && _t % _rules.Frequency == 0)) Refresh(block);
        double[] filtered = Filter(block, g);
        double[] grafting = GraftingDirection(block, filtered);
        double[] p = _rules.Roots && _t >= _rules.Start ? Preconditioned(block, filtered, grafting) : grafting;
        if (_rules.Decay == WeightDecayKind.Decoupled) p = Sum(p, w, TranscribedNumbers.WeightDecay);
        return _rules.Momentum ? WithMomentum(block, p) : p;
    }

    private void Accumulate(Block block, double[] g)
    {
        double decay = _rules.Sums ? 1 : TranscribedNumbers.Beta2, weight = _rules.Sums ? 1 : 1 - TranscribedNumbers.Beta2;
        for (int k = 0; k < block.Sizes.Length; k++)
        {
            for (int i = 0; i < block.Sizes[k]; i++)
                for (int j = 0; j < block.Sizes[k]; j++)
                    block.L[k][i, j] *= decay;
            block.EachPair(k, (a, b, i, j) => block.L[k][i, j] += weight * g[a] * g[b]);
        }
    }

    private void UpdateGrafting(Block block, double[] g)
    {
        bool sums = _rules.Grafting == GraftingMethod.Adagrad;
        for (int a = 0; a < g.Length; a++)
            block.V[a] = sums ? block.V[a] + g[a] * g[a] : TranscribedNumbers.GraftingBeta2 * block.V[a] + (1 - TranscribedNumbers.GraftingBeta2) * g[a] * g[a];
    }

    private void Refresh(Block block)
    {
        double correction = _rules.Sums || !_rules.CorrectsRoots ? 1 : 1 - Math.Pow(TranscribedNumbers.Beta2, _t);
        for (int k = 0; k < block.Sizes.Length; k++)
        {
            block.X[k] = Oracle.Root(block.L[k], correction, _epsilon, 1.0 / (2 * block.Sizes.Length));
            if (!_rules.SingleRoots) continue;
            for (int i = 0; i < block.Sizes[k]; i++)
                for (int j = 0; j < block.Sizes[k]; j++)
                    block.X[k][i, j] = (float)block.X[k][i, j];
        }
    }

    private double[] Filter(Block block, double[] g)
    {
        if (!_rules.FirstMoment) return g;
        for (int a = 0; a < g.Length; a++)
            block.First[a] = TranscribedNumbers.Beta1 * block.First[a] + (1 - TranscribedNumbers.Beta1) * g[a];
        double correction = _rules.CorrectsFirstMoment ? 1 - Math.Pow(TranscribedNumbers.Beta1, _t) : 1;
        return [.. block.First.Select(m => m / correction)];
    }

    private double[] GraftingDirection(Block block, double[] filtered)
    {
        if (_rules.Grafting is null or GraftingMethod.SGD) return filtered;
        double correction = _rules.Grafting == GraftingMethod.Adam ? 1 - Math.Pow(TranscribedNumbers.GraftingBeta2, _t) : 1;
        return [.. filtered.Select((x, a) => x / (Math.Sqrt(block.V[a] / correction) + TranscribedNumbers.GraftingEpsilon))];
    }

    private double[] Preconditioned(Block block, double[] filtered, double[] grafting)
    {
        double[] p = filtered;
        for (int k = 0; k < block.Sizes.Length; k++)
        {
            var product = new double[p.Length];
            double[] factor = p;
            block.EachPair(k, (a, b, i, j) => product[a] += block.X[k][i, j] * factor[b]);
            p = product;
        }
        if (_rules.Grafting is null) return p;
        double scale = Norm(grafting) / (Norm(p) + 1e-16);
        return [.. p.Select(x => x * scale)];
    }

    private double[] WithMomentum(Block block, double[] p)
    {
        double fresh = _rules.Dampening ? 1 - TranscribedNumbers.Dampening : 1;
        for (int a = 0; a < p.Length; a++)
            block.Momentum[a] = TranscribedNumbers.Momentum * block.Momentum[a] + fresh * p[a];
        return _rules.Nesterov ? [.. p.Select((x, a) => fresh * x + TranscribedNumbers.Momentum * block.Momentum[a])] : [.. block.Momentum];
    }

    private static double[] Sum(double[] x, double[] y, double weight) => [.. x.Zip(y, (a, b) => a + weight * b)];

    private static double Norm(double[] x) => Math.Sqrt(x.Sum(static value => value * value));

    private static int[] Index(int element, int[] shape)
    {
        var index = new int[shape.Length];
        for (int k = shape.Length - 1; k >= 0; k--)
            (element, index[k]) = Math.DivRem(element, shape[k]);
        return index;
    }

    /// <param name="Elements">Which elements of the parameter.</param>
    /// <param name="Indices">Where they are in the block.</param>
    private sealed record Block(int[] Elements, int[][] Indices)
    {
        public int[] Sizes { get; } = [.. Enumerable.Range(0, Indices[0].Length).Select(k => Indices.Max(index => index[k]) + 1)];

        public double[][,] L => field ??= Matrices();

        /// <summary>The identity until the first refresh in which the block has a gradient.</summary>
        public double[][,] X => field ??= Identities();

        public double[] V { get; } = new double[Elements.Length];

        public double[] First { get; } = new double[Elements.Length];

        public double[] Momentum { get; } = new double[Elements.Length];

        /// <summary>Every two elements that differ in dimension k alone, or not at all, and their indices in that dimension.</summary>
        public void EachPair(int k, Action<int, int, int, int> action)
        {
            for (int a = 0; a < Elements.Length; a++)
                for (int b = 0; b < Elements.Length; b++)
                    if (AgreeExcept(Indices[a], Indices[b], k))
                        action(a, b, Indices[a][k], Indices[b][k]);
        }

        private double[][,] Matrices() => [.. Sizes.Select(static size => new double[size, size])];

        private double[][,] Identities()
        {
            double[][,] matrices = Matrices();
            for (int k = 0; k < Sizes.Length; k++)
                for (int i = 0; i < Sizes[k]; i++)
                    matrices[k][i, i] = 1;
            return matrices;
        }

        private static bool AgreeExcept(int[] a, int[] b, int k)
        {
            for (int d = 0; d < a.Length; d++)
                if (d != k && a[d] != b[d])
                    return false;
            return true;
        }
    }
}
