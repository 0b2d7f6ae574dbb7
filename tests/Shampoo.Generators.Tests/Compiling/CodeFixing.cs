using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Shampoo.CodeFixes;

namespace Shampoo.Generators.Tests.Compiling;

/// <summary>A user's project in a workspace, and what an editor does with its diagnostics.</summary>
internal sealed class CodeFixing : IDisposable
{
    private static readonly CodeFixProvider[] Providers = [new DeclarationFix(), new PartialFix(), new DuplicateFix()];

    private readonly AdhocWorkspace _workspace = new();
    private readonly TestProject _project;
    private readonly Document _document;

    public CodeFixing(TestProject project)
    {
        _project = project;
        Project created = _workspace.AddProject("User", LanguageNames.CSharp)
            .WithParseOptions(project.ParseOptions).WithCompilationOptions(project.Options).WithMetadataReferences(project.References);
        foreach (TestFile file in project.Files.Skip(1)) created = created.AddDocument(file.Path, file.Text, filePath: file.Path).Project;
        _document = created.AddDocument(project.Files[0].Path, project.Files[0].Text, filePath: project.Files[0].Path);
    }

    public void Dispose() => _workspace.Dispose();

    /// <summary>What the generator and the compiler say about the first file.</summary>
    public IEnumerable<Diagnostic> Diagnostics()
    {
        CSharpCompilation compilation = _project.Compile();
        return Generation.Of(compilation, _project.ParseOptions).Diagnostics.Concat(compilation.GetDiagnostics())
            .Where(d => d.Location.SourceTree?.FilePath == _project.Files[0].Path);
    }

    /// <summary>The titles of all actions that are offered for the diagnostics of this id.</summary>
    public async Task<IReadOnlyList<string>> Titles(string id) => [.. (await Actions(Diagnostics().Where(d => d.Id == id))).Select(static a => a.Title)];

    /// <summary>The project after the action was applied to the first diagnostic that offers it.</summary>
    public async Task<TestProject> Apply(string id, string title)
    {
        CodeAction action = (await Actions(Diagnostics().Where(d => d.Id == id))).First(a => a.Title == title);
        return await After(action);
    }

    /// <summary>The project after the action was applied to every diagnostic of the id.</summary>
    public async Task<TestProject> ApplyToAll(string id, string title)
    {
        Diagnostic[] diagnostics = [.. Diagnostics().Where(d => d.Id == id)];
        string key = (await Actions(diagnostics)).First(a => a.Title == title).EquivalenceKey!;
        CodeFixProvider provider = Provider(id);
        var context = new FixAllContext(_document, provider, FixAllScope.Document, key, [id], new Known(diagnostics), CancellationToken.None);
        return await After((await provider.GetFixAllProvider()!.GetFixAsync(context))!);
    }

    private static CodeFixProvider Provider(string id) => Assert.Single(Providers, p => p.FixableDiagnosticIds.Contains(id));

    private async Task<IReadOnlyList<CodeAction>> Actions(IEnumerable<Diagnostic> diagnostics)
    {
        List<CodeAction> actions = [];
        foreach (Diagnostic diagnostic in diagnostics)
            await Provider(diagnostic.Id).RegisterCodeFixesAsync(new CodeFixContext(_document, diagnostic, (action, _) => actions.Add(action), CancellationToken.None));
        return actions;
    }

    private async Task<TestProject> After(CodeAction action)
    {
        var operation = Assert.IsType<ApplyChangesOperation>(Assert.Single(await action.GetOperationsAsync(CancellationToken.None)));
        string text = (await operation.ChangedSolution.GetDocument(_document.Id)!.GetTextAsync()).ToString();
        return _project with { Files = _project.Files.SetItem(0, _project.Files[0] with { Text = text }) };
    }

    private sealed class Known(Diagnostic[] diagnostics) : FixAllContext.DiagnosticProvider
    {
        public override Task<IEnumerable<Diagnostic>> GetDocumentDiagnosticsAsync(Document document, CancellationToken cancellationToken) => Task.FromResult<IEnumerable<Diagnostic>>(diagnostics);

        public override Task<IEnumerable<Diagnostic>> GetProjectDiagnosticsAsync(Project project, CancellationToken cancellationToken) => Task.FromResult<IEnumerable<Diagnostic>>([]);

        public override Task<IEnumerable<Diagnostic>> GetAllDiagnosticsAsync(Project project, CancellationToken cancellationToken) => Task.FromResult<IEnumerable<Diagnostic>>(diagnostics);
    }
}
