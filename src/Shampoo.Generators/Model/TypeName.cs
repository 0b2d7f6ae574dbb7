namespace Shampoo.Generators.Model;

/// <summary>A type that encloses the optimizer, as its partial part repeats it: <c>class Outer&lt;T&gt;</c>.</summary>
internal sealed record EnclosingType(string Keyword, string Name);

/// <summary>
/// Where the optimizer lives. <paramref name="Namespace"/> is empty for the global one; <paramref name="Name"/> is an escaped
/// identifier, <paramref name="TypeParameters"/> <c>&lt;T&gt;</c> or empty; <paramref name="MetadataName"/> is unique in the
/// compilation. <paramref name="Factory"/> is the accessibility of <c>torch.optim.Name(…)</c>, or null where there is none: for
/// nested and generic classes, and before C# 14.
/// </summary>
internal sealed record TypeName(
    string Namespace,
    EquatableArray<EnclosingType> Enclosing,
    string Name,
    string TypeParameters,
    string MetadataName,
    string? Factory);
