using Shampoo.Generators.Tests.Compiling;

namespace Shampoo.Generators.Tests.Diagnostics;

/// <summary>Every code fix: source, action, source; what comes out compiles and does not have the diagnostic.</summary>
public sealed class CodeFixTests
{
    private const string Class = "public sealed partial class Mine;";

    [Theory]
    [InlineData("[Grafting(SGD)] public sealed class Mine; // mine", "[Grafting(SGD)] public sealed partial class Mine; // mine")]
    [InlineData("/// <summary>Mine.</summary>\n[Grafting(SGD)]\n/* here */ class /* there */ Mine { }", "/// <summary>Mine.</summary>\n[Grafting(SGD)]\n/* here */ partial class /* there */ Mine { }")]
    [InlineData("public readonly record struct A { interface B<T> { [Grafting(SGD)] class Mine { } } }", "public readonly partial record struct A { partial interface B<T> { [Grafting(SGD)] partial class Mine { } } }")]
    [InlineData("public ref struct A { [Grafting(SGD)] internal class Mine { } }", "public ref partial struct A { [Grafting(SGD)] internal partial class Mine { } }")]
    public Task SHMP001_adds_partial(string before, string after) => Fixes("SHMP001", "Make it partial", before, after);

    [Theory]
    [InlineData("[RootInverse(Eigh)] [Precision(Factors = Float64, Roots = FourBit)]", "Remove Roots", "[RootInverse(Eigh)] [Precision(Factors = Float64)]")]
    public Task SHMP003_takes_what_there_is(string before, string title, string after, string? other = null) => FixesOf("SHMP003", title, before, after, other);

    [Fact]
    public async Task SHMP003_takes_the_first_value_there_is()
    {
        using var fixing = new CodeFixing(TestProject.Of($"[Distributed(FSDP, GroupSize = 8)]\n{Class}"));
        TestProject after = await fixing.Apply("SHMP003", "Use DDP");
        Assert.Equal($"[Distributed(DDP, GroupSize = 8)]\n{Class}", after.Files[0].Text);
        Generation.Of(after).Reporting().Compiling();
    }

    [Fact]
    public Task SHMP004_removes_the_argument() => FixesOf("SHMP004", "Remove Roots",
        "[RootInverse(Eigh)] [Precision(Roots = (Precision)99, Factors = Float64)]", "[RootInverse(Eigh)] [Precision(Factors = Float64)]");

    [Theory]
    [InlineData("[Grafting(Adam, Beta2 = 1.5)]", "Use the default, 0.999", "[Grafting(Adam, Beta2 = 0.999)]")]
    [InlineData("[Grafting(RMSProp, Beta2 = 1.5)]", "Use the nearest value that is allowed, 1", "[Grafting(RMSProp, Beta2 = 1)]")]
    [InlineData("[Grafting(Adam, /* small */ Epsilon = -1e-8 /* ! */)]", "Use the default, 1e-8", "[Grafting(Adam, /* small */ Epsilon = 1e-8 /* ! */)]")]
    [InlineData("[FirstMoment(Beta1 = double.NaN)]", "Use the default, 0.9", "[FirstMoment(Beta1 = 0.9)]")]
    [InlineData("[FirstMoment(Beta1 = -1)]", "Use the nearest value that is allowed, 0", "[FirstMoment(Beta1 = 0)]")]
    [InlineData("[Momentum(momentum: 1)]", "Use the default, 0.9", "[Momentum(momentum: 0.9)]")]
    [InlineData("[Momentum(Dampening = 1)]", "Remove Dampening", "[Momentum]")]
    [InlineData("[Momentum(Dampening = -1)]", "Use the nearest value that is allowed, 0", "[Momentum(Dampening = 0)]")]
    [InlineData("[RootInverse(Eigh)] [Preconditioning(MaxDimension = 0)]", "Use the default, 1024", "[RootInverse(Eigh)] [Preconditioning(MaxDimension = 1024)]")]
    [InlineData("[RootInverse(Eigh)] [Preconditioning(ToleratedFailures = -2)]", "Use the nearest value that is allowed, 0", "[RootInverse(Eigh)] [Preconditioning(ToleratedFailures = 0)]")]
    [InlineData("[RootInverse(Eigh)] [Preconditioning(Frequency = 5, Refresh = Overlapped, Staleness = 5)]", "Use the nearest value that is allowed, 4", "[RootInverse(Eigh)] [Preconditioning(Frequency = 5, Refresh = Overlapped, Staleness = 4)]")]
    [InlineData("[RootInverse(Eigh)] [Preconditioning(Start = -7)]", "Use the default, -1", "[RootInverse(Eigh)] [Preconditioning(Start = -1)]")]
    public Task SHMP005_takes_a_value_in_range(string before, string title, string after) => FixesOf("SHMP005", title, before, after);

    [Theory]
    [InlineData("[Grafting(Adam, Beta2 = 1)]", "Remove Beta2", "[Grafting(Adam)]")]
    [InlineData("[RootInverse(Eigh)] [Preconditioning(Frequency = 1, Refresh = Overlapped)]", "Remove Refresh", "[RootInverse(Eigh)] [Preconditioning(Frequency = 1)]")]
    [InlineData("[RootInverse(Eigh), Soap]", "Remove [Soap]", "[RootInverse(Eigh)]")]
    [InlineData("[Soap]\n[FirstMoment(Beta1 = 0.9)]", "Remove [FirstMoment]", "[Soap]")]
    [InlineData("[Soap]\n[Grafting(SGD)]", "Remove [Grafting]", "[Soap]")]
    [InlineData("[Soap]\n[Grafting(SGD)]", "Remove [Soap]", "[Grafting(SGD)]")]
    [InlineData("[RootInverse(Eigh)]\n// faster\n[SignDescent]", "Remove [SignDescent]", "[RootInverse(Eigh)]\n// faster")]
    [InlineData("[RootInverse(Eigh)]\n[InverseExponent(2, 0.5)]\n[InverseExponent(2, 1)]", "Remove [InverseExponent]", "[RootInverse(Eigh)]\n[InverseExponent(2, 0.5)]")]
    public Task SHMP006_removes_what_contradicts(string before, string title, string after, string? other = null) => FixesOf("SHMP006", title, before, after, other);

    [Fact]
    public async Task SHMP006_may_remove_the_other_one_instead()
    {
        using var fixing = new CodeFixing(TestProject.Of($"[RootInverse(Eigh), SignDescent]\n{Class}"));
        TestProject after = await fixing.Apply("SHMP006", "Remove [RootInverse]");
        Assert.Equal($"[SignDescent]\n{Class}", after.Files[0].Text);
        Generation.Of(after).Reporting().Compiling();
    }

    [Fact]
    public Task SHMP019_removes_the_multiplier() => FixesOf("SHMP019", "Remove ExponentMultiplier",
        "[RootInverse(CoupledNewton, ExponentMultiplier = 1.82)] [Precision(Factors = Float64)]", "[RootInverse(CoupledNewton)] [Precision(Factors = Float64)]");

    [Fact]
    public Task SHMP020_takes_a_solver_that_fits() => FixesOf("SHMP020", "Use Eigh", "[RootInverse(NewtonSchulz)]", "[RootInverse(Eigh)]");

    [Theory]
    [InlineData("[SpectralDescent(SVD)] // Muon", "Add [Preconditioning(TargetDimensionality = 2)]", "[SpectralDescent(SVD), Preconditioning(TargetDimensionality = 2)] // Muon")]
    [InlineData("[global::Shampoo.SpectralDescent(SVD)]", "Add [Preconditioning(TargetDimensionality = 2)]", "[global::Shampoo.SpectralDescent(SVD), global::Shampoo.Preconditioning(TargetDimensionality = 2)]")]
    [InlineData("[SpectralDescent(SVD)] [Preconditioning]", "Add TargetDimensionality = 2", "[SpectralDescent(SVD)] [Preconditioning(TargetDimensionality = 2)]")]
    [InlineData("[SpectralDescent(SVD)] [Preconditioning()]", "Add TargetDimensionality = 2", "[SpectralDescent(SVD)] [Preconditioning(TargetDimensionality = 2)]")]
    [InlineData("[SpectralDescent(SVD)] [Preconditioning(MaxDimension = 64)]", "Add TargetDimensionality = 2", "[SpectralDescent(SVD)] [Preconditioning(MaxDimension = 64, TargetDimensionality = 2)]")]
    [InlineData("[SpectralDescent(SVD)] [Preconditioning(TargetDimensionality = 1)]", "Use 2", "[SpectralDescent(SVD)] [Preconditioning(TargetDimensionality = 2)]")]
    public Task SHMP018_keeps_two_dimensions(string before, string title, string after) => FixesOf("SHMP018", title, before, after);

    [Fact]
    public Task SHMP007_takes_a_solver_that_fits() => FixesOf("SHMP007", "Use Eigh", "[RootInverse(SVD)]", "[RootInverse(Eigh)]");

    [Fact]
    public Task SHMP008_raises_Start_to_Frequency() => FixesOf("SHMP008", "Use 50",
        "[RootInverse(Eigh)]\n[Preconditioning(Frequency = 50, Start = 10)] // soon", "[RootInverse(Eigh)]\n[Preconditioning(Frequency = 50, Start = 50)] // soon");

    [Theory]
    [InlineData("[Grafting(SGD, Beta2 = 0.9)]", "Remove Beta2", "[Grafting(SGD)]")]
    [InlineData("[Grafting(Adagrad, Beta2 = 0.9, Epsilon = 1e-6)]", "Remove Beta2", "[Grafting(Adagrad, Epsilon = 1e-6)]")]
    [InlineData("[Grafting(Adagrad, // sums\n    Beta2 = 0.9, // no decay\n    Epsilon = 1e-6)]", "Remove Beta2", "[Grafting(Adagrad, // sums\n     // no decay\n    Epsilon = 1e-6)]")]
    [InlineData("[Grafting(Adagrad, // sums\n    Beta2 = 0.9)]", "Remove Beta2", "[Grafting(Adagrad // sums\n    )]")]
    [InlineData("// one\n[Preconditioning(Frequency = 5)]\n// two\n[Grafting(SGD)] // three", "Remove [Preconditioning]", "// one\n// two\n[Grafting(SGD)] // three")]
    [InlineData("[Preconditioning(Frequency = 5)] // why\n[Grafting(SGD)]", "Remove [Preconditioning]", "// why\n[Grafting(SGD)]")]
    [InlineData("[Grafting(SGD), Preconditioning]", "Remove [Preconditioning]", "[Grafting(SGD)]")]
    [InlineData("[Preconditioning, Grafting(SGD)]", "Remove [Preconditioning]", "[Grafting(SGD)]")]
    [InlineData("[Preconditioning] [Grafting(SGD)]", "Remove [Preconditioning]", "[Grafting(SGD)]")]
    [InlineData("[Preconditioning]\r\n[Grafting(SGD)]", "Remove [Preconditioning]", "[Grafting(SGD)]")]
    [InlineData("[Momentum]\n[Precision(Factors = Float64)]", "Remove Factors", "[Momentum]\n[Precision]")]
    public Task SHMP009_removes_the_option(string before, string title, string after) => FixesOf("SHMP009", title, before, after);

    [Theory]
    [InlineData("[RootInverse(Eigh)] [Preconditioning(Start = PreconditioningAttribute.Unlimited)]", "Remove Start", "[RootInverse(Eigh)] [Preconditioning]")]
    [InlineData("[RootInverse(Eigh)] [Preconditioning(MaxDimension = 64, Frequency = 2000000000)]", "Remove Frequency", "[RootInverse(Eigh)] [Preconditioning(MaxDimension = 64)]")]
    public Task SHMP013_removes_the_cause(string before, string title, string after) => FixesOf("SHMP013", title, before, after);

    [Theory]
    [InlineData("[RootInverse(Eigh, Epsilon = 1e-50)]", "Use the default, 1e-12", "[RootInverse(Eigh, Epsilon = 1e-12)]")]
    [InlineData("[Momentum(Dampening = 1e-50)]", "Remove Dampening", "[Momentum]")]
    public Task SHMP014_takes_the_default(string before, string title, string after) => FixesOf("SHMP014", title, before, after);

    [Theory]
    [InlineData("[RootInverse(Eigh)] [Preconditioning(MaxDimension = 1)]", "Use the default, 1024", "[RootInverse(Eigh)] [Preconditioning(MaxDimension = 1024)]")]
    [InlineData("[RootInverse(Eigh)] [Preconditioning(MaxDimension = int.MaxValue)]", "Add TargetDimensionality = 2", "[RootInverse(Eigh)] [Preconditioning(MaxDimension = int.MaxValue, TargetDimensionality = 2)]")]
    [InlineData("[RootInverse(Eigh)] [Preconditioning(TargetDimensionality = 1, MaxDimension = int.MaxValue)]", "Add TargetDimensionality = 2", "[RootInverse(Eigh)] [Preconditioning(TargetDimensionality = 2, MaxDimension = int.MaxValue)]")]
    public Task SHMP016_changes_the_blocks(string before, string title, string after) => FixesOf("SHMP016", title, before, after);

    [Fact]
    public Task SHMP017_removes_the_precision() => FixesOf("SHMP017", "Remove Roots",
        "[RootInverse(Eigh)] [Precision(Factors = Float32, Roots = Float64)]", "[RootInverse(Eigh)] [Precision(Factors = Float32)]");

    [Theory]
    [InlineData("CS0579", "[Grafting(SGD)]\n[Grafting(Adam)]", "[Grafting(SGD)]")]
    [InlineData("CS0579", "[Grafting(SGD), FirstMoment, Grafting(Adam)]", "[Grafting(SGD), FirstMoment]")]
    [InlineData("CS0643", "[Grafting(Adam, Beta2 = 0.9, Epsilon = 1e-6, Beta2 = 0.8)]", "[Grafting(Adam, Beta2 = 0.9, Epsilon = 1e-6)]")]
    public Task Duplicates_are_removed(string id, string before, string after) => FixesOf(id, "Remove the duplicate", before, after);

    [Fact]
    public async Task Duplicates_of_others_are_not_our_business()
    {
        using var fixing = new CodeFixing(TestProject.Of("[System.Serializable, System.Serializable] public class Theirs;"));
        Assert.Contains(fixing.Diagnostics(), static d => d.Id == "CS0579");
        Assert.Empty(await fixing.Titles("CS0579"));
    }

    [Theory]
    [InlineData("SHMP001", "Make it partial",
        "class A { [Grafting(SGD)] class B { } [Grafting(SGD)] class C { } }\n[Grafting(SGD)] class D { }",
        "partial class A { [Grafting(SGD)] partial class B { } [Grafting(SGD)] partial class C { } }\n[Grafting(SGD)] partial class D { }")]
    [InlineData("SHMP009", "Remove Beta2",
        "[Grafting(SGD, Beta2 = 0.9, Epsilon = 1)] partial class A { }\n[Preconditioning(Start = 7), Grafting(Adagrad, Epsilon = 1e-6, Beta2 = 0.9)] partial class B { }",
        "[Grafting(SGD)] partial class A { }\n[Grafting(Adagrad, Epsilon = 1e-6)] partial class B { }")]
    [InlineData("SHMP005", "Use the default, 0.999",
        "[Grafting(Adam, Beta2 = 2, Epsilon = -1)] partial class A { }\n[FirstMoment(Beta1 = 7)] [WeightDecay(L2)] partial class B { }",
        "[Grafting(Adam, Beta2 = 0.999, Epsilon = 1e-8)] partial class A { }\n[FirstMoment(Beta1 = 0.9)] [WeightDecay(L2)] partial class B { }")]
    [InlineData("CS0579", "Remove the duplicate",
        "[Grafting(SGD)] [Grafting(SGD)] [Momentum, Momentum] partial class A { }",
        "[Grafting(SGD)] [Momentum] partial class A { }")]
    public async Task All_of_a_file_are_fixed_at_once(string id, string title, string before, string after)
    {
        using var fixing = new CodeFixing(TestProject.Of(before));
        Assert.True(fixing.Diagnostics().Count(d => d.Id == id) > 1);
        Check(await fixing.ApplyToAll(id, title), after);
    }

    [Theory]
    [InlineData("SHMP005", "[Grafting(Adam, Beta2 = 1.5)]", "Use the default, 0.999", "Use the nearest value that is allowed, 1")]
    [InlineData("SHMP005", "[Momentum(0)]", "Use the default, 0.9")]
    [InlineData("SHMP006", "[RootInverse(Eigh), SignDescent]", "Remove [SignDescent]", "Remove [RootInverse]")]
    [InlineData("SHMP003", "[Precision(Factors = FourBit)] [RootInverse(Eigh)]", "Remove Factors")]
    [InlineData("SHMP019", "[RootInverse(CoupledNewton)] [InverseExponent(2, 0.75)]")]
    [InlineData("SHMP004", "[Grafting((GraftingMethod)77)]")]
    public async Task No_other_actions_are_offered(string id, string attributes, params string[] titles)
    {
        using var fixing = new CodeFixing(TestProject.Declaring(attributes));
        Assert.Contains(fixing.Diagnostics(), d => d.Id == id);
        Assert.Equal(titles, await fixing.Titles(id));
    }

    private static Task FixesOf(string id, string title, string before, string after, string? other = null) =>
        Fixes(id, title, $"{before}\n{Class}", $"{after}\n{Class}", other);

    /// <param name="id">The diagnostic.</param>
    /// <param name="title">The action.</param>
    /// <param name="before">The file with it.</param>
    /// <param name="after">The file without it.</param>
    /// <param name="other">A diagnostic that the file has before, too; it goes away with the first.</param>
    private static async Task Fixes(string id, string title, string before, string after, string? other = null)
    {
        using var fixing = new CodeFixing(TestProject.Of(before));
        Assert.Contains(fixing.Diagnostics(), d => d.Id == id);
        if (other is not null) Assert.Contains(fixing.Diagnostics(), d => d.Id == other);
        Check(await fixing.Apply(id, title), after);
    }

    private static void Check(TestProject result, string after)
    {
        Assert.Equal(after, result.Files[0].Text);
        Generation.Of(result).Reporting().Compiling();
    }
}
