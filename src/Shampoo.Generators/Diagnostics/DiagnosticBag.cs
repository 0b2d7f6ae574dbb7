using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace Shampoo.Generators.Diagnostics;

/// <summary>Collects what is wrong with one declaration.</summary>
internal sealed class DiagnosticBag
{
    private readonly ImmutableArray<Diagnostic>.Builder _items = ImmutableArray.CreateBuilder<Diagnostic>();

    public bool HasErrors { get; private set; }

    public void Add(DiagnosticDescriptor descriptor, Location location, params object[] arguments) =>
        Add(descriptor, location, Repair.None, arguments);

    /// <param name="repairs">Keys of <see cref="Repair"/>.</param>
    public void Add(DiagnosticDescriptor descriptor, Location location, ImmutableDictionary<string, string?> repairs, params object[] arguments)
    {
        _items.Add(Diagnostic.Create(descriptor, location, repairs, arguments));
        HasErrors |= descriptor.DefaultSeverity == DiagnosticSeverity.Error;
    }

    public ImmutableArray<Diagnostic> ToImmutable() => _items.ToImmutable();
}
