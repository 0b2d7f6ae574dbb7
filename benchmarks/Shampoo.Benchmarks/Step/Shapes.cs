namespace Shampoo.Benchmarks.Step;

/// <summary>The parameters of real models, by shape alone.</summary>
internal static class Shapes
{
    /// <summary>The one whose figures have bounds.</summary>
    public const string Default = "gpt-10m";

    public static IReadOnlyDictionary<string, Func<long[][]>> Models { get; } = new Dictionary<string, Func<long[][]>>
    {
        [Default] = () => Gpt(width: 384, layers: 6, vocabulary: 65, context: 256),
        ["resnet-50"] = ResNet50,
        ["gpt2-124m"] = () => Gpt(width: 768, layers: 12, vocabulary: 50257, context: 1024),
        ["llama-1b-2-layers"] = () => [.. LlamaLayers(layers: 2, width: 2048, hidden: 8192, keys: 512)],
        ["llama-1b"] = () => [[128256, 2048], .. LlamaLayers(layers: 16, width: 2048, hidden: 8192, keys: 512), [2048]],
    };

    // Radford et al. 2019; the head shares the weights of the tokens.
    private static long[][] Gpt(long width, int layers, long vocabulary, long context)
    {
        long[][] layer =
        [
            [width], [width], [3 * width, width], [3 * width], [width, width], [width],
            [width], [width], [4 * width, width], [4 * width], [width, 4 * width], [width],
        ];
        return [[vocabulary, width], [context, width], .. Repeat(layer, layers), [width], [width]];
    }

    // Touvron et al. 2023, with grouped queries: no biases, three matrices in the perceptron.
    private static IEnumerable<long[]> LlamaLayers(int layers, long width, long hidden, long keys) => Repeat(
        [[width, width], [keys, width], [keys, width], [width, width], [hidden, width], [hidden, width], [width, hidden], [width], [width]], layers);

    // He et al. 2016: bottlenecks of 1×1, 3×3 and 1×1, each convolution with the two vectors of its normalisation.
    private static long[][] ResNet50()
    {
        List<long[]> shapes = [.. Convolution(64, 3, 7)];
        long input = 64;
        foreach (var (width, blocks) in new[] { (64L, 3), (128L, 4), (256L, 6), (512L, 3) })
        {
            for (var block = 0; block < blocks; block++)
            {
                shapes.AddRange([.. Convolution(width, input, 1), .. Convolution(width, width, 3), .. Convolution(4 * width, width, 1)]);
                if (block == 0)
                    shapes.AddRange(Convolution(4 * width, input, 1));
                input = 4 * width;
            }
        }
        return [.. shapes, [1000, 2048], [1000]];
    }

    private static long[][] Convolution(long output, long input, long size) => [[output, input, size, size], [output], [output]];

    private static IEnumerable<long[]> Repeat(long[][] layer, int times) => Enumerable.Repeat(layer, times).SelectMany(shapes => shapes);
}
