#!/usr/bin/env bash
# Measure it. Every figure is a ratio to something run beside it, or comes with one; those that have to keep a bound say so, and
# the exit status is 1 if one does not.
#
#   ./bench.sh passes       the elementwise part of a step: against a plain copy, and against operators of torch
#   ./bench.sh generator    the generator: its first run, and many classes
#   ./bench.sh step         an optimizer alone, over the shapes of real models
#   ./bench.sh roots        inverse roots: errors by condition number, and what each solver costs
#   ./bench.sh construction making an optimizer over many parameters, and its first steps
#   ./bench.sh train        steps and seconds to what AdamW reaches: a GPT on characters (--text FILE), MNIST (--mnist FOLDER)
#   ./bench.sh ranks        steps on several processes under mpirun: traffic, time and state, divided in either way and not at all
#   ./bench.sh --help       all options
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/build/torch.sh"

require_dotnet
choose_torch
say "Building benchmarks."
quietly dotnet build "$repository/benchmarks/Shampoo.Benchmarks" --configuration Release --nologo --verbosity quiet ||
    die "benchmarks did not build."
exec dotnet "$repository/benchmarks/Shampoo.Benchmarks/bin/Release/net10.0/Shampoo.Benchmarks.dll" "$@"
