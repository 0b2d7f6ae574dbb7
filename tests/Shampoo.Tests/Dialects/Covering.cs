using static TorchSharp.torch;

namespace Shampoo.Tests.Dialects;

/// <summary>The classes of <c>CoveringSet.cs</c>.</summary>
public static class Covering
{
    public static IReadOnlyList<Type> Types { get; } = [.. Enumerable.Range(1, 31).Select(static i => Find($"Cover{i:00}"))];

    /// <summary>Those in which every two values of two options meet; the last has expressions that these do not have.</summary>
    public static IEnumerable<Type> Pairwise => Types.Take(30);

    public static Type Find(string name) => typeof(Covering).Assembly.GetType($"{typeof(Covering).Namespace}.{name}", throwOnError: true)!;

    public static TheoryData<string, ScalarType> All => Where(static _ => true);

    /// <summary>Those that work element by element: there is no sum that could be taken in another order.</summary>
    public static TheoryData<string, ScalarType> Elementwise => Where(static t => !IsPreconditioned(t.Name));

    public static TheoryData<string, ScalarType> Preconditioned => Where(static t => IsPreconditioned(t.Name));

    /// <summary>Those that precondition nothing in the first three steps.</summary>
    public static TheoryData<string, ScalarType> Late => Where(static t => Start(t) > 3);

    /// <summary>Those that precondition from the first step on.</summary>
    public static TheoryData<string, ScalarType> Early => Where(static t => Start(t) < 3);

    public static bool IsPreconditioned(string name) => Find(name).IsDefined(typeof(RootInverseAttribute), false);

    private static int? Start(Type type) => ((PreconditioningAttribute?)Attribute.GetCustomAttribute(type, typeof(PreconditioningAttribute)))?.Start;

    private static TheoryData<string, ScalarType> Where(Func<Type, bool> condition)
    {
        var data = new TheoryData<string, ScalarType>();
        foreach (Type type in Types.Where(condition))
            foreach (ScalarType dtype in (ScalarType[])[ScalarType.Float32, ScalarType.Float64])
                data.Add(type.Name, dtype);
        return data;
    }
}
