using System.Diagnostics;
using System.Globalization;
using Digits;
using Digits.Page;
using Digits.Progress;
using Spectre.Console;
using TorchSharp;

CultureInfo.CurrentCulture = CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
return CommandLine.Invoke(args, Run);

static int Run(Settings settings)
{
    if (HtmlPage.WhyNotWritable(settings.Output) is { } reason)
        return Fail($"--output is '{settings.Output}': {reason}");

    var watch = Stopwatch.StartNew();
    var console = AnsiConsole.Console;
    torch.set_num_threads(settings.Threads);
    var (training, test) = DigitImages.Load();
    var trainer = new Trainer(training, test, settings);
    Contender[] contenders = [Contender.Shampoo(settings.ShampooLearningRate), Contender.AdamW(settings.AdamWLearningRate)];
    console.WriteLine($"{training.Count + test.Count} handwritten digits: {training.Count} to train with, {test.Count} to test with.");

    Array.ForEach(contenders, trainer.WarmUp);
    var runs = ProgressDisplay.For(console, settings.Epochs).Watch(contenders, trainer.Train);

    Report.Print(console, runs);
    HtmlPage.Write(settings.Output, runs, settings);
    Console.WriteLine($"{watch.Elapsed.TotalSeconds:0} seconds in all. Curves of loss and accuracy: {settings.Output.FullName}");
    return runs[0].Accuracy >= Settings.TargetAccuracy
        ? 0
        : Fail($"Shampoo recognises {runs[0].Accuracy:0.0 %} of the test images and has to reach {Settings.TargetAccuracy:0 %}. More --epochs may help.");
}

static int Fail(string message)
{
    Console.Error.WriteLine($"error: {message}");
    return 1;
}
