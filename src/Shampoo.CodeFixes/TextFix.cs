using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Text;

namespace Shampoo.CodeFixes;

/// <summary>
/// A code fix that edits text, so that comments and white space that it does not mention stay as they are. Fix-all repeats the fix
/// for every diagnostic of a file.
/// </summary>
public abstract class TextFix : CodeFixProvider
{
    /// <summary>The ways to repair a diagnostic: a key, the same for all diagnostics that are repaired alike, and a title.</summary>
    internal abstract IEnumerable<(string Key, string Title)> Ways(SyntaxNode root, Diagnostic diagnostic);

    /// <summary>The edits of one way, for the diagnostic that now begins at <paramref name="position"/>; none if there is nothing to do.</summary>
    internal abstract IReadOnlyList<TextChange> Edits(SyntaxNode root, int position, Diagnostic diagnostic, string key);

    /// <summary>Whether the diagnostic is our business; one of the compiler need not be.</summary>
    internal virtual bool IsOurs(SemanticModel model, Diagnostic diagnostic) => true;

    /// <inheritdoc/>
    public sealed override FixAllProvider GetFixAllProvider() => FixAllProvider.Create(async (context, document, diagnostics) =>
        await Fixed(document, diagnostics, context.CodeActionEquivalenceKey!, context.CancellationToken).ConfigureAwait(false));

    /// <inheritdoc/>
    public sealed override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        if (await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false) is not { } root) return;
        SemanticModel model = (await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false))!;
        foreach (Diagnostic diagnostic in context.Diagnostics.Where(d => IsOurs(model, d)))
            foreach ((string key, string title) in Ways(root, diagnostic))
                if (Edits(root, diagnostic.Location.SourceSpan.Start, diagnostic, key).Count > 0)
                    context.RegisterCodeFix(CodeAction.Create(title, cancellation => Fixed(context.Document, [diagnostic], key, cancellation), key), diagnostic);
    }

    /// <summary>One diagnostic after the other, each on the text that the one before has left.</summary>
    private async Task<Document> Fixed(Document document, ImmutableArray<Diagnostic> diagnostics, string key, CancellationToken cancellation)
    {
        SyntaxTree tree = (await document.GetSyntaxTreeAsync(cancellation).ConfigureAwait(false))!;
        SourceText text = await tree.GetTextAsync(cancellation).ConfigureAwait(false);
        SemanticModel model = (await document.GetSemanticModelAsync(cancellation).ConfigureAwait(false))!;
        var positions = diagnostics.Distinct().Where(d => IsOurs(model, d)).ToDictionary(static d => d, static d => d.Location.SourceSpan.Start);
        foreach (Diagnostic diagnostic in positions.Keys.OrderByDescending(static d => d.Location.SourceSpan.Start).ToArray())
        {
            SyntaxNode root = await tree.GetRootAsync(cancellation).ConfigureAwait(false);
            IReadOnlyList<TextChange> edits = Edits(root, positions[diagnostic], diagnostic, key);
            text = text.WithChanges(edits);
            tree = tree.WithChangedText(text);
            foreach (Diagnostic other in positions.Keys.ToArray()) positions[other] = Moved(positions[other], edits);
        }
        return document.WithText(text);
    }

    private static int Moved(int position, IEnumerable<TextChange> edits) =>
        position + edits.Where(edit => edit.Span.End <= position).Sum(static edit => edit.NewText!.Length - edit.Span.Length);
}
