using Xunit.Sdk;

namespace Shampoo.Generators.Tests.Snapshots;

/// <summary>The stand-in for Verify does what Verify does.</summary>
public sealed class SnapshotFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("shampoo-snapshots-").FullName;

    private string Verified => Path.Combine(_folder, "A.B.verified.cs");

    private string Received => Path.Combine(_folder, "A.B.received.cs");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_new_text_fails_and_is_left_to_look_at()
    {
        Assert.Throws<XunitException>(() => Compare("new"));
        Assert.False(File.Exists(Verified));
        Assert.Equal("new", File.ReadAllText(Received));
    }

    [Fact]
    public void An_accepted_text_is_UTF8_with_a_byte_order_mark_and_nothing_added()
    {
        Compare("β\n}", accept: true);
        Assert.Equal([0xEF, 0xBB, 0xBF, 0xCE, 0xB2, (byte)'\n', (byte)'}'], File.ReadAllBytes(Verified));
    }

    [Fact]
    public void An_accepted_text_passes_and_clears_what_was_received()
    {
        Compare("same", accept: true);
        File.WriteAllText(Received, "old");
        Compare("same");
        Assert.False(File.Exists(Received));
    }

    [Fact]
    public void A_difference_is_told_by_its_first_line()
    {
        Compare("a\nb\nc", accept: true);
        XunitException exception = Assert.Throws<XunitException>(() => Compare("a\nB\nc"));
        Assert.Contains("line 2\n  - b\n  + B", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Carriage_returns_in_a_snapshot_are_an_error()
    {
        File.WriteAllText(Verified, "a\r\n");
        Assert.Throws<XunitException>(() => Compare("a\n"));
    }

    [Fact]
    public void Continuous_integration_accepts_nothing()
    {
        Assert.True(SnapshotFile.AcceptsChanges("1", null));
        Assert.False(SnapshotFile.AcceptsChanges(null, null));
        Assert.False(SnapshotFile.AcceptsChanges(null, "true"));
        Assert.Throws<XunitException>(() => SnapshotFile.AcceptsChanges("1", "true"));
        Assert.Throws<XunitException>(() => SnapshotFile.AcceptsChanges("1", "True"));
    }

    private void Compare(string text, bool accept = false) => new SnapshotFile(_folder, "A.B").Compare(text, accept);
}
