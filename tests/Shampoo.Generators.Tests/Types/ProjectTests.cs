using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Shampoo.Generators.Tests.Compiling;

namespace Shampoo.Generators.Tests.Types;

/// <summary>Settings of a project, ways to write its files, and the machine on which it is compiled.</summary>
public sealed class ProjectTests
{
    private const string Source = """
        [Shampoo.Grafting(Shampoo.GraftingMethod.Adam, Beta2 = 0.995, Epsilon = 1.5e-9)]
        [Shampoo.RootInverse(Shampoo.Solver.Eigh)]
        [Shampoo.Preconditioning(MaxDimension = 2048, Frequency = 1000, Start = 12345)]
        [Shampoo.FirstMoment]
        [Shampoo.Momentum(0.75)]
        [Shampoo.WeightDecay(Shampoo.WeightDecayKind.L2)]
        public sealed partial class Optimizer { }
        """;

    private static readonly TestProject Project = TestProject.OfFiles(Source);

    public static TheoryData<LanguageVersion> Versions => [.. Enum.GetValues<LanguageVersion>().Where(static v => v is >= LanguageVersion.CSharp12 and < LanguageVersion.LatestMajor), LanguageVersion.Preview];

    [Theory]
    [MemberData(nameof(Versions))]
    public void Every_language_version_that_is_said_to_do_does(LanguageVersion version) =>
        Assert.Equal(Expected, Generation.Of(Project with { LanguageVersion = version }).Reporting().Compiling().Source);

    [Theory]
    [InlineData(LanguageVersion.CSharp1)]
    [InlineData(LanguageVersion.CSharp7_3)]
    [InlineData(LanguageVersion.CSharp9)]
    [InlineData(LanguageVersion.CSharp11)]
    public void Older_ones_are_reported(LanguageVersion version) =>
        Assert.Empty(Generation.Of(Project with { LanguageVersion = version }).Reporting("SHMP011").Sources);

    [Theory]
    [InlineData(NullableContextOptions.Disable, false)]
    [InlineData(NullableContextOptions.Enable, false)]
    [InlineData(NullableContextOptions.Disable, true)]
    public void Nullable_and_unsafe_do_not_matter(NullableContextOptions nullable, bool allowUnsafe) =>
        Assert.Equal(Expected, Generation.Of(Project with { Nullable = nullable, AllowUnsafe = allowUnsafe }).Compiling().Source);

    [Fact]
    public void Implicit_usings_do_not_matter()
    {
        const string Usings = "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;";
        Assert.Equal(Expected, Generation.Of(TestProject.OfFiles(Source, Usings)).Reporting().Compiling().Source);
        const string More = "global using TorchSharp; global using TorchSharp.Modules; global using static TorchSharp.torch; global using static System.Math; global using Shampoo.Runtime; global using System.Numerics;";
        Assert.Equal(Expected, Generation.Of(TestProject.OfFiles(Source, Usings + More)).Reporting().Compiling().Source);
    }

    [Fact]
    public void Line_ends_of_the_source_do_not_matter()
    {
        string text = Generation.Of(TestProject.OfFiles(Source.ReplaceLineEndings("\r\n"))).Compiling().Source;
        Assert.Equal(Expected, text);
        Assert.DoesNotContain('\r', text);
    }

    [Theory]
    [InlineData("fi-FI")]
    [InlineData("tr-TR")]
    [InlineData("de-DE")]
    [InlineData("sv-SE")]
    [InlineData("ar-SA")]
    public void The_culture_of_the_machine_does_not_matter(string culture)
    {
        const string Wrong = "[Shampoo.Grafting(Shampoo.GraftingMethod.Adam, Epsilon = -1234.5)] [Shampoo.Momentum(-0.25)] [Shampoo.Distributed(Shampoo.Parallelism.DDP, GroupSize = -12345)] public partial class C { }";
        string expected = Messages(Wrong);
        (CultureInfo before, CultureInfo beforeUi) = (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture);
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = new CultureInfo(culture);
            Assert.NotEqual("-1234.5", (-1234.5).ToString(CultureInfo.CurrentCulture));
            Assert.Equal(Expected, Generation.Of(Project).Source);
            Assert.Equal(expected, Messages(Wrong));
        }
        finally
        {
            (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture) = (before, beforeUi);
        }
    }

    [Theory]
    [InlineData("using G = Shampoo.GraftingAttribute; using M = Shampoo.GraftingMethod; [G(M.SGD)] public partial class Optimizer { }")]
    [InlineData("using Shampoo; using static Shampoo.GraftingMethod; [Grafting(SGD)] public partial class Optimizer { }")]
    [InlineData("using S = Shampoo; [S.Grafting(S.GraftingMethod.SGD)] public partial class Optimizer { }")]
    [InlineData("[global::Shampoo.GraftingAttribute(method: global::Shampoo.GraftingMethod.SGD)] public partial class Optimizer { }")]
    [InlineData("using Shampoo; [type: Grafting(Constants.Method)] public partial class Optimizer { } static class Constants { public const GraftingMethod Method = GraftingMethod.SGD; }")]
    [InlineData("using Shampoo; [Grafting(0)] public partial class Optimizer { }")]
    public void Attributes_may_be_written_in_any_way(string source) =>
        Assert.Equal(Generation.Of(TestProject.Declaring("[Grafting(SGD)]")).Source, Generation.Of(TestProject.OfFiles(source)).Reporting().Compiling().Source);

    [Fact]
    public void Global_aliases_are_seen()
    {
        TestProject project = TestProject.OfFiles("[G(M.SGD)] public partial class Optimizer { }", "global using G = Shampoo.GraftingAttribute; global using M = Shampoo.GraftingMethod;");
        Assert.Equal(Generation.Of(TestProject.Declaring("[Grafting(SGD)]")).Source, Generation.Of(project).Reporting().Compiling().Source);
    }

    private static string Expected { get; } = Generation.Of(Project).Reporting().Compiling().Source;

    private static string Messages(string source) =>
        string.Join("\n", Generation.Of(TestProject.OfFiles(source)).Reporting("SHMP005", "SHMP005", "SHMP005").Diagnostics.Select(static d => d.GetMessage(CultureInfo.CurrentCulture)));
}
