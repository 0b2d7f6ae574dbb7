using System.Text;

namespace Shampoo.Generators.Emission;

/// <summary>Indented lines, ended by a line feed on every system.</summary>
internal sealed class SourceWriter
{
    private readonly StringBuilder _text = new();
    private int _depth;

    /// <summary>Writes a text of one or several lines, each at the current depth. Empty lines stay empty.</summary>
    public void Line(string text = "")
    {
        foreach (string line in text.Split('\n'))
            _text.Append(' ', line.Length == 0 ? 0 : 4 * _depth).Append(line).Append('\n');
    }

    /// <summary>Items with commas between, in lines of a readable length.</summary>
    public static IEnumerable<string> Lines(string opening, IEnumerable<string> items, string closing)
    {
        const int Width = 120;
        string line = opening;
        bool first = true;
        foreach (string item in items)
        {
            if (first || line.Length + item.Length < Width)
            {
                line += first ? item : $", {item}";
            }
            else
            {
                yield return $"{line},";
                line = opening.Length == 0 ? item : $"    {item}";
            }
            first = false;
        }
        yield return line + closing;
    }

    /// <summary>Writes a header and braces around what is written until the result is disposed.</summary>
    public Scope Block(string header, string closing = "}")
    {
        Line(header);
        Line("{");
        _depth++;
        return new Scope(this, closing);
    }

    /// <summary>Indents what is written until the result is disposed.</summary>
    public Scope Indented()
    {
        _depth++;
        return new Scope(this, closing: null);
    }

    public void Clear() => _text.Clear();

    public override string ToString() => _text.ToString();

    internal readonly struct Scope(SourceWriter writer, string? closing = "}") : IDisposable
    {
        public void Dispose()
        {
            writer._depth--;
            if (closing is not null)
                writer.Line(closing);
        }
    }
}
