using System.Reflection;
using Shampoo.Tests.Preconditioners;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Shampoo.Tests;

/// <summary>The declarations that every test of the contract runs over.</summary>
internal static class Declarations
{
    /// <summary>Those of <c>Optimizers.cs</c>.</summary>
    private static readonly Type[] Chosen =
    [
        typeof(Ungrafted), typeof(Summing), typeof(Uncorrected), typeof(Unmerged), typeof(Everything), typeof(PackedEverything), typeof(Mixed), typeof(Unchecked),
        typeof(PlainAdamW), typeof(PlainAdam), typeof(PlainAdagrad), typeof(PlainRMSProp), typeof(PlainSGD), typeof(Bare),
        typeof(OneSided), typeof(Multiplied), typeof(Divergent), typeof(Decomposed), typeof(Rotated), typeof(RotatedLater), typeof(RotatedByOrder), typeof(DecomposedScaled), typeof(RelativelyPerturbed), typeof(PlainNormalizedAdam), typeof(Signs), typeof(SignsGrafted),
        typeof(OverlappedRoots), typeof(OverlappedDivergence), typeof(OverlappedBases), typeof(OverlappedSometimes),
        typeof(Sometimes), typeof(SometimesDivergent), typeof(RotatedSometimes), typeof(Skipping), typeof(SkippingUngrafted), typeof(Bounded), typeof(RotatedBounded), typeof(PlainBounded),
        typeof(MeanSigns), typeof(SummedSigns), typeof(Diagonal), typeof(DiagonalDivergent), typeof(ElementwiseLarge), typeof(ElementwiseSumming),
    ];

    private static readonly Type[] Carrying = [typeof(Carried), typeof(CarriedWhereItMoves), typeof(CarriedByEigh), typeof(CarriedRarely), typeof(OverlappedTransport)];

    private static readonly Type[] Soaps =
    [
        typeof(SoapEveryStep), typeof(SoapEveryTenthStep), typeof(SoapOfBlocks), typeof(SoapOfSomeDimensions), typeof(SoapOfMerged), typeof(SoapInFloat64),
        typeof(SoapAlone), typeof(SoapWithMomentum), typeof(SoapAveraged), typeof(SoapClipped), typeof(SoapSparing), typeof(SoapAveragedCautiously), typeof(SoapOfFewBits),
        typeof(OverlappedSoap), typeof(StaggeredSoap),
    ];

    /// <summary>Those of <c>EveryPair/Classes.cs</c>, in which every two options meet.</summary>
    private static readonly Type[] EveryPair =
        [.. typeof(Declarations).Assembly.GetTypes().Where(static t => t.Namespace == "Shampoo.Tests.EveryPair" && t.IsSubclassOf(typeof(OptimizerHelper))).OrderBy(static t => t.Name, StringComparer.Ordinal)];

    private static readonly Type[] Own = [.. Chosen, .. Pairs.Types, .. Carrying, .. Soaps];

    private static readonly Dictionary<string, Type> Types = Own.Concat(EveryPair).ToDictionary(static t => t.Name);

    /// <summary>Every declaration, for parameters of every dtype.</summary>
    public static TheoryData<string, ScalarType> All => Where(static _ => true);

    /// <summary>
    /// The declarations but SOAP: its first gradient makes no step, and determines bases only in part, so that rounding decides on the rest.
    /// </summary>
    public static TheoryData<string, ScalarType> Determined => Where(static t => !Soaps.Contains(t));

    /// <summary>The same, and for parameters of 16 bits: the two types in turn.</summary>
    public static TheoryData<string, ScalarType> AllAndHalves
    {
        get
        {
            TheoryData<string, ScalarType> data = All;
            foreach ((int i, Type type) in Own.Index())
                data.Add(type.Name, i % 2 == 0 ? ScalarType.BFloat16 : ScalarType.Float16);
            return data;
        }
    }

    /// <summary>The declarations in which every two options meet, each for parameters of one of the dtypes in turn.</summary>
    public static TheoryData<string, ScalarType> EveryTwoOptions
    {
        get
        {
            ScalarType[] types = [ScalarType.Float32, ScalarType.Float64, ScalarType.BFloat16, ScalarType.Float16];
            var data = new TheoryData<string, ScalarType>();
            foreach ((int i, Type type) in EveryPair.Index())
                data.Add(type.Name, types[i % types.Length]);
            return data;
        }
    }

    /// <summary>The declarations that <see cref="TranscriptionTests"/> has a transcription of.</summary>
    public static TheoryData<string, ScalarType> Transcribed => Where(static t => Chosen.Contains(t));

    /// <summary>The declarations that cut all matrices into blocks of sizes up to 4, whatever their size is.</summary>
    public static TheoryData<string, ScalarType> Blocked => Where(static t => t.GetCustomAttribute<PreconditioningAttribute>() is { MaxDimension: 4, LargeDimensions: LargeDimensions.Blocked, SkipRankBelow: <= 2, SkipSizeAbove: PreconditioningAttribute.Unlimited });

    /// <summary>The declarations but those with a solver that stops for every matrix by itself, and makes new stacks of those that remain.</summary>
    /// <remarks>Nor those whose refreshes are spread: more blocks have more turns, and what is computed beside the steps is in no period for sure.</remarks>
    public static TheoryData<string, ScalarType> OfConstantWork => Where(static t => !StopsByItself(t) && !SpreadsRefreshes(t));

    /// <summary>The declarations that look for NaN and infinity in gradients.</summary>
    public static TheoryData<string, ScalarType> Checked => Where(static t => !t.IsDefined(typeof(GradientChecksAttribute)));

    /// <summary>The optimizer with its declared defaults but for the numbers given here, and an epsilon that the dtype can tell from 0.</summary>
    public static OptimizerHelper Create(
        string name, IEnumerable<(string name, Parameter parameter)> parameters, double lr = 0.01, IReadOnlyDictionary<string, double>? numbers = null)
    {
        var constructor = Types[name].GetConstructors().Single(static c => c.GetParameters()[0].ParameterType == typeof(IEnumerable<(string, Parameter)>));
        var arguments = new Dictionary<string, object> { ["parameters"] = parameters, ["lr"] = lr };
        if (HasMatrices(name)) arguments["epsilon"] = Epsilon(name, parameters.First().parameter.dtype);
        foreach ((string number, double value) in numbers ?? new Dictionary<string, double>())
            arguments[number] = value;
        object?[] values = [.. constructor.GetParameters().Select(p => arguments.GetValueOrDefault(p.Name!, p.DefaultValue!))];
        return (OptimizerHelper)constructor.Invoke(BindingFlags.DoNotWrapExceptions, null, values, null);
    }

    /// <summary>A group of the declaration's own kind; numbers that are not given are the optimizer's.</summary>
    public static ParamGroup Group(string name, IEnumerable<(string name, Parameter parameter)> parameters, IReadOnlyDictionary<string, double> numbers)
    {
        Type options = Types[name].GetNestedType("Options")!;
        var own = (OptimizerOptions)Activator.CreateInstance(options)!;
        foreach ((string number, double value) in numbers)
            Set(own, number, value);
        return (ParamGroup)Types[name].GetNestedType("ParamGroup")!.GetConstructor([typeof(IEnumerable<(string, Parameter)>), options])!.Invoke([parameters, own]);
    }

    /// <summary>The names of the numbers that a group of the declaration has, "lr" first.</summary>
    public static string[] Numbers(string name) =>
        ["lr", .. Types[name].GetNestedType("Options")!.GetFields().Where(static f => f.FieldType == typeof(double?)).Select(static f => f.Name)];

    /// <summary>A number of a group.</summary>
    public static double? Get(OptimizerOptions options, string number) =>
        number == "lr" ? options.LearningRate : (double?)options.GetType().GetField(number)!.GetValue(options);

    /// <summary>Sets a number of a group.</summary>
    public static void Set(OptimizerOptions options, string number, double value)
    {
        if (number == "lr") options.LearningRate = value;
        else options.GetType().GetField(number)!.SetValue(options, value);
    }

    /// <summary>The numbers of the groups of an optimizer.</summary>
    public static OptimizerOptions[] Options(OptimizerHelper optimizer) => [.. optimizer.ParamGroups.Select(static g => ((ParamGroup)g).Options)];

    /// <summary>Whether the declaration has factor matrices.</summary>
    public static bool HasMatrices(string name) => Has<RootInverseAttribute>(name) || Has<EigendecomposedAttribute>(name) || Has<EigenvalueCorrectedAttribute>(name) || Has<SoapAttribute>(name);

    /// <summary>Whether anything but a grafting method decides the direction.</summary>
    public static bool IsPreconditioned(string name) => HasMatrices(name) || Has<SpectralDescentAttribute>(name) || Has<SignDescentAttribute>(name);

    /// <summary>Whether the length of the direction is that of another one.</summary>
    public static bool IsGrafted(string name) => Has<GraftingAttribute>(name);

    /// <summary>Shapes for a declaration: those given, with matrices in place of what it cannot take.</summary>
    public static long[][] Shapes(string name, long[][] shapes) =>
        Has<SpectralDescentAttribute>(name) ? [.. shapes.Select(static (shape, p) => shape.Count(static n => n > 1) == 2 ? shape : [2 + p % 4, 3])] : shapes;

    /// <summary>More than what rounding makes of an eigenvalue that is 0.</summary>
    private static double Epsilon(string name, ScalarType dtype) => Types[name].GetCustomAttribute<PrecisionAttribute>()?.Factors switch
    {
        Precision.BFloat16 when EveryPair.Contains(Types[name]) && Types[name].GetCustomAttribute<RootInverseAttribute>() is { Beta2: 1 } => 10, // sums of up to 30 steps are rounded by more than 1
        _ when EveryPair.Contains(Types[name]) => 0.1, // sums of many gradients in few bits, and solvers that need a small condition, are among them
        Precision.Float32 => Rounding.Epsilon(ScalarType.Float32),
        _ => Rounding.Epsilon(dtype),
    };

    private static bool StopsByItself(Type type) =>
        type.GetCustomAttribute<RootInverseAttribute>() is { Solver: Solver.CoupledNewton or Solver.CoupledHigherOrder }
        || type.GetCustomAttribute<EigendecomposedAttribute>() is { Solver: Solver.QR, Tolerance: > 0 };

    private static bool SpreadsRefreshes(Type type) => type.GetCustomAttribute<PreconditioningAttribute>() is { Refresh: not Refresh.Together };

    private static bool Has<T>(string name) where T : Attribute => Types[name].IsDefined(typeof(T));

    private static TheoryData<string, ScalarType> Where(Func<Type, bool> condition)
    {
        var data = new TheoryData<string, ScalarType>();
        foreach (Type type in Own.Where(condition))
        {
            data.Add(type.Name, ScalarType.Float64);
            data.Add(type.Name, ScalarType.Float32);
        }
        return data;
    }
}
