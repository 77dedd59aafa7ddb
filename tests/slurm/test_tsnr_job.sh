#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# slurm/tsnr.sbatch end to end: eight ranks on four hosts, whose messages cross TCP, give the bits
# that one rank gives, log and maps lie where the head of the script says, and bad input is a
# sentence, a failed job and no file. Inputs are sample_app's runs and, where they are, real ones.
set -u

# Started by a PMI that its MPI does not speak, each rank would believe that it is alone.
if ! ${TEGULA_MPIRUN:-mpirun} --version | grep -qE 'Open MPI|OpenRTE'; then
    echo "the private cluster starts ranks of Open MPI only"
    exit 77
fi
. "$TEGULA_SOURCE/tests/slurm/job.sh"
real=$TEGULA_SHARED/data/bold
share=()
[ ! -d "$real" ] || share=(--share "$real")
in_cluster "${share[@]}" -- bash "$0"

script=$TEGULA_SOURCE/slurm/tsnr.sbatch
export TEGULA_BIN=$TEGULA_BUILD/bin
unset TSNR_OUT TSNR_ARGS TSNR_LAUNCH

make_samples() {
    local scale=()
    ! "$TEGULA_BIN/sample_app" --help | grep -q -- --scale || scale=(--scale small)
    mkdir -p samples
    "$TEGULA_BIN/sample_app" "${scale[@]}" samples >sample.txt 2>&1 ||
        failed "sample_app ends with $?" sample.txt
}

bytes_between_hosts() {
    local sum=0
    for host in h1 h2 h3 h4; do
        sum=$((sum + $(bytes_received "$host")))
    done
    echo "$sum"
}

# The values, byte by byte: h5diff alone would take -0 for 0 and says nothing of the type.
dump() { # file, dataset, where to
    h5dump -d "$2" -b FILE -o "$3" "$1" >/dev/null || failed "$1 has no dataset $2"
}

expect_same_maps() { # file, file
    for map in /tsnr /mean /std; do
        dump "$1" "$map" one.bin
        dump "$2" "$map" two.bin
        [ -s one.bin ] || failed "$1:$map is empty"
        cmp -s one.bin two.bin || failed "$map differs between $1 and $2"
    done
    h5diff -c "$1" "$2" || failed "$1 and $2 differ"
    echo "ok: $1 and $2 hold the same bits"
}

# At least one map of partial means has to change hosts, beside what a job without data sends.
expect_messages() { # bytes between hosts, file with the maps
    local map
    dump "$2" /mean mean.bin
    map=$(stat -c %s mean.bin)
    [ "$1" -gt $((idle + map)) ] ||
        failed "$1 bytes went between hosts: $idle without data, and a map alone has $map" "$log"
    echo "ok: $1 bytes went between hosts, more than $idle without data and the $map of a map"
}

expect_all_hosts() {
    for host in h1 h2 h3 h4; do
        grep -qw "$host" "$log" || failed "no rank says that it ran on $host" "$log"
    done
    echo "ok: ranks ran on h1, h2, h3 and h4"
}

# With the default names, which are part of what is promised.
test_job() { # launcher, name, runs
    local launcher=$1 name=$2 before
    shift 2
    echo "== $name, by $launcher"
    [ -e "$name.h5" ] || "$TEGULA_BIN/tsnr_app" "$@" -o "$name.h5" >"$name.txt" 2>&1 ||
        failed "tsnr_app on one rank ends with $?" "$name.txt"
    before=$(bytes_between_hosts)
    job=$(TSNR_LAUNCH=$launcher TSNR_ARGS=--verbose submit -N 4 -n 8 "$script" "$@") ||
        failed "sbatch refuses $script"
    log=tsnr-$job.out
    wait_end "$job" 120
    expect "state of the job" COMPLETED "$(job_field "$job" JobState)" "$log"
    expect "exit code of the job" 0:0 "$(job_field "$job" ExitCode)" "$log"
    expect_in_log 1 "attempt 1, h\\[1-4\\], $launcher" "$log"
    expect_in_log 1 'median tSNR' "$log"
    expect_all_hosts
    expect_same_maps "$name.h5" "tsnr-$job.h5"
    expect_messages $(($(bytes_between_hosts) - before)) "$name.h5"
}

test_missing_run() { # launcher, a run that is there; sets idle, the bytes such a job sends
    echo "== a run that is not there, by $1"
    mkdir -p maps
    idle=$(bytes_between_hosts)
    job=$(TSNR_LAUNCH=$1 TSNR_OUT=maps/t.h5 submit -N 4 -n 8 "$script" "$2" missing.h5) ||
        failed "sbatch refuses $script"
    log=tsnr-$job.out
    wait_end "$job" 60
    idle=$(($(bytes_between_hosts) - idle))
    expect "state of the job" FAILED "$(job_field "$job" JobState)" "$log"
    expect "exit code of the job" 1:0 "$(job_field "$job" ExitCode)" "$log"
    expect "files left" '' "$(ls -A maps)" "$log"
    grep -v '^tsnr.sbatch' "$log" | grep -q 'missing\.h5' ||
        failed "nothing names missing.h5" "$log"
    echo "ok: the log names missing.h5"
}

# Left to itself the script takes srun only where the ranks of all nodes wait for each other.
test_choice() { # launcher, TreeWidth as scontrol shows it
    echo "== TreeWidth $2"
    mkdir -p wide
    printf '#!/bin/sh\necho "TreeWidth               = %s"\n' "$2" >wide/scontrol
    chmod +x wide/scontrol
    job=$(PATH=$PWD/wide:$PATH TSNR_OUT=wide/t.h5 submit -N 2 -n 2 "$script" missing.h5) ||
        failed "sbatch refuses $script"
    log=tsnr-$job.out
    wait_end "$job" 60
    expect_in_log 1 "attempt 1, h\\[1-2\\], $1" "$log"
    rm -rf wide
}

rm -rf samples maps wide ./*.out ./*.h5 ./*.txt ./*.bin
for app in sample_app tsnr_app; do
    [ -x "$TEGULA_BIN/$app" ] || failed "$TEGULA_BIN/$app is not there: build it first"
done
make_samples
for launcher in srun mpirun; do
    test_missing_run "$launcher" samples/run-1.h5
    test_job "$launcher" samples samples/run-*.h5
    if [ -d "$real" ]; then
        test_job "$launcher" real "$real"/part-*.nii.gz
    else
        echo "skipped: real runs (no shared data)"
    fi
done
test_choice srun 2
test_choice mpirun 3
rm -rf samples ./*.bin
echo "all as it should be"

#TEST timeout=300
