using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Shampoo.Runtime;

/// <summary>Whether all ranks have the same model; and if not, what the first difference is.</summary>
/// <param name="group">The ranks.</param>
/// <param name="device">Where the group's tensors are.</param>
internal sealed class ModelComparison(ProcessGroup group, torch.Device device)
{
    private const char Separator = '\n';

    /// <summary>Throws on every rank, with the same message, if the lists of the ranks differ.</summary>
    /// <param name="items">What this rank has, in words.</param>
    public void RequireSame(IEnumerable<string> items)
    {
        // Names may contain anything.
        var text = string.Join(Separator, items.Select(item => item.Replace(Separator, ' ')));
        if (AreSame(text))
            return;
        var all = Array.ConvertAll(Gather(text), rank => rank.Split(Separator));
        var other = Array.FindIndex(all, rank => !rank.AsSpan().SequenceEqual(all[0]));
        var place = all[0].Zip(all[other]).TakeWhile(pair => pair.First == pair.Second).Count();
        throw new ArgumentException(
            $"Ranks have different models: rank 0 has {At(all[0], place)}, and rank {other} has {At(all[other], place)} there. "
            + "Make the same model, with the same options, on all ranks.", "module");
    }

    private static string At(string[] items, int place) => place < items.Length ? items[place] : "no more";

    // max(h) and max(~h) = ~min(h) say whether all hashes h are equal.
    private bool AreSame(string text)
    {
        var hash = BitConverter.ToInt64(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        using var extremes = Tensor([hash, ~hash]);
        group.all_reduce(extremes, ReduceOp.Max);
        var values = Values<long>(extremes);
        return values[0] == ~values[1];
    }

    private string[] Gather(string text)
    {
        var own = Encoding.UTF8.GetBytes(text);
        using var length = Tensor([own.LongLength]);
        using var lengths = torch.empty([group.Size], ScalarType.Int64, device);
        group.all_gather(lengths, length);
        var counts = Values<long>(lengths);
        using var mine = torch.tensor(own, dtype: ScalarType.Byte, device: device);
        using var everyone = torch.empty([counts.Sum()], ScalarType.Byte, device);
        group.all_gather(everyone, mine, counts);
        var bytes = Values<byte>(everyone);
        var starts = CollectiveMemory.Starts(counts);
        return [.. counts.Select((count, rank) => Encoding.UTF8.GetString(bytes, (int)starts[rank], (int)count))];
    }

    private Tensor Tensor(long[] values) => torch.tensor(values, dtype: ScalarType.Int64, device: device);

    private static T[] Values<T>(Tensor tensor) where T : unmanaged
    {
        using var host = tensor.cpu();
        return MemoryMarshal.Cast<byte, T>(host.bytes).ToArray();
    }
}
