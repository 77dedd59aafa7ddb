#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# slurm/testbed itself: statuses pass, mpirun reaches every host, /tmp is each host's own, nothing
# stays behind.
set -u

. "$TEGULA_SOURCE/tests/slurm/job.sh"
testbed=$TEGULA_SOURCE/slurm/testbed

status_of() {
    "$@" >status.txt 2>&1
    echo $?
}

# Nobody else sleeps for this long, so a process of ours that stayed is found by its argument.
test_nothing_stays() { # signal, wanted status
    local seconds=$((600000 + $$ + $2)) pid
    "$testbed/hosts.sh" --dir "$PWD/bed" -- sleep "$seconds" &
    pid=$!
    wait_for 20 "the command has not started" running "$seconds"
    kill "-$1" "$pid"
    wait "$pid" 2>/dev/null
    expect "status after $1" "$2" $?
    wait_for 5 "the command lives on after $1" not_running "$seconds"
}

running() { pgrep -f "^sleep $1" >/dev/null; }
not_running() { ! running "$1"; }

rm -rf bed
able=$(status_of "$testbed/hosts.sh" -- true)
cat status.txt
[ "$able" -ne 77 ] || exit 77
expect "status of true" 0 "$able"
expect "status of a command" 7 "$(status_of "$testbed/hosts.sh" -- sh -c 'exit 7')"
expect "status without a command" 2 "$(status_of "$testbed/hosts.sh")"
expect "hosts that mpirun fills" "h1 h1 h2 h2 h3 h3 h4 h4" \
    "$("$testbed/hosts.sh" -- mpirun -n 8 hostname | sort | xargs)"
expect "hosts that mpirun is given" "h2 h4" \
    "$("$testbed/hosts.sh" -- mpirun --host h2:1,h4:1 hostname | sort | xargs)"
# shellcheck disable=SC2016  # expanded on the host
look='touch /tmp/h1 && "$TESTBED/on.sh" h2 find /tmp -maxdepth 1 -name h1'
expect "what h2 sees of a file in /tmp of h1" "" "$("$testbed/hosts.sh" -- sh -c "$look")"
test_nothing_stays TERM 143
expect "folder after TERM" no "$([ -e bed ] && echo yes || echo no)"
test_nothing_stays KILL 137
rm -rf bed
echo "all as it should be"

#TEST timeout=120
