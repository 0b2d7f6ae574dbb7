using System.Globalization;
using System.Reflection;
using Shampoo.Generators.Parsing;
using Shampoo.Generators.Tests.Compiling;

namespace Shampoo.Generators.Tests.Attributes;

/// <summary>
/// Nothing is ignored silently, now or later: whatever the abstractions let a user write either changes the generated code or is
/// reported.
/// </summary>
public sealed class AvailabilityTests
{
    /// <summary>What an attribute may stand beside.</summary>
    private static readonly string[] Companies =
        [
        "", "[Grafting(Adam)]", "[RootInverse(Eigh)]", "[Eigendecomposed(Eigh)]", "[EigenvalueCorrected(QR)]", "[Soap]", "[SpectralDescent]", "[SignDescent]",
        "[Grafting(RMSProp)] [RootInverse(Eigh)] [FirstMoment] [Momentum] [WeightDecay(L2)]",
    ];

    private static IEnumerable<Type> AttributeTypes => typeof(GraftingAttribute).Assembly.GetExportedTypes().Where(static t => t.IsSubclassOf(typeof(Attribute)));

    /// <summary>Every value of every argument and property of every attribute: the attribute without it, and with it.</summary>
    public static TheoryData<string, string> Options
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach ((string without, string with) in AttributeTypes.SelectMany(Written)) data.Add(without, with);
            return data;
        }
    }

    [Fact]
    public void The_generator_knows_every_attribute() =>
        Assert.Equal(AttributeTypes.Select(static t => t.Name).Order(), AttributeNames.All.Order());

    [Theory]
    [MemberData(nameof(Options))]
    public void An_option_has_an_effect_or_is_reported(string without, string with)
    {
        foreach (string company in Companies.Where(company => !company.Contains(with[..with.IndexOf('(', StringComparison.Ordinal)], StringComparison.Ordinal)))
        {
            Generation plain = Generation.Of(TestProject.Declaring($"{company} {without}")), changed = Generation.Of(TestProject.Declaring($"{company} {with}"));
            Assert.DoesNotContain(changed.Output.GetDiagnostics(), static d => d.Id is "CS0617" or "CS0655" or "CS0103" or "CS1729");
            if (plain.Sources.Count == 1 && changed.Sources.Count == 1 && plain.Source == changed.Source)
                Assert.True(changed.Diagnostics.Length > 0, $"{company} {with} is ignored.");
        }
    }

    [Fact]
    public void No_two_values_are_called_the_same()
    {
        Type[] enums = [.. typeof(GraftingAttribute).Assembly.GetExportedTypes().Where(static t => t.IsEnum)];
        Assert.NotEmpty(enums);
        Assert.Empty(enums.SelectMany(Enum.GetNames).GroupBy(static name => name).Where(static g => g.Count() > 1).Select(static g => g.Key));
        string usings = string.Concat(enums.Select(static e => $"using static {e.FullName};\n"));
        string uses = string.Join(", ", enums.SelectMany(static e => Enum.GetNames(e).Select(name => $"{e.FullName} {e.Name}{name} = {name}")));
        Generation.Of(TestProject.OfFiles($"{usings} class All {{ void Names({uses}) {{ }} }}")).Compiling();
    }

    [Theory]
    [InlineData("[Grafting(Adam)]")]
    [InlineData("[RootInverse(Eigh)]")]
    [InlineData("[Distributed(DDP, GroupSize = 8)]")]
    [InlineData("[Grafting(Adam)]\n[RootInverse(Eigh)]\n[Distributed(DDP, GroupSize = 8)]")]
    public void The_attributes_that_this_project_began_with_compile(string attributes) => Generation.Of(TestProject.OfFiles($$"""
        using Shampoo;
        using static Shampoo.GraftingMethod;
        using static Shampoo.Parallelism;
        using static Shampoo.Solver;
        namespace Vision;

        {{attributes}}
        public sealed partial class ResNetShampoo;
        """)).Reporting();

    private static IEnumerable<(string Without, string With)> Written(Type type)
    {
        string name = AttributeNames.Short(type.Name);
        ParameterInfo[] parameters = type.GetConstructors().Single().GetParameters();
        string[] arguments = [.. parameters.Select(static p => Values(p.ParameterType)[0])];
        string plain = $"[{name}({string.Join(", ", arguments)})]";
        for (int i = 0; i < arguments.Length; i++)
            foreach (string value in Values(parameters[i].ParameterType)[1..])
                yield return (plain, $"[{name}({string.Join(", ", [.. arguments[..i], value, .. arguments[(i + 1)..]])})]");
        string open = arguments.Length == 0 ? $"[{name}(" : $"{plain[..^2]}, ";
        foreach (PropertyInfo property in type.GetProperties().Where(static p => p.CanWrite))
            foreach (string value in Values(property.PropertyType).Except([Default(type, property)]))
                yield return (plain, $"{open}{property.Name} = {value})]");
    }

    /// <summary>All values of an enum; two of a number, of which at most one is the default.</summary>
    private static string[] Values(Type type) => type switch
    {
        { IsEnum: true } => [.. Enum.GetNames(type).Select(name => $"{type.Name}.{name}")],
        _ when type == typeof(bool) => ["true", "false"],
        _ when type == typeof(int) => ["7", "11"],
        _ when type == typeof(double) => ["0.5", "0.25"],
        _ when type == typeof(int[]) => ["0", "1"],
        _ => throw new NotSupportedException($"Give this test values of {type}."),
    };

    private static string Default(Type type, PropertyInfo property)
    {
        object?[] arguments = [.. type.GetConstructors().Single().GetParameters().Select(static p => p.ParameterType.IsValueType ? Activator.CreateInstance(p.ParameterType) : System.Array.CreateInstance(p.ParameterType.GetElementType()!, 0))];
        object value = property.GetValue(Activator.CreateInstance(type, arguments))!;
        return value switch
        {
            bool flag => flag ? "true" : "false",
            Enum member => $"{member.GetType().Name}.{member}",
            _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        };
    }
}
