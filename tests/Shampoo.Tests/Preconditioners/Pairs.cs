namespace Shampoo.Tests.Preconditioners;

/// <summary>The classes of <c>PairSet.cs</c>.</summary>
internal static class Pairs
{
    public static IReadOnlyList<Type> Types { get; } =
        [.. Enumerable.Range(1, 30).Select(static i => typeof(Pairs).Assembly.GetType($"{typeof(Pairs).Namespace}.Pair{i:00}", throwOnError: true)!)];

    /// <summary>What a class has of every option that is covered by pairs.</summary>
    public static string[] Values(Type type)
    {
        var grafting = Attribute<GraftingAttribute>(type);
        var moment = Attribute<FirstMomentAttribute>(type);
        var momentum = Attribute<MomentumAttribute>(type);
        return
        [
            Method(type).GetType().Name,
            $"{grafting?.Method}",
            moment is null ? "" : $"{moment.BiasCorrection} {!double.IsNaN(moment.Beta3)}",
            momentum is null ? "" : $"{momentum.Nesterov}",
            $"{Attribute<WeightDecayAttribute>(type)?.Kind}",
            $"{Attribute<PreconditioningAttribute>(type)!.Start > 1}",
        ];
    }

    /// <summary>The preconditioner.</summary>
    public static Attribute Method(Type type) =>
        (Attribute?)Attribute<RootInverseAttribute>(type) ?? (Attribute?)Attribute<EigendecomposedAttribute>(type) ?? (Attribute?)Attribute<EigenvalueCorrectedAttribute>(type)
        ?? (Attribute?)Attribute<SpectralDescentAttribute>(type) ?? Attribute<SignDescentAttribute>(type)!;

    private static T? Attribute<T>(Type type) where T : Attribute => (T?)System.Attribute.GetCustomAttribute(type, typeof(T));
}
