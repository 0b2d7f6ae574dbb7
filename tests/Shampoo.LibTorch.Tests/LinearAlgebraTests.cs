namespace Shampoo.LibTorch.Tests;

public class LinearAlgebraTests
{
    private const int N = 5;
    private static readonly Tensor Identity = eye(N, dtype: ScalarType.Float64);

    [Fact]
    public void Products()
    {
        double[] a = Values.Of(6, 1), b = Values.Of(12, 2);
        using Tensor ta = tensor(a, [2, 3]), tb = tensor(b, [3, 4]);
        var expected = Values.Product(a, b, 2, 3, 4);
        Values.Near(expected, ta.mm(tb));
        Values.Near(expected, matmul(ta, tb));
        Values.Near(expected, einsum("ij,jk->ik", ta, tb));
        Values.Near(expected, tensordot(ta, tb, [1], [0]));
        Values.Near(expected, ta.tensordot(tb, 1));
        Values.Near(expected, bmm(ta.unsqueeze(0), tb.unsqueeze(0)).squeeze(0));
        Values.Near(expected.Select(x => 2 * x + 1).ToArray(), ones([2, 4], ScalarType.Float64).addmm(ta, tb, 1, 2));
        Values.Near(expected.Select(x => 0.5f * x + 3).ToArray(), ones([1, 2, 4], ScalarType.Float64).baddbmm(ta.unsqueeze(0), tb.unsqueeze(0), 3, 0.5f));
        Values.Near(expected, linalg.multi_dot([ta, tb]));
        Values.Near(Values.Product(a, [b[0], b[1], b[2]], 2, 3, 1), ta.mv(tensor(b[..3])));
        Values.Near(a.Zip(b, (x, y) => x * y).Sum(), tensor(a).dot(tensor(b[..6])));
        Values.Near(Values.Product(a[..3], b[..4], 3, 1, 4), tensor(a[..3]).outer(tensor(b[..4])));
        Values.Near(a.SelectMany(x => new[] { x * 2, x * 3 }).ToArray(), kron(tensor(a), tensor([2.0, 3])));
    }

    [Fact]
    public void Symmetric_eigenvalues()
    {
        using var a = Values.Positive(N);
        var (values, vectors) = linalg.eigh(a);
        Values.Near(a, vectors.mm(values.diag()).mm(vectors.t()), 1e-12);
        Values.Near(Identity, vectors.t().mm(vectors), 1e-12);
        Values.Near(values, linalg.eigvalsh(a));
        Assert.Equal(Values.Doubles(values).Order(), Values.Doubles(values));
        using var stacked = stack([a, a * 2]);
        Values.Near(stack([values, values * 2]), linalg.eigh(stacked).Item1, 1e-11);
    }

    [Fact]
    public void Factorisations()
    {
        using var a = Values.Matrix(N, N, 4);
        var (q, r) = linalg.qr(a);
        Values.Near(a, q.mm(r));
        Values.Near(Identity, q.t().mm(q));
        Values.Near(r, r.triu());
        var (u, s, vh) = linalg.svd(a);
        Values.Near(a, u.mm(s.diag()).mm(vh));
        Values.Near(s, linalg.svdvals(a));
        using var p = Values.Positive(N);
        using var l = linalg.cholesky(p);
        Values.Near(p, l.mm(l.t()));
        var (again, info) = linalg.cholesky_ex(p);
        Values.Near(l, again);
        Assert.Equal(0, info.item<int>());
        Assert.NotEqual(0, linalg.cholesky_ex(-p).Item2.item<int>());
        Assert.Equal([7, 3], linalg.qr(Values.Matrix(7, 3)).Item1.shape);
        Assert.Equal([7, 7], linalg.qr(Values.Matrix(7, 3), linalg.QRMode.Complete).Item1.shape);
    }

    [Fact]
    public void Equations()
    {
        using var a = Values.Positive(N);
        using var b = Values.Matrix(N, 2, 9);
        using var x = linalg.solve(a, b);
        Values.Near(b, a.mm(x), 1e-11);
        Values.Near(Identity, a.mm(linalg.inv(a)), 1e-11);
        Values.Near(Identity, linalg.pinv(a).mm(a), 1e-11);
        Values.Near(b, a.tril().mm(linalg.solve_triangular(a.tril(), b, upper: false)), 1e-11);
        using var target = empty_like(b);
        Assert.Same(target, linalg.solve_triangular(a.tril(), b, upper: false, @out: target));
        Values.Near(b, a.tril().mm(target), 1e-11);
        Values.Near(x, linalg.lstsq(a, b).Item1, 1e-10);
        Values.Near(x, b.cholesky_solve(linalg.cholesky(a)), 1e-11);
        var values = Values.Doubles(linalg.eigvalsh(a));
        Values.Near(values.Aggregate((p, q) => p * q), linalg.det(a), 1e-10);
        Values.Near(values.Sum(), a.trace(), 1e-11);
        Values.Near(a.mm(a).mm(a), a.matrix_power(3), 1e-11);
        Values.Near(values.Max(), linalg.matrix_norm(a, 2.0), 1e-11);
        Values.Near(values.Max(), linalg.norm(a, 2), 1e-11);
    }
}
