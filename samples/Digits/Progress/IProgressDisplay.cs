using Spectre.Console;

namespace Digits.Progress;

/// <summary>Trains one contender, reporting every measurement.</summary>
internal delegate TrainingRun Training(Contender contender, Action<TrainingRun> report);

/// <summary>Shows trainings while they run.</summary>
internal interface IProgressDisplay
{
    IReadOnlyList<TrainingRun> Watch(IReadOnlyList<Contender> contenders, Training train);
}

internal static class ProgressDisplay
{
    /// <summary>Bars that move where there is a terminal to draw them, plain lines elsewhere.</summary>
    public static IProgressDisplay For(IAnsiConsole console, int epochs) =>
        console.Profile.Out.IsTerminal && console.Profile.Capabilities is { Ansi: true, Interactive: true }
            ? new LiveProgress(console)
            : new PlainProgress(console.Profile.Out.Writer, epochs);
}
