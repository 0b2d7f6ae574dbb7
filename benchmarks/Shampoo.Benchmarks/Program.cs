using System.CommandLine;
using System.Globalization;
using Shampoo.Benchmarks.Generator;
using Shampoo.Benchmarks.Passes;

CultureInfo.CurrentCulture = CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;

var root = new RootCommand("Measures Shampoo. Every figure that matters is a ratio to something run beside it in the same process.")
{
    PassesCommand.Create(),
    GeneratorCommand.Create(),
};
return root.Parse(args).Invoke();
