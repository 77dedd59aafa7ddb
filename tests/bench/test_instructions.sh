#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# What a task costs in instructions (count_instructions.sh), with some slack: a change that makes
# tasks dearer is to be noticed. Who makes them cheaper lowers the bounds.
set -eu

most_local=700   # an empty task on one rank; 458 to 585 seen with gcc 12
most_remote=2500 # a task with an input of another rank: running, sending, receiving; 1840 to 2100
waiting=150      # and each look for arrivals on the way: how many there are is the machine's affair

[ -z "${TEGULA_HOSTILE-}" ] || exit 77 # which costs more
cache=$TEGULA_BUILD/CMakeCache.txt
if ! command -v valgrind >/dev/null; then
    echo "valgrind is missing"
    exit 77
fi
if ! grep -q '^CMAKE_BUILD_TYPE:.*=Release$' "$cache" || grep -q '^TEGULA_SANITIZE:.*=.' "$cache" ||
    ! ${TEGULA_MPIRUN:-mpirun} --version | grep -qE 'Open MPI|OpenRTE'; then
    echo "instructions are counted in Release builds, with Open MPI"
    exit 77
fi

"$TEGULA_SOURCE/tests/bench/count_instructions.sh" "$TEGULA_BUILD/bin/bench_graph" | tee counts.txt

# count CASE FIELD...: the sum of these figures of a case.
count()
{
    local case=$1

    shift
    sed -n "s/^case=$case //p" counts.txt | tr ' ' '\n' |
        awk -F= -v wanted=" $* " 'index(wanted, " " $1 " ") { n += $2 } END { print n + 0 }'
}

# bound WHAT COUNT MOST
bound()
{
    echo "$1: $2 instructions, at most $3"
    [ "$2" -gt 0 ] && [ "$2" -le "$3" ] || failed=yes
}

failed=no
polls=$(count remote polls) # a difference of two runs, so it can be below zero
bound "a local task" "$(count local runtime)" "$most_local"
bound "a task with a remote input" "$(count remote runtime send receive)" \
    $((most_remote + waiting * (polls > 0 ? polls : 0)))
[ "$failed" = no ]

#TEST timeout=300
