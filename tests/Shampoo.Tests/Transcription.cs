using Shampoo.Runtime.Tests;

namespace Shampoo.Tests;

/// <summary>A declaration, once more, for <see cref="Transcription"/>.</summary>
internal sealed record Rules
{
    public bool Roots { get; init; }

    /// <summary>Eigenvalues are corrected instead of roots taken.</summary>
    public bool Corrected { get; init; }

    /// <summary>The exponent of the corrected eigenvalues of blocks of order d.</summary>
    public Func<int, double> CorrectionExponent { get; init; } = static _ => 0.5;

    /// <summary>How bases are computed: by eigendecomposition of A + εI, unless declared.</summary>
    public TranscribedBasis Basis { get; init; } = new();

    /// <summary>The exponent of dimension k of blocks of order d: 1/(2d), or what is declared; 0 where there are no matrices.</summary>
    public Func<int, int, double> Exponent { get; init; } = static (d, _) => 1.0 / (2 * d);

    public bool KullbackLeibler { get; init; }

    public double? TraceScaling { get; init; }

    /// <summary>What is added to a matrix, relative to its Frobenius norm, where that is more than ε.</summary>
    public double RelativeEpsilon { get; init; }

    /// <summary>Sign descent.</summary>
    public bool Signs { get; init; }

    /// <summary>Sign descent with the mean of magnitudes, or with their sum.</summary>
    public SignScaling SignScaling { get; init; }

    /// <summary>The parameters, by their shapes before merging, that are not preconditioned.</summary>
    public Func<long[], bool> Skips { get; init; } = static _ => false;

    public int StatisticsInterval { get; init; } = 1;

    /// <summary>Whether the root mean square of directions is bounded.</summary>
    public bool Bounds { get; init; }

    /// <summary>Whether weights only decay where their signs are not opposite to those of the direction.</summary>
    public bool Cautious { get; init; }

    public bool Sums { get; init; }

    public bool CorrectsRoots { get; init; } = true;

    /// <summary>Roots are kept in float32.</summary>
    public bool SingleRoots { get; init; }

    public GraftingMethod? Grafting { get; init; }

    public bool FirstMoment { get; init; }

    public bool CorrectsFirstMoment { get; init; } = true;

    public bool Beta3 { get; init; }

    public WeightDecayKind? Decay { get; init; }

    public bool Momentum { get; init; }

    public bool Dampening { get; init; }

    public bool Nesterov { get; init; }

    public int MaxDimension { get; init; } = 1024;

    public LargeDimensions LargeDimensions { get; init; }

    public int Start { get; init; } = 1;

    public int Frequency { get; init; } = 1;

    /// <summary>By how many steps a refresh is earlier.</summary>
    public int Offset { get; init; }

    /// <summary>By how many steps the statistics are older than the step that adopts what is computed of them.</summary>
    public int Staleness { get; init; }

    /// <summary>Whether first moments and momentum have 8 bits between steps.</summary>
    public bool EightBits { get; init; }

    /// <summary>Whether there is anything but the grafted direction, or Ĝ.</summary>
    public bool Preconditions => Roots || Corrected || Signs;
}

/// <summary>The numbers of a transcription; none is a default of a declaration.</summary>
internal static class TranscribedNumbers
{
    public const double Lr = 0.01, Beta1 = 0.8, Beta2 = 0.95, GraftingBeta2 = 0.9, GraftingEpsilon = 1e-3, WeightDecay = 0.05, Momentum = 0.7, Dampening = 0.2,
        Beta3 = 0.6, PeakLr = 0.04, Scale = 0.3, MaxDirectionRms = 0.6;
}

/// <summary>
/// The algorithm, written down a second time: one parameter, element by element, in double. Only the root of a matrix comes from
/// elsewhere (Jacobi rotations, plain C# as well); nothing is shared with what it tests.
/// </summary>
internal sealed class Transcription
{
    private readonly Rules _rules;
    private readonly double _epsilon;
    private readonly TranscribedBlock[] _blocks;
    private readonly bool _isSkipped, _isElementwise;
    private long _t, _updates;

    /// <param name="rules">The declaration.</param>
    /// <param name="mergedShape">The shape after merging, worked out by hand.</param>
    /// <param name="initial">The parameter, row by row.</param>
    /// <param name="epsilon">The epsilon of the factor matrices.</param>
    /// <param name="isSkipped">Whether it is not preconditioned, and not cut.</param>
    public Transcription(Rules rules, int[] mergedShape, double[] initial, double epsilon, bool isSkipped)
    {
        (_rules, _epsilon, _isSkipped, Values) = (rules, epsilon, isSkipped, [.. initial]);
        _isElementwise = rules.LargeDimensions == LargeDimensions.Elementwise && mergedShape.Any(IsLarge);
        _blocks = TranscribedBlock.Cut(mergedShape, isSkipped || rules.LargeDimensions != LargeDimensions.Blocked ? int.MaxValue : rules.MaxDimension);
    }

    public double[] Values { get; }

    public void Step(double[]? gradient)
    {
        _t++;
        if (IsUpdate) _updates++;
        if (gradient is null) return;
        foreach (TranscribedBlock block in _blocks)
        {
            double[] w = [.. block.Elements.Select(e => Values[e])];
            double[] direction = Direction(block, w, [.. block.Elements.Select(e => gradient[e])]);
            for (int a = 0; a < w.Length; a++)
                Values[block.Elements[a]] = w[a] - TranscribedNumbers.Lr * direction[a];
            if (!_rules.EightBits) continue;
            EightBits(block.First);
            EightBits(block.Momentum);
        }
    }

    /// <summary>Every 64 numbers have the greatest magnitude of them in float32, and each a 127th of it from −127 to 127.</summary>
    private static void EightBits(double[] values)
    {
        for (int start = 0; start < values.Length; start += 64)
        {
            int end = Math.Min(start + 64, values.Length);
            double greatest = 0;
            for (int i = start; i < end; i++)
                greatest = Math.Max(greatest, Math.Abs(values[i]));
            greatest = (float)greatest;
            for (int i = start; i < end && greatest > 0; i++)
                values[i] = greatest * (Math.Round(values[i] / greatest * 127, MidpointRounding.ToEven) / 127);
        }
    }

    private double[] Direction(TranscribedBlock block, double[] w, double[] g)
    {
        if (_rules.Decay == WeightDecayKind.L2) g = Sum(g, w, TranscribedNumbers.WeightDecay);
        if ((_rules.Roots || _rules.Corrected) && IsUpdate) Accumulate(block, g);
        UpdateGrafting(block, g);
        if (_rules.Roots || _rules.Corrected) Schedule(block);
        if (_rules.Corrected || _isElementwise) Correct(block, g);
        double[] filtered = Filter(block, g);
        double[] grafting = GraftingDirection(block, filtered);
        bool preconditions = _isElementwise || _rules.Preconditions && (_rules.Corrected || !_isSkipped) && (_t >= _rules.Start || _rules.Grafting is null);
        double[] p = preconditions ? Preconditioned(block, filtered, grafting) : grafting;
        if (_rules.Bounds)
        {
            double excess = Math.Max(1, Math.Sqrt(p.Average(static x => x * x)) / TranscribedNumbers.MaxDirectionRms);
            p = [.. p.Select(x => x / excess)];
        }
        if (DecayFactor is { } factor) p = _rules.Cautious ? [.. p.Zip(w, (x, y) => x * y >= 0 ? x + factor * y : x)] : Sum(p, w, factor);
        return _rules.Momentum ? WithMomentum(block, p) : p;
    }

    /// <summary>Whether the statistics take in the gradient of the step.</summary>
    private bool IsUpdate => _t % _rules.StatisticsInterval == 0 || _t % _rules.Frequency == 0 || _t == _rules.Start;

    private double? DecayFactor => _rules.Decay switch
    {
        WeightDecayKind.Decoupled => TranscribedNumbers.WeightDecay,
        WeightDecayKind.Corrected => TranscribedNumbers.WeightDecay * TranscribedNumbers.Lr / TranscribedNumbers.PeakLr,
        WeightDecayKind.Independent => TranscribedNumbers.WeightDecay / TranscribedNumbers.PeakLr,
        _ => null,
    };

    private double BiasCorrection(long updates) => _rules.Sums || !_rules.CorrectsRoots ? 1 : 1 - Math.Pow(TranscribedNumbers.Beta2, updates);

    private (double Decay, double Weight) Average => _rules.Sums ? (1, 1) : (TranscribedNumbers.Beta2, 1 - TranscribedNumbers.Beta2);

    private bool IsLarge(int size) => size > _rules.MaxDimension;

    /// <summary>Whether the matrix of dimension k is its diagonal.</summary>
    private bool IsDiagonal(TranscribedBlock block, int k) => _rules.LargeDimensions == LargeDimensions.DiagonalFactor && IsLarge(block.Sizes[k]);

    /// <summary>0 is for: no matrix.</summary>
    private double Exponent(TranscribedBlock block, int k) => _isSkipped || _isElementwise ? 0 : _rules.Exponent(block.Sizes.Length, k);

    private void Accumulate(TranscribedBlock block, double[] g)
    {
        for (int k = 0; k < block.Sizes.Length; k++)
        {
            if (Exponent(block, k) == 0) continue;
            double[] h = _rules.KullbackLeibler ? block.Multiplied(g, block.X, except: k) : g;
            for (int i = 0; i < block.Sizes[k]; i++)
                for (int j = 0; j < block.Sizes[k]; j++)
                    block.L[k][i, j] *= Average.Decay;
            bool isDiagonal = IsDiagonal(block, k);
            block.EachPair(k, (a, b, i, j) => block.L[k][i, j] += isDiagonal && i != j ? 0 : Average.Weight * h[a] * h[b]);
        }
    }

    private void UpdateGrafting(TranscribedBlock block, double[] g)
    {
        if (_rules.Grafting is GraftingMethod.NormalizedAdagrad or GraftingMethod.NormalizedRMSProp or GraftingMethod.NormalizedAdam && Norm(g) is > 0 and var length)
            g = [.. g.Select(x => x / length)];
        bool sums = _rules.Grafting is GraftingMethod.Adagrad or GraftingMethod.NormalizedAdagrad;
        for (int a = 0; a < g.Length; a++)
            block.V[a] = sums ? block.V[a] + g[a] * g[a] : TranscribedNumbers.GraftingBeta2 * block.V[a] + (1 - TranscribedNumbers.GraftingBeta2) * g[a] * g[a];
    }

    private bool IsDue(long t) => t == _rules.Start || t > _rules.Start && t % _rules.Frequency == 0;

    /// <summary>What was computed is adopted, if that is later, before anything new is computed.</summary>
    private void Schedule(TranscribedBlock block)
    {
        Refresh(block, block.X, k => IsDiagonal(block, k) && _t >= _rules.Start);
        if (_rules.Staleness == 0)
        {
            if (IsDue(_t + _rules.Offset)) Refresh(block, block.X, k => !IsDiagonal(block, k));
            return;
        }
        if (IsDue(_t) && block.Next is { } next) (block.X, block.Next) = (next, null);
        if (IsDue(_t + _rules.Staleness)) Refresh(block, block.Next = [.. block.X], k => !IsDiagonal(block, k));
    }

    /// <summary>X of roots; of eigenbases, whose columns are sorted by their eigenvalues, Q. Of some dimensions.</summary>
    private void Refresh(TranscribedBlock block, double[][,] x, Func<int, bool> isRefreshed)
    {
        for (int k = 0; k < block.Sizes.Length; k++)
        {
            if (Exponent(block, k) == 0 || !isRefreshed(k)) continue;
            if (_rules.Corrected)
            {
                x[k] = _rules.Basis.Of(Unbiased(block.L[k]), _epsilon, block.X[k]);
                continue;
            }
            double divisor = BiasCorrection(_updates) * TraceFactor(block.L[k]);
            x[k] = Oracle.Root(block.L[k], divisor, Math.Max(_epsilon, _rules.RelativeEpsilon * Norm([.. block.L[k].Cast<double>()]) / divisor), Exponent(block, k));
            if (!_rules.SingleRoots) continue;
            for (int i = 0; i < block.Sizes[k]; i++)
                for (int j = 0; j < block.Sizes[k]; j++)
                    x[k][i, j] = (float)x[k][i, j];
        }
    }

    /// <summary>What the matrix is divided by.</summary>
    private double TraceFactor(double[,] matrix)
    {
        if (_rules.TraceScaling is not { } exponent) return 1;
        double trace = Enumerable.Range(0, matrix.GetLength(0)).Sum(i => matrix[i, i]) / BiasCorrection(_updates);
        return Math.Pow(Math.Max(trace, _epsilon), exponent);
    }

    private double[,] Unbiased(double[,] matrix)
    {
        var unbiased = (double[,])matrix.Clone();
        for (int i = 0; i < matrix.GetLength(0); i++)
            for (int j = 0; j < matrix.GetLength(0); j++)
                unbiased[i, j] /= BiasCorrection(_updates);
        return unbiased;
    }

    private void Correct(TranscribedBlock block, double[] g)
    {
        double[] rotated = block.Multiplied(g, block.X, transposed: true);
        for (int a = 0; a < g.Length; a++)
            block.E[a] = Average.Decay * block.E[a] + Average.Weight * rotated[a] * rotated[a];
    }

    private double[] Filter(TranscribedBlock block, double[] g)
    {
        if (!_rules.FirstMoment) return g;
        double[] before = [.. block.First];
        for (int a = 0; a < g.Length; a++)
            block.First[a] = TranscribedNumbers.Beta1 * block.First[a] + (1 - TranscribedNumbers.Beta1) * g[a];
        double beta3 = _rules.Beta3 ? TranscribedNumbers.Beta3 : TranscribedNumbers.Beta1;
        double correction = _rules.CorrectsFirstMoment ? 1 - beta3 * Math.Pow(TranscribedNumbers.Beta1, _t - 1) : 1;
        return [.. before.Select((m, a) => (beta3 * m + (1 - beta3) * g[a]) / correction)];
    }

    private double[] GraftingDirection(TranscribedBlock block, double[] filtered)
    {
        if (_rules.Grafting is null or GraftingMethod.SGD) return filtered;
        bool corrects = _rules.Grafting is GraftingMethod.Adam or GraftingMethod.NormalizedAdam;
        double correction = corrects ? 1 - Math.Pow(TranscribedNumbers.GraftingBeta2, _t) : 1;
        return [.. filtered.Select((x, a) => x / (Math.Sqrt(block.V[a] / correction) + TranscribedNumbers.GraftingEpsilon))];
    }

    private double[] Preconditioned(TranscribedBlock block, double[] filtered, double[] grafting)
    {
        if (_isElementwise) return DividedInBasis(block, filtered); // in its own basis, and not grafted
        double[] p = _rules.Signs ? [.. filtered.Select(x => TranscribedNumbers.Scale * Magnitude(filtered) * Math.Sign(x))]
            : _rules.Corrected ? DividedInBasis(block, filtered)
            : block.Multiplied(filtered, block.X);
        if (_rules.Grafting is null) return p;
        double scale = Norm(grafting) / (Norm(p) + 1e-16);
        return [.. p.Select(x => x * scale)];
    }

    private double Magnitude(double[] filtered) => _rules.SignScaling switch
    {
        SignScaling.MeanMagnitude => filtered.Average(Math.Abs),
        SignScaling.L1Norm => filtered.Sum(Math.Abs),
        _ => 1,
    };

    private double[] DividedInBasis(TranscribedBlock block, double[] filtered)
    {
        double[] rotated = block.Multiplied(filtered, block.X, transposed: true);
        double[] divided = [.. rotated.Select((x, a) => x / (Math.Pow(block.E[a] / BiasCorrection(_t), _rules.CorrectionExponent(block.Sizes.Length)) + _epsilon))];
        return block.Multiplied(divided, block.X);
    }

    private double[] WithMomentum(TranscribedBlock block, double[] p)
    {
        double fresh = _rules.Dampening ? 1 - TranscribedNumbers.Dampening : 1;
        for (int a = 0; a < p.Length; a++)
            block.Momentum[a] = TranscribedNumbers.Momentum * block.Momentum[a] + fresh * p[a];
        return _rules.Nesterov ? [.. p.Select((x, a) => fresh * x + TranscribedNumbers.Momentum * block.Momentum[a])] : [.. block.Momentum];
    }

    private static double[] Sum(double[] x, double[] y, double weight) => [.. x.Zip(y, (a, b) => a + weight * b)];

    private static double Norm(double[] x) => Math.Sqrt(x.Sum(static value => value * value));
}
