using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Shampoo.CodeFixes;

/// <summary>Makes a class and the types around it partial.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(PartialFix)), Shared]
public sealed class PartialFix : TextFix
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ["SHMP001"];

    internal override IEnumerable<(string Key, string Title)> Ways(SyntaxNode root, Diagnostic diagnostic) => [("Partial", "Make it partial")];

    internal override IReadOnlyList<TextChange> Edits(SyntaxNode root, int position, Diagnostic diagnostic, string key) =>
    [
        .. from type in root.FindToken(position).Parent!.AncestorsAndSelf().OfType<TypeDeclarationSyntax>()
           where !type.Modifiers.Any(SyntaxKind.PartialKeyword)
           orderby type.Keyword.SpanStart
           select new TextChange(new TextSpan(type.Keyword.SpanStart, 0), "partial "),
    ];
}
