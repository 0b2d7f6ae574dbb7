# shellcheck shell=bash
# What run.sh and test.sh share: calm dotnet commands, and finding out which torch this machine can have.
#
#   source build/torch.sh
#   require_dotnet          the .NET 10 SDK is there, or a clear error
#   choose_torch            Package or System; installs what is missing when it may; remembers it in torch.props
#   quietly COMMAND...      runs a command; its output is shown only if it fails
#
# TORCH_PROVIDER=Package|System decides instead. The remembered choice is used again as long as it works.

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
remembered=$repository/torch.props

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false
# No build servers stay behind that hold files or a terminal.
export MSBUILDDISABLENODEREUSE=1

say() { printf '%s\n' "$*"; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

quietly() {
    local log status=0
    log=$(mktemp)
    "$@" >"$log" 2>&1 </dev/null || status=$?
    [ "$status" -eq 0 ] || cat "$log" >&2
    rm -f "$log"
    return "$status"
}

# within SECONDS COMMAND...: stops a command that hangs, where the machine has a command for that.
within() {
    local seconds=$1
    shift
    if command -v timeout >/dev/null; then timeout "$seconds" "$@"; else "$@"; fi
}

# --- .NET -----------------------------------------------------------------------------------------------------------

require_dotnet() {
    local version
    command -v dotnet >/dev/null ||
        die "no 'dotnet' on the PATH. Shampoo needs the .NET 10 SDK: https://dotnet.microsoft.com/download/dotnet/10.0"
    # Asked in the repository, so that global.json decides which SDKs are new enough.
    version=$(cd "$repository" && dotnet --version 2>&1) ||
        die "Shampoo needs the .NET 10 SDK (https://dotnet.microsoft.com/download/dotnet/10.0). dotnet says:
$version"
}

# --- Package: TorchSharp's NuGet packages ---------------------------------------------------------------------------

packages_run_here() {
    case "$(uname -s)-$(uname -m)" in
        Linux-x86_64 | Darwin-arm64 | MINGW*-x86_64 | MSYS*-x86_64) ;;
        *) return 1 ;;
    esac
}

# Restores a throw-away project: TorchSharp alone first, which is small and says soon whether a registry has it.
restore_packages() {
    local folder status=0
    folder=$(mktemp -d)
    cp "$repository/Directory.Packages.props" "$folder"
    cat >"$folder/probe.csproj" <<PROJECT
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>net10.0</TargetFramework>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="TorchSharp" />
    <PackageReference Include="TorchSharp-cpu" Condition="'\$(WithLibtorch)' == 'true'" />
  </ItemGroup>
</Project>
PROJECT
    restore 120 "$folder" && say "Restoring TorchSharp's packages (the first time, some hundred megabytes)." &&
        restore 1800 "$folder" -p:WithLibtorch=true || status=1
    rm -rf "$folder"
    return "$status"
}

# restore SECONDS FOLDER ARGUMENTS...: leaves the reason in restore_error.
restore() {
    local seconds=$1 folder=$2
    shift 2
    within "$seconds" dotnet restore "$folder/probe.csproj" "$@" >"$folder/log" 2>&1 </dev/null && return
    restore_error=$(grep -m 1 -o 'NU[0-9]*: .*' "$folder/log" || echo "no answer within $seconds seconds")
    return 1
}

packages_restored() { packages_run_here && [ -d "${NUGET_PACKAGES:-$HOME/.nuget/packages}/torchsharp-cpu" ]; }

# --- System: Shampoo.LibTorch on an installed libtorch (the same search as native/build.sh) -------------------------

find_libtorch() {
    local candidate
    if [ -n "${LIBTORCH:-}" ]; then
        libtorch=$LIBTORCH
        has_headers "$LIBTORCH" || die "LIBTORCH is '$LIBTORCH', but there is no include/ATen/ATen.h in it. Set it to a libtorch folder, or unset it."
        return 0
    fi
    for candidate in /usr "$(python_torch)"; do
        if has_headers "$candidate"; then libtorch=$candidate; return 0; fi
    done
    return 1
}

has_headers() { [ -f "$1/include/ATen/ATen.h" ]; }

python_torch() {
    python3 -c 'import importlib.util, os; print(os.path.dirname(importlib.util.find_spec("torch").origin))' 2>/dev/null || true
}

find_compiler() { command -v "${CXX:-g++}" >/dev/null; }

system_works() { [ "$(uname -s)" = Linux ] && find_libtorch && find_compiler; }

install_libtorch() {
    local missing=() command
    [ "$(uname -s)" = Linux ] || die "TorchSharp's packages cannot be restored here, and Shampoo.LibTorch is for Linux. Check the package sources: dotnet nuget list source"
    find_libtorch || missing+=(libtorch-dev libopenblas0)
    find_compiler || missing+=(g++)
    command="apt-get install --yes --no-install-recommends ${missing[*]}"
    command -v apt-get >/dev/null ||
        die "no torch found, and no apt-get to install one. Install libtorch with its headers and a C++ compiler, and set LIBTORCH to its folder."
    may_install ||
        die "no torch found. Install one, then run this again:
  sudo apt-get update && sudo $command"
    say "Installing ${missing[*]} (apt-get, half a minute)."
    quietly as_root apt-get update || say "apt-get update did not finish; trying with the package lists there are."
    # shellcheck disable=SC2086
    quietly as_root env DEBIAN_FRONTEND=noninteractive $command || die "this failed: $command"
    find_libtorch && find_compiler || die "${missing[*]} is installed, but there is still no libtorch to be found. Set LIBTORCH to its folder."
}

# Root, or sudo where it asks for no password.
may_install() { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }

# --- the choice -----------------------------------------------------------------------------------------------------

choose_torch() {
    case "${TORCH_PROVIDER:-}" in
        '') use_remembered || find_torch ;;
        Package) packages_restored || use_packages || die "TORCH_PROVIDER is Package, but the packages cannot be used here: $restore_error" ;;
        System) use_system ;;
        *) die "TORCH_PROVIDER is '$TORCH_PROVIDER'; it must be Package or System." ;;
    esac
    remember "${chosen:-$TORCH_PROVIDER}"
}

use_remembered() {
    case "$(sed -n 's:.*<TorchProvider>\(.*\)</TorchProvider>.*:\1:p' "$remembered" 2>/dev/null)" in
        Package) packages_restored && chosen=Package ;;
        System) system_works && chosen=System ;;
        *) return 1 ;;
    esac
}

find_torch() {
    say "Looking for torch: TorchSharp's packages, else an installed libtorch."
    use_packages || use_system
}

use_packages() {
    restore_error="TorchSharp has no libtorch for $(uname -s) on $(uname -m)"
    packages_run_here && restore_packages || return 1
    say "Using TorchSharp's packages."
    chosen=Package
}

use_system() {
    system_works || install_libtorch
    say "Using the libtorch in $libtorch.${LIBTORCH:+ LIBTORCH has to stay set for later builds.}"
    chosen=System
}

# Written beside the target and moved into place: a build that reads it meanwhile sees the old choice or the new one.
remember() {
    local temporary
    temporary=$(mktemp "$remembered.XXXXXX")
    cat >"$temporary" <<PROPS
<Project>
  <!-- The torch of this machine, found by run.sh or test.sh. Delete this file to have it looked for again. -->
  <PropertyGroup>
    <TorchProvider>$1</TorchProvider>
  </PropertyGroup>
</Project>
PROPS
    if cmp -s "$temporary" "$remembered"; then rm -f "$temporary"; else chmod 644 "$temporary" && mv -f "$temporary" "$remembered"; fi
}
