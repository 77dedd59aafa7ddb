# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# What tests of job scripts share. A test starts itself again inside slurm/testbed and there submits
# jobs, waits for them and compares what they say. Sourced, not run.

# Starts the script again inside the testbed, unless that is where it runs.
in_cluster() { # options of cluster.sh, then -- and the script with its arguments
    [ -z "${TESTBED:-}" ] || return 0
    unset OMPI_MCA_pml # ctest's, for quick starts: jobs find their network themselves
    exec "$TEGULA_SOURCE/slurm/testbed/cluster.sh" --share "$TEGULA_SOURCE" \
        --share "$TEGULA_BUILD" "$@"
}

failed() { # sentence, log file or nothing
    echo "FAILED: $1"
    [ ! -f "${2:-}" ] || sed 's/^/    | /' "$2"
    exit 1
}

expect() { # what, wanted, got, log file or nothing
    [ "$2" = "$3" ] || failed "$1 is '$3', not '$2'" "${4:-}"
    echo "ok: $1 is $2"
}

expect_in_log() { # count, pattern, log file
    local got
    got=$(grep -cE -- "$2" "$3")
    [ "$got" -eq "$1" ] || failed "$3 has $got lines with '$2', not $1" "$3"
    echo "ok: $1 lines with '$2'"
}

# sbatch reads SBATCH_* and passes the environment on, so a test sets TSNR_OUT=x before `submit`.
submit() { sbatch --parsable "$@"; } # options, script and its arguments; prints the job

job_is() { # job, states as a pattern
    [[ $(job_field "$1" JobState) =~ ^($2)$ ]]
}

job_field() { # job, name as scontrol has it
    scontrol -o show job "$1" | grep -oP "(?<=\\b$2=)\\S*" | head -n 1
}

wait_for() { # seconds, what, command: polls until the command succeeds
    local patience=$1 deadline=$((SECONDS + $1)) what=$2
    shift 2
    until "$@"; do
        [ "$SECONDS" -lt "$deadline" ] || failed "after $patience s $what" "${log:-}"
        sleep 0.1
    done
}

# Not `sbatch --wait`, which looks every few seconds.
wait_end() { # job, seconds
    wait_for "$2" "job $1 has not ended" job_is "$1" 'COMPLETED|FAILED|CANCELLED|TIMEOUT|NODE_FAIL'
}

bytes_received() { # host: counted on its only interface, so everything came from other hosts
    # shellcheck disable=SC2016  # awk's $, not the shell's
    "$TESTBED/on.sh" "$1" awk '$1 == "eth0:" { print $2 }' /proc/net/dev
}
