using Shampoo.Runtime;
using Shampoo.Runtime.Tests;
using Shampoo.Runtime.Tests.Elementwise;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Shampoo.Tests.Distribution;

/// <summary>How the changes of parameters travel.</summary>
public sealed class ExchangeTests
{
    [Theory, InlineData(typeof(ShardedPlainAdamW)), InlineData(typeof(ShardedAveragedWithDecay))]
    public void AllocatesNothing(Type type)
    {
        using Model model = Twins.NewModel(type, ScalarType.Float32);
        using OptimizerHelper optimizer = Twins.Create(type, model, new Echo());
        model.NewGradients();
        Assert.Equal(0, Allocations.Least(() => optimizer.step()));
    }

    [Fact]
    public void GathersOncePerStep()
    {
        var calls = ThreadGroup.Run(2, static ranks =>
        {
            using Model model = Twins.NewModel(typeof(RoundedToBFloat16), ScalarType.Float32);
            using OptimizerHelper optimizer = Twins.Create(typeof(RoundedToBFloat16), model, ranks);
            model.Train(optimizer, 3);
            return ranks.Calls;
        });
        Assert.All(calls, static made => Assert.Equal(3, made.Count));
        Assert.All(calls.SelectMany(static made => made), static call => Assert.Equal(("all_gather", ScalarType.BFloat16), (call.Name, call.Type)));
    }

    /// <summary>Parameters of two dtypes, transposed ones, and a group that comes later.</summary>
    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public void TakesParametersOfAnyKind(int ranks)
    {
        double[] expected = Mixed(static parameters => new Everything(parameters), static (o, p) => o.add_param_group(new Everything.ParamGroup(p)));
        foreach (double[] actual in ThreadGroup.Run(ranks, static group =>
            Mixed(parameters => new ShardedEverything(parameters, process_group: group), static (o, p) => o.add_param_group(new ShardedEverything.ParamGroup(p)))))
            Assert.Equal(expected, actual);
    }

    private static double[] Mixed<T>(Func<IEnumerable<(string, Parameter)>, T> create, Action<T, IEnumerable<(string, Parameter)>> add) where T : OptimizerHelper
    {
        using var single = new Model([[6, 5], [7]], ScalarType.Float32, seed: 1);
        using var wide = new Model([[5, 5], [2, 3, 4]], ScalarType.Float64, seed: 2);
        using var later = new Model([[4, 4], [9]], ScalarType.Float32, seed: 3);
        using var turned = new Parameter(later.Sample([6, 7]).t());
        using T optimizer = create([.. single.Parameters, .. wide.Parameters, ("turned", turned)]);
        for (int step = 0; step < 8; step++)
        {
            if (step == 3) add(optimizer, later.Parameters);
            single.NewGradients();
            wide.NewGradients();
            later.NewGradients();
            using Tensor gradient = single.Sample([7, 6]);
            turned.grad = gradient;
            optimizer.step();
        }
        return [.. single.Values(), .. wide.Values(), .. later.Values(), .. Model.Values(turned)];
    }

    /// <summary>Two ranks of which the other one has nothing to say but what this one says of itself.</summary>
    private sealed unsafe class Echo : ProcessGroup
    {
        public override int Rank => 0;

        public override int Size => 2;

        public override CollectiveWork all_gather_async(Tensor output, Tensor input) => throw new NotSupportedException();

        public override CollectiveWork all_gather_async(Tensor output, Tensor input, ReadOnlySpan<long> counts)
        {
            long common = Math.Min(counts[0], counts[1]) * sizeof(float), start = counts[0] * sizeof(float);
            Buffer.MemoryCopy((void*)NativeTensor.Data(input.Handle), (byte*)NativeTensor.Data(output.Handle) + start, common, common);
            return Nothing.ToDo;
        }

        public override CollectiveWork all_reduce_async(Tensor tensor, ReduceOp op = ReduceOp.Sum) => throw new NotSupportedException();

        public override CollectiveWork reduce_scatter_async(Tensor output, Tensor input, ReadOnlySpan<long> counts, ReduceOp op = ReduceOp.Sum) => throw new NotSupportedException();

        public override CollectiveWork all_to_all_async(Tensor output, Tensor input, ReadOnlySpan<long> outputCounts, ReadOnlySpan<long> inputCounts) => throw new NotSupportedException();

        public override CollectiveWork broadcast_async(Tensor tensor, int source) => throw new NotSupportedException();

        public override void barrier()
        {
        }

        public override ProcessGroup split(int colour, int key = 0) => throw new NotSupportedException();
    }

    private sealed class Nothing : CollectiveWork
    {
        public static readonly Nothing ToDo = new();

        public override bool IsCompleted => true;

        public override void Wait()
        {
        }
    }
}
