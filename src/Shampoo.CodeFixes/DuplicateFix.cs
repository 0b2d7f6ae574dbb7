using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;
using Shampoo.Generators.Diagnostics;

namespace Shampoo.CodeFixes;

/// <summary>Removes what the compiler calls a duplicate: an attribute of ours (CS0579), or an argument of one (CS0643).</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(DuplicateFix)), Shared]
public sealed class DuplicateFix : TextFix
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ["CS0579", "CS0643"];

    internal override IEnumerable<(string Key, string Title)> Ways(SyntaxNode root, Diagnostic diagnostic) => [(Repair.Removal, "Remove the duplicate")];

    internal override bool IsOurs(SemanticModel model, Diagnostic diagnostic) =>
        Attribute(model.SyntaxTree.GetRoot(), diagnostic.Location.SourceSpan.Start) is { } attribute
        && model.GetTypeInfo(attribute).Type is { ContainingNamespace: { Name: "Shampoo", ContainingNamespace.IsGlobalNamespace: true } };

    internal override IReadOnlyList<TextChange> Edits(SyntaxNode root, int position, Diagnostic diagnostic, string key)
    {
        if (diagnostic.Id == "CS0579") return Attribute(root, position) is { } attribute ? Removal.Of(attribute) : [];
        return root.FindToken(position).Parent?.FirstAncestorOrSelf<AttributeArgumentSyntax>() is { } argument ? Removal.Of(argument) : [];
    }

    private static AttributeSyntax? Attribute(SyntaxNode root, int position) => root.FindToken(position).Parent?.FirstAncestorOrSelf<AttributeSyntax>();
}
