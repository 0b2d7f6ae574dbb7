using System.CommandLine;
using System.Globalization;
using Shampoo.Benchmarks.Construction;
#if !AHEAD_OF_TIME
using Shampoo.Benchmarks.Generator;
using Shampoo.Benchmarks.Pieces;
#endif
using Shampoo.Benchmarks.Passes;
using Shampoo.Benchmarks.Ranks;
using Shampoo.Benchmarks.Roots;
using Shampoo.Benchmarks.Step;
using Shampoo.Benchmarks.Train;
using Spectre.Console;

CultureInfo.CurrentCulture = CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;

// Tables do not fit into what is assumed where there is no terminal.
if (Console.IsOutputRedirected)
    AnsiConsole.Profile.Width = 160;

var root = new RootCommand("Measures Shampoo. Every figure that matters is a ratio to something run beside it in the same process.")
{
    PassesCommand.Create(),
#if !AHEAD_OF_TIME
    GeneratorCommand.Create(),
    PiecesCommand.Create(),
#endif
    StepCommand.Create(),
    RootsCommand.Create(),
    ConstructionCommand.Create(),
    TrainCommand.Create(),
    RanksCommand.Create(),
};
return root.Parse(args).Invoke();
