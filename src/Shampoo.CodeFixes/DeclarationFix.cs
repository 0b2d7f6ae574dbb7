using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;
using Shampoo.Generators.Diagnostics;

namespace Shampoo.CodeFixes;

/// <summary>Edits an attribute or one of its arguments, as the diagnostic itself says (<see cref="Repair"/>).</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(DeclarationFix)), Shared]
public sealed class DeclarationFix : TextFix
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } =
        ["SHMP003", "SHMP004", "SHMP005", "SHMP006", "SHMP007", "SHMP008", "SHMP009", "SHMP013", "SHMP014", "SHMP016", "SHMP017", "SHMP018", "SHMP019", "SHMP020"];

    private static readonly (string Key, string Title)[] Known =
    [
        (Repair.Instead, "Use {0}"),
        (Repair.Default, "Use the default, {0}"),
        (Repair.Nearest, "Use the nearest value that is allowed, {0}"),
        (Repair.Addition, "Add {0}"),
        (Repair.Companion, "Add [{0}]"),
        (Repair.Removal, "Remove {0}"),
        (Repair.Rival, "Remove [{0}]"),
    ];

    internal override IEnumerable<(string Key, string Title)> Ways(SyntaxNode root, Diagnostic diagnostic) =>
        from way in Known
        where diagnostic.Properties.ContainsKey(way.Key)
        select (way.Key, string.Format(way.Title, diagnostic.Properties[way.Key]));

    internal override IReadOnlyList<TextChange> Edits(SyntaxNode root, int position, Diagnostic diagnostic, string key)
    {
        if (!diagnostic.Properties.TryGetValue(key, out string? value) || value is null) return [];
        SyntaxNode? node = root.FindToken(position).Parent?.AncestorsAndSelf().FirstOrDefault(n => n.SpanStart == position && n is AttributeArgumentSyntax or AttributeSyntax);
        var attribute = node?.FirstAncestorOrSelf<AttributeSyntax>();
        return (key, node) switch
        {
            (Repair.Instead or Repair.Default or Repair.Nearest, AttributeArgumentSyntax argument) => [new TextChange(argument.Expression.Span, value)],
            (Repair.Removal, AttributeArgumentSyntax argument) => Removal.Of(argument),
            (Repair.Removal, AttributeSyntax) => Removal.Of(attribute!),
            (Repair.Addition, AttributeArgumentSyntax argument) => Addition((AttributeArgumentListSyntax)argument.Parent!, value),
            (Repair.Addition, AttributeSyntax) => Addition(attribute!, value),
            (Repair.Companion, AttributeSyntax) => [new TextChange(new TextSpan(attribute!.Span.End, 0), $", {Qualifier(attribute.Name)}{value}")],
            (Repair.Rival, AttributeSyntax) when Rival(attribute!, value) is { } rival => Removal.Of(rival),
            _ => [],
        };
    }

    /// <summary>Sets <c>Name = value</c> where the list has the name, and appends it where it does not.</summary>
    private static IReadOnlyList<TextChange> Addition(AttributeArgumentListSyntax list, string addition)
    {
        string[] sides = addition.Split([" = "], StringSplitOptions.None);
        AttributeArgumentSyntax? present = list.Arguments.FirstOrDefault(a => a.NameEquals?.Name.Identifier.ValueText == sides[0]);
        return [present is null ? new TextChange(new TextSpan(list.Arguments.Last().Span.End, 0), $", {addition}") : new TextChange(present.Expression.Span, sides[1])];
    }

    private static IReadOnlyList<TextChange> Addition(AttributeSyntax attribute, string addition) => attribute.ArgumentList switch
    {
        null => [new TextChange(new TextSpan(attribute.Span.End, 0), $"({addition})")],
        { Arguments.Count: 0 } empty => [new TextChange(new TextSpan(empty.OpenParenToken.Span.End, 0), addition)],
        var list => Addition(list, addition),
    };

    /// <summary>What stands before the last part of a name, with the dot.</summary>
    private static string Qualifier(NameSyntax name) => name.ToString().Substring(0, name.ToString().LastIndexOf(LastName(name), StringComparison.Ordinal));

    /// <summary>The other attribute, if it is on the same part of the class.</summary>
    private static AttributeSyntax? Rival(AttributeSyntax attribute, string name) => attribute.FirstAncestorOrSelf<TypeDeclarationSyntax>()?
        .AttributeLists.SelectMany(static list => list.Attributes).FirstOrDefault(a => LastName(a.Name) is var last && (last == name || last == $"{name}Attribute"));

    private static string LastName(NameSyntax name) => name switch
    {
        QualifiedNameSyntax qualified => qualified.Right.Identifier.ValueText,
        AliasQualifiedNameSyntax alias => alias.Name.Identifier.ValueText,
        SimpleNameSyntax simple => simple.Identifier.ValueText,
        _ => "",
    };
}
