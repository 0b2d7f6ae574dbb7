namespace Shampoo.LibTorch.Tests;

public class OptimizerTests
{
    private static Parameter[] Parameters(params double[][] values) => values.Select(v => new Parameter(tensor(v))).ToArray();

    private static void SetGradients(IReadOnlyList<Parameter> parameters, int seed)
    {
        for (int i = 0; i < parameters.Count; i++) parameters[i].grad = tensor(Values.Of((int)parameters[i].numel(), 100 * seed + i));
    }

    [Theory]
    [InlineData(0.0, false, false)]
    [InlineData(0.1, false, false)]
    [InlineData(0.1, true, false)]
    [InlineData(0.0, false, true)]
    public void AdamW_is_its_formula(double decay, bool amsgrad, bool maximize)
    {
        const double lr = 0.01, beta1 = 0.8, beta2 = 0.95, eps = 1e-8;
        var x = Values.Of(6, 1);
        var p = Parameters(x);
        using var optimizer = optim.AdamW(p, lr, beta1, beta2, eps, decay, amsgrad, maximize);
        double[] m = new double[6], v = new double[6], greatest = new double[6];
        for (int t = 1; t <= 10; t++) {
            SetGradients(p, t);
            var g = Values.Doubles(p[0].grad!);
            optimizer.step();
            for (int i = 0; i < 6; i++) {
                double gradient = maximize ? -g[i] : g[i];
                x[i] *= 1 - lr * decay;
                m[i] = beta1 * m[i] + (1 - beta1) * gradient;
                v[i] = beta2 * v[i] + (1 - beta2) * gradient * gradient;
                greatest[i] = Math.Max(greatest[i], v[i]);
                double second = amsgrad ? greatest[i] : v[i];
                x[i] -= lr / (1 - Math.Pow(beta1, t)) * m[i] / (Math.Sqrt(second) / Math.Sqrt(1 - Math.Pow(beta2, t)) + eps);
            }
            Values.Near(x, p[0], 1e-12);
        }
    }

    [Theory]
    [InlineData(0.0, 0.0, false)]
    [InlineData(0.9, 0.0, false)]
    [InlineData(0.9, 0.2, false)]
    [InlineData(0.9, 0.0, true)]
    public void SGD_is_its_formula(double momentum, double dampening, bool nesterov)
    {
        const double lr = 0.1, decay = 0.01;
        var x = Values.Of(4, 1);
        var p = Parameters(x);
        using var optimizer = optim.SGD(p, lr, momentum, dampening, decay, nesterov);
        var buffer = new double[4];
        for (int t = 1; t <= 6; t++) {
            SetGradients(p, t);
            var g = Values.Doubles(p[0].grad!);
            optimizer.step();
            for (int i = 0; i < 4; i++) {
                double d = g[i] + decay * x[i];
                buffer[i] = t == 1 ? d : momentum * buffer[i] + (1 - dampening) * d;
                x[i] -= lr * (momentum == 0 ? d : nesterov ? d + momentum * buffer[i] : buffer[i]);
            }
            Values.Near(x, p[0], 1e-12);
        }
    }

    [Fact]
    public void Training_goes_on_where_it_was_saved()
    {
        Parameter[] a = Parameters(Values.Of(3, 1), Values.Of(2, 2)), b = Parameters(Values.Of(3, 1), Values.Of(2, 2));
        using var one = optim.AdamW([new AdamW.ParamGroup(a[..1], lr: 0.1), new AdamW.ParamGroup(a[1..], lr: 0.2)], amsgrad: true);
        for (int t = 1; t <= 3; t++) {
            SetGradients(a, t);
            one.step();
        }
        var stream = new MemoryStream();
        one.save_state_dict(new BinaryWriter(stream));
        using var other = optim.AdamW([new AdamW.ParamGroup { Parameters = b[..1] }, new AdamW.ParamGroup { Parameters = b[1..] }], amsgrad: true);
        other.load_state_dict(new BinaryReader(new MemoryStream(stream.ToArray())));
        Assert.Equal([0.1, 0.2], other.ParamGroups.Select(g => g.LearningRate));
        Assert.All(one.state_dict().State.Zip(other.state_dict().State), s => Assert.True(s.First.ApproximatelyEquals(s.Second)));
        using (no_grad()) for (int i = 0; i < 2; i++) b[i].copy_(a[i]);
        SetGradients(a, 9);
        SetGradients(b, 9);
        one.step();
        other.step();
        for (int i = 0; i < 2; i++) Values.Near(a[i], b[i], 0);
        other.load_state_dict(one.state_dict());
        Assert.Equal([[0], [1]], one.state_dict().StateIndexRef);
    }

    [Fact]
    public void The_file_begins_with_name_and_counts()
    {
        using var optimizer = optim.AdamW(Parameters([1, 2], [3]), lr: 0.5);
        var stream = new MemoryStream();
        optimizer.save_state_dict(new BinaryWriter(stream));
        var reader = new BinaryReader(new MemoryStream(stream.ToArray()));
        Assert.Equal("AdamW", reader.ReadString());
        Assert.Equal(1, reader.ReadByte());
        Assert.Equal(2, reader.ReadByte());
        Assert.Equal([0.5, 0.5, 0.9, 0.999, 1e-8, 0], Enumerable.Range(0, 6).Select(_ => reader.ReadDouble()));
        Assert.Equal([false, false], [reader.ReadBoolean(), reader.ReadBoolean()]);
        Assert.Equal(0, reader.ReadInt64());
        Assert.Equal((byte)ScalarType.Float64, reader.ReadByte());
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        using var adam = optim.AdamW(Parameters([1, 2]));
        var stream = new MemoryStream();
        adam.save_state_dict(new BinaryWriter(stream));
        BinaryReader Reader() => new(new MemoryStream(stream.ToArray()));
        using var sgd = optim.SGD(Parameters([1, 2]), 0.1);
        using var more = optim.AdamW(Parameters([1, 2], [3]));
        using var longer = optim.AdamW(Parameters([1, 2, 3]));
        Assert.Throws<InvalidDataException>(() => sgd.load_state_dict(Reader()));
        Assert.Throws<ArgumentException>(() => more.load_state_dict(Reader()));
        Assert.Throws<ArgumentException>(() => longer.load_state_dict(Reader()));
        Assert.Throws<ArgumentException>(() => optim.AdamW(Parameters([1]), lr: -1));
    }

    [Fact]
    public void Gradients_are_zeroed_in_place_and_closures_called_with_gradients_on()
    {
        var p = Parameters([1.0, 2]);
        using var optimizer = optim.SGD(p, 0.1);
        SetGradients(p, 1);
        using var grad = p[0].grad!;
        optimizer.zero_grad();
        Values.Near([0, 0], grad);
        using var mode = no_grad();
        var loss = optimizer.step(() => {
            Assert.True(is_grad_enabled());
            var value = (p[0] * p[0]).sum();
            value.backward();
            return value;
        });
        Values.Near(5, loss!);
        Values.Near([0.8, 1.6], p[0]);
        Assert.Equal(p, optimizer.parameters());
    }

    [Fact]
    public void A_module_moved_behind_its_back_is_noticed()
    {
        using var linear = nn.Linear(2, 2);
        using var optimizer = optim.AdamW(linear.parameters());
        linear.to(ScalarType.Float64);
        Assert.Throws<InvalidOperationException>(() => optimizer.step());
    }

    [Fact]
    public void A_step_leaves_no_tensor_behind()
    {
        var p = Parameters(Values.Of(5, 1), Values.Of(3, 2));
        using var optimizer = optim.AdamW(p, weight_decay: 0.1);
        SetGradients(p, 1);
        optimizer.step();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        long before = Tensor.TotalCount;
        for (int i = 0; i < 5; i++) optimizer.step();
        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void Betas_and_momentum_reach_the_groups()
    {
        using var adam = optim.AdamW(Parameters([1]));
        adam.Betas = (0.5, 0.6);
        Assert.Equal((0.5, 0.6), ((optim.IBetas)adam.ParamGroups.Single()).Betas);
        using var sgd = optim.SGD(Parameters([1]), 0.1, momentum: 0.9);
        sgd.Momentum = 0.3;
        Assert.Equal(0.3, ((optim.IMomentum)sgd.ParamGroups.Single()).Momentum);
    }
}
