using System.CommandLine;
using System.CommandLine.Invocation;
using System.Globalization;
using System.Numerics;

namespace Digits;

/// <summary>The options, their defaults, and what is said about a value that cannot be used.</summary>
internal static class CommandLine
{
    private static readonly Option<int> Epochs = Number("--epochs", 20, 1, 10_000, "How many times the training images are seen.");
    private static readonly Option<int> BatchSize = Number("--batch-size", 64, 1, 1024, "Images per step.");
    private static readonly Option<double> Lr = Rate("--lr", Contender.ShampooLearningRate, "Learning rate of Shampoo, at its peak.");
    private static readonly Option<double> AdamWLr = Rate("--adamw-lr", Contender.AdamWLearningRate, "Learning rate of AdamW, at its peak.");
    private static readonly Option<int> Networks = Number("--networks", 3, 1, 100, "Networks that each optimizer trains; all figures are their mean.");
    private static readonly Option<int> Seed = Number("--seed", 0, 0, 1_000_000, "Initial weights and order of the batches of the first network; the next take the next seeds.");
    private static readonly Option<int> Threads = Number("--threads", 1, 1, 1024, "Threads to compute with.");
    private static readonly Option<int> Ranks = Number("--ranks", 1, 1, 1024, "Processes that train together, each on its part of every batch. More than 1 need mpirun.");
    private static readonly Option<FileInfo> Output = File("--output", "out/digits.html", "Where the page with the curves goes.");

    /// <summary>Parses the arguments and runs, or says what is wrong with them; the exit code.</summary>
    public static int Invoke(string[] args, Func<Settings, int> run)
    {
        var command = new RootCommand("Trains a small network on 1797 handwritten digits, with Shampoo and, for comparison, with AdamW.")
        {
            Epochs, BatchSize, Lr, AdamWLr, Networks, Seed, Threads, Ranks, Output,
        };
        command.SetAction(result => run(Read(result)));
        var parsed = command.Parse(args);
        if (parsed.Action is ParseErrorAction error)
            error.ShowHelp = error.ShowTypoCorrections = false;
        return parsed.Invoke();
    }

    private static Settings Read(ParseResult result) => new(
        result.GetValue(Epochs), result.GetValue(BatchSize), result.GetValue(Lr), result.GetValue(AdamWLr),
        result.GetValue(Networks), result.GetValue(Seed), result.GetValue(Threads), result.GetValue(Ranks), result.GetValue(Output)!);

    private static Option<int> Number(string name, int @default, int minimum, int maximum, string description) => Create(
        name, "number", @default, value => value >= minimum && value <= maximum, $"a whole number from {minimum} to {maximum}", description);

    private static Option<double> Rate(string name, double @default, string description) => Create(
        name, "rate", @default, value => value > 0 && double.IsFinite(value), $"a positive number, for example {@default}", description);

    private static Option<T> Create<T>(string name, string helpName, T @default, Predicate<T> allowed, string expected, string description)
        where T : INumber<T> => new(name)
    {
        Description = description,
        HelpName = helpName,
        DefaultValueFactory = _ => @default,
        CustomParser = result =>
        {
            var text = result.Tokens[^1].Value;
            if (T.TryParse(text, CultureInfo.InvariantCulture, out var value) && allowed(value))
                return value;
            result.AddError($"{name} is '{text}'; it must be {expected}.");
            return @default;
        },
    };

    private static Option<FileInfo> File(string name, string @default, string description) => new(name)
    {
        Description = description,
        HelpName = "file",
        DefaultValueFactory = _ => new FileInfo(@default),
    };
}
