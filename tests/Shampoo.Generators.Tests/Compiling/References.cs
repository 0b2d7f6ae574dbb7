using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace Shampoo.Generators.Tests.Compiling;

/// <summary>What a user's project refers to: the framework, torch, and Shampoo without its generator.</summary>
internal static class References
{
    private static readonly string[] Paths = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);

    public static ImmutableArray<MetadataReference> Framework { get; } = Named(static name =>
        name is "netstandard" or "mscorlib" || name.StartsWith("System.", StringComparison.Ordinal));

    public static ImmutableArray<MetadataReference> Abstractions { get; } = Named(static name => name == "Shampoo.Abstractions");

    public static ImmutableArray<MetadataReference> Runtime { get; } = Named(static name => name == "Shampoo.Runtime");

    public static ImmutableArray<MetadataReference> Torch { get; } = Named(static name => name is "TorchSharp" or "Shampoo.LibTorch");

    public static ImmutableArray<MetadataReference> All { get; } = [.. Framework, .. Abstractions, .. Runtime, .. Torch];

    private static ImmutableArray<MetadataReference> Named(Func<string, bool> wanted) =>
        [.. Paths.Where(path => wanted(Path.GetFileNameWithoutExtension(path))).Select(static path => MetadataReference.CreateFromFile(path))];
}
