using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Shampoo.Generators.Tests.Compiling;

namespace Shampoo.Generators.Tests.Snapshots;

/// <summary>
/// Reviews what is generated: the text is compared with the file <c>_snapshots/Class.Method.verified.cs</c> beside the test.
/// <code>
/// [Fact]
/// public Task Mine() =>
///     Snapshot.OfFile("../MyTrainer/MyOptimizer.cs");
/// </code>
/// A test that fails leaves a <c>.received.cs</c> to look at; <c>SHAMPOO_ACCEPT=1 dotnet test</c> accepts it.
/// </summary>
internal static partial class Snapshot
{
    /// <summary>Compares the code generated for a source, which may use all of Shampoo's names without usings.</summary>
    public static Task Of(string source, [CallerFilePath] string file = "", [CallerMemberName] string method = "") =>
        Verify(TestProject.Of(source), file, method);

    /// <summary>Compares the code generated for a C# file, whose path is relative to the calling one; it needs its usings.</summary>
    public static Task OfFile(string path, [CallerFilePath] string file = "", [CallerMemberName] string method = "")
    {
        string full = Path.Combine(Path.GetDirectoryName(file)!, path);
        return Verify(new TestProject([new TestFile(Path.GetFileName(path), File.ReadAllText(full))]), file, method);
    }

    private static Task Verify(TestProject project, string file, string method)
    {
        Generation generation = Generation.Of(project).Compiling();
        Assert.DoesNotContain(generation.Diagnostics, static d => d.Severity > Microsoft.CodeAnalysis.DiagnosticSeverity.Info);
        string text = string.Join("\n", generation.Sources.Select(static source => $"//HintName: {source.Key}\n{source.Value}"));
        return Verify(Version().Replace(text, "$1{version}"), file, method);
    }

#if VERIFY
    private static Task Verify(string text, string file, string method)
    {
        var settings = new VerifyTests.VerifySettings();
        settings.UseDirectory(SnapshotFile.Directory);
        settings.UseFileName($"{Path.GetFileNameWithoutExtension(file)}.{method}");
        return VerifyXunit.Verifier.Verify(text, "cs", settings, file);
    }
#else
    private static Task Verify(string text, string file, string method)
    {
        string folder = Path.Combine(Path.GetDirectoryName(file)!, SnapshotFile.Directory);
        new SnapshotFile(folder, $"{Path.GetFileNameWithoutExtension(file)}.{method}").Compare(text, SnapshotFile.AcceptsChanges());
        return Task.CompletedTask;
    }
#endif

    /// <summary>A release must not change every snapshot.</summary>
    [GeneratedRegex("""(GeneratedCode\("Shampoo\.Generators", ")[^"]*""")]
    private static partial Regex Version();
}
