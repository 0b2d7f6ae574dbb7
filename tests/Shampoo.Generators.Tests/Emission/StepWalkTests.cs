using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Shampoo.Generators.Parsing;
using Shampoo.Generators.Tests.Compiling;

namespace Shampoo.Generators.Tests.Emission;

/// <summary>The promises about a step, looked up in the code of every configuration.</summary>
public sealed partial class StepWalkTests
{
    [Fact]
    public void Nothing_is_decided_in_a_step_but_by_its_number() => ForAll(static step => step.Methods
        .SelectMany(static method => method.DescendantNodes()).Select(static node => node switch
        {
            IfStatementSyntax branch => branch.Condition,
            ConditionalExpressionSyntax choice => choice.Condition,
            SwitchStatementSyntax or SwitchExpressionSyntax or WhileStatementSyntax or ForStatementSyntax or DoStatementSyntax
                or ConditionalAccessExpressionSyntax or BinaryExpressionSyntax { RawKind: (int)SyntaxKind.CoalesceExpression } => node,
            _ => null,
        })
        .Where(static condition => condition is not null && !OnlyOfStep().IsMatch(condition.ToString())));

    [Fact]
    public void Nothing_waits_for_a_device_or_uses_LINQ_or_closures() => ForAll(static step => step.Methods
        .SelectMany(static method => method.DescendantNodes())
        .Where(static node => node is LambdaExpressionSyntax or AnonymousMethodExpressionSyntax or QueryExpressionSyntax or LocalFunctionStatementSyntax
            or InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.Text: "item" or "ToDouble" or "ToSingle" or "cpu" or "Select" or "Where" or "ToArray" or "ToList" } }));

    [Fact]
    public void Nothing_is_created_for_a_stack_of_blocks_but_structs()
    {
        Generation generation = Generation.Of(Configurations.Project(Configurations.Pairwise)).Reporting().Compiling();
        foreach (SyntaxTree tree in generation.Trees)
        {
            SemanticModel model = generation.Output.GetSemanticModel(tree);
            IEnumerable<SyntaxNode> creations = tree.GetRoot().DescendantNodes().OfType<MethodDeclarationSyntax>()
                .Where(static m => m.Parent is ClassDeclarationSyntax { Parent: CompilationUnitSyntax } && m.Identifier.Text is not ("StepGroup" or "CreateState"))
                .SelectMany(static m => m.DescendantNodes())
                .Where(static n => n is BaseObjectCreationExpressionSyntax or ArrayCreationExpressionSyntax or ImplicitArrayCreationExpressionSyntax or CollectionExpressionSyntax or InterpolatedStringExpressionSyntax);
            Assert.All(creations, creation => Assert.True(model.GetTypeInfo(creation).Type is { IsValueType: true }, creation.ToString()));
        }
    }

    [Fact]
    public void Every_tensor_that_is_made_is_disposed_and_no_other() => ForAll(static step => step.Methods
        .SelectMany(static method => method.DescendantNodes().OfType<LocalDeclarationStatementSyntax>())
        .Where(static local => local.UsingKeyword == default ? !IsBorrowedOrReturned(local) : !MakesSomething(local.Declaration.Variables.Single().Initializer!.Value)));

    [Fact]
    public void Every_method_is_called_and_every_parameter_used() => ForAll(static step =>
    {
        string[] called = [.. step.Type.DescendantNodes().OfType<InvocationExpressionSyntax>().Select(static i => i.Expression.ToString())];
        IEnumerable<SyntaxNode> uncalled = step.Methods.Where(m => m.Identifier.Text != "StepGroup" && !called.Contains(m.Identifier.Text));
        return uncalled.Concat(step.Methods.SelectMany(static m => m.ParameterList.Parameters.Where(p => !Identifiers(m.Body!).Contains(p.Identifier.Text))));
    });

    [Fact]
    public void Every_state_and_every_number_is_used() => ForAll(static step =>
    {
        string[] used = [.. step.Methods.SelectMany(static m => m.DescendantNodes()).OfType<MemberAccessExpressionSyntax>().Select(static m => m.ToString())];
        return Fields(step.Nested("State")).Where(field => !used.Contains($"state.{field.Identifier.Text}"))
            .Concat(Fields(step.Nested("Numbers")).Where(field => !used.Contains($"n.{field.Identifier.Text}")));
    });

    [Fact]
    public void Every_option_is_used() => ForAll(static step =>
    {
        string[] used = [.. step.Methods.Append<SyntaxNode>(step.Nested("Numbers")).SelectMany(static m => m.DescendantNodes()).OfType<MemberAccessExpressionSyntax>().Select(static m => m.ToString())];
        return Fields(step.Nested("Options")).Where(field => !used.Contains($"options.{field.Identifier.Text}"));
    });

    [Fact]
    public void Every_number_is_released() => ForAll(static step =>
    {
        string dispose = step.Nested("Numbers").Members.OfType<MethodDeclarationSyntax>().Single(static m => m.Identifier.Text == "Dispose").Body!.ToString();
        return Fields(step.Nested("Numbers")).Where(field => !dispose.Contains($" {field.Identifier.Text}.Dispose();", StringComparison.Ordinal));
    });

    /// <summary>So that the list is complete when a stage is added, and forgets one that is gone.</summary>
    [Fact]
    public void Names_that_users_cannot_take_are_those_of_all_generated_members() => Assert.Equal(
        TypeParser.Taken.Order(StringComparer.Ordinal),
        GeneratedStep.All.SelectMany(static step => step.Type.Members).Where(static m => m is not ConstructorDeclarationSyntax).Select(Name).Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void Stages_come_in_the_order_of_the_algorithm()
    {
        foreach (GeneratedStep step in GeneratedStep.All)
            Assert.Equal(Expected(step), [.. Stage().Matches(step.StepBlocks.Body!.ToString()).Select(static m => m.Value)]);
    }

    /// <summary>Section 2 of the algorithm, written down a second time.</summary>
    private static IEnumerable<string> Expected(GeneratedStep step)
    {
        bool roots = step.Has("RootInverse"), divides = step.Has("Grafting") && !step.Has("Grafting(SGD)"), decays = step.Has("Decay(");
        bool late = step.Has("Frequency") || step.Has("Start");
        yield return "GatherGradients";
        if (decays) yield return "GatherParameters";
        if (step.Has("L2")) yield return "AddWeightDecayToGradient";
        if (roots) yield return "Accumulate";
        if (divides) yield return "UpdateGraftingStatistic";
        if (roots) yield return "Refresh";
        if (step.Has("FirstMoment")) yield return "FilterGradient";
        if (divides && (!roots || late)) yield return "GraftingDirection";
        else if (roots ? late : step.Has("Momentum") || step.Has("Decoupled")) yield return "clone";
        if (roots) yield return step.Has("Grafting") ? "PreconditionedDirection" : "Precondition";
        if (step.Has("Decoupled")) yield return "AddWeightDecay";
        if (step.Has("Momentum")) yield return "ApplyMomentum";
        yield return "UpdateParameters";
    }

    private static void ForAll(Func<GeneratedStep, IEnumerable<SyntaxNode?>> violations)
    {
        foreach (GeneratedStep step in GeneratedStep.All)
            if (violations(step).FirstOrDefault() is { } violation)
                Assert.Fail($"{step}: {violation}");
    }

    private static IEnumerable<VariableDeclaratorSyntax> Fields(ClassDeclarationSyntax type) =>
        type.Members.OfType<FieldDeclarationSyntax>().SelectMany(static f => f.Declaration.Variables);

    private static string Name(MemberDeclarationSyntax member) => member switch
    {
        MethodDeclarationSyntax method => method.Identifier.Text,
        PropertyDeclarationSyntax property => property.Identifier.Text,
        BaseTypeDeclarationSyntax type => type.Identifier.Text,
        FieldDeclarationSyntax field => field.Declaration.Variables.Single().Identifier.Text,
        _ => member.ToString(),
    };

    private static IEnumerable<string> Identifiers(SyntaxNode node) => node.DescendantNodes().OfType<IdentifierNameSyntax>().Select(static i => i.Identifier.Text);

    /// <summary>A workspace that the slice owns, or the result of the method.</summary>
    private static bool IsBorrowedOrReturned(LocalDeclarationStatementSyntax local)
    {
        VariableDeclaratorSyntax variable = local.Declaration.Variables.Single();
        return variable.Initializer!.Value.ToString() is "blocks.GatherGradients()" or "blocks.GatherParameters()"
            || local.Parent!.ChildNodes().OfType<ReturnStatementSyntax>().Any(r => r.Expression!.ToString() == variable.Identifier.Text);
    }

    /// <summary>Not another name for something that exists: <c>x.mul_(…)</c> is x, but <c>x.mul(…).add_(…)</c> is new.</summary>
    private static bool MakesSomething(ExpressionSyntax value) => value switch
    {
        ConditionalExpressionSyntax choice => MakesSomething(choice.WhenTrue) && MakesSomething(choice.WhenFalse),
        BaseObjectCreationExpressionSyntax => true,
        InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.Text: var method } member } =>
            !method.EndsWith('_') || MakesSomething(member.Expression),
        InvocationExpressionSyntax => true,
        _ => false,
    };

    [GeneratedRegex(@"^(t|\d+|[<>=%&| ]|>=|==)+$")]
    private static partial Regex OnlyOfStep();

    [GeneratedRegex(@"\b(Gather\w+|AddWeightDecayToGradient|Accumulate|UpdateGraftingStatistic|Refresh|FilterGradient|GraftingDirection|PreconditionedDirection|Precondition|clone|AddWeightDecay|ApplyMomentum|UpdateParameters)(?=\()")]
    private static partial Regex Stage();
}
