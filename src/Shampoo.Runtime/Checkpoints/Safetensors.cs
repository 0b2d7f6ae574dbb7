namespace Shampoo.Runtime;

#pragma warning disable CS8981 // the name of Python's module
/// <summary>Tensors in files of the safetensors format, with the names that Python's library has for that.</summary>
public static class safetensors
#pragma warning restore CS8981
{
    /// <inheritdoc cref="SafetensorsFile.Save"/>
    /// <param name="tensors">Tensors by name; for a model, what <c>state_dict()</c> returns.</param>
    /// <param name="filename">The file, which is replaced.</param>
    /// <param name="metadata">Texts by name; null for none.</param>
    public static void save_file(IEnumerable<KeyValuePair<string, Tensor>> tensors, string filename, IReadOnlyDictionary<string, string>? metadata = null) =>
        SafetensorsFile.Save(filename, tensors, metadata);

    /// <summary>Reads all tensors of a file.</summary>
    /// <param name="filename">The file.</param>
    /// <param name="device">Where they are wanted; null for the CPU.</param>
    /// <returns>New tensors by name; for a model, what <c>load_state_dict</c> takes.</returns>
    /// <exception cref="InvalidDataException">It is no safetensors file, or is damaged or truncated; the message says where.</exception>
    public static Dictionary<string, Tensor> load_file(string filename, torch.Device? device = null)
    {
        using var file = new SafetensorsFile(filename);
        var tensors = new Dictionary<string, Tensor>();
        try
        {
            foreach (var name in file.Entries.Keys)
                tensors[name] = file.Load(name, device);
            return tensors;
        }
        catch
        {
            foreach (var tensor in tensors.Values)
                tensor.Dispose();
            throw;
        }
    }
}
