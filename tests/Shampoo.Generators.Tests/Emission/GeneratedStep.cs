using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Shampoo.Generators.Graph;
using Shampoo.Generators.Model;
using Shampoo.Generators.Tests.Compiling;

namespace Shampoo.Generators.Tests.Emission;

/// <summary>The syntax of a generated optimizer, with the attributes that it was generated from.</summary>
internal sealed class GeneratedStep(string attributes, ClassDeclarationSyntax type)
{
    /// <summary>The classes that have all sweeps, each in a dialect of its own.</summary>
    public static readonly string[] Dialects = ["VectorBlocks", "TorchBlocks", "CudaBlocks"];

    /// <summary>All configurations, generated once.</summary>
    public static ImmutableArray<GeneratedStep> All { get; } = Generate([.. Configurations.All, .. Configurations.More]);

    /// <summary>The graphs of all configurations.</summary>
    public static ImmutableArray<StepGraph> Graphs { get; } = MakeGraphs(Configurations.Project([.. Configurations.All, .. Configurations.More]));

    /// <summary>One configuration.</summary>
    public static ImmutableArray<GeneratedStep> Of(string attributes) => Generate([attributes]);

    public string Attributes => attributes;

    public ClassDeclarationSyntax Type => type;

    public MethodDeclarationSyntax StepBlocks => Method("StepBlocks");

    /// <summary>Everything that runs in a step, in all dialects; constructors of blocks run when slices are made.</summary>
    public IEnumerable<MethodDeclarationSyntax> Methods =>
        Dialects.Select(Nested).SelectMany(static c => c.DescendantNodes().OfType<MethodDeclarationSyntax>()).Append(Method("StepGroup")).Append(StepBlocks);

    /// <summary>The names of the sweeps.</summary>
    public IEnumerable<string> Sweeps => SweepsOf(Nested("Blocks"));

    /// <summary>The CUDA text.</summary>
    public string Kernels => Nested("CudaBlocks").Members.OfType<FieldDeclarationSyntax>().Select(static f => f.Declaration.Variables.Single())
        .Single(static v => v.Identifier.Text == "Text").Initializer!.Value.GetFirstToken().ValueText;

    public TypeDeclarationSyntax Nested(string name) => type.Members.OfType<TypeDeclarationSyntax>().Single(c => c.Identifier.Text == name);

    public static IEnumerable<string> SweepsOf(TypeDeclarationSyntax blocks) => blocks.Members.OfType<MethodDeclarationSyntax>().Select(static m => m.Identifier.Text);

    public bool Has(string attribute) => attributes.Contains(attribute, StringComparison.Ordinal);

    public override string ToString() => attributes;

    private MethodDeclarationSyntax Method(string name) => type.Members.OfType<MethodDeclarationSyntax>().Single(m => m.Identifier.Text == name);

    private static ImmutableArray<GeneratedStep> Generate(IReadOnlyList<string> configurations)
    {
        Generation generation = Generation.Of(Configurations.Project(configurations)).Reporting();
        Dictionary<string, ClassDeclarationSyntax> types = generation.Trees
            .Select(static tree => tree.GetCompilationUnitRoot().Members.OfType<ClassDeclarationSyntax>().Single())
            .ToDictionary(static type => type.Identifier.Text);
        return [.. configurations.Select((attributes, i) => new GeneratedStep(attributes, types[$"C{i}"]))];
    }

    private static ImmutableArray<StepGraph> MakeGraphs(TestProject project) =>
    [
        .. Generation.Driver(project.ParseOptions).RunGenerators(project.Compile()).GetRunResult().Results.Single()
            .TrackedSteps[ShampooGenerator.Declared].SelectMany(static step => step.Outputs).Select(static output => new StepGraph((Declaration)output.Value)),
    ];
}
