namespace Shampoo.LibTorch.Tests;

public class PointwiseTests
{
    private static readonly double[] X = Values.Of(12, 1);
    private static readonly double[] Y = Values.Of(12, 2);

    public static TheoryData<string, Func<Tensor, Tensor>, Func<double, double>> Unary() => new() {
        { "abs", t => t.abs(), Math.Abs },
        { "neg", t => t.neg(), x => -x },
        { "-", t => -t, x => -x },
        { "exp", t => t.exp(), Math.Exp },
        { "expm1", t => t.expm1(), x => Math.Exp(x) - 1 },
        { "sqrt", t => t.abs().sqrt(), x => Math.Sqrt(Math.Abs(x)) },
        { "rsqrt", t => t.abs().rsqrt(), x => 1 / Math.Sqrt(Math.Abs(x)) },
        { "log", t => t.abs().log(), x => Math.Log(Math.Abs(x)) },
        { "log1p", t => t.log1p(), x => Math.Log(1 + x) },
        { "sin", t => t.sin(), Math.Sin },
        { "cos", t => t.cos(), Math.Cos },
        { "tan", t => t.tan(), Math.Tan },
        { "asin", t => t.asin(), Math.Asin },
        { "atan", t => t.atan(), Math.Atan },
        { "tanh", t => t.tanh(), Math.Tanh },
        { "sigmoid", t => t.sigmoid(), x => 1 / (1 + Math.Exp(-x)) },
        { "relu", t => t.relu(), x => Math.Max(x, 0) },
        { "silu", t => t.silu(), x => x / (1 + Math.Exp(-x)) },
        { "softplus", t => t.softplus(), x => Math.Log(1 + Math.Exp(x)) },
        { "leaky_relu", t => t.leaky_relu(0.1), x => x > 0 ? x : 0.1 * x },
        { "elu", t => t.elu(0.5), x => x > 0 ? x : 0.5 * (Math.Exp(x) - 1) },
        { "sign", t => t.sign(), x => Math.Sign(x) },
        { "floor", t => (t * 3).floor(), x => Math.Floor(x * 3) },
        { "ceil", t => (t * 3).ceil(), x => Math.Ceiling(x * 3) },
        { "round", t => (t * 3).round(), x => Math.Round(x * 3) },
        { "round to decimals", t => t.round(2), x => Math.Round(x, 2) },
        { "trunc", t => (t * 3).trunc(), x => Math.Truncate(x * 3) },
        { "square", t => t.square(), x => x * x },
        { "reciprocal", t => t.reciprocal(), x => 1 / x },
        { "pow", t => t.pow(3), x => x * x * x },
        { "pow of a fraction", t => t.abs().pow(0.25), x => Math.Pow(Math.Abs(x), 0.25) },
        { "clamp", t => t.clamp(-0.5, 0.25), x => Math.Clamp(x, -0.5, 0.25) },
        { "clamp below", t => t.clamp(min: 0.1), x => Math.Max(x, 0.1) },
        { "clamp_max", t => t.clamp_max(0.1), x => Math.Min(x, 0.1) },
        { "add a number", t => t.add(2.5), x => x + 2.5 },
        { "add a number times another", t => t.add(2.5, 2), x => x + 5 },
        { "sub a number", t => t.sub(2.5), x => x - 2.5 },
        { "mul by a number", t => t.mul(2.5), x => x * 2.5 },
        { "div by a number", t => t.div(2.5), x => x / 2.5 },
        { "+", t => 1 + t + 2.5f, x => x + 3.5 },
        { "- from a number", t => 1 - t, x => 1 - x },
        { "* from a number", t => 3L * t, x => 3 * x },
        { "/ of a number", t => 2.0 / t, x => 2 / x },
        { "%", t => (t * 5) % 3, x => (x * 5) - 3 * Math.Floor(x * 5 / 3) },
        { "fmod", t => (t * 5).fmod(3), x => Math.IEEERemainder(x * 5, 3) is var _ ? (x * 5) % 3 : 0 },
        { "erf", t => t.erf(), x => 2 / Math.Sqrt(Math.PI) * Enumerable.Range(0, 60).Aggregate((sum: 0.0, term: x), (s, n) => (s.sum + s.term / (2 * n + 1), -s.term * x * x / (n + 1))).sum },
        { "nan_to_num", t => (t.mul(double.NaN)).nan_to_num(7), _ => 7 },
    };

    [Theory]
    [MemberData(nameof(Unary))]
    public void Of_one_tensor(string name, Func<Tensor, Tensor> function, Func<double, double> formula)
    {
        using var scope = NewDisposeScope();
        Assert.NotEmpty(name);
        Values.Near(X.Select(formula).ToArray(), function(tensor(X, [3, 4])), 1e-11);
    }

    public static TheoryData<string, Func<Tensor, Tensor, Tensor>, Func<double, double, double>> Binary() => new() {
        { "+", (a, b) => a + b, (x, y) => x + y },
        { "-", (a, b) => a - b, (x, y) => x - y },
        { "*", (a, b) => a * b, (x, y) => x * y },
        { "/", (a, b) => a / b, (x, y) => x / y },
        { "add with a factor", (a, b) => a.add(b, -0.5), (x, y) => x - 0.5 * y },
        { "floor of a quotient", (a, b) => a.div(b, torch.RoundingMode.floor), (x, y) => Math.Floor(x / y) },
        { "truncated quotient", (a, b) => a.div(b, torch.RoundingMode.trunc), (x, y) => Math.Truncate(x / y) },
        { "maximum", (a, b) => maximum(a, b), Math.Max },
        { "minimum", (a, b) => minimum(a, b), Math.Min },
        { "hypot", (a, b) => a.hypot(b), (x, y) => Math.Sqrt(x * x + y * y) },
        { "atan2", (a, b) => a.atan2(b), Math.Atan2 },
        { "pow", (a, b) => a.abs().pow(b), (x, y) => Math.Pow(Math.Abs(x), y) },
        { "addcmul", (a, b) => a.addcmul(a, b, 0.3), (x, y) => x + 0.3 * x * y },
        { "addcdiv", (a, b) => a.addcdiv(a, b, 0.3), (x, y) => x + 0.3 * x / y },
        { "lerp", (a, b) => a.lerp(b, tensor(0.25)), (x, y) => x + 0.25 * (y - x) },
        { "eq", (a, b) => a == b, (x, y) => x == y ? 1 : 0 },
        { "ne", (a, b) => a != b, (x, y) => x != y ? 1 : 0 },
        { "lt", (a, b) => a < b, (x, y) => x < y ? 1 : 0 },
        { "ge", (a, b) => a >= b, (x, y) => x >= y ? 1 : 0 },
        { "gt a number", (a, _) => a > 0, (x, _) => x > 0 ? 1 : 0 },
        { "a number gt", (_, b) => 0 > b, (_, y) => 0 > y ? 1 : 0 },
        { "and", (a, b) => (a > 0) & (b > 0), (x, y) => x > 0 && y > 0 ? 1 : 0 },
        { "or", (a, b) => (a > 0) | (b > 0), (x, y) => x > 0 || y > 0 ? 1 : 0 },
        { "not", (a, _) => ~(a > 0), (x, _) => x > 0 ? 0 : 1 },
        { "where", (a, b) => where(a > 0, a, b), (x, y) => x > 0 ? x : y },
    };

    [Theory]
    [MemberData(nameof(Binary))]
    public void Of_two_tensors(string name, Func<Tensor, Tensor, Tensor> function, Func<double, double, double> formula)
    {
        using var scope = NewDisposeScope();
        Assert.NotEmpty(name);
        Values.Near(X.Zip(Y, formula).ToArray(), function(tensor(X, [3, 4]), tensor(Y, [3, 4])), 1e-12);
    }

    [Fact]
    public void A_double_keeps_its_precision()
    {
        using var t = zeros(1, ScalarType.Float64);
        Assert.Equal(0.1, t.add_(0.1).item<double>());
        Assert.Equal(1e-3, ones(1, ScalarType.Float64).mul_(1e-3).item<double>());
    }

    [Fact]
    public void Types_are_promoted()
    {
        Assert.Equal(ScalarType.Float32, (ones(2, ScalarType.Int32) + ones(2, ScalarType.Float32)).dtype);
        Assert.Equal(ScalarType.Float32, (ones(2, ScalarType.Int64) * 0.5).dtype);
        Assert.Equal(ScalarType.Int64, (ones(2, ScalarType.Int64) * 2).dtype);
        Assert.Equal(ScalarType.BFloat16, (ones(2, ScalarType.BFloat16) + 1.0).dtype);
        Assert.Equal(ScalarType.Bool, (ones(2) > 0).dtype);
    }

    [Fact]
    public void Finite_and_not()
    {
        using var t = tensor([1.0, double.NaN, double.PositiveInfinity, double.NegativeInfinity]);
        Values.Near([1, 0, 0, 0], t.isfinite());
        Values.Near([0, 1, 0, 0], t.isnan());
        Values.Near([0, 0, 1, 1], t.isinf());
        Assert.False(t.isfinite().all().item<bool>());
    }

    public static TheoryData<string, Func<Tensor, Tensor>> InPlace() => new() {
        { "add_", t => t.add_(1) }, { "add_ tensor", t => t.add_(ones_like(t)) }, { "add_ with a factor", t => t.add_(ones_like(t), 2) },
        { "sub_", t => t.sub_(1) }, { "mul_", t => t.mul_(2) }, { "div_", t => t.div_(2) }, { "neg_", t => t.neg_() }, { "pow_", t => t.pow_(2) },
        { "abs_", t => t.abs_() }, { "sqrt_", t => t.sqrt_() }, { "exp_", t => t.exp_() }, { "clamp_", t => t.clamp_(0, 1) }, { "zero_", t => t.zero_() },
        { "fill_", t => t.fill_(3) }, { "copy_", t => t.copy_(ones_like(t)) }, { "lerp_", t => t.lerp_(ones_like(t), tensor(0.5)) },
        { "addcmul_", t => t.addcmul_(t, t, 1) }, { "addcdiv_", t => t.addcdiv_(t, t, 1) }, { "masked_fill_", t => t.masked_fill_(t > 0, 1) },
        { "tril_", t => t.tril_() }, { "triu_", t => t.triu_() }, { "normal_", t => t.normal_() }, { "uniform_", t => t.uniform_(0, 1) },
        { "addmm_", t => t.addmm_(t, t) }, { "scatter_", t => t.scatter_(0, zeros([1, 1], ScalarType.Int64), ones_like(t)) },
        { "index_add_", t => t.index_add_(0, zeros([1], ScalarType.Int64), ones([1, 3], t.dtype), 1) },
        { "index_copy_", t => t.index_copy_(0, zeros([1], ScalarType.Int64), ones([1, 3], t.dtype)) },
        { "requires_grad_", t => t.requires_grad_() }, { "detach_", t => t.detach_() }, { "index_put_", t => t.index_put_(ones(3, t.dtype), TensorIndex.Single(0)) },
    };

    [Theory]
    [MemberData(nameof(InPlace))]
    public void What_works_in_place_returns_the_very_tensor(string name, Func<Tensor, Tensor> function)
    {
        using var scope = NewDisposeScope();
        Assert.NotEmpty(name);
        var t = Values.Positive(3);
        Assert.Same(t, function(t));
    }
}
