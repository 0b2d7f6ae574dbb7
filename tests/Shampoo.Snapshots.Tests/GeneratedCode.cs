using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Shampoo.Generators.Tests.Snapshots;

/// <summary>
/// Reviews the code of an optimizer: what the compiler has written to a folder (EmitCompilerGeneratedFiles) is compared with the file
/// <c>_snapshots/Class.Method.verified.cs</c> beside the test.
/// </summary>
internal static partial class GeneratedCode
{
    /// <param name="folder">CompilerGeneratedFilesOutputPath, relative to the calling file.</param>
    /// <param name="optimizer">The full name of the class.</param>
    /// <param name="file">The calling file, by itself.</param>
    /// <param name="method">The calling method, by itself.</param>
    public static Task Verify(string folder, string optimizer, [CallerFilePath] string file = "", [CallerMemberName] string method = "")
    {
        string full = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, folder, "Shampoo.Generators", "Shampoo.Generators.ShampooGenerator"));
        string path = Assert.Single(Directory.GetFiles(full, $"{optimizer}.????????.g.cs"));
        string text = $"//HintName: {Path.GetFileName(path)}\n{File.ReadAllText(path)}";
        return Compare(Version().Replace(text, "$1{version}"), file, $"{Path.GetFileNameWithoutExtension(file)}.{method}");
    }

#if VERIFY
    private static Task Compare(string text, string file, string name)
    {
        var settings = new VerifyTests.VerifySettings();
        settings.UseDirectory(SnapshotFile.Directory);
        settings.UseFileName(name);
        return VerifyXunit.Verifier.Verify(text, "cs", settings, file);
    }
#else
    private static Task Compare(string text, string file, string name)
    {
        new SnapshotFile(Path.Combine(Path.GetDirectoryName(file)!, SnapshotFile.Directory), name).Compare(text, SnapshotFile.AcceptsChanges());
        return Task.CompletedTask;
    }
#endif

    /// <summary>A release must not change every snapshot.</summary>
    [GeneratedRegex("""(GeneratedCode\("Shampoo\.Generators", ")[^"]*""")]
    private static partial Regex Version();
}
