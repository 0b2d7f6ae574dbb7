namespace Shampoo.LibTorch.Tests;

public class ModuleTests
{
    private sealed class Block : nn.Module<Tensor, Tensor>
    {
        private readonly Linear first;
        private readonly nn.Module<Tensor, Tensor> second;
        private readonly Parameter scale;
        private readonly Tensor offset;

        internal Block() : base("block")
        {
            first = nn.Linear(3, 4);
            second = nn.Sequential(("norm", nn.LayerNorm(4)), ("act", nn.GELU()));
            scale = new Parameter(ones(4));
            offset = zeros(4);
            RegisterComponents();
        }

        internal Parameter Scale => scale;

        public override Tensor forward(Tensor input) => second.call(first.call(input)) * scale + offset;
    }

    [Fact]
    public void Fields_are_registered_by_their_names()
    {
        using var block = new Block();
        Assert.Equal(["scale", "first.weight", "first.bias", "second.norm.weight", "second.norm.bias"], block.named_parameters().Select(p => p.name));
        Assert.Equal(["offset"], block.named_buffers().Select(b => b.name));
        Assert.Equal(["first", "second"], block.named_children().Select(c => c.name));
        Assert.Equal(["first", "second", "second.norm", "second.act"], block.named_modules().Select(m => m.name));
        Assert.Equal(6, block.state_dict().Count);
        Assert.True(block.has_parameter("second.norm.weight"));
        Assert.NotNull(block.get_parameter("first.bias"));
        Assert.Null(block.get_parameter("first.nothing"));
        Assert.Equal("block", block.GetName());
    }

    [Fact]
    public void Names_are_checked()
    {
        using var block = new Block();
        Assert.Throws<InvalidOperationException>(() => block.register_module("first", nn.ReLU()));
        Assert.Throws<ArgumentException>(() => block.register_module("a.b", nn.ReLU()));
        Assert.Throws<ArgumentNullException>(() => block.register_parameter("none", null!));
    }

    [Fact]
    public void Moving_replaces_the_parameters()
    {
        using var block = new Block();
        var old = block.parameters().ToList();
        var scale = block.Scale;
        block.to(ScalarType.Float64);
        Assert.All(old, p => Assert.True(p.IsInvalid));
        Assert.All(block.parameters(), p => Assert.Equal(ScalarType.Float64, p.dtype));
        Assert.All(block.parameters(), p => Assert.True(p.requires_grad && p.is_leaf));
        Assert.NotSame(scale, block.Scale);
        Assert.Equal([2, 4], block.call(zeros([2, 3], ScalarType.Float64)).shape);
        var same = block.parameters().ToList();
        block.to(ScalarType.Float64).cpu();
        Assert.True(same.SequenceEqual(block.parameters(), ReferenceEqualityComparer.Instance));
    }

    [Fact]
    public void Files_round_trip()
    {
        using Block one = new(), other = new();
        var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, true)) one.save(writer);
        var format = new BinaryReader(new MemoryStream(stream.ToArray()));
        Assert.Equal(6, format.ReadByte());
        Assert.Equal("scale", format.ReadString());
        Assert.Equal((byte)ScalarType.Float32, format.ReadByte());
        Assert.Equal([1, 4], format.ReadBytes(2));
        Assert.Equal(1f, format.ReadSingle());
        other.load(new MemoryStream(stream.ToArray()));
        using var x = rand(2, 3);
        Values.Near(one.call(x), other.call(x));
        using var linear = nn.Linear(3, 4);
        Assert.Throws<ArgumentException>(() => linear.load(new MemoryStream(stream.ToArray())));
    }

    [Fact]
    public void State_is_copied()
    {
        using Block one = new(), other = new();
        other.load_state_dict(one.state_dict());
        using var x = rand(2, 3);
        Values.Near(one.call(x), other.call(x));
        var part = new Dictionary<string, Tensor> { ["scale"] = full(4, 2), ["stranger"] = ones(1) };
        Assert.Throws<InvalidOperationException>(() => other.load_state_dict(part));
        var (missing, unexpected) = other.load_state_dict(part, strict: false);
        Assert.Equal(5, missing.Count);
        Assert.Equal(["stranger"], unexpected);
        Values.Near([2, 2, 2, 2], other.Scale);
    }

    [Fact]
    public void Modules_outlive_scopes_and_die_once()
    {
        Block block;
        using (NewDisposeScope()) block = new Block();
        Assert.All(block.parameters(), p => Assert.False(p.IsInvalid));
        var parameters = block.parameters().ToList();
        block.Dispose();
        block.Dispose();
        Assert.All(parameters, p => Assert.True(p.IsInvalid));
    }

    [Fact]
    public void Initial_values_are_PyTorchs()
    {
        manual_seed(1);
        using var linear = nn.Linear(100, 200);
        double bound = 1 / Math.Sqrt(100);
        Assert.InRange(linear.weight.abs().max().item<float>(), 0.98 * bound, bound);
        Assert.InRange(linear.bias!.abs().max().item<float>(), 0.9 * bound, bound);
        Assert.InRange(linear.weight.std().item<float>(), 0.98 * bound / Math.Sqrt(3), 1.02 * bound / Math.Sqrt(3));
        using var convolution = nn.Conv2d(8, 16, 5);
        Assert.Equal([16, 8, 5, 5], convolution.weight.shape);
        Assert.InRange(convolution.weight.abs().max().item<float>(), 0.98 / Math.Sqrt(200), 1 / Math.Sqrt(200));
        using var table = nn.Embedding(500, 20, padding_idx: 3);
        Assert.InRange(table.weight.std().item<float>(), 0.97, 1.03);
        Values.Near(new double[20], table.weight[3]);
        using var orthogonal = nn.init.orthogonal_(empty(4, 7, dtype: ScalarType.Float64));
        Values.Near(eye(4, dtype: ScalarType.Float64), orthogonal.mm(orthogonal.t()));
        using var normal = nn.init.kaiming_normal_(empty(200, 100), nonlinearity: nn.init.NonlinearityType.ReLU);
        Assert.InRange(normal.std().item<float>(), 0.98 * Math.Sqrt(2.0 / 100), 1.02 * Math.Sqrt(2.0 / 100));
        using var truncated = nn.init.trunc_normal_(empty(10000), 0, 1, -1, 0.5);
        Assert.InRange(truncated.min().item<float>(), -1, -0.99);
        Assert.InRange(truncated.max().item<float>(), 0.49, 0.5);
    }

    [Fact]
    public void Convolution_and_pooling()
    {
        using var scope = NewDisposeScope();
        double[] image = Values.Of(2 * 25, 1), kernel = Values.Of(3 * 2 * 9, 2);
        Tensor x = tensor(image, [1, 2, 5, 5]), w = tensor(kernel, [3, 2, 3, 3]);
        var expected = new double[3 * 9];
        for (int o = 0; o < 3; o++)
            for (int r = 0; r < 3; r++)
                for (int c = 0; c < 3; c++)
                    for (int i = 0; i < 2; i++)
                        for (int a = 0; a < 3; a++)
                            for (int b = 0; b < 3; b++) {
                                int row = 2 * r + a - 1, column = 2 * c + b - 1;
                                if (row is >= 0 and < 5 && column is >= 0 and < 5) expected[(o * 3 + r) * 3 + c] += image[(i * 5 + row) * 5 + column] * kernel[((o * 2 + i) * 3 + a) * 3 + b];
                            }
        Values.Near(expected, nn.functional.conv2d(x, w, strides: [2, 2], padding: [1, 1]), 1e-12);
        var module = nn.Conv2d(2, 3, 3, stride: 2, padding: 1, bias: false, dtype: ScalarType.Float64);
        module.load_state_dict(new() { ["weight"] = w });
        Values.Near(expected, module.call(x), 1e-12);
        Assert.Equal([1, 3, 5, 5], nn.Conv2d(2, 3, 3, Padding.Same, dtype: ScalarType.Float64).call(x).shape);
        Values.Near(image.Take(25).Chunk(5).Take(2).SelectMany(row => row.Take(2)).Max(), nn.functional.max_pool2d(x, 2)[0, 0, 0, 0]);
        Values.Near(image.Take(25).Chunk(5).Take(2).SelectMany(row => row.Take(2)).Average(), nn.AvgPool2d(2).call(x)[0, 0, 0, 0]);
        Values.Near([image.Take(25).Average(), image.Skip(25).Average()], nn.functional.adaptive_avg_pool2d(x, 1));
        Assert.Equal([1, 2, 2, 2], nn.MaxPool2d(2).call(x).shape);
        Assert.Equal([1, 50], nn.Flatten().call(x).shape);
    }

    [Fact]
    public void Losses_and_normalisation()
    {
        using var scope = NewDisposeScope();
        var logits = Values.Of(12, 4);
        long[] labels = [0, 3, 2];
        var x = tensor(logits, [3, 4]);
        double Entropy(int row) => Math.Log(logits.Skip(4 * row).Take(4).Sum(Math.Exp)) - logits[4 * row + labels[row]];
        Values.Near(Enumerable.Range(0, 3).Average(Entropy), nn.functional.cross_entropy(x, tensor(labels)));
        Values.Near(Enumerable.Range(0, 3).Sum(Entropy), nn.CrossEntropyLoss(reduction: nn.Reduction.Sum).call(x, tensor(labels)));
        Values.Near(logits.Average(v => v * v), nn.functional.mse_loss(x, zeros_like(x)));
        Values.Near(logits.Average(Math.Abs), nn.L1Loss().call(x, zeros_like(x)));
        Values.Near(logits.Chunk(4).SelectMany(r => r.Select(v => (v - r.Average()) / Math.Sqrt(r.Average(u => (u - r.Average()) * (u - r.Average())) + 1e-5))).ToArray(), nn.functional.layer_norm(x, [4]));
        Values.Near(logits.Chunk(4).SelectMany(r => r.Select(v => Math.Exp(v) / r.Sum(Math.Exp))).ToArray(), nn.functional.softmax(x, 1));
        Values.Near([1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0], nn.functional.one_hot(tensor(labels), 4));
        Values.Near(logits.Chunk(4).SelectMany(r => r.Select(v => v / Math.Sqrt(r.Sum(u => u * u)))).ToArray(), nn.functional.normalize(x));
        Assert.Equal([3, 6], nn.functional.pad(x, [1, 1]).shape);
    }

    [Fact]
    public void Attention()
    {
        using var scope = NewDisposeScope();
        Tensor q = Values.Matrix(3, 2, 1), k = Values.Matrix(3, 2, 2), v = Values.Matrix(3, 2, 3);
        var weights = (q.mm(k.t()) / Math.Sqrt(2)).masked_fill(ones(3, 3).tril() == 0, double.NegativeInfinity).softmax(1);
        Values.Near(weights.mm(v), nn.functional.scaled_dot_product_attention(q[TensorIndex.None], k[TensorIndex.None], v[TensorIndex.None], is_casual: true)[0], 1e-12);
    }

    [Fact]
    public void Batch_normalisation_learns_and_remembers()
    {
        using var scope = NewDisposeScope();
        var norm = nn.BatchNorm2d(2, dtype: ScalarType.Float64);
        var x = tensor(Values.Of(2 * 2 * 9, 6), [2, 2, 3, 3]) * 3 + 1;
        var y = norm.call(x);
        Values.Near([0, 0], y.mean([0, 2, 3]), 1e-12);
        Values.Near(x.mean([0, 2, 3]) * 0.1, norm.running_mean!, 1e-12);
        Assert.Equal(1, norm.num_batches_tracked!.item<long>());
        norm.eval();
        norm.call(x);
        Assert.Equal(1, norm.num_batches_tracked!.item<long>());
        Assert.Equal(["weight", "bias", "running_mean", "running_var", "num_batches_tracked"], norm.state_dict().Keys);
    }

    [Fact]
    public void Dropout_is_for_training()
    {
        using var net = nn.Sequential(nn.Dropout(0.5), nn.Identity());
        using var x = ones(1000);
        Assert.InRange(net.call(x).count_nonzero().item<long>(), 400, 600);
        net.eval();
        Assert.False(net.training);
        Assert.True(net.call(x).Equals(x));
        net.train();
        Assert.True(net.children().All(c => c.training));
    }

    [Fact]
    public void Hooks_see_and_change()
    {
        using var linear = nn.Linear(2, 2);
        var before = linear.register_forward_pre_hook((_, x) => x * 0);
        var after = linear.register_forward_hook((_, _, y) => y + 1);
        Values.Near(linear.bias! + 1, linear.call(ones(2)), 1e-6);
        before.remove();
        after.remove();
        Values.Near(nn.functional.linear(ones(2), linear.weight, linear.bias), linear.call(ones(2)));
    }

    [Fact]
    public void Lists_of_modules()
    {
        using var list = nn.ModuleList(nn.Linear(1, 2), nn.Linear(2, 3));
        Assert.Equal(["0.weight", "0.bias", "1.weight", "1.bias"], list.named_parameters().Select(p => p.name));
        Assert.Equal(2, list.Count);
    }

    [Fact]
    public void Gradients_are_clipped()
    {
        using var p = new Parameter(zeros(2));
        p.grad = tensor([3f, 4f]);
        Assert.Equal(5, nn.utils.clip_grad_norm_([p], 1), 1e-6);
        Values.Near([0.6, 0.8], p.grad!, 1e-6);
        nn.utils.clip_grad_value_([p], 0.7);
        Values.Near([0.6, 0.7], p.grad!, 1e-6);
    }
}
