using System.Text;
using Xunit.Sdk;

namespace Shampoo.Generators.Tests.Snapshots;

/// <summary>A snapshot on disk, with the name and the bytes that Verify gives it: UTF-8 with a byte order mark, LF, no final newline added.</summary>
internal sealed class SnapshotFile(string folder, string name)
{
    public const string Directory = "_snapshots";

    private static readonly UTF8Encoding Encoding = new(encoderShouldEmitUTF8Identifier: true, throwOnInvalidBytes: true);

    private string Verified => Path.Combine(folder, $"{name}.verified.cs");

    private string Received => Path.Combine(folder, $"{name}.received.cs");

    /// <summary>Whether the user wants what is received to become the snapshot; refused in continuous integration.</summary>
    public static bool AcceptsChanges() => AcceptsChanges(
        Environment.GetEnvironmentVariable("SHAMPOO_ACCEPT"), Environment.GetEnvironmentVariable("CI"));

    public static bool AcceptsChanges(string? accept, string? ci) => (accept, string.Equals(ci, "true", StringComparison.OrdinalIgnoreCase)) switch
    {
        ("1", false) => true,
        ("1", true) => throw new XunitException("SHAMPOO_ACCEPT=1 accepts snapshots on a developer's machine only, but CI=true."),
        _ => false,
    };

    /// <summary>Throws if the text is not the snapshot, and leaves it beside the snapshot; or makes it the snapshot.</summary>
    public void Compare(string text, bool accept)
    {
        System.IO.Directory.CreateDirectory(folder);
        File.Delete(Received);
        string? expected = File.Exists(Verified) ? File.ReadAllText(Verified) : null;
        if (expected?.Contains('\r') == true) throw new XunitException($"{Verified} contains CR; see .gitattributes (eol=lf)");
        if (expected == text) return;
        File.WriteAllText(accept ? Verified : Received, text, Encoding);
        if (accept) return;
        throw new XunitException($"""
            {(expected is null ? "There is no snapshot yet." : $"The snapshot differs, first at: {FirstDifference(expected, text)}")}
              verified: {Verified}
              received: {Received}
            Accept it with SHAMPOO_ACCEPT=1.
            """);
    }

    private static string FirstDifference(string expected, string actual)
    {
        string[] before = expected.Split('\n'), after = actual.Split('\n');
        int line = before.Zip(after).TakeWhile(static pair => pair.First == pair.Second).Count();
        return $"line {line + 1}\n  - {before.ElementAtOrDefault(line)}\n  + {after.ElementAtOrDefault(line)}";
    }
}
