#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# slurm/tsnr.sbatch at the end of its time: the warning reaches every rank on every host, status 75
# sends the job back to the queue and its second attempt completes, by srun and by mpirun; TERM and
# other statuses end the job. A stand-in for tsnr_app does what the test needs, and no more.
set -u

. "$TEGULA_SOURCE/tests/slurm/job.sh"
in_cluster -- bash "$0"

script=$TEGULA_SOURCE/slurm/tsnr.sbatch
export TEGULA_BIN=$PWD/bin

start() { # launcher, mode, case: submits on four hosts with a rank each; sets job, log and out
    log=$1-$3.log out=$1-$3.out
    job=$(TSNR_LAUNCH=$1 TSNR_OUT=$out submit -N 4 -n 4 -o "$log" "$script" "$2") ||
        failed "sbatch refuses $script"
}

all_ranks_wait() { [ "$(grep -c '^rank . waits on h' "$log" 2>/dev/null)" = 4 ]; }

start_waiting() { # launcher, case
    start "$1" wait "$2"
    wait_for 60 "four ranks have not started by $1" all_ranks_wait
}

test_warning() { # launcher, its command
    echo "== the warning, by $1"
    start_waiting "$1" warning
    scancel --batch --signal=USR1 "$job"
    wait_end "$job" 90
    expect "state of the job" COMPLETED "$(job_field "$job" JobState)" "$log"
    expect "count of restarts" 1 "$(job_field "$job" Restarts)" "$log"
    expect_in_log 4 '^rank [0-3] on h[1-4] has USR1$' "$log"
    expect_in_log 2 "attempt [12], h\\[1-4\\], $2 /.*/bin/tsnr_app$" "$log"
    expect_in_log 1 'back to the queue' "$log"
    expect "the output" whole "$(cat "$out")" "$log"
}

test_term() { # launcher
    echo "== TERM, by $1"
    start_waiting "$1" term
    scancel --batch --signal=TERM "$job"
    wait_end "$job" 30
    expect "exit code of the job" 75:0 "$(job_field "$job" ExitCode)" "$log"
    expect "count of restarts" 0 "$(job_field "$job" Restarts)" "$log"
    expect_in_log 4 '^rank [0-3] on h[1-4] has USR1$' "$log"
}

test_cancel() { # launcher
    echo "== scancel, by $1"
    start_waiting "$1" cancel
    scancel "$job"
    wait_end "$job" 30
    expect "state of the job" CANCELLED "$(job_field "$job" JobState)" "$log"
    expect "count of restarts" 0 "$(job_field "$job" Restarts)" "$log"
}

test_failure() { # launcher
    echo "== another status, by $1"
    start "$1" fail failure
    wait_end "$job" 30
    expect "exit code of the job" 3:0 "$(job_field "$job" ExitCode)" "$log"
    expect "count of restarts" 0 "$(job_field "$job" Restarts)" "$log"
}

test_no_program() {
    echo "== no program"
    TEGULA_BIN=$PWD/nowhere
    start srun wait nowhere
    wait_end "$job" 30
    expect "exit code of the job" 1:0 "$(job_field "$job" ExitCode)" "$log"
    expect_in_log 1 'nowhere/tsnr_app: no such program' "$log"
}

mkdir -p bin
rm -f ./*.log ./*.out
mpicc -std=gnu17 -D_GNU_SOURCE -Wall -Wextra -o bin/tsnr_app \
    "$TEGULA_SOURCE/tests/slurm/standin.c" ||
    failed "mpicc does not compile the stand-in"
test_warning srun 'srun --mpi=pmix'
test_warning mpirun mpirun
for launcher in srun mpirun; do
    test_term "$launcher"
    test_cancel "$launcher"
    test_failure "$launcher"
done
test_no_program
echo "all as it should be"

#TEST timeout=300
