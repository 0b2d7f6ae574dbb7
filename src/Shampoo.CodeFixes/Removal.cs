using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Shampoo.CodeFixes;

/// <summary>Removes arguments and attributes with what separates them, and leaves comments and directives.</summary>
internal static class Removal
{
    /// <summary>The argument; with the parentheses if it is the only one.</summary>
    public static IReadOnlyList<TextChange> Of(AttributeArgumentSyntax argument)
    {
        var list = (AttributeArgumentListSyntax)argument.Parent!;
        return list.Arguments.Count == 1 && list.DescendantTrivia().All(IsSpace) ? [Without(list.Span)] : OfItem(list.Arguments, argument);
    }

    /// <summary>The attribute; with the brackets if it is the only one, and with the lines if nothing else is on them.</summary>
    public static IReadOnlyList<TextChange> Of(AttributeSyntax attribute)
    {
        var list = (AttributeListSyntax)attribute.Parent!;
        return list.Attributes.Count == 1 ? [Without(Lines(list.SyntaxTree.GetText(), list.Span))] : OfItem(list.Attributes, attribute);
    }

    private static IReadOnlyList<TextChange> OfItem<T>(SeparatedSyntaxList<T> list, T item) where T : SyntaxNode
    {
        int index = list.IndexOf(item);
        if (list.Count == 1) return [Without(item.Span)];
        bool isLast = index == list.Count - 1;
        SyntaxToken separator = list.GetSeparator(isLast ? index - 1 : index);
        TextSpan gap = isLast ? TextSpan.FromBounds(separator.Span.End, item.SpanStart) : TextSpan.FromBounds(separator.Span.End, list[index + 1].SpanStart);
        string between = item.SyntaxTree.GetText().ToString(gap);
        TextSpan whole = isLast ? TextSpan.FromBounds(separator.SpanStart, item.Span.End) : TextSpan.FromBounds(item.SpanStart, gap.End);
        bool joined = isLast || item.Span.End == separator.SpanStart;
        return string.IsNullOrWhiteSpace(between) && joined
            ? [Without(whole)]
            : [.. new[] { Without(item.Span), Without(separator.Span) }.OrderBy(static change => change.Span.Start)];
    }

    /// <summary>The span, widened to whole lines if there is nothing else on them, or to the spaces after it.</summary>
    private static TextSpan Lines(SourceText text, TextSpan span)
    {
        TextLine first = text.Lines.GetLineFromPosition(span.Start), last = text.Lines.GetLineFromPosition(span.End);
        int end = span.End;
        while (end < last.End && text[end] is ' ' or '\t') end++;
        bool isAlone = end == last.End && string.IsNullOrWhiteSpace(text.ToString(TextSpan.FromBounds(first.Start, span.Start)));
        return isAlone ? TextSpan.FromBounds(first.Start, last.EndIncludingLineBreak) : TextSpan.FromBounds(span.Start, end);
    }

    private static bool IsSpace(SyntaxTrivia trivia) => trivia.IsKind(SyntaxKind.WhitespaceTrivia) || trivia.IsKind(SyntaxKind.EndOfLineTrivia);

    private static TextChange Without(TextSpan span) => new(span, "");
}
