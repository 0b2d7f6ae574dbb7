using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Shampoo.Generators.Diagnostics;
using Shampoo.Generators.Emission;
using Shampoo.Generators.Model;
using Shampoo.Generators.Parsing;

namespace Shampoo.Generators;

/// <summary>
/// Parse → Model → Emit. Two outputs: the source, from a model that compares by value and is therefore cached; and the
/// diagnostics, with raw locations, so that <c>#pragma warning</c> and <c>.editorconfig</c> reach them.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class ShampooGenerator : IIncrementalGenerator
{
    /// <summary>Names of the tracked steps, for tests of the caching.</summary>
    internal const string Parsed = nameof(Parsed), Declared = nameof(Declared);

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        foreach (string attribute in AttributeNames.All)
        {
            IncrementalValuesProvider<ParseResult> results = context.SyntaxProvider
                .ForAttributeWithMetadataName($"{AttributeNames.Namespace}.{attribute}", static (node, _) => node is ClassDeclarationSyntax or RecordDeclarationSyntax, Parse)
                .Where(static result => result.IsCanonical)
                .WithTrackingName(Parsed);

            IncrementalValuesProvider<Declaration> declarations = results
                .Select(static (result, _) => result.Declaration)
                .Where(static declaration => declaration is not null)
                .Select(static (declaration, _) => declaration!)
                .WithTrackingName(Declared);

            context.RegisterSourceOutput(declarations, static (output, declaration) =>
                output.AddSource(HintName.Of(declaration.Type), OptimizerEmitter.Emit(declaration)));
            context.RegisterSourceOutput(results.Select(static (result, _) => result.Diagnostics), static (output, diagnostics) =>
            {
                foreach (Diagnostic diagnostic in diagnostics)
                    output.ReportDiagnostic(diagnostic);
            });
        }
    }

    /// <summary>
    /// A class comes by once for each attribute on it. Only its canonical application, the first by file and position, is
    /// parsed: one output for a class, however many attributes and parts it has.
    /// </summary>
    private static ParseResult Parse(GeneratorAttributeSyntaxContext context, CancellationToken cancellation)
    {
        var type = (INamedTypeSymbol)context.TargetSymbol;
        if (!IsCanonical(context, type, cancellation)) return default;
        var diagnostics = new DiagnosticBag();
        Declaration? declaration = DeclarationParser.Parse(
            type, (TypeDeclarationSyntax)context.TargetNode, context.SemanticModel.Compilation, diagnostics, cancellation);
        return new ParseResult(true, declaration, diagnostics.ToImmutable());
    }

    private static bool IsCanonical(GeneratorAttributeSyntaxContext context, INamedTypeSymbol type, CancellationToken cancellation)
    {
        SyntaxReference? first = type.GetAttributes()
            .Where(static a => DeclarationParser.IsOurs(a.AttributeClass))
            .Select(static a => a.ApplicationSyntaxReference)
            .Where(static r => r is not null)
            .OrderBy(static r => r!.SyntaxTree.FilePath, StringComparer.Ordinal).ThenBy(static r => r!.Span.Start)
            .FirstOrDefault();
        cancellation.ThrowIfCancellationRequested();
        // The attributes of the context are those of its file: parts in one file see each other's.
        return first is not null && first.SyntaxTree == context.TargetNode.SyntaxTree && context.TargetNode.Span.Contains(first.Span)
            && context.Attributes.Any(a => a.ApplicationSyntaxReference?.SyntaxTree == first.SyntaxTree && a.ApplicationSyntaxReference.Span == first.Span);
    }

    private readonly record struct ParseResult(bool IsCanonical, Declaration? Declaration, ImmutableArray<Diagnostic> Diagnostics);
}
