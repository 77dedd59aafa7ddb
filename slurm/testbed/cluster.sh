#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Starts a private cluster on this machine, runs one command on it, and leaves nothing behind.
#
#   cluster.sh   this file: options, what the machine must have, the folder, one `unshare`
#   inside.sh    pid 1 inside: hosts, network and Slurm up, then the command
#   host.sh      what makes a process a host (name, /etc/hosts, /dev/shm, /tmp)
#   network.sh   a bridge and one cable to each host
#   slurm.sh     key, configuration (slurm_conf.sh) and daemons
#   on.sh        runs a command on a host; rsh_agent.sh does so for mpirun
#
# All processes live in one pid namespace, whose end ends them all, and all mounts and links in
# namespaces that go with their last process; so the only thing to clear away is the folder.
#
# shellcheck disable=SC2317  # functions called by traps are not unreachable
set -eu

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/common.sh"
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

usage() {
    cat <<'END'
Usage: cluster.sh [OPTION...] -- COMMAND [ARG...]
Runs COMMAND on a private Slurm cluster of hosts h1, h2, ... made on this machine.

  --nodes N     hosts that run jobs (4); the controller is one more, h5
  --cpus C      cores that each node says it has (2)
  --dir DIR     folder for configuration, state and logs (a new one under /tmp)
  --share DIR   also show this folder under /tmp to the hosts (any number of times);
                the current folder is always shown
  --keep        leave the folder when done
  --no-slurm    hosts and network only; COMMAND runs on h1 (this is hosts.sh)

Exit status: COMMAND's; 2 bad usage, 77 this machine cannot do it, 125 the cluster did not start.
END
}

nodes=4 cpus=2 dir='' keep='' slurm=yes
shares=()

parse() {
    while [ $# -gt 0 ]; do
        case $1 in
        --nodes | --cpus | --dir | --share)
            [ $# -ge 2 ] || usage_error "$1 needs a value"
            case $1 in
            --nodes) nodes=$2 ;;
            --cpus) cpus=$2 ;;
            --dir) dir=$2 ;;
            --share) shares+=("$(realpath "$2")") || usage_error "--share $2: no such folder" ;;
            esac
            shift 2
            ;;
        --keep) keep=yes; shift ;;
        --no-slurm) slurm=''; shift ;;
        --help) usage; exit 0 ;;
        --) shift; break ;;
        *) usage_error "unknown option $1 (the command comes after --)" ;;
        esac
    done
    [ $# -gt 0 ] || usage_error "no command after --"
    [[ $nodes =~ ^[1-9][0-9]?$ ]] || usage_error "--nodes $nodes: a number from 1 to 99"
    [[ $cpus =~ ^[1-9][0-9]?$ ]] || usage_error "--cpus $cpus: a number from 1 to 99"
    command=("$@")
}

need_commands() {
    local missing=()
    for c in "$@"; do
        command -v "$c" >/dev/null || missing+=("$c")
    done
    [ ${#missing[@]} -eq 0 ] || skip "not installed: ${missing[*]}" \
        "(Debian: slurmctld slurmd slurm-client munge iproute2 util-linux hostname)"
}

# Probes by doing: capabilities, seccomp and kernel options fail in too many ways to list.
check_machine() {
    [ "$(id -u)" -eq 0 ] || skip "needs root, for namespaces"
    need_commands unshare nsenter setpriv mount hostname ip
    [ -z "$slurm" ] || need_commands slurmctld slurmd munged sinfo scontrol
    unshare --fork --pid --mount-proc -n -u -m --propagation private true 2>/dev/null ||
        skip "unshare is not permitted here (pid, network, uts and mount namespaces)"
    unshare -m --propagation private mount -t tmpfs tmpfs /tmp 2>/dev/null ||
        skip "mount is not permitted here"
    unshare -n sh -c 'ip link add name sw type bridge && ip link add name h1 type veth peer name h2' \
        2>/dev/null || skip "the kernel has no bridge or no veth links"
}

make_folder() {
    if [ -n "$dir" ]; then
        mkdir -p "$dir" || usage_error "--dir $dir: cannot be made"
        [ -z "$(ls -A "$dir")" ] || usage_error "--dir $dir: is not empty"
        dir=$(realpath "$dir")
    else
        dir=$(mktemp -d /tmp/testbed.XXXXXX)
    fi
    [ ${#dir} -le 80 ] || usage_error "--dir $dir: too long for the name of a socket"
}

clear_folder() { [ -n "$keep" ] || rm -rf "$dir"; }

stop_on() { # signal name and number: ends everything inside, clears away, dies of it
    kill -KILL "$inside" 2>/dev/null || :
    wait "$inside" 2>/dev/null || :
    clear_folder
    trap - EXIT "$1"
    exit $((128 + $2))
}

parse "$@"
check_machine
make_folder
trap clear_folder EXIT

export TESTBED=$here TESTBED_DIR=$dir TESTBED_NODES=$nodes TESTBED_CPUS=$cpus TESTBED_SLURM=$slurm
TESTBED_SHARES=$(printf '%s\n' "$dir" "$PWD" "$here" "${shares[@]}")
export TESTBED_SHARES

# --kill-child and --pdeathsig: whoever dies first, from here inwards all die with it.
setpriv --pdeathsig KILL \
    unshare --fork --pid --kill-child=KILL --mount-proc -n -u -m --propagation private \
    "$here/inside.sh" "${command[@]}" <&0 &
inside=$!
trap 'stop_on HUP 1' HUP
trap 'stop_on INT 2' INT
trap 'stop_on TERM 15' TERM

status=0
wait "$inside" || status=$?
[ -z "$keep" ] || say "kept $dir"
exit "$status"
