using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Shampoo.Generators.Tests.Compiling;
using static Microsoft.CodeAnalysis.IncrementalStepRunReason;

namespace Shampoo.Generators.Tests.Incremental;

/// <summary>What an edit costs. Counts of steps, never times.</summary>
public sealed class IncrementalTests
{
    private static readonly TestProject Project = TestProject.OfFiles(
        Optimizer("First", "[Shampoo.Grafting(Shampoo.GraftingMethod.Adam)] [Shampoo.FirstMoment]"),
        Optimizer("Second", "[Shampoo.Grafting(Shampoo.GraftingMethod.SGD)]"),
        "class Unrelated { }");

    [Fact]
    public void An_unrelated_edit_emits_nothing()
    {
        GeneratorRunResult result = AfterEdit(2, "class Unrelated { void Changed() { } }");
        Assert.All(Caching.Reasons(result, ShampooGenerator.Declared), static reason => Assert.True(Caching.IsReused(reason)));
        Assert.Equal([Cached, Cached], Caching.Emissions(result));
    }

    [Fact]
    public void An_edit_that_moves_a_declaration_emits_nothing()
    {
        GeneratorRunResult result = AfterEdit(0, "// A new first line.\n" + Project.Files[0].Text);
        Assert.Equal([Cached, Cached], Caching.Emissions(result));
    }

    [Theory]
    [InlineData("public sealed partial class First { /* of all */ }")]
    [InlineData("/// <summary>The first.</summary>\npublic sealed partial class First { }")]
    [InlineData("public sealed partial class First\r\n{\r\n    public int Two => 2;\r\n}")]
    public void An_edit_inside_a_class_or_of_its_comments_emits_nothing(string changed)
    {
        GeneratorRunResult result = AfterEdit(0, Project.Files[0].Text.Replace("public sealed partial class First { }", changed, StringComparison.Ordinal));
        Assert.Equal([Cached, Cached], Caching.Emissions(result));
    }

    [Fact]
    public void A_new_file_emits_nothing_but_what_it_declares()
    {
        CSharpCompilation compilation = Project.Compile();
        GeneratorDriver driver = Generation.Driver(Project.ParseOptions).RunGenerators(compilation);
        compilation = compilation.AddSyntaxTrees(Project.Parse(new TestFile("A.cs", "class AlsoUnrelated { }")));
        driver = driver.RunGenerators(compilation);
        Assert.Equal([Cached, Cached], Caching.Emissions(Result(driver)));
        compilation = compilation.AddSyntaxTrees(Project.Parse(new TestFile("B.cs", Optimizer("Third", "[Shampoo.Grafting(Shampoo.GraftingMethod.Adam)]"))));
        driver = driver.RunGenerators(compilation);
        Assert.Equal([Cached, Cached, New], Caching.Emissions(Result(driver)).OrderByDescending(static reason => reason == Cached));
    }

    [Fact]
    public void The_order_of_files_does_not_matter()
    {
        TestProject reversed = new([.. Project.Files.Reverse()]);
        Assert.Equal(Generation.Of(Project).Sources, Generation.Of(reversed).Sources);
    }

    [Fact]
    public void An_edit_of_a_declaration_emits_that_one()
    {
        GeneratorRunResult result = AfterEdit(1, Optimizer("Second", "[Shampoo.Grafting(Shampoo.GraftingMethod.Adagrad)]"));
        Assert.Equal([Modified, Cached], Caching.Emissions(result).Order());
    }

    [Fact]
    public void An_edit_that_means_the_same_emits_nothing()
    {
        GeneratorRunResult result = AfterEdit(1, Optimizer("Second", "[Shampoo.GraftingAttribute(method: (Shampoo.GraftingMethod)0)]"));
        Assert.Equal([Cached, Cached], Caching.Emissions(result));
    }

    [Fact]
    public void A_declaration_that_is_deleted_takes_its_output_along()
    {
        GeneratorRunResult result = AfterEdit(1, "");
        Assert.StartsWith("First.", Assert.Single(result.GeneratedSources).HintName, StringComparison.Ordinal);
        Assert.Contains(Removed, Caching.Emissions(result));
    }

    [Fact]
    public void A_declaration_that_becomes_wrong_and_right_again_is_followed()
    {
        CSharpCompilation right = Project.Compile();
        CSharpCompilation wrong = Edited(right, 1, Optimizer("Second", "[Shampoo.Grafting((Shampoo.GraftingMethod)9)]"));
        GeneratorDriver driver = Generation.Driver(Project.ParseOptions).RunGenerators(right).RunGenerators(wrong);
        Assert.Single(driver.GetRunResult().GeneratedTrees);
        Assert.Equal("SHMP004", Assert.Single(driver.GetRunResult().Diagnostics).Id);
        driver = driver.RunGenerators(right);
        Assert.Equal(2, driver.GetRunResult().GeneratedTrees.Length);
        Assert.Empty(driver.GetRunResult().Diagnostics);
    }

    [Fact]
    public void Work_is_linear_in_the_number_of_classes()
    {
        const int Count = 200;
        TestProject project = TestProject.OfFiles([.. Enumerable.Range(0, Count).Select(static i =>
            Optimizer($"Optimizer{i}", "[Shampoo.Grafting(Shampoo.GraftingMethod.Adam)] [Shampoo.FirstMoment] [Shampoo.WeightDecay(Shampoo.WeightDecayKind.L2)]"))]);
        CSharpCompilation compilation = project.Compile();
        GeneratorDriver driver = Generation.Driver(project.ParseOptions).RunGenerators(compilation);
        Assert.Equal(Count, Caching.Reasons(Result(driver), ShampooGenerator.Parsed).Count);
        Assert.Equal(Count, Result(driver).GeneratedSources.Length);

        driver = driver.RunGenerators(Edited(compilation, 7, Optimizer("Optimizer7", "[Shampoo.Grafting(Shampoo.GraftingMethod.SGD)]")));
        Assert.Equal(1, Caching.Emissions(Result(driver)).Count(static reason => reason == Modified));
        Assert.Equal(Count - 1, Caching.Emissions(Result(driver)).Count(static reason => reason == Cached));
    }

    /// <summary>By what it allocates, which, unlike time, is the same every time; quadratic work would be 16 times as much.</summary>
    [Fact]
    public void Four_times_the_classes_are_four_times_the_work()
    {
        Work(50);
        double ratio = (double)Work(200) / Work(50);
        Assert.InRange(ratio, 2, 6);
    }

    [Fact]
    public void Nothing_of_the_compiler_is_reachable_from_what_the_driver_keeps()
    {
        GeneratorRunResult result = Result(Generation.Driver(Project.ParseOptions).RunGenerators(Project.Compile()));
        object[] kept = [.. result.TrackedSteps[ShampooGenerator.Declared].SelectMany(static step => step.Outputs).Select(static output => output.Value)];
        Assert.Equal(2, kept.Length);
        Assert.DoesNotContain(kept.SelectMany(static value => ModelTests.Reachable(value, [])),
            static o => o.GetType().FullName!.StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal));
    }

    [Fact]
    public void An_old_compilation_is_not_retained()
    {
        (GeneratorDriver driver, WeakReference old) = RunTwice();
        for (int attempt = 0; attempt < 10 && old.IsAlive; attempt++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.False(old.IsAlive);
        Assert.Equal(2, Result(driver).GeneratedSources.Length);
    }

    [Fact]
    public void A_cancelled_run_throws_and_leaves_the_driver_usable()
    {
        CSharpCompilation compilation = Project.Compile();
        GeneratorDriver driver = Generation.Driver(Project.ParseOptions);
        Assert.ThrowsAny<OperationCanceledException>(() => driver.RunGenerators(compilation, new CancellationToken(canceled: true)));
        Assert.Equal(2, Result(driver.RunGenerators(compilation)).GeneratedSources.Length);
    }

    /// <summary>Bytes allocated by the first run over so many classes.</summary>
    private static long Work(int classes)
    {
        TestProject project = TestProject.OfFiles([.. Enumerable.Range(0, classes).Select(static i => Optimizer(
            $"Optimizer{i}", "[Shampoo.Grafting(Shampoo.GraftingMethod.Adam)] [Shampoo.RootInverse(Shampoo.Solver.Eigh)] [Shampoo.FirstMoment]"))]);
        CSharpCompilation compilation = project.Compile();
        GeneratorDriver driver = Generation.Driver(project.ParseOptions);
        long before = GC.GetAllocatedBytesForCurrentThread();
        driver = driver.RunGenerators(compilation);
        long work = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(classes, Result(driver).GeneratedSources.Length);
        return work;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (GeneratorDriver Driver, WeakReference Old) RunTwice()
    {
        CSharpCompilation old = Project.Compile();
        GeneratorDriver driver = Generation.Driver(Project.ParseOptions).RunGenerators(old);
        return (driver.RunGenerators(Edited(old, 2, "class Unrelated { int changed; }")), new WeakReference(old));
    }

    private static GeneratorRunResult AfterEdit(int file, string text)
    {
        CSharpCompilation compilation = Project.Compile();
        GeneratorDriver driver = Generation.Driver(Project.ParseOptions).RunGenerators(compilation);
        return Result(driver.RunGenerators(Edited(compilation, file, text)));
    }

    private static CSharpCompilation Edited(CSharpCompilation compilation, int file, string text)
    {
        SyntaxTree tree = compilation.SyntaxTrees[file];
        return compilation.ReplaceSyntaxTree(tree, tree.WithChangedText(Microsoft.CodeAnalysis.Text.SourceText.From(text)));
    }

    private static GeneratorRunResult Result(GeneratorDriver driver) => Assert.Single(driver.GetRunResult().Results);

    private static string Optimizer(string name, string attributes) => $"{attributes}\npublic sealed partial class {name} {{ }}\n";
}
