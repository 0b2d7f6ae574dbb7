using System.Security.Cryptography;
using System.Text;

namespace Shampoo.Runtime;

/// <summary>
/// Compiled kernels on disk: <c>shampoo/kernels/….cubin</c> in <c>$SHAMPOO_CACHE</c>, <c>$XDG_CACHE_HOME</c> or <c>~/.cache</c>,
/// the first that is set. A cache that cannot be read or written costs time and nothing else.
/// </summary>
internal static class KernelCache
{
    /// <summary>The folder; null where there is none.</summary>
    public static string? Folder
    {
        get
        {
            var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            var root = Set("SHAMPOO_CACHE") ?? Set("XDG_CACHE_HOME") ?? (home.Length > 0 ? Path.Combine(home, ".cache") : null);
            return root is null ? null : Path.Combine(root, "shampoo", "kernels");
        }
    }

    /// <summary>The image of a program, from the cache or compiled.</summary>
    public static byte[] Compile(Nvrtc nvrtc, string text, string[] options)
    {
        var key = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', [nvrtc.Version, .. options, text]))));
        var path = Folder is { } folder ? Path.Combine(folder, key + ".cubin") : null;
        if (path is not null && Read(path) is { } known)
            return known;
        var image = nvrtc.Compile(text, options);
        if (path is not null)
            Write(path, image);
        return image;
    }

    // A file is the hash of the image, then the image; null if it is anything else.
    private static byte[]? Read(string path)
    {
        try
        {
            var bytes = File.ReadAllBytes(path);
            return bytes.Length > SHA256.HashSizeInBytes
                && SHA256.HashData(bytes.AsSpan(SHA256.HashSizeInBytes)).AsSpan().SequenceEqual(bytes.AsSpan(0, SHA256.HashSizeInBytes))
                    ? bytes[SHA256.HashSizeInBytes..]
                    : null;
        }
        catch (Exception exception) when (IsOfFiles(exception))
        {
            return null;
        }
    }

    // Written beside and renamed: other processes see all of a file or none of it.
    private static void Write(string path, byte[] image)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(temporary, [.. SHA256.HashData(image), .. image]);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception exception) when (IsOfFiles(exception))
        {
            TryDelete(temporary);
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (IsOfFiles(exception))
        {
        }
    }

    private static bool IsOfFiles(Exception exception) => exception is IOException or UnauthorizedAccessException or NotSupportedException;

    private static string? Set(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;
}
