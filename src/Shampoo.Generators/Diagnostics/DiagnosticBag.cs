using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace Shampoo.Generators.Diagnostics;

/// <summary>Collects what is wrong with one declaration.</summary>
internal sealed class DiagnosticBag
{
    private readonly ImmutableArray<Diagnostic>.Builder _items = ImmutableArray.CreateBuilder<Diagnostic>();

    public bool HasErrors { get; private set; }

    public void Add(DiagnosticDescriptor descriptor, Location location, params object[] arguments)
    {
        _items.Add(Diagnostic.Create(descriptor, location, arguments));
        HasErrors |= descriptor.DefaultSeverity == DiagnosticSeverity.Error;
    }

    public ImmutableArray<Diagnostic> ToImmutable() => _items.ToImmutable();
}
