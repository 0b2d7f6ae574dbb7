using Shampoo.Runtime;
using static TorchSharp.torch;

namespace Shampoo.Tests.Dialects;

/// <summary>What the other tests here rely on: the declarations cover what they say, and the dialects are the ones that were asked for.</summary>
[Collection(DialectCollection.Name)]
public sealed class CoveringTests
{
    [Fact]
    public void Every_two_values_of_two_options_meet()
    {
        string[][] classes = [.. Covering.Pairwise.Select(Values)];
        string[][] options = [.. Enumerable.Range(0, 5).Select(k => classes.Select(values => values[k]).Distinct().ToArray())];
        Assert.Equal([6, 3, 3, 5, 3], options.Select(static values => values.Length));
        for (int a = 0; a < options.Length; a++)
            for (int b = a + 1; b < options.Length; b++)
                foreach (string one in options[a])
                    foreach (string other in options[b])
                        Assert.Contains(classes, values => values[a] == one && values[b] == other);
    }

    [Theory, MemberData(nameof(Covering.All), MemberType = typeof(Covering))]
    public void Memory_is_reached_by_vectors_and_otherwise_by_operators(string name, ScalarType dtype)
    {
        Assert.All([Dialect.Torch, DialectRun.Vector(dtype)], dialect => Assert.NotEmpty(OneStep(name, dialect, dtype)));
    }

    [DialectTheory, MemberData(nameof(Covering.All), MemberType = typeof(Covering))]
    public void Kernels_are_compiled_and_take_over(string name, ScalarType dtype) => Assert.NotEmpty(OneStep(name, Dialect.Cuda, dtype));

    /// <summary>A run requires its dialect.</summary>
    private static IReadOnlyDictionary<string, double[]> OneStep(string name, Dialect dialect, ScalarType dtype)
    {
        var data = new Problem([[3, 2]], dtype);
        return new DialectRun(name, dialect).Run(data, steps: 1);
    }

    private static string[] Values(Type type)
    {
        var grafting = Attribute<GraftingAttribute>(type);
        var preconditioning = Attribute<PreconditioningAttribute>(type);
        var momentum = Attribute<MomentumAttribute>(type);
        return
        [
            grafting is null ? "" : $"{grafting.Method} {grafting.Beta2 == 1}",
            Attribute<RootInverseAttribute>(type) is null ? "" : $"{preconditioning!.Start > 1}",
            $"{Attribute<FirstMomentAttribute>(type)?.BiasCorrection}",
            momentum is null ? "" : $"{momentum.Dampening > 0} {momentum.Nesterov}",
            $"{Attribute<WeightDecayAttribute>(type)?.Kind}",
        ];
    }

    private static T? Attribute<T>(Type type) where T : Attribute => (T?)System.Attribute.GetCustomAttribute(type, typeof(T));
}
