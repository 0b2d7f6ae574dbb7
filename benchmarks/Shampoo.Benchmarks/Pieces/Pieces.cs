using BenchmarkDotNet.Attributes;
using Shampoo.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Shampoo.Benchmarks.Pieces;

/// <summary>A square matrix in float32 and what belongs to it, on one thread, as a step works on one block.</summary>
public abstract class Piece
{
    private IDisposable? _oneThread;
    private DisposeScope? _scope;
    private int _threads;

    /// <summary>Rows of the matrix.</summary>
    [Params(128, 384, 1024)]
    public int Size { get; set; }

    private protected Tensor Gradient { get; private set; } = null!;

    /// <summary>Makes the matrices.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        _scope = NewDisposeScope();
        _threads = get_num_threads();
        set_num_threads(1);
        _oneThread = Blas.Threads.OneThread();
        random.manual_seed(1);
        Gradient = randn(Size, Size);
        Make();
    }

    /// <summary>Releases them.</summary>
    [GlobalCleanup]
    public void CleanUp()
    {
        _scope?.Dispose();
        _oneThread?.Dispose();
        set_num_threads(_threads);
    }

    private protected abstract void Make();

    private protected unsafe MatrixView<float> View(Tensor matrix) => new((float*)NativeTensor.Data(matrix.Handle), Size, Size, Size);
}

/// <summary>L ← β₂L + (1 − β₂)GGᵀ: one triangle here, a whole product there.</summary>
public class Statistics : Piece
{
    private Tensor _factor = null!;

    private protected override void Make() => _factor = eye(Size);

    /// <summary>By torch.</summary>
    [Benchmark(Baseline = true)]
    public void Torch()
    {
        using var transposed = Gradient.t();
        _factor.addmm_(Gradient, transposed, 0.999f, 0.001f);
    }

    /// <summary>As a step does it.</summary>
    [Benchmark]
    public void Ours() => Blas.MultiplyByTranspose(0.001f, View(Gradient), 0.999f, View(_factor));
}

/// <summary>P = X_L G X_R</summary>
public class Directions : Piece
{
    private Tensor _left = null!, _right = null!, _between = null!, _direction = null!;

    private protected override void Make() => (_left, _right, _between, _direction) = (randn(Size, Size), randn(Size, Size), empty(Size, Size), empty(Size, Size));

    /// <summary>By torch.</summary>
    [Benchmark(Baseline = true)]
    public void Torch()
    {
        using var half = _left.mm(Gradient);
        using var direction = half.mm(_right);
    }

    /// <summary>As a step does it.</summary>
    [Benchmark]
    public void Ours()
    {
        Blas.Multiply(1f, View(_left), View(Gradient), 0f, View(_between));
        Blas.Multiply(1f, View(_between), View(_right), 0f, View(_direction));
    }
}

/// <summary>A = Q diag(λ) Qᵀ of a factor matrix. Both begin with a copy of A.</summary>
public class Decompositions : Piece
{
    private Tensor _factor = null!, _copy = null!;

    private protected override void Make()
    {
        _factor = Gradient.mm(Gradient.t()).div(Size).unsqueeze(0);
        _copy = empty_like(_factor);
    }

    /// <summary>By torch.</summary>
    [Benchmark(Baseline = true)]
    public void Torch()
    {
        _copy.copy_(_factor);
        var (eigenvalues, eigenvectors) = linalg.eigh(_copy);
        eigenvalues.Dispose();
        eigenvectors.Dispose();
    }

    /// <summary>As a refresh does it.</summary>
    [Benchmark]
    public void Ours()
    {
        _copy.copy_(_factor);
        var (eigenvalues, eigenvectors) = SymmetricMatrices.Decompose(_copy);
        eigenvalues.Dispose();
        eigenvectors.Dispose();
    }
}

/// <summary>X = (Q diag(w))(Q diag(w))ᵀ. Both begin with a copy of Q.</summary>
public class Compositions : Piece
{
    private Tensor _eigenvectors = null!, _copy = null!, _weights = null!;

    private protected override void Make()
    {
        _eigenvectors = Gradient.div(Size).unsqueeze(0);
        _copy = empty_like(_eigenvectors);
        _weights = rand(1, Size);
    }

    /// <summary>By torch.</summary>
    [Benchmark(Baseline = true)]
    public void Torch()
    {
        _copy.copy_(_eigenvectors);
        using var row = _weights.unsqueeze(-2);
        using var scaled = _copy.mul_(row).alias();
        using var transposed = scaled.transpose(-2, -1);
        using var product = scaled.bmm(transposed);
    }

    /// <summary>As a refresh does it.</summary>
    [Benchmark]
    public void Ours()
    {
        _copy.copy_(_eigenvectors);
        using var product = SymmetricMatrices.Compose(_copy, _weights);
    }
}

/// <summary>qr(AQP), where P sorts the columns of Q by diag(QᵀAQ): how SOAP follows a basis. Both begin with a copy of A.</summary>
public class Iterations : Piece
{
    private Tensor _factor = null!, _copy = null!, _basis = null!;

    private protected override void Make()
    {
        _factor = Gradient.mm(Gradient.t()).div(Size).unsqueeze(0);
        _copy = empty_like(_factor);
        _basis = linalg.qr(randn(1, Size, Size)).Item1.contiguous();
    }

    /// <summary>By torch.</summary>
    [Benchmark(Baseline = true)]
    public void Torch()
    {
        using var scope = NewDisposeScope();
        _copy.copy_(_factor);
        var products = _copy.bmm(_basis);
        var (_, columns) = products.mul(_basis).sum([-2L]).sort(-1, descending: true, stable: true);
        linalg.qr(products.gather(-1, columns.unsqueeze(-2).expand(_basis.shape)));
    }

    /// <summary>As a refresh does it.</summary>
    [Benchmark]
    public void Ours()
    {
        _copy.copy_(_factor);
        var (basis, columns) = SimultaneousIteration.Step(_copy, _basis);
        basis.Dispose();
        columns.Dispose();
    }
}
