namespace Shampoo.Tests.Distribution;

/// <summary>The parameters of models that many people train.</summary>
internal static class ModelShapes
{
    private const int Width = 768, Depth = 12;

    /// <summary>He et al. 2015, 25.6 million numbers.</summary>
    public static IReadOnlyList<long[]> ResNet50
    {
        get
        {
            var shapes = new List<long[]>();
            Convolution(shapes, 64, 3, 7);
            long input = 64;
            foreach ((long width, int blocks) in new[] { (64L, 3), (128L, 4), (256L, 6), (512L, 3) })
                for (int block = 0; block < blocks; block++)
                {
                    Convolution(shapes, width, input, 1);
                    Convolution(shapes, width, width, 3);
                    Convolution(shapes, 4 * width, width, 1);
                    if (block == 0) Convolution(shapes, 4 * width, input, 1);
                    input = 4 * width;
                }
            Linear(shapes, 1000, input);
            return shapes;
        }
    }

    /// <summary>Dosovitskiy et al. 2020, patches of 16, 86.6 million numbers.</summary>
    public static IReadOnlyList<long[]> ViTB =>
        [[1, 1, Width], [1, 197, Width], [Width, 3, 16, 16], [Width], .. Transformer(), [1000, Width], [1000]];

    /// <summary>Radford et al. 2019, the smallest, 124.4 million numbers.</summary>
    public static IReadOnlyList<long[]> GPT2 => [[50257, Width], [1024, Width], .. Transformer()];

    /// <summary>One of these, by its name.</summary>
    public static IReadOnlyList<long[]> Of(string model) => model switch
    {
        nameof(ResNet50) => ResNet50,
        nameof(ViTB) => ViTB,
        nameof(GPT2) => GPT2,
        _ => throw new ArgumentOutOfRangeException(nameof(model), model, "There is no such model."),
    };

    private static List<long[]> Transformer()
    {
        var shapes = new List<long[]>();
        for (int layer = 0; layer < Depth; layer++)
        {
            Norm(shapes, Width);
            Linear(shapes, 3 * Width, Width);
            Linear(shapes, Width, Width);
            Norm(shapes, Width);
            Linear(shapes, 4 * Width, Width);
            Linear(shapes, Width, 4 * Width);
        }
        Norm(shapes, Width);
        return shapes;
    }

    private static void Convolution(List<long[]> shapes, long outputs, long inputs, long kernel)
    {
        shapes.Add([outputs, inputs, kernel, kernel]);
        Norm(shapes, outputs);
    }

    private static void Linear(List<long[]> shapes, long outputs, long inputs) => shapes.AddRange([[outputs, inputs], [outputs]]);

    private static void Norm(List<long[]> shapes, long size) => shapes.AddRange([[size], [size]]);
}
