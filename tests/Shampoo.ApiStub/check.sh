#!/usr/bin/env bash
# Compiles everything against all of TorchSharp's signatures, of which Shampoo.LibTorch has a part: the solution, and what
# the generator makes of the declarations in its tests.
#
#   tests/Shampoo.ApiStub/check.sh [LIST]     one line if it compiles, else the compiler's errors
#
# A call that is unambiguous among few overloads need not be so among many, and nothing else here would say so.
# No tensor is made: the TorchSharp.dll that is written from the list of signatures has nothing behind them.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../../build/torch.sh"

list=$(realpath "${1:-$repository/tests/Shampoo.LibTorch.Tests/Api/torchsharp-api-0.106.txt}")
[ -f "$list" ] || die "no list of signatures at $list"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$repository"

# Each error once: a project is built for two frameworks, and the build repeats its errors at the end.
show_errors() { grep -E '(error|warning) [A-Z]+[0-9]+:' "$1" | sed 's/^ *//; s/ \[[^]]*\]$//' | sort -u >&2 || cat "$1" >&2; }

# Apart from the other builds, which have another TorchSharp.
against_stub() {
    local command=$1 project=$2
    shift 2
    dotnet "$command" "$project" --nologo --verbosity quiet -warnaserror --artifacts-path "$work/all" \
        -p:TorchSharpDirectory="$work/torchsharp" "$@" </dev/null
}

# The test that compiles what is generated for every pair of options.
compile_generated() {
    against_stub test tests/Shampoo.Generators.Tests --filter 'FullyQualifiedName~CompiledStepTests.Nothing_is_allocated' \
        --logger 'console;verbosity=normal' -- RunConfiguration.TreatNoTestsAsError=true
}

quietly dotnet build tests/Shampoo.ApiStub --nologo --verbosity quiet --artifacts-path "$work/stub" ||
    die "tests/Shampoo.ApiStub does not build"
made=$(dotnet "$work/stub/bin/Shampoo.ApiStub/debug/Shampoo.ApiStub.dll" "$list" "$work/torchsharp") ||
    die "no stub can be made of $list"
made=${made##*$'\n'}

against_stub build Shampoo.sln >"$work/log" 2>&1 ||
    { show_errors "$work/log"; die "this does not compile against TorchSharp's signatures ($made)"; }
quietly compile_generated || die "what the generator writes does not compile against TorchSharp's signatures ($made)"
say "Everything compiles against TorchSharp's signatures ($made)."
