using TorchSharp;
using static TorchSharp.torch;

namespace Shampoo.Benchmarks.Roots;

/// <summary>A matrix Q diag(λ) Qᵀ of a random basis, with λ from 1 to 1/condition at equal ratios, and its roots: all in double, by construction.</summary>
internal sealed class KnownRoots : IDisposable
{
    private readonly Tensor _basis, _eigenvalues;

    public KnownRoots(long n, double condition)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(5);
        _basis = linalg.qr(randn(n, n, dtype: ScalarType.Float64)).Item1.DetachFromDisposeScope();
        var exponents = linspace(0, 1, n, dtype: ScalarType.Float64);
        _eigenvalues = tensor(condition, dtype: ScalarType.Float64).pow(exponents.neg()).DetachFromDisposeScope();
    }

    /// <summary>A, [1, n, n], rounded to a type.</summary>
    public Tensor Matrix(ScalarType type) => Compose(1).unsqueeze(0).to_type(type, copy: true);

    /// <summary>‖X − A^(−1/p)‖_F / ‖A^(−1/p)‖_F; NaN where X is not finite.</summary>
    public double Error(Tensor root, int p)
    {
        using var scope = NewDisposeScope();
        var exact = Compose(-1.0 / p);
        return root.squeeze(0).to_type(ScalarType.Float64).sub(exact).norm().div(exact.norm()).ToDouble();
    }

    public void Dispose()
    {
        _basis.Dispose();
        _eigenvalues.Dispose();
    }

    // Q diag(λᵉ) Qᵀ
    private Tensor Compose(double exponent)
    {
        using var scope = NewDisposeScope();
        return _basis.mul(_eigenvalues.pow(exponent)).matmul(_basis.t()).MoveToOuterDisposeScope();
    }
}
