#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# inside.sh COMMAND [ARG...]: pid 1 of the testbed's namespaces, started by cluster.sh. Brings up
# hosts, network and Slurm, runs COMMAND on its host, and ends, which ends everything else.
#
# shellcheck disable=SC2317  # functions called through wait_until are not unreachable
set -eu

. "$TESTBED/common.sh"
. "$TESTBED/network.sh"
. "$TESTBED/slurm.sh"

host_is_up() { [ -e "$TESTBED_DIR/host/h$1" ]; }

# The hosts' processes keep the namespaces alive; the pid in DIR/host/NAME is the way into them.
hosts_up() { # number of hosts
    for i in $(seq "$1"); do
        setsid unshare -n -u -m --propagation private "$TESTBED/host.sh" "h$i" </dev/null &
    done
    for i in $(seq "$1"); do
        wait_until 10 host_is_up "$i" || die "host h$i did not come up"
        network_plug "$i" "$(cat "$TESTBED_DIR/host/h$i")"
    done
}

# What these hosts need and a real cluster does not: all share the machine's few cores, so ranks
# must not be bound (every host would take core 0 first) and must yield while they wait.
environment_of_ranks() {
    export OMPI_MCA_mpi_yield_when_idle=1 OMPI_MCA_hwloc_base_binding_policy=none
    export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
}

environment_of_mpirun() { # without Slurm, mpirun must be told how to reach which hosts
    for i in $(seq "$TESTBED_NODES"); do
        echo "h$i slots=$TESTBED_CPUS"
    done >"$TESTBED_DIR/etc/hostfile"
    export OMPI_MCA_orte_default_hostfile=$TESTBED_DIR/etc/hostfile
    export OMPI_MCA_plm_rsh_agent=$TESTBED/rsh_agent.sh
}

unset TMPDIR "${!SLURM_@}" # of the caller: they mean nothing inside
mkdir "$TESTBED_DIR"/{etc,host,log,run,state}
network_up
environment_of_ranks
if [ -n "$TESTBED_SLURM" ]; then
    hosts=$((TESTBED_NODES + 1))
    front=h$hosts
else
    hosts=$TESTBED_NODES
    front=h1
    environment_of_mpirun
fi
network_hosts_file "$hosts" >"$TESTBED_DIR/etc/hosts"
hosts_up "$hosts"
[ -z "$TESTBED_SLURM" ] || slurm_up "$front"

status=0
"$TESTBED/on.sh" "$front" "$@" || status=$?
exit "$status"
