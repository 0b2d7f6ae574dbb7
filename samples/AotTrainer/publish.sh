#!/usr/bin/env bash
# Publishes this trainer with NativeAOT, runs it and the managed build, and compares what they print.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../../build/torch.sh"
source "$repository/build/aot.sh"

project=$repository/samples/AotTrainer
artifacts=$repository/artifacts/aot
# NativeAOT hands some paths to the linker unquoted.
if [[ $artifacts == *[[:space:]]* ]]; then
    artifacts=$(mktemp -d)
    trap 'rm -rf "$artifacts"' EXIT
fi

require_dotnet
choose_torch
prepare_aot "$project" "$artifacts"
publish_aot "$project" "$artifacts"
quietly dotnet build "$project" --configuration Release --nologo --verbosity quiet || die "samples/AotTrainer did not build."

managed=$(dotnet "$project/bin/Release/net10.0/AotTrainer.dll")
native=$("$published/AotTrainer")
if [ "$managed" != "$native" ]; then
    diff <(printf '%s\n' "$managed") <(printf '%s\n' "$native") >&2 || true
    die "the managed (<) and the ahead-of-time (>) trainer differ."
fi
say "$native"
say "The managed and the ahead-of-time trainer print the same."
