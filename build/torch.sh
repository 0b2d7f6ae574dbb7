# shellcheck shell=bash
# What run.sh and test.sh share: calm dotnet commands, and finding out which torch this machine can have.
#
#   source build/torch.sh
#   require_dotnet          the .NET 10 SDK is there, or a clear error
#   choose_torch            Package or System; installs what is missing when it may; remembers it in torch.props
#   quietly COMMAND...      runs a command; its output is shown only if it fails
#   within SECONDS COMMAND...   runs a command, and stops it if it takes longer
#   install WHY PACKAGE...  installs Debian packages when it may; else says the command, and ends
#   require_mpirun          mpirun is there; installs it when it may
#   "${digits[@]}"          the command that runs samples/Digits
#
# TORCH_PROVIDER=Package|System decides instead. The remembered choice is used again as long as it works.

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
remembered=$repository/torch.props

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false
# No build servers stay behind that hold files or a terminal.
export MSBUILDDISABLENODEREUSE=1

# Matrices of 128 rows at most: OpenBLAS computes their products and eigenvectors faster, and with less work, on one thread.
# shellcheck disable=SC2034
digits=(env OPENBLAS_NUM_THREADS="${OPENBLAS_NUM_THREADS:-1}" dotnet "$repository/samples/Digits/bin/Release/net10.0/Digits.dll")

# Builds run in other folders than this command.
if [[ ${LIBTORCH:-} == [!/]* ]]; then export LIBTORCH=$PWD/$LIBTORCH; fi

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

# within SECONDS COMMAND...: stops a command that hangs, where the machine has a command for that. The status is then 124.
within() {
    local seconds=$1 status=0
    shift
    command -v timeout >/dev/null || { "$@"; return; }
    # timeout makes the command a process group of its own, to stop all of it. That keeps Ctrl-C away from it, so pass it on.
    timeout --kill-after=10 "$seconds" "$@" &
    # shellcheck disable=SC2064
    trap "kill $! 2>/dev/null; exit 130" INT TERM
    wait "$!" || status=$?
    trap - INT TERM
    return "$status"
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

# The versions that are asked for, in whole: NuGet writes .nupkg.metadata last.
packages_restored() {
    packages_run_here && package_restored TorchSharp && package_restored TorchSharp-cpu
}

package_restored() {
    local version folder=${NUGET_PACKAGES:-${HOME:-}/.nuget/packages}
    version=$(sed -n "s/.*Include=\"$1\" Version=\"\[*\([^]\"]*\).*/\1/p" "$repository/Directory.Packages.props")
    [ -n "$version" ] && [ -f "$folder/$(tr '[:upper:]' '[:lower:]' <<<"$1")/$version/.nupkg.metadata" ]
}

# --- System: Shampoo.LibTorch on an installed libtorch --------------------------------------------------------------

# native/build.sh searches; a LIBTORCH that is none ends everything, with its message.
find_libtorch() {
    local status=0
    libtorch=$(sh "$repository/native/build.sh" --find) || status=$?
    [ "$status" -lt 2 ] || exit 1
    return "$status"
}

find_compiler() { command -v "${CXX:-g++}" >/dev/null; }

system_works() { [ "$(uname -s)" = Linux ] && find_libtorch && find_compiler; }

install_libtorch() {
    local missing=()
    [ "$(uname -s)" = Linux ] || die "TorchSharp's packages cannot be restored here, and Shampoo.LibTorch is for Linux. Check the package sources: dotnet nuget list source"
    find_libtorch || missing+=(libtorch-dev libopenblas0)
    find_compiler || missing+=(g++)
    command -v apt-get >/dev/null ||
        die "no torch found, and no apt-get to install one. Install libtorch with its headers and a C++ compiler, and set LIBTORCH to its folder."
    install "there is no torch yet that works here." "${missing[@]}"
    system_works || die "${missing[*]} is installed, but there is still no libtorch to be found. Set LIBTORCH to its folder."
}

install() {
    local why=$1 command
    shift
    command="apt-get install --yes --no-install-recommends $*"
    command -v apt-get >/dev/null || die "$why There is no apt-get to install it here; on Debian it would be: $command"
    may_install ||
        die "$why Install what is missing, then run this again:
  sudo apt-get update && sudo $command"
    say "Installing $* (apt-get, half a minute)."
    quietly as_root apt-get update || say "apt-get update did not finish; trying with the package lists there are."
    # shellcheck disable=SC2086
    quietly as_root env DEBIAN_FRONTEND=noninteractive $command || die "this failed: $command"
}

require_mpirun() {
    command -v mpirun >/dev/null || install "there is no mpirun yet, which starts several processes." openmpi-bin libopenmpi3
}

# Root, or sudo where it asks for no password.
may_install() { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }

# --- the choice -----------------------------------------------------------------------------------------------------

choose_torch() {
    case "${TORCH_PROVIDER:-}" in
        '') use_remembered || find_torch ;;
        Package) packages_restored || use_packages || die "TORCH_PROVIDER is Package, but the packages cannot be used here: $restore_error" ;;
        System) recall_libtorch || true; use_system ;;
        *) die "TORCH_PROVIDER is '$TORCH_PROVIDER'; it must be Package or System." ;;
    esac
    remember "${chosen:-$TORCH_PROVIDER}"
}

use_remembered() {
    case "$(recall TorchProvider)" in
        Package) packages_restored && chosen=Package ;;
        System) recall_libtorch && system_works && chosen=System ;;
        *) return 1 ;;
    esac
}

# Another folder in $LIBTORCH decides; one that is gone is looked for again.
recall_libtorch() {
    local folder
    folder=$(recall RememberedLibtorch)
    [ -z "$folder" ] || [ -n "${LIBTORCH:-}" ] || {
        LIBTORCH=$folder sh "$repository/native/build.sh" --find >/dev/null 2>&1 || { say "The libtorch that was in $folder is gone."; return 1; }
        export LIBTORCH=$folder
    }
}

recall() { sed -n "s:.*<$1>\(.*\)</$1>.*:\1:p" "$remembered" 2>/dev/null | from_property; }

# What XML and MSBuild would read as something else.
to_property() { sed 's/%/%25/g; s/\$/%24/g; s/@/%40/g; s/;/%3B/g; s/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g'; }
from_property() { sed 's/&gt;/>/g; s/&lt;/</g; s/&amp;/\&/g; s/%3B/;/g; s/%40/@/g; s/%24/$/g; s/%25/%/g'; }

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
    say "Using the libtorch in $libtorch."
    chosen=System
}

# Written beside the target and moved into place: a build that reads it meanwhile sees the old choice or the new one.
# The system's libtorch is found again by any build; one from $LIBTORCH or a python would not be.
remember() {
    local temporary folder=
    if [ "$1" = System ] && [ "$libtorch" != /usr ]; then
        folder="
    <RememberedLibtorch>$(to_property <<<"$libtorch")</RememberedLibtorch>"
    fi
    temporary=$(mktemp "$remembered.XXXXXX")
    cat >"$temporary" <<PROPS
<Project>
  <!-- The torch of this machine, found by run.sh or test.sh. Delete this file to have it looked for again. -->
  <PropertyGroup>
    <TorchProvider>$1</TorchProvider>$folder
  </PropertyGroup>
</Project>
PROPS
    if cmp -s "$temporary" "$remembered"; then rm -f "$temporary"; else chmod 644 "$temporary" && mv -f "$temporary" "$remembered"; fi
}
