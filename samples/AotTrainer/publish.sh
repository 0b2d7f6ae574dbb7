#!/usr/bin/env bash
# Publishes this trainer with NativeAOT, runs it and the managed build, and compares what they print.
#
# net10.0, or net9.0 where the package registry has no NativeAOT pack of net10.0. Any warning is an error.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../../build/torch.sh"

project=$repository/samples/AotTrainer
artifacts=$repository/artifacts/aot
# NativeAOT hands some paths to the linker unquoted.
if [[ $artifacts == *[[:space:]]* ]]; then
    artifacts=$(mktemp -d)
    trap 'rm -rf "$artifacts"' EXIT
fi

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

# NativeAOT links with clang or gcc, and separates the symbols with objcopy. Both are tried: a compiler may be there without the
# C library's files. The libraries that NativeAOT needs besides, zlib among them, are in its packages.
find_linker() {
    local candidate
    for candidate in clang gcc; do
        if links "$candidate"; then linker=$candidate; return; fi
    done
    return 1
}

links() {
    local program status=0
    [ "$(uname -s)" = Darwin ] || command -v objcopy >/dev/null || { [ "$1" = clang ] && command -v llvm-objcopy >/dev/null; } || return
    program=$(mktemp)
    "$1" -x c - -o "$program" -pthread -ldl -lm <<<'int main(void) { return 0; }' >/dev/null 2>&1 || status=1
    rm -f "$program"
    return "$status"
}

require_linker() {
    local why="NativeAOT needs a linker: clang or gcc with the C library's files, and objcopy."
    find_linker && return
    [ "$(uname -s)" = Linux ] || die "$why On macOS: xcode-select --install"
    install "$why" gcc libc6-dev
    find_linker || die "gcc and libc6-dev are installed, but gcc does not link a program."
}

publish() {
    quietly aot publish "$framework" --configuration Release --nologo -p:CppCompilerAndLinker="$linker" || die "samples/AotTrainer could not be published."
}

require_dotnet
choose_torch
require_linker
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
