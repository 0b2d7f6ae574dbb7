using System.Collections.Immutable;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Shampoo.Generators.Tests.Compiling;

namespace Shampoo.Generators.Tests.Emission;

/// <summary>The syntax of a generated optimizer, with the attributes that it was generated from.</summary>
internal sealed class GeneratedStep(string attributes, ClassDeclarationSyntax type)
{
    /// <summary>All configurations, generated once.</summary>
    public static ImmutableArray<GeneratedStep> All { get; } = Generate(Configurations.All);

    public string Attributes => attributes;

    public ClassDeclarationSyntax Type => type;

    public MethodDeclarationSyntax StepBlocks => Methods.Single(static m => m.Identifier.Text == "StepBlocks");

    /// <summary>The step and its stages: all methods of the optimizer's class itself but CreateState.</summary>
    public IEnumerable<MethodDeclarationSyntax> Methods => type.Members.OfType<MethodDeclarationSyntax>().Where(static m => m.Identifier.Text != "CreateState");

    public ClassDeclarationSyntax Nested(string name) => type.Members.OfType<ClassDeclarationSyntax>().Single(c => c.Identifier.Text == name);

    public bool Has(string attribute) => attributes.Contains(attribute, StringComparison.Ordinal);

    public override string ToString() => attributes;

    private static ImmutableArray<GeneratedStep> Generate(IReadOnlyList<string> configurations)
    {
        Generation generation = Generation.Of(Configurations.Project(configurations)).Reporting();
        Dictionary<string, ClassDeclarationSyntax> types = generation.Trees
            .Select(static tree => tree.GetCompilationUnitRoot().Members.OfType<ClassDeclarationSyntax>().Single())
            .ToDictionary(static type => type.Identifier.Text);
        return [.. configurations.Select((attributes, i) => new GeneratedStep(attributes, types[$"C{i}"]))];
    }
}
