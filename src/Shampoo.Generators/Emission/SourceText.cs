namespace Shampoo.Generators.Emission;

internal static class SourceText
{
    /// <summary>Text for a documentation comment.</summary>
    public static string Xml(string text) => text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;");
}
