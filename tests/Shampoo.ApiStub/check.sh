#!/usr/bin/env bash
# Compiles everything against all of TorchSharp's signatures, of which Shampoo.LibTorch has a part.
#
#   tests/Shampoo.ApiStub/check.sh [LIST]     one line if it compiles, else the compiler's errors
#
# A call that is unambiguous among few overloads need not be so among many, and nothing else here would say so.
# Nothing is run: the TorchSharp.dll that is made from the list of signatures has nothing behind them.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../../build/torch.sh"

list=$(realpath "${1:-$repository/tests/Shampoo.LibTorch.Tests/Api/torchsharp-api-0.106.txt}")
[ -f "$list" ] || die "no list of signatures at $list"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$repository"

# The errors only, each once: a project is built for two frameworks, and the build repeats them at its end.
show_errors() { grep -E '(error|warning) [A-Z]+[0-9]+:' "$1" | sed 's/^ *//; s/ \[[^]]*\]$//' | sort -u >&2 || cat "$1" >&2; }

quietly dotnet build tests/Shampoo.ApiStub --nologo --verbosity quiet --artifacts-path "$work/stub" ||
    die "tests/Shampoo.ApiStub does not build"
made=$(dotnet "$work"/stub/bin/Shampoo.ApiStub/debug/Shampoo.ApiStub.dll "$list" "$work/torchsharp") ||
    die "there is no stub of TorchSharp"

if ! dotnet build Shampoo.sln --nologo --verbosity quiet -warnaserror --artifacts-path "$work/all" \
    -p:TorchSharpDirectory="$work/torchsharp" >"$work/log" 2>&1 </dev/null; then
    show_errors "$work/log"
    die "this does not compile against TorchSharp's signatures (${made##*$'\n'})"
fi
say "Compiles against TorchSharp's signatures: ${made##*$'\n'}."
