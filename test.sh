#!/usr/bin/env bash
# Test it: builds everything with warnings as errors, and runs every test.
#
#   ./test.sh                     everything
#   ./test.sh PART…               some parts: unit, ranks, gpu, api, aot, samples
#   ./test.sh conformance DIR     the reference trajectories of a folder (format: tests/vectors/README.md)
#
# The last line is "N passed, N failed, N skipped", summed over all that ran; the exit status is 1 if anything failed.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/build/torch.sh"
cd "$repository"

passed=0 failed=0 skipped=0
add() { passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3)); }

# finish PART…: nothing that passed is a failure, but where there is no GPU.
finish() {
    say "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" -eq 0 ] && { [ "$passed" -gt 0 ] || [ "$*" = gpu ]; }
    exit
}

# One test that is a command: its output is shown only if it fails.
check() {
    local name=$1
    shift
    if quietly within 1800 "$@"; then add 1 0 0; else say "FAILED: $name"; add 0 1 0; fi
}

build() {
    say "Building."
    quietly dotnet build Shampoo.sln --configuration Release --nologo --verbosity quiet -warnaserror ||
        { say "FAILED: the build"; add 0 1 0; finish; }
}

unit() {
    local project results status
    results=$scratch/results
    for project in tests/*.Tests; do
        local name=${project#tests/}
        status=0
        say "Testing $name."
        # A test that hangs is stopped and named; the outer limit is for what hangs outside of a test.
        within 1800 dotnet test "$project" --configuration Release --no-build --nologo --verbosity quiet \
            --results-directory "$results" --logger "trx;LogFileName=$name.trx" \
            --blame-hang-timeout 5m --blame-hang-dump-type none >"$scratch/log" 2>&1 </dev/null || status=$?
        [ "$status" -ne 124 ] || say "FAILED: $name did not end within half an hour"
        [ "$status" -eq 0 ] || grep -v '^\s*$' "$scratch/log" || true
        count "$results/$name.trx" "$status"
    done
}

# count FILE STATUS: adds what a test run has written, in which skipped tests are those that are not executed, and notExecuted is 0. A run that failed without saying so is a failure, too, and so is one
# that began to write and did not come to its counters.
count() {
    local counters before=$failed
    if [ -f "$1" ]; then
        counters=$(grep -o '<Counters [^>]*>' "$1") || { say "FAILED: $(basename "$1") has no results"; add 0 1 0; return; }
        add "$(counter passed)" "$(($(counter failed) + $(counter error) + $(counter timeout) + $(counter aborted)))" "$(($(counter total) - $(counter executed)))"
    fi
    [ "$2" -eq 0 ] || [ "$failed" -gt "$before" ] || add 0 1 0
}

counter() { if [[ $counters =~ \ $1=\"([0-9]+)\" ]]; then echo "${BASH_REMATCH[1]}"; else echo 0; fi; }

conformance() {
    local folder=$1 log=$scratch/log
    within 1800 dotnet tests/Shampoo.Conformance/bin/Release/net10.0/Shampoo.Conformance.dll "$folder" >"$log" 2>&1 </dev/null || true
    sed '$d' "$log"
    if [[ $(tail -n 1 "$log") =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed,\ ([0-9]+)\ skipped$ ]]; then
        add "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}" "${BASH_REMATCH[3]}"
    else
        tail -n 1 "$log"
        add 0 1 0
    fi
}

# Several processes under mpirun: a test for each scenario of tests/Shampoo.Ranks and number of ranks.
ranks() {
    local count scenario
    require_mpirun
    for count in 2 3 4; do
        say "Testing with $count ranks."
        on_ranks "$count" ""
        # Where ranks die, mpirun must not end the others.
        for scenario in $(dotnet "$rank_tests" --ending); do on_ranks "$count" --enable-recovery "$scenario"; done
    done
}

# Ranks that share a machine, each on one thread. Their tensors are the host's, whatever GPUs there are.
mpirun=(env OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1
    SHAMPOO_COLLECTIVE_ENGINE=mpi SHAMPOO_COLLECTIVE_TIMEOUT=60 TERM=dumb mpirun --oversubscribe)
rank_tests=tests/Shampoo.Ranks/bin/Release/net10.0/Shampoo.Ranks.dll

# on_ranks COUNT OPTION SCENARIO…
on_ranks() {
    local count=$1 option=$2
    shift 2
    # shellcheck disable=SC2086
    scenarios "with $count ranks: $*" "${mpirun[@]}" $option -n "$count" dotnet "$rank_tests" "$@"
}

# scenarios WHERE COMMAND…: its processes say "passed NAME" or "FAILED NAME …".
scenarios() {
    local where=$1 log=$scratch/ranks status=0 good bad
    shift
    within 300 "$@" >"$log" 2>&1 </dev/null || status=$?
    good=$(grep -c '^passed ' "$log" || true)
    bad=$(grep '^FAILED ' "$log" | cut -d' ' -f2 | sort -u | grep -c . || true)
    [ "$status" -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
    [ "$bad" -eq 0 ] || { say "FAILED $where, status $status"; cat "$log"; }
    add "$good" "$bad" 0
}

# What needs a GPU: the scenarios that run anywhere, as one rank of NCCL, whose tensors, steps and kernels are the GPU's.
gpu() {
    if [ "$(dotnet "$rank_tests" --gpus)" = 0 ]; then
        say "Skipped: what needs a GPU, as torch sees none. One with CUDA is taken from \$LIBTORCH or python's torch package with TORCH_PROVIDER=System."
        add 0 0 1
        return
    fi
    say "Testing on a GPU."
    scenarios "on a GPU" env -u RANK -u WORLD_SIZE SHAMPOO_COLLECTIVE_ENGINE=nccl SHAMPOO_COLLECTIVE_TIMEOUT=60 dotnet "$rank_tests"
}

# The signatures of our own binding are a subset of TorchSharp's; what is compiled against all of them sees its other overloads, too.
api() {
    say "Compiling against all of TorchSharp's signatures."
    check "tests/Shampoo.ApiStub" tests/Shampoo.ApiStub/check.sh
}

aot() {
    say "Publishing samples/AotTrainer ahead of time, and comparing it with the managed build."
    check "samples/AotTrainer" samples/AotTrainer/publish.sh
}

samples() {
    say "Running samples/Digits."
    check "samples/Digits" "${digits[@]}" --output "$scratch/digits.html"
    require_mpirun
    check "samples/Digits --ranks 2" "${digits[@]}" --ranks 2 --networks 1 --epochs 10 --output "$scratch/ranks.html"
    check "samples/ManyRanks" "${mpirun[@]}" --wdir "$scratch" -n 2 dotnet "$repository/samples/ManyRanks/bin/Release/net10.0/ManyRanks.dll"
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

require_dotnet
choose_torch
case "${1:-all}" in
    all)
        build
        unit
        ranks
        gpu
        say "Running the reference trajectories."
        conformance tests/vectors/reference
        api
        aot
        samples
        ;;
    conformance)
        folder=$(cd "$OLDPWD" && realpath "${2:-$repository/tests/vectors/reference}")
        quietly dotnet build tests/Shampoo.Conformance --configuration Release --nologo --verbosity quiet ||
            { say "FAILED: the build"; add 0 1 0; finish; }
        conformance "$folder"
        ;;
    *)
        for part in "$@"; do
            case "$part" in
                unit | ranks | gpu | api | aot | samples) ;;
                conformance) die "conformance takes a folder, and runs alone: ./test.sh conformance DIR" ;;
                *) die "unknown part '$part'; there are: unit, ranks, gpu, api, aot, samples, and conformance DIR" ;;
            esac
        done
        build
        for part in "$@"; do "$part"; done
        ;;
esac
finish "$@"
