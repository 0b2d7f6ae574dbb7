namespace Shampoo.LibTorch.Tests;

public class AutogradTests
{
    [Fact]
    public void Gradients_of_a_net_are_finite_differences()
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        var net = nn.Sequential(nn.Linear(3, 4, dtype: ScalarType.Float64), nn.Tanh(), nn.LayerNorm(4, dtype: ScalarType.Float64), nn.Linear(4, 3, dtype: ScalarType.Float64));
        Tensor x = Values.Matrix(5, 3), y = tensor([0L, 2, 1, 1, 0]);
        Tensor Loss() => nn.functional.cross_entropy(net.call(x), y);
        Loss().backward();
        foreach (var parameter in net.parameters()) {
            var grad = Values.Doubles(parameter.grad!);
            var data = parameter.data<double>();
            for (long i = 0; i < data.Count; i++) {
                const double h = 1e-6;
                double value = data[i];
                data[i] = value + h;
                double above = Loss().item<double>();
                data[i] = value - h;
                double below = Loss().item<double>();
                data[i] = value;
                Assert.Equal((above - below) / (2 * h), grad[i], 1e-7);
            }
        }
    }

    [Fact]
    public void A_gradient_is_a_new_object_for_the_same_memory()
    {
        using var p = new Parameter(ones(2));
        Assert.Null(p.grad);
        (p * 3).sum().backward();
        var first = p.grad!;
        Assert.NotSame(first, p.grad);
        first.mul_(2);
        Values.Near([6, 6], p.grad!);
        p.grad = full(2, 5);
        Values.Near([5, 5], p.grad!);
        p.grad = null;
        Assert.Null(p.grad);
    }

    [Fact]
    public void Gradients_add_up()
    {
        using var p = new Parameter(ones(2));
        (p * 3).sum().backward();
        (p * 3).sum().backward();
        Values.Near([6, 6], p.grad!);
        (p * 3).backward([tensor([1f, 2f])]);
        Values.Near([9, 12], p.grad!);
    }

    [Fact]
    public void Graphs_can_be_kept_and_differentiated_again()
    {
        using var p = tensor([2.0], requires_grad: true);
        using var cube = p.pow(3).sum();
        cube.backward(retain_graph: true);
        cube.backward();
        Values.Near([24], p.grad!);
        using var q = tensor([2.0], requires_grad: true);
        using var fourth = q.pow(4).sum();
        fourth.backward(create_graph: true);
        using var slope = q.grad!;
        Values.Near([32], slope);
        q.grad = null;
        slope.sum().backward();
        Values.Near([48], q.grad!);
        using var a = tensor([1.0], requires_grad: true);
        using var b = tensor([1.0], requires_grad: true);
        (a * b).sum().backward(inputs: [a]);
        Assert.NotNull(a.grad);
        Assert.Null(b.grad);
    }

    [Fact]
    public void Modes_nest_and_end()
    {
        using var p = new Parameter(ones(1));
        Assert.True(is_grad_enabled());
        using (no_grad()) {
            Assert.False((p * 2).requires_grad);
            using (enable_grad()) Assert.True((p * 2).requires_grad);
            Assert.False(is_grad_enabled());
        }
        Assert.True((p * 2).requires_grad);
        using (set_grad_enabled(false)) Assert.False(is_grad_enabled());
        using (inference_mode()) Assert.True(is_inference_mode_enabled());
        Assert.False(is_inference_mode_enabled());
        Assert.True(is_grad_enabled());
        Assert.False(p.detach().requires_grad);
        Assert.True(p.is_leaf);
        Assert.False((p * 2).is_leaf);
    }

    [Fact]
    public void The_mode_is_the_threads_own()
    {
        using var off = no_grad();
        bool other = false;
        var thread = new Thread(() => other = is_grad_enabled());
        thread.Start();
        thread.Join();
        Assert.True(other);
        Assert.False(is_grad_enabled());
    }

    [Fact]
    public void Many_threads_at_once()
    {
        var sums = new double[8];
        Parallel.For(0, sums.Length, i => {
            using var scope = NewDisposeScope();
            using var mode = no_grad();
            var t = zeros(10, ScalarType.Float64);
            for (int n = 0; n < 500; n++) t.add_(t + i).mul_(0.5);
            sums[i] = t.sum().item<double>();
        });
        for (int i = 1; i < sums.Length; i++) Assert.Equal(sums[1] * i, sums[i], 1e-9 * sums[i]);
    }

    [Fact]
    public void Retained_gradients()
    {
        using var p = new Parameter(ones(2));
        using var middle = p * 2;
        middle.retain_grad();
        (middle * 3).sum().backward();
        Values.Near([3, 3], middle.grad!);
    }

    [Fact]
    public void A_sparse_embedding_has_sparse_gradients()
    {
        using var scope = NewDisposeScope();
        var table = nn.Embedding(6, 2, sparse: true);
        table.call(tensor([1L, 4, 1])).sum().backward();
        var grad = table.weight.grad!;
        Assert.True(grad.is_sparse);
        Values.Near([0, 0, 2, 2, 0, 0, 0, 0, 1, 1, 0, 0], grad.to_dense());
        var made = sparse_coo_tensor(tensor([0L, 2], [1, 2]), tensor([3.0, 4]), [4]);
        Assert.True(made.is_sparse);
        Values.Near([3, 0, 4, 0], made.to_dense());
        Assert.False(made.to_dense().is_sparse);
    }
}
