namespace Shampoo.ApiStub;

/// <summary>Cutting signatures where no bracket is open.</summary>
internal static class Text
{
    /// <summary>The parts between separators; none for an empty text.</summary>
    public static string[] Split(string text, char separator)
    {
        var parts = new List<string>();
        while (text.Length > 0)
        {
            var end = IndexOf(text, separator);
            parts.Add((end < 0 ? text : text[..end]).Trim());
            text = end < 0 ? "" : text[(end + 1)..];
        }
        return [.. parts];
    }

    /// <summary>The first of these characters outside of brackets, or -1.</summary>
    public static int IndexOf(string text, char sought)
    {
        var depth = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (depth == 0 && text[i] == sought) return i;
            if ("(<[".Contains(text[i])) depth++;
            if (")>]".Contains(text[i])) depth--;
        }
        return -1;
    }
}
