using Shampoo.Runtime;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Shampoo.Benchmarks.Step;

/// <summary>What <see cref="BlockByBlock"/> computes with.</summary>
internal sealed record BlockByBlockNumbers
{
    public double Lr { get; init; } = 1e-3;

    public double Beta1 { get; init; } = 0.9;

    public double Beta2 { get; init; } = 0.999;

    public double Epsilon { get; init; } = 1e-12;

    public double GraftingBeta2 { get; init; } = 0.999;

    public double GraftingEpsilon { get; init; } = 1e-8;

    public double WeightDecay { get; init; } = 0.01;

    public int MaxDimension { get; init; } = 1024;

    public long Frequency { get; init; } = 1;

    public long Start { get; init; } = 1;

    /// <summary>Coupled Newton, instead of eigh.</summary>
    public bool Newton { get; init; }

    /// <summary>Of coupled Newton: the largest element of M − I.</summary>
    public double Tolerance { get; init; } = 1e-6;
}

/// <summary>
/// Shampoo as one would write it down with operators of torch, block after block and matrix after matrix: roots of factor matrices, first moment,
/// grafting from Adam, decoupled decay. What stacked blocks, sweeps and products in place are compared with.
/// </summary>
internal sealed class BlockByBlock : IDisposable
{
    private readonly BlockByBlockNumbers _numbers;
    private readonly List<Block> _blocks = [];
    private long _t;

    public BlockByBlock(IEnumerable<(string name, Parameter parameter)> parameters, BlockByBlockNumbers numbers)
    {
        _numbers = numbers;
        var rules = new BlockingRules(numbers.MaxDimension);
        foreach (var (_, parameter) in parameters)
        {
            var merged = rules.Merge(parameter.shape);
            foreach (var region in rules.Split(merged))
                _blocks.Add(new Block(parameter, merged, region));
        }
    }

    /// <summary>What all blocks keep between two steps.</summary>
    public long StateBytes => _blocks.Sum(block => block.State.Sum(state => state.numel() * state.ElementSize));

    public void Step()
    {
        using var noGrad = no_grad();
        _t++;
        foreach (var block in _blocks)
        {
            using var scope = NewDisposeScope();
            Step(block);
        }
    }

    public void Dispose()
    {
        foreach (var state in _blocks.SelectMany(block => block.State))
            state.Dispose();
    }

    private void Step(Block block)
    {
        var n = _numbers;
        if (block.Gradient() is not { } gradient)
            return;
        for (var k = 0; k < block.Factors.Length; k++)
            block.Factors[k].mul_(n.Beta2).add_(OuterProduct(gradient, k), alpha: 1 - n.Beta2);
        block.SecondMoment.mul_(n.GraftingBeta2).addcmul_(gradient, gradient, 1 - n.GraftingBeta2);
        if (_t == n.Start || (_t > n.Start && _t % n.Frequency == 0))
            Refresh(block);

        block.FirstMoment.mul_(n.Beta1).add_(gradient, alpha: 1 - n.Beta1);
        var filtered = block.FirstMoment.div(1 - Math.Pow(n.Beta1, _t));
        var grafted = filtered.div(block.SecondMoment.div(1 - Math.Pow(n.GraftingBeta2, _t)).sqrt_().add_(n.GraftingEpsilon));
        var direction = grafted;
        if (_t >= n.Start)
        {
            direction = filtered;
            for (var k = 0; k < block.Roots.Length; k++)
                direction = tensordot(direction, block.Roots[k], [0L], [0L]); // the next dimension comes first
            direction.mul_(grafted.norm().div(direction.norm().add(1e-16)));
        }
        var values = block.Values();
        values.add_(direction.add(values, alpha: n.WeightDecay), alpha: -n.Lr);
    }

    private static Tensor OuterProduct(Tensor gradient, int dimension)
    {
        var others = Enumerable.Range(0, (int)gradient.dim()).Where(k => k != dimension).Select(k => (long)k).ToArray();
        return tensordot(gradient, gradient, others, others);
    }

    private void Refresh(Block block)
    {
        var exponent = 1.0 / (2 * block.Factors.Length);
        for (var k = 0; k < block.Factors.Length; k++)
        {
            var matrix = block.Factors[k].div(1 - Math.Pow(_numbers.Beta2, _t));
            block.Roots[k].copy_(_numbers.Newton ? CoupledNewton(matrix, 2 * block.Factors.Length) : Eigh(matrix, exponent));
        }
    }

    private Tensor Eigh(Tensor matrix, double exponent)
    {
        var epsilon = _numbers.Epsilon;
        var (eigenvalues, eigenvectors) = linalg.eigh(matrix.add(Identity(matrix), alpha: epsilon));
        var smallest = eigenvalues.min();
        if (smallest.ToDouble() < epsilon)
            eigenvalues = eigenvalues.sub(smallest).add(epsilon);
        return eigenvectors.mul(eigenvalues.pow(-exponent)).matmul(eigenvectors.t());
    }

    // Guo and Higham 2006.
    private Tensor CoupledNewton(Tensor matrix, int p)
    {
        var identity = Identity(matrix);
        var a = matrix.add(identity, alpha: _numbers.Epsilon);
        var z = (p + 1) / (2 * a.norm().ToDouble());
        var alpha = -1.0 / p;
        Tensor root = identity.mul(Math.Pow(z, 1.0 / p)), m = a.mul(z);
        for (var i = 0; i < 100 && m.sub(identity).abs().max().ToDouble() > _numbers.Tolerance; i++)
        {
            var t = m.mul(alpha).add(identity, alpha: 1 - alpha);
            root = root.matmul(t);
            m = matrix_power(t, p).matmul(m);
        }
        return root;
    }

    private static Tensor Identity(Tensor matrix) => eye(matrix.shape[0], dtype: matrix.dtype, device: matrix.device);

    /// <summary>A block and all that is kept of it.</summary>
    private sealed class Block
    {
        private readonly Parameter _parameter;
        private readonly long[] _merged;
        private readonly BlockRegion _region;

        public Block(Parameter parameter, long[] merged, BlockRegion region)
        {
            (_parameter, _merged, _region) = (parameter, merged, region);
            long[] shape = [.. region.Size];
            Factors = [.. shape.Select(size => zeros([size, size], dtype: parameter.dtype, device: parameter.device))];
            Roots = [.. shape.Select(size => eye(size, dtype: parameter.dtype, device: parameter.device))];
            FirstMoment = zeros(shape, dtype: parameter.dtype, device: parameter.device);
            SecondMoment = zeros(shape, dtype: parameter.dtype, device: parameter.device);
        }

        public Tensor[] Factors { get; }

        public Tensor[] Roots { get; }

        public Tensor FirstMoment { get; }

        public Tensor SecondMoment { get; }

        public IEnumerable<Tensor> State => [.. Factors, .. Roots, FirstMoment, SecondMoment];

        public Tensor Values() => _region.Of(_parameter.detach().reshape(_merged));

        public Tensor? Gradient() => _parameter.grad is { } gradient ? _region.Of(gradient.reshape(_merged)) : null;
    }
}
