using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Shampoo.Generators.Graph;
using Shampoo.Generators.Parsing;

namespace Shampoo.Generators.Tests.Emission;

/// <summary>The promises about a step that its syntax shows, looked up in the code of every configuration.</summary>
public sealed partial class StepWalkTests
{
    [Fact]
    public void Nothing_is_decided_in_a_step_but_by_its_number() => ForAll(static step => step.Methods
        .SelectMany(static method => method.DescendantNodes()).Select(static node => node switch
        {
            IfStatementSyntax branch => branch.Condition,
            ConditionalExpressionSyntax or SwitchStatementSyntax or SwitchExpressionSyntax or WhileStatementSyntax or DoStatementSyntax or GotoStatementSyntax or TryStatementSyntax
                or ConditionalAccessExpressionSyntax or BinaryExpressionSyntax { RawKind: (int)SyntaxKind.CoalesceExpression } => node,
            _ => null,
        })
        .Where(static condition => condition is not null && !OnlyOfStep().IsMatch(condition.ToString())));

    [Fact]
    public void Loops_go_over_slices_and_over_elements() => ForAll(static step => step.Methods
        .SelectMany(static method => method.DescendantNodes()).Select(static node => node switch
        {
            ForEachStatementSyntax loop => (loop, "foreach (var slice in slices)"),
            ForStatementSyntax loop => (loop, "for (var i = piece.Start; i < piece.End; i += V.Count)"),
            _ => (node, ""),
        })
        .Where(static loop => !loop.node.ToString().StartsWith(loop.Item2, StringComparison.Ordinal)).Select(static loop => loop.node));

    [Fact]
    public void Nothing_waits_for_a_device_or_uses_LINQ_or_closures() => ForAll(static step => step.Methods
        .SelectMany(static method => method.DescendantNodes())
        .Where(static node => node is LambdaExpressionSyntax or AnonymousMethodExpressionSyntax or QueryExpressionSyntax or LocalFunctionStatementSyntax
            or InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.Text: "item" or "ToDouble" or "ToSingle" or "cpu" or "Select" or "Where" or "ToArray" or "ToList" } }));

    [Fact]
    public void Every_dialect_has_every_sweep_and_every_sweep_runs()
    {
        foreach (GeneratedStep step in GeneratedStep.All)
        {
            string[] sweeps = [.. step.Sweeps];
            Assert.All(GeneratedStep.Dialects, dialect => Assert.Equal(sweeps, GeneratedStep.SweepsOf(step.Nested(dialect))));
            Assert.Equal(sweeps, Kernel().Matches(step.Kernels).Select(static m => m.Groups[1].Value));
            Assert.Equal(sweeps, Call().Matches(step.StepBlocks.ToString()).Select(static m => m.Groups[1].Value));
        }
    }

    /// <summary>But for the step of a group where parameters count their own steps: StepGroup is told it in any case.</summary>
    [Fact]
    public void Every_parameter_is_used_and_every_local_variable_read() => ForAll(static step => step.Methods.SelectMany(static method =>
    {
        HashSet<string> read = [.. Reads((SyntaxNode?)method.Body ?? method.ExpressionBody!)];
        return method.ParameterList.Parameters.Where(p => !read.Contains(p.Identifier.Text) && !(p.Identifier.Text == "t" && read.Contains("own")))
            .Concat<SyntaxNode>(method.DescendantNodes().OfType<VariableDeclaratorSyntax>().Where(v => !read.Contains(v.Identifier.Text)));
    }));

    [Fact]
    public void Every_local_variable_of_a_kernel_is_read() => ForAllKernels(static (_, kernel) =>
    {
        foreach (Match variable in Declared().Matches(kernel))
            Assert.True(Regex.Matches(kernel, $@"\b{variable.Groups[1].Value}\b(?! = )").Count > 0, $"{variable.Groups[1].Value} in\n{kernel}");
    });

    [Fact]
    public void Every_state_every_array_and_every_norm_is_used() => ForAll(static step =>
    {
        HashSet<string> used = [.. Accesses([.. step.Methods, .. GeneratedStep.Dialects.Select(step.Nested)])];
        return Fields(step.Nested("State")).Where(field => !used.Contains($"state.{field}") && !used.Contains($"blocks.state.{field}"))
            .Concat(Fields(step.Nested("Blocks")).Where(field => !used.Contains(field) && !used.Contains($"blocks.{field}") && !used.Contains($"this.{field}")));
    });

    [Fact]
    public void Every_norm_is_taken_and_used() => ForAll(static step =>
    {
        HashSet<string> used = [.. Accesses([step.Nested("TorchBlocks")])];
        return Fields(step.Nested("Blocks")).Where(field => field.EndsWith("_norm", StringComparison.Ordinal) && !(used.Contains($"{field}.Take") && (used.Contains($"{field}.Tensor") || used.Contains($"{field}.Rms"))));
    });

    [Fact]
    public void Every_number_and_every_option_is_used() => ForAll(static step =>
    {
        HashSet<string> used = [.. Accesses([.. step.Methods, step.Nested("Numbers")])];
        return Fields(step.Nested("Numbers")).Where(field => !used.Contains($"n.{field}"))
            .Concat(Fields(step.Nested("Options")).Where(field => !used.Contains($"options.{field}")));
    });

    /// <summary>So that the list is complete when a member is added, and forgets one that is gone.</summary>
    [Fact]
    public void Names_that_users_cannot_take_are_those_of_all_generated_members() => Assert.Equal(
        TypeParser.Taken.Order(StringComparer.Ordinal),
        GeneratedStep.All.Concat(GeneratedStep.Of("[Elementwise(ElementwiseDialect.Cuda)] [Grafting(LAMB)] [IterateAveraging(ScheduleFree)]")).SelectMany(static step => step.Type.Members).Where(static m => m is not ConstructorDeclarationSyntax).Select(Name).Distinct().Order(StringComparer.Ordinal));

    /// <summary>All of them become local variables of one method. What an assignment names for itself, it declares anew.</summary>
    [Fact]
    public void Names_of_arrays_scalars_and_values_do_not_clash()
    {
        string[] others = ["n", "i", "a", "piece", "first", "last", "stride", "norm", "square", "real", "sqrt", "one", "value", "operand", "state", "blocks", "slice", "options", "t"];
        foreach (Sweep sweep in GeneratedStep.Graphs.SelectMany(static graph => graph.Sweeps))
        {
            IEnumerable<Expression> nodes = sweep.Stages.SelectMany(static s => s.Assignments).SelectMany(static a => a.Value.Nodes().Prepend(a.Target));
            string[] names =
            [
                .. nodes.OfType<Generators.Graph.Array>().Concat(sweep.TakenNorms).Distinct().SelectMany(static a => new[] { a.Name, a.NormName, $"{a.Name}_", $"{a.Name}_squares" }),
                .. sweep.Scalars.Select(static s => s.Name),
                .. nodes.OfType<Named>().Distinct().Where(static n => n.IsPerBlock).Select(static n => n.Name), .. nodes.OfType<Named>().Where(static n => !n.IsPerBlock).Select(static n => n.Name).Distinct(), .. others,
            ];
            Assert.Equal(names.Distinct(), names);
        }
    }

    /// <summary>Vector code and kernels differ in how they load and store, but not in what they compute.</summary>
    [Fact]
    public void Kernels_compute_what_vector_code_computes() => ForAllKernels(static (step, kernel) =>
    {
        string name = Kernel().Match(kernel).Groups[1].Value;
        StructDeclarationSyntax sweep = step.Nested("VectorBlocks").Members.OfType<StructDeclarationSyntax>().Single(s => s.Identifier.Text == $"{name}Sweep");
        string vector = sweep.DescendantNodes().OfType<ForStatementSyntax>().Single().Statement.ToString().Replace("V.Sqrt", "sqrt", StringComparison.Ordinal).Replace("V.Sign", "sign", StringComparison.Ordinal).Replace("V.Pow", "pow", StringComparison.Ordinal).Replace("n.exponent", "exponent", StringComparison.Ordinal);
        string[] formulas = [.. Formulas(Regex.Replace(vector, @"\bV (?=\w+ = )", "real "))];
        Assert.NotEmpty(formulas);
        Assert.Equal(Formulas(Exponent().Replace(kernel[kernel.IndexOf("for (", StringComparison.Ordinal)..], "exponent")), formulas);
    });

    private static IEnumerable<string> Formulas(string loop) => loop.Split('\n').Select(static line => line.Trim())
        .Where(static line => line.StartsWith("//", StringComparison.Ordinal) || (line.Contains(" = ", StringComparison.Ordinal) && !line.StartsWith("for", StringComparison.Ordinal) && !LoadOrStore().IsMatch(line)));

    private static void ForAllKernels(Action<GeneratedStep, string> check)
    {
        foreach (GeneratedStep step in GeneratedStep.All)
            foreach (string kernel in step.Kernels.Split("extern ", StringSplitOptions.RemoveEmptyEntries))
                check(step, kernel);
    }

    private static void ForAll(Func<GeneratedStep, IEnumerable<object?>> violations)
    {
        foreach (GeneratedStep step in GeneratedStep.All)
            if (violations(step).FirstOrDefault() is { } violation)
                Assert.Fail($"{step}: {violation} in {(violation as SyntaxNode)?.Ancestors().OfType<MemberDeclarationSyntax>().First()}");
    }

    private static IEnumerable<string> Fields(TypeDeclarationSyntax type) =>
        type.Members.OfType<FieldDeclarationSyntax>().SelectMany(static f => f.Declaration.Variables).Select(static v => v.Identifier.Text);

    private static string Name(MemberDeclarationSyntax member) => member switch
    {
        MethodDeclarationSyntax method => method.Identifier.Text,
        PropertyDeclarationSyntax property => property.Identifier.Text,
        BaseTypeDeclarationSyntax type => type.Identifier.Text,
        FieldDeclarationSyntax field => field.Declaration.Variables.Single().Identifier.Text,
        _ => member.ToString(),
    };

    /// <summary>The identifiers that are used otherwise than to assign to them.</summary>
    private static IEnumerable<string> Reads(SyntaxNode node) => node.DescendantNodes().OfType<IdentifierNameSyntax>()
        .Where(static i => !(i.Parent is AssignmentExpressionSyntax { RawKind: (int)SyntaxKind.SimpleAssignmentExpression } assignment && assignment.Left == i)
            && !(i.Parent is MemberAccessExpressionSyntax access && access.Name == i))
        .Select(static i => i.Identifier.Text);

    /// <summary>Names with what they are members of.</summary>
    private static IEnumerable<string> Accesses(IEnumerable<SyntaxNode> nodes) => nodes.SelectMany(static n => n.DescendantNodes())
        .Where(static n => n is MemberAccessExpressionSyntax or IdentifierNameSyntax).Select(static n => n.ToString());

    [GeneratedRegex(@"^(t|\d+|[<>=%&| ]|>=|==)+$")]
    private static partial Regex OnlyOfStep();

    [GeneratedRegex(@"void (\w+)\(const Arguments a\)")]
    private static partial Regex Kernel();

    [GeneratedRegex(@"\bblocks\.([A-Z]\w+)\(")]
    private static partial Regex Call();

    [GeneratedRegex(@"\b(?:real|real\*|double|Gradient|Parameters) (\w+) = ")]
    private static partial Regex Declared();

    [GeneratedRegex(@"\(real\)a\.numbers\[\d+\]")]
    private static partial Regex Exponent();

    [GeneratedRegex(@"V\.Load\(|^(?:real )?\w+ = (?:load\()?\w+_\[i\]\)?;$|^\w+_\[i\] = ")]
    private static partial Regex LoadOrStore();
}
