using System.Buffers.Binary;
using System.IO.Compression;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Shampoo.Benchmarks.Train;

/// <summary>Handwritten digits (LeCun et al. 1998), from the four files that they come in.</summary>
internal sealed class MnistTask : ITask
{
    private const int BatchSize = 128, ValidationSize = 1000, Pixels = 28 * 28;
    private readonly (byte[] Images, byte[] Labels) _training, _validation;

    public MnistTask(DirectoryInfo folder)
    {
        _training = (Read(folder, "train-images-idx3-ubyte.gz", dimensions: 3), Read(folder, "train-labels-idx1-ubyte.gz", dimensions: 1));
        _validation = (Read(folder, "t10k-images-idx3-ubyte.gz", dimensions: 3), Read(folder, "t10k-labels-idx1-ubyte.gz", dimensions: 1));
    }

    public string Name => "mnist";

    public int MeasureEvery => 20;

    public Module<Tensor, Tensor> CreateNetwork() => new LeNet();

    public (Tensor Input, Tensor Target) Batch(Random random)
    {
        var chosen = new int[BatchSize];
        for (var i = 0; i < BatchSize; i++)
            chosen[i] = random.Next(_training.Labels.Length);
        return Take(_training, chosen);
    }

    public IEnumerable<(Tensor Input, Tensor Target)> Validation()
    {
        for (var start = 0; start < _validation.Labels.Length; start += ValidationSize)
            yield return Take(_validation, [.. Enumerable.Range(start, ValidationSize)]);
    }

    private static (Tensor Input, Tensor Target) Take((byte[] Images, byte[] Labels) set, int[] chosen)
    {
        var images = new float[chosen.Length * Pixels];
        for (var i = 0; i < chosen.Length; i++)
        {
            for (var pixel = 0; pixel < Pixels; pixel++)
                images[i * Pixels + pixel] = (set.Images[chosen[i] * Pixels + pixel] / 255f - 0.1307f) / 0.3081f;
        }
        return (tensor(images).reshape(chosen.Length, 1, 28, 28), tensor(Array.ConvertAll(chosen, i => (long)set.Labels[i])));
    }

    // Two bytes of zero, the type of an element (8: a byte), the number of dimensions, their sizes in big-endian order, the elements.
    private static byte[] Read(DirectoryInfo folder, string name, int dimensions)
    {
        var file = Path.Combine(folder.FullName, name);
        if (!File.Exists(file))
            throw new FileNotFoundException($"There is no {name} in {folder}. MNIST comes in four files, as they are in Debian's mnist-data.", file);
        using var unpacked = new GZipStream(File.OpenRead(file), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        unpacked.CopyTo(bytes);
        var all = bytes.ToArray();
        if (BinaryPrimitives.ReadInt32BigEndian(all) != 0x0800 + dimensions)
            throw new InvalidDataException($"{file} is no file of {dimensions}-dimensional bytes.");
        return all[(4 + 4 * dimensions)..];
    }
}

/// <summary>Two convolutions and three dense layers, after LeNet-5: [images, 1, 28, 28] → [images, 10].</summary>
internal sealed class LeNet : Module<Tensor, Tensor>
{
    private readonly Conv2d _strokes = Conv2d(1, 6, kernel_size: 5, padding: 2), _shapes = Conv2d(6, 16, kernel_size: 5);
    private readonly Linear _first = Linear(400, 120), _second = Linear(120, 84), _scores = Linear(84, 10);

    public LeNet() : base(nameof(LeNet)) => RegisterComponents();

    public override Tensor forward(Tensor images)
    {
        using var scope = NewDisposeScope();
        var features = functional.max_pool2d(functional.relu(_strokes.call(images)), 2);
        features = functional.max_pool2d(functional.relu(_shapes.call(features)), 2);
        features = functional.relu(_second.call(functional.relu(_first.call(features.flatten(1)))));
        return _scores.call(features).MoveToOuterDisposeScope();
    }
}
