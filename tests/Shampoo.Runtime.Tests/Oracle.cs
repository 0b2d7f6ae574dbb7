namespace Shampoo.Runtime.Tests;

/// <summary>The numbers of a test's optimizer.</summary>
public sealed record Settings(
    int MaxDimension = int.MaxValue, double Lr = 0.01, double Beta1 = 0.9, double Beta2 = 0.99, double Epsilon = 1e-6,
    double GraftingBeta2 = 0.98, double GraftingEpsilon = 1e-8, double WeightDecay = 0.02, int Start = 2, int Frequency = 2);

/// <summary>
/// The algorithm once more, element by element in double: root-inverse Shampoo by eigendecomposition with Adam grafting, first moment and
/// decoupled weight decay. Nothing here is shared with what it tests.
/// </summary>
public sealed class Oracle
{
    private readonly Settings _settings;
    private readonly List<Block> _blocks = [];
    private long _t;

    /// <param name="settings">The numbers.</param>
    /// <param name="mergedShape">The shape after merging, worked out by hand.</param>
    /// <param name="initial">The parameter, row by row.</param>
    public Oracle(Settings settings, int[] mergedShape, double[] initial)
    {
        _settings = settings;
        Values = (double[])initial.Clone();
        var byCorner = new Dictionary<string, Block>();
        for (var e = 0; e < initial.Length; e++)
        {
            var index = Unflatten(e, mergedShape);
            var corner = string.Join(",", index.Select(i => i / settings.MaxDimension));
            if (!byCorner.TryGetValue(corner, out var block))
            {
                byCorner[corner] = block = new Block();
                _blocks.Add(block);
            }
            block.Elements.Add(e);
            block.Indices.Add([.. index.Select(i => i % settings.MaxDimension)]);
        }
        foreach (var block in _blocks)
            block.Allocate();
    }

    public double[] Values { get; }

    public void Step(double[]? gradient)
    {
        _t++;
        if (gradient is null)
            return;
        foreach (var block in _blocks)
            Step(block, [.. block.Elements.Select(e => gradient[e])]);
    }

    private void Step(Block block, double[] g)
    {
        var s = _settings;
        int n = g.Length, order = block.Sizes.Length;
        for (var k = 0; k < order; k++)
        {
            var outer = new double[block.Sizes[k], block.Sizes[k]];
            for (var a = 0; a < n; a++)
            {
                for (var b = 0; b < n; b++)
                {
                    if (AgreeExcept(block.Indices[a], block.Indices[b], k))
                        outer[block.Indices[a][k], block.Indices[b][k]] += g[a] * g[b];
                }
            }
            for (var i = 0; i < block.Sizes[k]; i++)
            {
                for (var j = 0; j < block.Sizes[k]; j++)
                    block.L[k][i, j] = s.Beta2 * block.L[k][i, j] + (1 - s.Beta2) * outer[i, j];
            }
        }
        for (var a = 0; a < n; a++)
            block.V[a] = s.GraftingBeta2 * block.V[a] + (1 - s.GraftingBeta2) * g[a] * g[a];

        if (_t == s.Start || (_t > s.Start && _t % s.Frequency == 0))
        {
            for (var k = 0; k < order; k++)
                block.X[k] = Root(block.L[k], 1 - Math.Pow(s.Beta2, _t), s.Epsilon, 1.0 / (2 * Math.Max(order, 1)));
        }

        var filtered = new double[n];
        for (var a = 0; a < n; a++)
        {
            block.M[a] = s.Beta1 * block.M[a] + (1 - s.Beta1) * g[a];
            filtered[a] = block.M[a] / (1 - Math.Pow(s.Beta1, _t));
        }
        var grafting = new double[n];
        for (var a = 0; a < n; a++)
            grafting[a] = filtered[a] / (Math.Sqrt(block.V[a] / (1 - Math.Pow(s.GraftingBeta2, _t))) + s.GraftingEpsilon);
        var direction = _t < s.Start ? grafting : Grafted(block.Multiply(filtered), grafting);
        for (var a = 0; a < n; a++)
            Values[block.Elements[a]] -= s.Lr * (direction[a] + s.WeightDecay * Values[block.Elements[a]]);
    }

    private static double[] Grafted(double[] direction, double[] grafting)
    {
        var factor = Norm(grafting) / (Norm(direction) + 1e-16);
        return [.. direction.Select(x => x * factor)];
    }

    private static double Norm(double[] x) => Math.Sqrt(x.Sum(value => value * value));

    private static bool AgreeExcept(int[] a, int[] b, int k)
    {
        for (var d = 0; d < a.Length; d++)
        {
            if (d != k && a[d] != b[d])
                return false;
        }
        return true;
    }

    private static int[] Unflatten(int flat, int[] shape)
    {
        var index = new int[shape.Length];
        for (var k = shape.Length - 1; k >= 0; k--)
        {
            index[k] = flat % shape[k];
            flat /= shape[k];
        }
        return index;
    }

    /// <summary>(A/c + εI)^(−exponent), with the eigenvalues lifted to ε where the smallest is below.</summary>
    public static double[,] Root(double[,] a, double correction, double epsilon, double exponent)
    {
        var n = a.GetLength(0);
        var shifted = new double[n, n];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
                shifted[i, j] = a[i, j] / correction + (i == j ? epsilon : 0);
        }
        var (values, vectors) = Jacobi(shifted);
        var smallest = values.Min();
        if (smallest < epsilon)
            values = [.. values.Select(value => value - smallest + epsilon)];
        var root = new double[n, n];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
            {
                for (var e = 0; e < n; e++)
                    root[i, j] += vectors[i, e] * Math.Pow(values[e], -exponent) * vectors[j, e];
            }
        }
        return root;
    }

    /// <summary>Eigenvalues and eigenvectors (columns) by Jacobi rotations.</summary>
    public static (double[] Values, double[,] Vectors) Jacobi(double[,] matrix)
    {
        var n = matrix.GetLength(0);
        var a = (double[,])matrix.Clone();
        var q = new double[n, n];
        for (var i = 0; i < n; i++)
            q[i, i] = 1;
        for (var sweep = 0; sweep < 60; sweep++)
        {
            double off = 0;
            for (var i = 0; i < n; i++)
            {
                for (var j = i + 1; j < n; j++)
                {
                    off += a[i, j] * a[i, j];
                    Rotate(a, q, i, j);
                }
            }
            if (off == 0)
                break;
        }
        return ([.. Enumerable.Range(0, n).Select(i => a[i, i])], q);
    }

    private static void Rotate(double[,] a, double[,] q, int i, int j)
    {
        if (a[i, j] == 0)
            return;
        var theta = (a[j, j] - a[i, i]) / (2 * a[i, j]);
        var t = (theta >= 0 ? 1 : -1) / (Math.Abs(theta) + Math.Sqrt(theta * theta + 1));
        var c = 1 / Math.Sqrt(t * t + 1);
        var s = t * c;
        var n = a.GetLength(0);
        for (var k = 0; k < n; k++)
            (a[k, i], a[k, j]) = (c * a[k, i] - s * a[k, j], s * a[k, i] + c * a[k, j]);
        for (var k = 0; k < n; k++)
            (a[i, k], a[j, k]) = (c * a[i, k] - s * a[j, k], s * a[i, k] + c * a[j, k]);
        for (var k = 0; k < n; k++)
            (q[k, i], q[k, j]) = (c * q[k, i] - s * q[k, j], s * q[k, i] + c * q[k, j]);
        a[i, j] = a[j, i] = 0;
    }

    private sealed class Block
    {
        public List<int> Elements { get; } = [];

        public List<int[]> Indices { get; } = [];

        public int[] Sizes { get; private set; } = [];

        public double[][,] L { get; private set; } = [];

        public double[][,] X { get; set; } = [];

        public double[] V { get; private set; } = [];

        public double[] M { get; private set; } = [];

        public void Allocate()
        {
            Sizes = [.. Enumerable.Range(0, Indices[0].Length).Select(k => Indices.Max(index => index[k]) + 1)];
            L = [.. Sizes.Select(size => new double[size, size])];
            X = [.. Sizes.Select(size => new double[size, size])];
            V = new double[Elements.Count];
            M = new double[Elements.Count];
        }

        public double[] Multiply(double[] x)
        {
            for (var k = 0; k < Sizes.Length; k++)
            {
                var product = new double[x.Length];
                for (var a = 0; a < x.Length; a++)
                {
                    for (var b = 0; b < x.Length; b++)
                    {
                        if (AgreeExcept(Indices[a], Indices[b], k))
                            product[a] += X[k][Indices[a][k], Indices[b][k]] * x[b];
                    }
                }
                x = product;
            }
            return x;
        }
    }
}
