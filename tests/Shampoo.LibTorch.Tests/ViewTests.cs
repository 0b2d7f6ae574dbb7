namespace Shampoo.LibTorch.Tests;

public class ViewTests
{
    private static Tensor Counting(params long[] shape) => arange(0, shape.Aggregate(1L, (a, b) => a * b), dtype: ScalarType.Float64).reshape(shape);

    public static TheoryData<string, Func<Tensor, Tensor>, long[], double[]> Views() => new() {
        { "view", t => t.view(3, 8), [3, 8], [0, 1] },
        { "reshape", t => t.reshape(-1), [24], [0, 1] },
        { "narrow", t => t.narrow(2, 1, 2), [2, 3, 2], [1, 2, 5] },
        { "select", t => t.select(0, 1), [3, 4], [12, 13] },
        { "slice", t => t.slice(2, 0, 4, 2), [2, 3, 2], [0, 2, 4] },
        { "transpose", t => t.transpose(1, 2), [2, 4, 3], [0, 4, 8] },
        { "permute", t => t.permute(2, 0, 1), [4, 2, 3], [0, 4, 8, 12] },
        { "movedim", t => t.movedim([0], [2]), [3, 4, 2], [0, 12, 1, 13] },
        { "unsqueeze", t => t.unsqueeze(1), [2, 1, 3, 4], [0, 1] },
        { "squeeze", t => t.unsqueeze(0).squeeze(), [2, 3, 4], [0, 1] },
        { "squeeze one", t => t.unsqueeze(0).squeeze(0), [2, 3, 4], [0, 1] },
        { "flatten", t => t.flatten(1), [2, 12], [0, 1] },
        { "unflatten", t => t.unflatten(2, 2, 2), [2, 3, 2, 2], [0, 1] },
        { "expand", t => t.select(2, 0).unsqueeze(2).expand(2, 3, 2), [2, 3, 2], [0, 0, 4, 4] },
        { "as_strided", t => t.as_strided([2, 2], [1, 5], 3), [2, 2], [3, 8, 4, 9] },
        { "diagonal", t => t.diagonal(0, 1, 2), [2, 3], [0, 5, 10, 12, 17, 22] },
        { "mT", t => t.mT, [2, 4, 3], [0, 4, 8, 1] },
        { "T", t => t.select(0, 0).T, [4, 3], [0, 4, 8, 1] },
        { "flip", t => t.flip(2), [2, 3, 4], [3, 2, 1, 0, 7] },
        { "roll", t => t.roll(1, 2), [2, 3, 4], [3, 0, 1, 2, 7] },
        { "repeat", t => t.select(0, 0).repeat(1, 2), [3, 8], [0, 1, 2, 3, 0, 1, 2, 3, 4] },
        { "tril", t => t.tril(), [2, 3, 4], [0, 0, 0, 0, 4, 5, 0, 0] },
        { "triu", t => t.triu(1), [2, 3, 4], [0, 1, 2, 3, 0, 0, 6, 7] },
        { "diag_embed", t => t.select(0, 0).select(0, 1).diag_embed(), [4, 4], [4, 0, 0, 0, 0, 5] },
    };

    [Theory]
    [MemberData(nameof(Views))]
    public void Shapes_and_elements(string name, Func<Tensor, Tensor> view, long[] shape, double[] first)
    {
        using var scope = NewDisposeScope();
        Assert.NotEmpty(name);
        var result = view(Counting(2, 3, 4));
        Assert.Equal(shape, result.shape);
        Assert.Equal(first, Values.Doubles(result).Take(first.Length));
    }

    [Fact]
    public void Views_share_their_memory()
    {
        using var t = zeros(2, 3);
        using (var view = t.view(6)) view.fill_(1);
        using (var row = t[1]) row.mul_(5);
        Values.Near([1, 1, 1, 5, 5, 5], t);
        t[0, 2] = tensor(7f);
        Values.Near([1, 1, 7, 5, 5, 5], t);
    }

    [Fact]
    public void Splitting_and_joining()
    {
        using var t = Counting(2, 6);
        Assert.Equal([[2, 2], [2, 2], [2, 2]], t.chunk(3, 1).Select(p => p.shape));
        Assert.Equal([[2, 1], [2, 5]], t.split([1, 5], 1).Select(p => p.shape));
        Assert.Equal([[2, 4], [2, 2]], t.split(4, 1).Select(p => p.shape));
        Assert.Equal(6, t.unbind(1).Length);
        Values.Near(t, cat(t.split(4, 1), 1));
        Values.Near(t, stack(t.unbind(1), 1));
        Assert.Equal([4, 6], vstack([t, t]).shape);
        Assert.Equal([2, 12], hstack([t, t]).shape);
    }

    [Fact]
    public void Indices()
    {
        using var t = Counting(3, 4);
        Assert.Equal(6, t[1, 2].item<double>());
        Values.Near([4, 5, 6, 7], t[1]);
        Values.Near([1, 5, 9], t[TensorIndex.Colon, 1]);
        Values.Near([8, 9, 10, 11], t[TensorIndex.Single(-1)]);
        Values.Near([3, 7, 11], t[TensorIndex.Ellipsis, -1]);
        Values.Near([4, 6, 8, 10], t[TensorIndex.Slice(1), TensorIndex.Slice(step: 2)]);
        Values.Near([0, 1, 4, 5], t[..2, ..2]);
        Values.Near([1, 2, 5, 6, 9, 10], t[.., 1..^1]);
        Assert.Equal([3, 1, 4], t[TensorIndex.Colon, TensorIndex.None].shape);
        Values.Near([8, 9, 10, 11, 0, 1, 2, 3], t[tensor([2L, 0L])]);
        Values.Near([2, 9], t[tensor([0L, 2L]), tensor([2L, 1L])]);
        Values.Near([2, 10], t[TensorIndex.Tensor(tensor([0L, 2L])), TensorIndex.Single(2)]);
        Values.Near([10, 11], t[TensorIndex.Tensor(t > 9)]);
        Values.Near([10, 11], t[t > 9]);
        t[TensorIndex.Colon, 0] = tensor(-1.0);
        Values.Near([-1, -1, -1], t.select(1, 0));
        t[t > 5] = tensor(0.0);
        Values.Near([5, 0, 0], t[1, TensorIndex.Slice(1)]);
        t.index_put_(9.0, TensorIndex.Single(0), TensorIndex.Slice(1, 3));
        Values.Near([-1, 9, 9, 3], t[0]);
    }

    [Fact]
    public void Gathering_and_scattering()
    {
        using var t = Counting(2, 3);
        using var index = tensor([2L, 0L, 1L, 1L], [2, 2]);
        Values.Near([2, 0, 4, 4], t.gather(1, index));
        Values.Near([0, 0, 0, 10, 20, 30], zeros([2, 3], ScalarType.Float64).scatter_(0, tensor([1L, 1L, 1L], [1, 3]), tensor([10.0, 20, 30], [1, 3])));
        Values.Near([3, 4, 5, 0, 1, 2], t.index_select(0, tensor([1L, 0L])));
        Values.Near([0, 1, 2, 5, 7, 9], t.clone().index_add_(0, tensor([1L]), tensor([2.0, 3, 4], [1, 3]), 1));
        Values.Near([0, 1, 2, 1, 0, -1], t.clone().index_add_(0, tensor([1L]), tensor([2.0, 4, 6], [1, 3]), -1));
        Values.Near([7, 7, 7, 3, 4, 5], t.clone().index_copy_(0, tensor([0L]), full([1, 3], 7, ScalarType.Float64)));
        Values.Near([0, 1, 2, 9, 9, 9], t.masked_fill(t > 2, 9));
        Values.Near([3, 4, 5], t.masked_select(t > 2));
        Values.Near([5, 0], t.take(tensor([5L, 0L])));
    }

    [Fact]
    public void Sorting()
    {
        var values = Values.Of(9, 5);
        using var t = tensor(values);
        var (sorted, order) = t.sort(descending: true);
        Values.Near(values.OrderDescending().ToArray(), sorted);
        Assert.Equal(Enumerable.Range(0, 9).OrderByDescending(i => values[i]).Select(i => (long)i), order.data<long>().ToArray());
        Values.Near(values.OrderDescending().Take(3).ToArray(), t.topk(3).Item1);
        Assert.Equal(t.argsort().data<long>().ToArray(), order.flip(0).data<long>().ToArray());
        Values.Near([1, 2, 3], tensor([3.0, 1, 2, 1, 3]).unique().Item1);
    }

    [Fact]
    public void An_accessor_follows_the_strides()
    {
        using var t = Counting(2, 3).t();
        var data = t.data<double>();
        Assert.Equal([0, 3, 1, 4, 2, 5], data.ToArray());
        Assert.Equal(4, data[1, 1]);
        Assert.Equal(4, data[3]);
        Assert.Equal([0, 3, 1, 4, 2, 5], data);
        data[2, 0] = 9;
        Assert.Equal(9, t[2, 0].item<double>());
        Assert.Equal(3, t.ReadCpuDouble(1));
    }
}
