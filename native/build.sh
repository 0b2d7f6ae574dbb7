#!/bin/sh
# Builds libLibTorchSharp.so, the native half of Shampoo.LibTorch, with $CXX or g++.
#
#   build.sh [OUTPUT-FOLDER]        default: bin/ beside this script
#   build.sh --find                 prints the folder of the libtorch that would be taken; status 1 if there is none
#
# libtorch is taken from $LIBTORCH (a folder with include/ and lib/), else from the system (Debian's libtorch-dev),
# else from the torch package of python3.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cxx=${CXX:-g++}
machine=$(uname -m)

die() { printf '%s\n' "native/build.sh: error: $*" >&2; exit 1; }

# --- the search; build/torch.sh asks for it with --find ---

has_torch() { [ -f "$1/include/ATen/ATen.h" ]; }

python_torch() {
    python3 -c 'import importlib.util, os; print(os.path.dirname(importlib.util.find_spec("torch").origin))' 2>/dev/null
}

# Sets root. Status 1: there is none; 2: LIBTORCH names none, which is an error and not a reason to take another.
find_torch() {
    if [ -n "${LIBTORCH:-}" ]; then
        root=$LIBTORCH
        has_torch "$root" && return
        echo "error: LIBTORCH is '$LIBTORCH', but there is no include/ATen/ATen.h in it.
  Set it to a libtorch folder, or unset it; if it is not set, torch.props has it, and ./run.sh looks again." >&2
        return 2
    fi
    root=/usr
    has_torch "$root" || { root=$(python_torch) && has_torch "$root"; } || return 1
}

found=0
find_torch || found=$?
if [ "${1:-}" = --find ]; then
    [ "$found" -ne 0 ] || printf '%s\n' "$root"
    exit "$found"
fi
[ "$found" -ne 2 ] || exit 1
[ "$found" -eq 0 ] ||
    die "no libtorch found. Install one with: apt-get install --no-install-recommends libtorch-dev libopenblas0
  or set LIBTORCH to a folder with include/ and lib/, or install the torch package of python3."

# --- the compiler and its options ---

out=${1:-$here/bin}
command -v "$cxx" >/dev/null 2>&1 || die "no C++ compiler '$cxx'. Install one with: apt-get install g++, or set CXX."

lib=
for candidate in "$root/lib" "$root/lib/$machine-linux-gnu" "$root/lib64"; do
    if [ -f "$candidate/libtorch_cpu.so" ]; then lib=$candidate; break; fi
done
[ -n "$lib" ] || die "libtorch's headers are in '$root/include', but libtorch_cpu.so is in none of $root/lib, $root/lib/$machine-linux-gnu, $root/lib64."

# A libtorch of its own folder may be built with the old ABI of std::string; the symbols say so.
abi=1
if [ "$root" != /usr ] && command -v nm >/dev/null 2>&1 &&
    ! nm -D --defined-only "$lib/libc10.so" | grep -q '_ZN3c105ErrorC[12].*__cxx11'; then abi=0; fi

# 1.13 wants C++17; the newest headers say so where they want more.
std=c++17
grep -q '__cplusplus < 202002L' "$root/include/ATen/ATen.h" && std=c++20

# The options with paths in them, which may have spaces.
set -- -isystem "$root/include/torch/csrc/api/include"
[ "$root" = /usr ] || set -- -isystem "$root/include" "$@"
set -- "$@" "$here/torch.cpp" -L"$lib"
[ "$root" = /usr ] || set -- "$@" -Xlinker -rpath -Xlinker "$lib"
set -- "$@" -Wl,-z,defs -ltorch_cpu -lc10
# Nothing here refers to CUDA, but its library registers the CUDA kernels when it is loaded.
[ ! -f "$lib/libtorch_cuda.so" ] || set -- "$@" -Wl,--no-as-needed -ltorch_cuda -Wl,--as-needed

mkdir -p "$out"
# Compiled beside the target and moved into place: a process that has the old library loaded keeps it.
temporary=$out/.libLibTorchSharp.$$.so
trap 'rm -f "$temporary"' EXIT
# CXXFLAGS and LDFLAGS are lists.
# shellcheck disable=SC2086
"$cxx" -std="$std" -O2 -fPIC -shared -fvisibility=hidden -Wall -Wno-sign-compare -Wno-unknown-pragmas \
    -D_GLIBCXX_USE_CXX11_ABI="$abi" ${CXXFLAGS:-} \
    -o "$temporary" "$@" ${LDFLAGS:-}
mv -f "$temporary" "$out/libLibTorchSharp.so"
trap - EXIT
echo "native/build.sh: $out/libLibTorchSharp.so (libtorch in $lib)"
