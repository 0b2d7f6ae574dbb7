namespace Shampoo.Runtime;

/// <summary>Files that have their old content until the new one is complete.</summary>
internal static class AtomicFile
{
    /// <summary>Writes a file beside, makes sure that it is on the disk, and renames it.</summary>
    /// <param name="path">The file, which is replaced. After a failure it is as it was, and nothing lies beside it.</param>
    /// <param name="write">Writes the content.</param>
    public static void Write(string path, Action<FileStream> write)
    {
        var beside = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var stream = new FileStream(beside, FileMode.CreateNew))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(beside, path, overwrite: true);
        }
        catch
        {
            File.Delete(beside);
            throw;
        }
    }
}
