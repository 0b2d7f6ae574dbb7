using System.Diagnostics;
using System.Globalization;
using Digits;
using Digits.Page;
using Digits.Progress;
using Shampoo.Runtime;
using Spectre.Console;
using TorchSharp;

CultureInfo.CurrentCulture = CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
return CommandLine.Invoke(args, Run);

static int Run(Settings settings)
{
    var world = ProcessGroup.World;
    var ranks = world.Size > 1 ? world.Size : settings.Ranks;
    if (settings.BatchSize % ranks != 0)
        return Fail($"--batch-size is {settings.BatchSize}; it must be a multiple of the {ranks} processes.");
    if (world.Rank == 0 && HtmlPage.WhyNotWritable(settings.Output) is { } reason)
        return Fail($"--output is '{settings.Output}': {reason}");
    if (ranks > world.Size)
        return Ranks.Start(ranks) ?? Fail("--ranks needs mpirun. On Debian: apt-get install openmpi-bin libopenmpi3");
    if (world.Rank == 0)
        return Train(settings);
    Console.SetOut(TextWriter.Null);
    Compare(settings);
    return 0;
}

static int Train(Settings settings)
{
    var watch = Stopwatch.StartNew();
    var runs = Compare(settings);
    Report.Print(AnsiConsole.Console, runs);
    HtmlPage.Write(settings.Output, runs, settings);
    Console.WriteLine($"{watch.Elapsed.TotalSeconds:0} seconds in all. Curves of loss and accuracy: {settings.Output.FullName}");
    return Verdict(runs[0]);
}

static IReadOnlyList<TrainingRun> Compare(Settings settings)
{
    torch.set_num_threads(settings.Threads);
    ShampooThreads.Count = settings.Threads;
    var (training, test) = DigitImages.Load();
    using (training)
    using (test)
    {
        var trainer = new Trainer(training, test, settings);
        var ranks = ProcessGroup.World.Size;
        Contender[] contenders =
        [
            ranks > 1 ? Contender.ShampooOnRanks(settings.ShampooLearningRate) : Contender.Shampoo(settings.ShampooLearningRate),
            Contender.AdamW(settings.AdamWLearningRate),
        ];
        Console.WriteLine($"{training.Count + test.Count} handwritten digits: {training.Count} to train with, {test.Count} to test with.");
        Console.WriteLine($"Networks per optimizer: {settings.Networks}, with the same initial weights and batches. The figures are their mean.");
        if (ranks > 1)
            Console.WriteLine($"{ranks} processes train together: each has {settings.BatchSize / ranks} of the {settings.BatchSize} images of a batch.");
        Array.ForEach(contenders, trainer.WarmUp);
        return ProgressDisplay.For(AnsiConsole.Console, settings.Epochs).Watch(contenders, trainer.Train);
    }
}

static int Verdict(TrainingRun shampoo) => shampoo.Accuracy >= Settings.TargetAccuracy
    ? 0
    : Fail($"Shampoo recognises {shampoo.Accuracy:0.0 %} of the test images and has to reach {Settings.TargetAccuracy:0 %}. More --epochs may help.");

static int Fail(string message)
{
    Console.Error.WriteLine($"error: {message}");
    return 1;
}
