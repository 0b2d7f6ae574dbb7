# shellcheck shell=bash
# What compiles programs ahead of time: finding a framework that the package registry has NativeAOT's pack of, and a linker.
#
#   source build/torch.sh; source build/aot.sh
#   prepare_aot PROJECT ARTIFACTS     sets framework, runtime and linker; installs a linker when it may
#   publish_aot PROJECT ARTIFACTS     publishes it; the program is then in $published
#
# net10.0, or net9.0 where the registry has no pack of net10.0. Any warning is an error. A project takes part by setting PublishAot where
# AotFramework is set; not PublishAot itself on the command line, which would reach the referenced projects as well.

# Everything that is compiled ahead of time lives in a folder of its own, apart from the ordinary bin and obj.
aot() {
    local command=$1 project=$2 artifacts=$3
    shift 3
    dotnet "$command" "$project" --runtime "$runtime" -p:AotFramework="$framework" --artifacts-path "$artifacts" --verbosity quiet "$@"
}

prepare_aot() {
    # NativeAOT hands some paths to the linker unquoted.
    [[ $2 != *[[:space:]]* ]] || die "NativeAOT cannot work in a folder with a space in its name: $2"
    require_linker
    runtime=$(dotnet --info | sed -n 's/^ *RID: *//p')
    for framework in net10.0 net9.0; do
        if aot restore "$1" "$2" >/dev/null 2>&1 </dev/null; then return; fi
    done
    framework=net10.0
    aot restore "$1" "$2" || die "the packages of NativeAOT cannot be restored."
}

publish_aot() {
    local name
    name=$(basename "$1")
    say "Publishing $name with NativeAOT ($framework, $runtime)."
    quietly aot publish "$1" "$2" --configuration Release --nologo -p:CppCompilerAndLinker="$linker" || die "$name could not be published."
    # shellcheck disable=SC2034
    published=$2/publish/$name/release_$runtime
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
