using System.Globalization;
using System.IO.Compression;
using System.Reflection;
using TorchSharp;
using static TorchSharp.torch;

namespace Digits;

/// <summary>Images and labels of one step.</summary>
internal sealed record Batch(Tensor Images, Tensor Labels) : IDisposable
{
    public void Dispose()
    {
        Images.Dispose();
        Labels.Dispose();
    }
}

/// <summary>Images [n, 1, 8, 8] with pixels from 0 to 1, and the digit that each of them shows.</summary>
internal sealed class DigitImages : IDisposable
{
    private const int Side = 8;
    private const int Pixels = Side * Side;

    // Part of the data set's definition, so that every seed trains and tests on the same images.
    private const int SplitSeed = 0;
    private const double TrainingShare = 0.8;

    private DigitImages(int[][] rows)
    {
        Count = rows.Length;
        var pixels = rows.SelectMany(row => row.Take(Pixels), (_, pixel) => pixel / 16f).ToArray();
        var digits = rows.Select(row => (long)row[Pixels]).ToArray();
        Images = tensor(pixels, [Count, 1, Side, Side]);
        Labels = tensor(digits, [Count]);
    }

    public int Count { get; }

    public Tensor Images { get; }

    public Tensor Labels { get; }

    /// <summary>The embedded images, shuffled once and split into 80 % for training and 20 % for testing.</summary>
    public static (DigitImages Training, DigitImages Test) Load()
    {
        var rows = Read();
        new Random(SplitSeed).Shuffle(rows);
        var training = (int)(TrainingShare * rows.Length);
        return (new DigitImages(rows[..training]), new DigitImages(rows[training..]));
    }

    /// <summary>One epoch in batches of equal size and random order; the few images that are left over wait for the next one.</summary>
    /// <param name="size">Images of a batch; a multiple of <paramref name="ranks"/>.</param>
    /// <param name="random">Decides the order, the same on all ranks.</param>
    /// <param name="rank">Whose part of every batch is wanted.</param>
    /// <param name="ranks">In how many parts batches are divided.</param>
    public IEnumerable<Batch> Batches(int size, Random random, int rank, int ranks)
    {
        var order = Enumerable.Range(0, Count).Select(i => (long)i).ToArray();
        random.Shuffle(order);
        foreach (var indices in order.Chunk(size).Where(chunk => chunk.Length == size))
            yield return Select(indices.AsSpan(rank * (size / ranks), size / ranks).ToArray());
    }

    public void Dispose()
    {
        Images.Dispose();
        Labels.Dispose();
    }

    private Batch Select(long[] indices)
    {
        using var index = tensor(indices, [indices.Length]);
        return new Batch(Images.index_select(0, index), Labels.index_select(0, index));
    }

    private static int[][] Read()
    {
        using var file = Assembly.GetExecutingAssembly().GetManifestResourceStream("digits.csv.gz")!;
        using var text = new StreamReader(new GZipStream(file, CompressionMode.Decompress));
        var lines = text.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return [.. lines.Select(line => Array.ConvertAll(line.Split(','), cell => int.Parse(cell, CultureInfo.InvariantCulture)))];
    }
}
