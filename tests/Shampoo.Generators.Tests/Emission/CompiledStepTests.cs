using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using Shampoo.Generators.Tests.Compiling;
using Shampoo.Generators.Tests.Graph;

namespace Shampoo.Generators.Tests.Emission;

/// <summary>The promises about a step that only a compiler sees, where every two options meet.</summary>
public sealed class CompiledStepTests
{
    private static readonly string[] Chosen = [.. Configurations.Pairwise, .. Configurations.More];

    private static readonly Generation Compiled = Generation.Of(Configurations.Project(Chosen)).Reporting().Compiling();

    /// <summary>But for scalars and tensors of torch, which are disposed, and spans of numbers, which are on the stack.</summary>
    [Fact]
    public void Nothing_is_allocated_in_a_step()
    {
        foreach (IOperation operation in InSteps())
        {
            bool allocates = operation switch
            {
                IObjectCreationOperation creation => creation.Type!.IsReferenceType,
                ICollectionExpressionOperation collection => collection.Type!.ToDisplayString() != "System.ReadOnlySpan<double>",
                IConversionOperation { Type.IsReferenceType: true, Operand.Type.IsValueType: true, OperatorMethod: null } => true,
                IForEachLoopOperation loop => Enumerator(loop).IsReferenceType,
                IArrayCreationOperation or IAnonymousFunctionOperation or IDelegateCreationOperation or IInterpolatedStringOperation or IAnonymousObjectCreationOperation => true,
                _ => false,
            };
            Assert.False(allocates, operation.Syntax.ToString());
        }
    }

    /// <summary>Static abstract members of V, whose types the JIT knows, and nothing else.</summary>
    [Fact]
    public void Loops_over_elements_call_nothing_but_lanes()
    {
        IEnumerable<IOperation> loops = [.. InSteps().OfType<IForLoopOperation>()];
        Assert.NotEmpty(loops);
        foreach (IOperation operation in loops.SelectMany(static loop => loop.Descendants()))
        {
            ISymbol? called = operation switch
            {
                IInvocationOperation invocation => invocation.TargetMethod,
                IBinaryOperation binary => binary.OperatorMethod,
                IUnaryOperation unary => unary.OperatorMethod,
                IConversionOperation conversion => conversion.OperatorMethod,
                IPropertyReferenceOperation { Property.Name: not "End" and not "Start" } property => property.Property,
                IObjectCreationOperation creation => creation.Constructor,
                _ => null,
            };
            Assert.True(called is null or { IsStatic: true, IsAbstract: true }, $"{called} in {operation.Syntax}");
        }
    }

    [Fact]
    public void Tensors_that_are_made_are_disposed_or_belong_to_the_slice()
    {
        foreach (LocalDeclarationStatementSyntax local in Steps().SelectMany(static m => m.DescendantNodes()).OfType<LocalDeclarationStatementSyntax>())
        {
            foreach (VariableDeclaratorSyntax variable in local.Declaration.Variables)
            {
                SemanticModel model = Compiled.Output.GetSemanticModel(local.SyntaxTree);
                ITypeSymbol type = ((ILocalSymbol)model.GetDeclaredSymbol(variable)!).Type;
                if (!type.AllInterfaces.Any(static i => i.SpecialType == SpecialType.System_IDisposable)) continue;
                bool borrows = model.GetOperation(variable.Initializer!.Value) is IInvocationOperation { TargetMethod: { Name: "Stack" or "Adopt", ContainingType.Name: "BlockArray" } };
                Assert.True(borrows == (local.UsingKeyword == default), local.ToString());
                Assert.True(borrows || type.Name == "Scalar" || MakesSomething(variable.Initializer.Value), local.ToString());
            }
        }
    }

    [HostKernelsFact]
    public void Kernels_compile_without_warnings() =>
        HostKernels.RequireNoWarnings(string.Join("\n", Chosen.Select(static (_, i) => Kernels(i).Replace("void ", $"void C{i}_", StringComparison.Ordinal))));

    private static string Kernels(int configuration) => new GeneratedStep(Chosen[configuration], Compiled.Trees
        .Select(static tree => tree.GetCompilationUnitRoot().Members.OfType<ClassDeclarationSyntax>().Single()).Single(type => type.Identifier.Text == $"C{configuration}")).Kernels;

    private static IEnumerable<MethodDeclarationSyntax> Steps() => Compiled.Trees
        .SelectMany(static tree => tree.GetCompilationUnitRoot().Members.OfType<ClassDeclarationSyntax>()).SelectMany(static type => new GeneratedStep("", type).Methods);

    private static IEnumerable<IOperation> InSteps() => Steps().Select(static method => (SyntaxNode?)method.Body ?? method.ExpressionBody!)
        .SelectMany(static body => Compiled.Output.GetSemanticModel(body.SyntaxTree).GetOperation(body)!.DescendantsAndSelf());

    private static ITypeSymbol Enumerator(IForEachLoopOperation loop) =>
        Compiled.Output.GetSemanticModel(loop.Syntax.SyntaxTree).GetForEachStatementInfo((CommonForEachStatementSyntax)loop.Syntax).GetEnumeratorMethod!.ReturnType;

    /// <summary>Not another name for something that exists: <c>x.mul_(…)</c> is x, but <c>x.mul(…).add_(…)</c> is new.</summary>
    private static bool MakesSomething(ExpressionSyntax value) =>
        value is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.Text: var method } member } && (!method.EndsWith('_') || MakesSomething(member.Expression));
}
