#!/usr/bin/env bash
# Publishes this trainer with NativeAOT, runs it and the managed build, and compares what they print.
#
# net10.0, or net9.0 where the package registry has no NativeAOT pack of net10.0. Any warning is an error.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../../build/torch.sh"

project=$repository/samples/AotTrainer
artifacts=$repository/artifacts/aot

# Everything that is compiled ahead of time lives in a folder of its own, apart from the ordinary bin and obj.
aot() {
    local command=$1 framework=$2
    shift 2
    dotnet "$command" "$project" --runtime "$runtime" -p:AotFramework="$framework" --artifacts-path "$artifacts" --verbosity quiet "$@"
}

find_framework() {
    local candidate
    for candidate in net10.0 net9.0; do
        if aot restore "$candidate" >/dev/null 2>&1 </dev/null; then framework=$candidate; return; fi
    done
    aot restore net10.0 || die "the packages of NativeAOT cannot be restored."
}

publish() {
    local linker=()
    command -v clang >/dev/null || linker=(-p:CppCompilerAndLinker=gcc)
    quietly aot publish "$framework" --configuration Release --nologo "${linker[@]}" || die "samples/AotTrainer could not be published."
}

require_dotnet
choose_torch
runtime=$(dotnet --info | sed -n 's/^ *RID: *//p')
find_framework
say "Publishing samples/AotTrainer with NativeAOT ($framework, $runtime)."
publish
quietly dotnet build "$project" --configuration Release --nologo --verbosity quiet || die "samples/AotTrainer did not build."

managed=$(dotnet "$project/bin/Release/net10.0/AotTrainer.dll")
native=$("$artifacts/publish/AotTrainer/release_$runtime/AotTrainer")
if [ "$managed" != "$native" ]; then
    diff <(printf '%s\n' "$managed") <(printf '%s\n' "$native") >&2 || true
    die "the managed (<) and the ahead-of-time (>) trainer differ."
fi
say "$native"
say "The managed and the ahead-of-time trainer print the same."
