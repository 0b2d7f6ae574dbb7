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
    if (HtmlPage.WhyNotWritable(settings.Output) is { } reason)
        return Fail($"--output is '{settings.Output}': {reason}");

    var watch = Stopwatch.StartNew();
    torch.set_num_threads(settings.Threads);
    ShampooThreads.Count = settings.Threads;
    var runs = Compare(settings);
    Report.Print(AnsiConsole.Console, runs);
    HtmlPage.Write(settings.Output, runs, settings);
    Console.WriteLine($"{watch.Elapsed.TotalSeconds:0} seconds in all. Curves of loss and accuracy: {settings.Output.FullName}");
    return Verdict(runs[0]);
}

static IReadOnlyList<TrainingRun> Compare(Settings settings)
{
    var (training, test) = DigitImages.Load();
    using (training)
    using (test)
    {
        var trainer = new Trainer(training, test, settings);
        Contender[] contenders = [Contender.Shampoo(settings.ShampooLearningRate), Contender.AdamW(settings.AdamWLearningRate)];
        Console.WriteLine($"{training.Count + test.Count} handwritten digits: {training.Count} to train with, {test.Count} to test with.");
        Console.WriteLine($"Networks per optimizer: {settings.Networks}, with the same initial weights and batches. The figures are their mean.");
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
