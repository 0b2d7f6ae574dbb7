#!/usr/bin/env bash
# Measure it. Every figure is a ratio to something run beside it, or comes with one; those that have to keep a bound say so, and
# the exit status is 1 if one does not.
#
#   ./bench.sh passes       the elementwise part of a step: against a plain copy, and against operators of torch
#   ./bench.sh generator    the generator: its first run, and many classes
#   ./bench.sh step         an optimizer alone, over the shapes of real models
#   ./bench.sh roots        inverse roots: errors by condition number, and what each solver costs
#   ./bench.sh pieces       what a step does with one matrix, beside torch's operators, by BenchmarkDotNet
#   ./bench.sh construction making an optimizer over many parameters, its first steps, and its first refresh
#   ./bench.sh train        steps and seconds to what AdamW reaches: a GPT on characters (--text FILE), MNIST (--mnist FOLDER)
#   ./bench.sh ranks        steps on several processes under mpirun: traffic, time and state, divided in either way and not at all
#   ./bench.sh publish DIR  a folder with all of this but the generator, compiled ahead of time, for a machine without .NET:
#                           DIR/bench step --device cuda builds the native half there, for the torch it has, and measures
#   ./bench.sh --help       all options
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/build/torch.sh"

require_dotnet

if [ "${1:-}" = publish ]; then
    source "$repository/build/aot.sh"
    [ $# -eq 2 ] || die "usage: ./bench.sh publish DIR"
    [ ! -e "$2" ] || die "$2 exists already."
    [ "$(uname -s)" = Linux ] || die "only for Linux."
    recall_libtorch || true
    use_system
    export TorchProvider=System # for this command alone: torch.props keeps what was chosen
    prepare_aot "$repository/benchmarks/Shampoo.Benchmarks" "$repository/artifacts/aot"
    publish_aot "$repository/benchmarks/Shampoo.Benchmarks" "$repository/artifacts/aot"
    mkdir -p "$2"
    cp "$published/Shampoo.Benchmarks" "$repository/native/torch.cpp" "$repository/native/build.sh" "$2"
    cp "$repository/benchmarks/bench" "$2"
    say "$2: $(du -sh "$2" | cut -f1). On the other machine: $2/bench --help"
    exit
fi

choose_torch
say "Building benchmarks."
quietly dotnet build "$repository/benchmarks/Shampoo.Benchmarks" --configuration Release --nologo --verbosity quiet ||
    die "benchmarks did not build."
exec dotnet "$repository/benchmarks/Shampoo.Benchmarks/bin/Release/net10.0/Shampoo.Benchmarks.dll" "$@"
