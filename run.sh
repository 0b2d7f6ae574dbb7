#!/usr/bin/env bash
# Try it: finds or installs a torch, builds samples/Digits and runs it. Arguments go to the sample.
#
#   ./run.sh                     trains with Shampoo and, beside it, with AdamW
#   ./run.sh --ranks 2           the same with two processes, each with half of every batch
#   ./run.sh --help              what can be changed
#   TORCH_PROVIDER=System ./run.sh    Package (TorchSharp's packages) or System (an installed libtorch)
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/build/torch.sh"

require_dotnet
choose_torch
[[ " $* " != *" --ranks"* ]] || require_mpirun
say "Building samples/Digits (the first time, half a minute)."
quietly dotnet build "$repository/samples/Digits" --configuration Release --nologo --verbosity quiet ||
    die "samples/Digits did not build."
exec "${digits[@]}" "$@"
