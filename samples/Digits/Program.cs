using System.Diagnostics;
using System.Globalization;
using Digits;
using Digits.Page;
using Digits.Progress;
using Spectre.Console;
using TorchSharp;

CultureInfo.CurrentCulture = CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
return CommandLine.Create(Run).Parse(args).Invoke();

static int Run(Settings settings)
{
    var watch = Stopwatch.StartNew();
    var console = AnsiConsole.Console;
    torch.set_num_threads(settings.Threads);
    var (training, test) = DigitImages.Load();
    Contender[] contenders = [Contender.Shampoo(settings.ShampooLearningRate), Contender.AdamW(settings.AdamWLearningRate)];

    console.WriteLine($"{training.Count + test.Count} handwritten digits: {training.Count} to train with, {test.Count} to test with.");
    var trainer = new Trainer(training, test, settings);
    Array.ForEach(contenders, trainer.WarmUp);
    var runs = ProgressDisplay.For(console, settings.Epochs).Watch(contenders, trainer.Train);

    Report.Print(console, runs);
    HtmlPage.Write(settings.Output, runs, settings);
    console.WriteLine($"Curves of loss and accuracy: {settings.Output.FullName}");
    console.WriteLine($"{watch.Elapsed.TotalSeconds:0} seconds in all.");
    return Verdict(runs[0]);
}

static int Verdict(TrainingRun shampoo)
{
    if (shampoo.Accuracy >= Settings.TargetAccuracy)
        return 0;
    Console.Error.WriteLine($"Shampoo recognises {shampoo.Accuracy:0.0 %} of the test images; it has to reach {Settings.TargetAccuracy:0 %}. More --epochs may help.");
    return 1;
}
