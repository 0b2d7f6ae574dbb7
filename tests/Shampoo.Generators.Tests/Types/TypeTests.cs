using Shampoo.Generators.Parsing;
using Shampoo.Generators.Tests.Compiling;

namespace Shampoo.Generators.Tests.Types;

/// <summary>Wherever a class may stand and whatever it may be called, its generated part fits.</summary>
public sealed class TypeTests
{
    /// <summary>Uses every stage, state, number and interface.</summary>
    private const string Attributes = """
        [Shampoo.Grafting(Shampoo.GraftingMethod.Adam)] [Shampoo.RootInverse(Shampoo.Solver.Eigh)] [Shampoo.Preconditioning(Frequency = 2, Start = 3)]
        [Shampoo.FirstMoment] [Shampoo.Momentum(Nesterov = true, Dampening = 0.5)] [Shampoo.WeightDecay(Shampoo.WeightDecayKind.Decoupled)]
        """;

    [Theory]
    [InlineData("$ public partial class C { }")]
    [InlineData("namespace A; $ public partial class C { }")]
    [InlineData("namespace A.B { namespace C.D { $ internal sealed partial class C { } } }")]
    [InlineData("namespace A { public partial class Outer { public static partial class Inner { $ private sealed partial class C { } } } }")]
    [InlineData("public partial struct Outer { $ public partial class C { } }")]
    [InlineData("public readonly partial record struct Outer(int X) { $ public partial class C { } }")]
    [InlineData("public partial record Outer<T>(T X) { $ public partial class C { } }")]
    [InlineData("public ref partial struct Outer { $ public partial class C { } }")]
    [InlineData("public partial interface IOuter<T> { $ public partial class C { } }")]
    [InlineData("$ public partial class C<T> where T : class, new() { }")]
    [InlineData("public partial class Outer<T> where T : notnull { $ public partial class C<T1, T2> where T1 : struct where T2 : T { } }")]
    [InlineData("$ public partial class C : System.ICloneable { public object Clone() => this; }")]
    [InlineData("$ public partial class C { public C(int n) : this(new ParamGroup[n]) { } }")]
    [InlineData("$ public partial class C { ~C() { } static C() { } private readonly int state = 1, gradient = 2, blocks = 3; public int Sum => state + gradient + blocks; }")]
    [InlineData("#nullable disable\n$ public partial class C { }")]
    public void Kinds_and_places(string source) => Fits(source);

    [Theory]
    [InlineData("namespace N; $ public partial class Tensor { }")]
    [InlineData("namespace N; $ public partial class torch { }")]
    [InlineData("namespace N; $ public partial class System { }")]
    [InlineData("namespace N; $ public partial class Shampoo { }", true)]
    [InlineData("namespace N; $ public partial class Runtime { } public class TorchSharp { } public class Scalar { } public class Precision { }")]
    [InlineData("namespace System.Optimizers { $ public partial class Math { } }")]
    [InlineData("namespace N.Shampoo.Runtime { $ public partial class Eigh { } }", true)]
    [InlineData("namespace N.TorchSharp.Modules { $ public partial class Parameter { } }")]
    [InlineData("$ public partial class @class { }")]
    [InlineData("namespace @namespace.@int { public partial class @struct<@void> { $ public partial class @base<@in> { } } }")]
    [InlineData("namespace 名前.Größe { $ public partial class Ärger { } }")]
    [InlineData("$ public partial class C<torch> { }")]
    [InlineData("$ public partial class C<t, n, options> { }")]
    [InlineData("$ public partial class C { class TorchSharp { } class System { } class Shampoo { } class Tensor { } class Runtime { } }", true)]
    [InlineData("$ public partial class Optimizer_with_a_name_that_is_much_longer_than_any_that_people_give_to_their_classes_but_not_longer_than_what_a_compiler_takes { }")]
    public void Names(string source, bool hidesShampoo = false) =>
        Fits(hidesShampoo ? source.Replace("$", Attributes.Replace("Shampoo.", "global::Shampoo.", StringComparison.Ordinal), StringComparison.Ordinal) : source);

    [Fact]
    public void Names_that_differ_only_by_case_arity_or_nesting_have_files_of_their_own()
    {
        Generation generation = Generation.Of(TestProject.Of($$"""
            {{Attributes}} public partial class Name { }
            {{Attributes}} public partial class NAME { }
            {{Attributes}} public partial class Name<T> { }
            {{Attributes}} public partial class Name<T1, T2> { }
            {{Attributes}} public partial class Nam\u00E9 { }
            {{Attributes}} public partial class Nam\u00EA { }
            namespace A { {{Attributes}} public partial class Name { } public partial class B { {{Attributes}} public partial class Name { } } }
            namespace A.b { {{Attributes}} public partial class Name { } }
            """)).Reporting().Compiling();
        Assert.Equal(9, generation.Sources.Keys.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.All(generation.Sources.Keys, static name => Assert.Matches("^[A-Za-z0-9._]+$", name));
    }

    [Fact]
    public void A_namespace_and_a_class_of_the_same_name_do_not_stop_the_generator()
    {
        Generation generation = Generation.Of(TestProject.Of($$"""
            namespace A { {{Attributes}} public partial class Name { } }
            public partial class A { {{Attributes}} public partial class Name { } }
            """));
        Assert.Equal(2, generation.Sources.Count);
        Assert.Contains(generation.Complaints(), static c => c.Contains("CS0101", StringComparison.Ordinal));
    }

    public static TheoryData<string> Taken => [.. TypeParser.Taken];

    [Theory]
    [MemberData(nameof(Taken))]
    public void Members_of_the_generated_part_are_taken(string name)
    {
        Generation member = Generation.Of(TestProject.Of($"{Attributes} public partial class C {{ public int {name} => 1; }}")).Reporting("SHMP002");
        Assert.Equal($"SHMP002: {name}", Assert.Single(member.Squiggles));
        Generation parameter = Generation.Of(TestProject.Of($"{Attributes} public partial class C<{name}> {{ }}")).Reporting("SHMP002");
        Assert.Equal($"SHMP002: {name}", Assert.Single(parameter.Squiggles));
        Generation type = Generation.Of(TestProject.Of($"{Attributes} public partial class {name} {{ }}")).Reporting("SHMP002");
        Assert.Equal($"SHMP002: {name}", Assert.Single(type.Squiggles));
    }

    [Fact]
    public void A_generic_attribute_target_of_another_name_is_ignored()
    {
        TestProject project = TestProject.OfFiles("namespace Other { class GraftingAttribute : System.Attribute { } } namespace N { using Other; [Grafting] partial class C { } }");
        Assert.Empty(Generation.Of(project).Reporting().Compiling().Sources);
    }

    private static void Fits(string source)
    {
        TestProject project = TestProject.OfFiles(source.Replace("$", Attributes, StringComparison.Ordinal));
        Assert.Single(Generation.Of(project).Reporting().Compiling().Sources);
    }
}
