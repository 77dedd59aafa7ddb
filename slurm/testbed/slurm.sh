# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# Slurm on hosts that are up: one munged for all (its socket lies in the shared folder), slurmctld
# on the last host, a slurmd on each of the others. Sourced, not run.

slurm_key_up() {
    local run=$TESTBED_DIR/run

    (umask 077 && head -c 1024 /dev/urandom >"$run/munge.key")
    munged --force --key-file="$run/munge.key" --socket="$run/munge.sock" \
        --pid-file="$run/munged.pid" --seed-file="$run/munged.seed" \
        --log-file="$TESTBED_DIR/log/munged.log" 2>>"$TESTBED_DIR/log/munged.err" ||
        slurm_failed "munged does not start"
}

# The daemons' own words, without which nobody finds out why a cluster does not start.
slurm_failed() {
    tail -n 5 "$TESTBED_DIR"/log/* >&2
    die "$@"
}

slurm_all_idle() { # controller
    local idle
    idle=$("$TESTBED/on.sh" "$1" sinfo -h -N -o %t 2>/dev/null | grep -cx idle)
    [ "$idle" -eq "$TESTBED_NODES" ]
}

slurm_up() { # controller
    export SLURM_CONF=$TESTBED_DIR/etc/slurm.conf

    mkdir "$TESTBED_DIR/state/control"
    "$TESTBED/slurm_conf.sh" "$TESTBED_DIR" "$TESTBED_NODES" "$TESTBED_CPUS" >"$SLURM_CONF"
    slurm_key_up
    "$TESTBED/on.sh" "$1" slurmctld -c || slurm_failed "slurmctld does not start"
    for i in $(seq "$TESTBED_NODES"); do
        mkdir "$TESTBED_DIR/state/h$i"
        "$TESTBED/on.sh" "h$i" slurmd || slurm_failed "slurmd does not start on h$i"
    done
    wait_until 30 slurm_all_idle "$1" ||
        slurm_failed "not all $TESTBED_NODES nodes are idle after 30 s"
}
