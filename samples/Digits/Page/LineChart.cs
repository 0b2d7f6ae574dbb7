using System.Globalization;
using System.Text;

namespace Digits.Page;

/// <summary>A point of a line, and what is said about it when the pointer is near.</summary>
internal readonly record struct Point(double X, double Y, string Caption);

/// <summary>A line, drawn in the colour of a CSS class.</summary>
internal sealed record Line(string Name, string Class, IReadOnlyList<Point> Points);

/// <summary>Lines over two axes: a figure with title, legend and SVG. The target is a horizontal line to be reached.</summary>
internal sealed class LineChart(string title, Axis x, Axis y, IReadOnlyList<Line> lines, double? target = null)
{
    private const double Width = 560, Height = 316;
    private const double Left = 56, Right = 544, Top = 14, Bottom = 268;

    public string ToHtml() => $"""
        <figure>
          <figcaption>{title} <span class="legend">{string.Concat(lines.Select(Legend))}</span></figcaption>
          {Svg()}
          <p class="reading">Point at the chart to read its values.</p>
        </figure>
        """;

    private static string Legend(Line line) => $"""<i class="{line.Class}"></i>{line.Name}""";

    private string Svg()
    {
        var svg = new StringBuilder();
        svg.Append(Invariant($"""<svg viewBox="0 0 {Width} {Height}" role="img" aria-label="{title}">"""));
        foreach (var tick in y.Ticks())
            svg.Append(Horizontal("grid", tick));
        if (target is { } value)
            svg.Append(Horizontal("target", value));
        foreach (var tick in x.Ticks())
            svg.Append(Vertical(tick));
        svg.Append(Invariant($"""<text x="{Right}" y="{Height - 6}" text-anchor="end">{x.Label}</text>"""));
        svg.Append(Plot());
        return svg.Append("</svg>").ToString();
    }

    /// <summary>An SVG in the SVG, with the same coordinates, that cuts off what lies outside of the axes.</summary>
    private string Plot() => Invariant($"""
        <svg x="{Left}" y="{Top - 4}" width="{Right - Left + 6}" height="{Bottom - Top + 4}" viewBox="{Left} {Top - 4} {Right - Left + 6} {Bottom - Top + 4}">
        {string.Concat(lines.Select(Polyline))}
        </svg>
        """);

    private string Polyline(Line line)
    {
        var places = line.Points.Select(point => Invariant($"{Across(point.X):0.#},{Down(point.Y):0.#}"));
        var captions = line.Points.Select(point => point.Caption);
        return $"""<polyline class="line {line.Class}" data-name="{line.Name}" points="{string.Join(' ', places)}" data-captions="{string.Join('|', captions)}"/>""";
    }

    private string Horizontal(string @class, double value) => Invariant($"""
        <line class="{@class}" x1="{Left}" x2="{Right}" y1="{Down(value):0.#}" y2="{Down(value):0.#}"/>
        <text x="{Left - 8}" y="{Down(value) + 4:0.#}" text-anchor="end">{y.Write(value)}</text>
        """);

    private string Vertical(double value) => Invariant($"""
        <line class="tick" x1="{Across(value):0.#}" x2="{Across(value):0.#}" y1="{Bottom}" y2="{Bottom + 5}"/>
        <text x="{Across(value):0.#}" y="{Bottom + 20}" text-anchor="middle">{x.Write(value)}</text>
        """);

    private double Across(double value) => Left + x.Position(value) * (Right - Left);

    private double Down(double value) => Bottom - y.Position(value) * (Bottom - Top);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
