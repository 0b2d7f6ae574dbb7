using Shampoo.Generators.Emission;
using Shampoo.Generators.Graph;

namespace Shampoo.Generators.Tests.Graph;

/// <summary>The lines of a printed sweep.</summary>
internal static class Printed
{
    /// <summary>Those of the innermost method, without indentation, comments and empty lines; braces of loops are left.</summary>
    public static IEnumerable<string> Body(Sweep sweep, Action<Sweep, SourceWriter> print)
    {
        var writer = new SourceWriter();
        print(sweep, writer);
        List<string> lines = [.. writer.ToString().Split('\n').Select(static line => line.Trim()).Where(static line => line != "" && !line.StartsWith("//", StringComparison.Ordinal))];
        int start = lines.FindLastIndex(static line => line.Contains(" void ", StringComparison.Ordinal)) + 2, end = lines.Count;
        while (lines[end - 1] == "}" && lines[start..end].Count(static line => line == "}") > lines[start..end].Count(static line => line == "{")) end--;
        return lines[start..end];
    }
}
