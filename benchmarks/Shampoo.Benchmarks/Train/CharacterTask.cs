using TorchSharp;
using static TorchSharp.torch;

namespace Shampoo.Benchmarks.Train;

/// <summary>The next character of a text. The last tenth of it is for validation.</summary>
internal sealed class CharacterTask : ITask
{
    private const int Context = 64, BatchSize = 32, ValidationBatches = 20, ValidationSize = 64;
    private readonly long[] _training, _validation;
    private readonly int _characters;

    public CharacterTask(FileInfo file)
    {
        var text = File.ReadAllText(file.FullName);
        char[] characters = [.. text.Distinct().Order()];
        _characters = characters.Length;
        long[] tokens = [.. text.Select(character => (long)Array.BinarySearch(characters, character))];
        var cut = tokens.Length / 10 * 9;
        (_training, _validation) = (tokens[..cut], tokens[cut..]);
        if (_validation.Length <= Context)
            throw new InvalidDataException($"{file} is too short: {tokens.Length} characters, of which the last tenth has to hold more than {Context}.");
    }

    public string Name => "characters";

    public int MeasureEvery => 15;

    public nn.Module<Tensor, Tensor> CreateNetwork() => new CharacterGpt(_characters, Context, width: 128, layers: 4, heads: 4);

    public (Tensor Input, Tensor Target) Batch(Random random) => Cut(_training, BatchSize, random);

    // The same pieces of text at every measurement.
    public IEnumerable<(Tensor Input, Tensor Target)> Validation()
    {
        var random = new Random(0);
        for (var batch = 0; batch < ValidationBatches; batch++)
            yield return Cut(_validation, ValidationSize, random);
    }

    private static (Tensor Input, Tensor Target) Cut(long[] tokens, int count, Random random)
    {
        var input = new long[count * Context];
        var target = new long[count * Context];
        for (var i = 0; i < count; i++)
        {
            var start = random.Next(tokens.Length - Context);
            Array.Copy(tokens, start, input, i * Context, Context);
            Array.Copy(tokens, start + 1, target, i * Context, Context);
        }
        return (tensor(input).reshape(count, Context), tensor(target));
    }
}
