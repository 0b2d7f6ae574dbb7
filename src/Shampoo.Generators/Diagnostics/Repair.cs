using System.Collections.Immutable;

namespace Shampoo.Generators.Diagnostics;

/// <summary>
/// What a diagnostic tells the code fixes: ways to repair the argument or attribute that it points at. These are keys of its
/// properties; the values are C# expressions, or names. Compiled into the generator and into the code fixes.
/// </summary>
internal static class Repair
{
    /// <summary>The default value, to be written in the place of the argument's expression.</summary>
    public const string Default = nameof(Default);

    /// <summary>The nearest value that is allowed, likewise.</summary>
    public const string Nearest = nameof(Nearest);

    /// <summary>The value that is meant, likewise.</summary>
    public const string Instead = nameof(Instead);

    /// <summary>An argument <c>Name = value</c> to be set beside this one, or in this attribute.</summary>
    public const string Addition = nameof(Addition);

    /// <summary>The name of this argument or attribute, which can be removed.</summary>
    public const string Removal = nameof(Removal);

    /// <summary>The name of another attribute of the class, which can be removed instead.</summary>
    public const string Rival = nameof(Rival);

    /// <summary>An attribute to be declared beside this one.</summary>
    public const string Companion = nameof(Companion);

    /// <summary>No repair, and the beginning of all others.</summary>
    public static ImmutableDictionary<string, string?> None { get; } = ImmutableDictionary<string, string?>.Empty;
}
