#!/bin/sh
# Builds libLibTorchSharp.so, the native half of Shampoo.LibTorch, with $CXX or g++.
#
#   build.sh [OUTPUT-FOLDER]        default: bin/ beside this script
#
# libtorch is taken from $LIBTORCH (a folder with include/ and lib/), else from the system (Debian's libtorch-dev),
# else from the torch package of python3.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here/bin}
cxx=${CXX:-g++}
machine=$(uname -m)

die() { echo "native/build.sh: error: $*" >&2; exit 1; }

abi=
rpath=
has_torch() { [ -f "$1/include/ATen/ATen.h" ]; }

if [ -n "${LIBTORCH:-}" ]; then
    has_torch "$LIBTORCH" || die "LIBTORCH is '$LIBTORCH', but there is no include/ATen/ATen.h in it."
    root=$LIBTORCH
elif has_torch /usr; then
    root=/usr
elif root=$(python3 -c 'import importlib.util, os; s = importlib.util.find_spec("torch"); print(os.path.dirname(s.origin))' 2>/dev/null) && has_torch "$root"; then
    abi=$(python3 -c 'import torch; print(int(torch._C._GLIBCXX_USE_CXX11_ABI))')
else
    die "no libtorch found. Install one with: apt-get install --no-install-recommends libtorch-dev libopenblas0
  or set LIBTORCH to a folder with include/ and lib/, or install the torch package of python3."
fi
command -v "$cxx" >/dev/null 2>&1 || die "no C++ compiler '$cxx'. Install one with: apt-get install g++, or set CXX."

lib=
for candidate in "$root/lib" "$root/lib/$machine-linux-gnu" "$root/lib64"; do
    if [ -f "$candidate/libtorch_cpu.so" ]; then lib=$candidate; break; fi
done
[ -n "$lib" ] || die "libtorch's headers are in '$root/include', but libtorch_cpu.so is in none of $root/lib, $root/lib/$machine-linux-gnu, $root/lib64."

# A libtorch of its own folder may be built with the old ABI of std::string; the symbols say so.
if [ -z "$abi" ]; then
    abi=1
    if [ "$root" != /usr ] && command -v nm >/dev/null 2>&1 &&
        ! nm -D --defined-only "$lib/libc10.so" | grep -q '_ZN3c105ErrorC[12].*__cxx11'; then abi=0; fi
fi
include="-isystem $root/include/torch/csrc/api/include"
if [ "$root" != /usr ]; then
    include="-isystem $root/include $include"
    rpath="-Wl,-rpath,$lib"
fi

# Nothing here refers to CUDA, but its library registers the CUDA kernels when it is loaded.
cuda=
[ -f "$lib/libtorch_cuda.so" ] && cuda="-Wl,--no-as-needed -ltorch_cuda -Wl,--as-needed"

# 1.13 wants C++17; the newest headers say so where they want more.
std=c++17
grep -q '__cplusplus < 202002L' "$root/include/ATen/ATen.h" && std=c++20

mkdir -p "$out"
# Compiled beside the target and moved into place: a process that has the old library loaded keeps it.
temporary=$out/.libLibTorchSharp.$$.so
trap 'rm -f "$temporary"' EXIT
# shellcheck disable=SC2086
"$cxx" -std="$std" -O2 -fPIC -shared -fvisibility=hidden -Wall -Wno-sign-compare -Wno-unknown-pragmas \
    -D_GLIBCXX_USE_CXX11_ABI="$abi" ${CXXFLAGS:-} \
    $include \
    "$here/torch.cpp" -o "$temporary" \
    -L"$lib" $rpath -Wl,-z,defs -ltorch_cpu -lc10 $cuda ${LDFLAGS:-}
mv -f "$temporary" "$out/libLibTorchSharp.so"
trap - EXIT
echo "native/build.sh: $out/libLibTorchSharp.so (libtorch in $lib)"
