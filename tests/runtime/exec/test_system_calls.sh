#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# While work is ready no task asks the kernel for anything: system calls between the marks of
# test_counts.c, listed by strace. On one rank there must be none. On two, MPI looks at its sockets
# now and then, the kernel may copy large results, and who waits for the other sleeps; nothing else,
# and where columns need nothing of each other nobody waits.
set -eu

read -ra mpirun <<<"${TEGULA_MPIRUN:-mpirun --oversubscribe}"

program=$TEGULA_BUILD/tests/runtime/exec/test_counts

[ "${TEGULA_TEST_PATIENCE:-1}${TEGULA_HOSTILE-}" = 1 ] || exit 77 # these have calls of their own
if ! strace -o /dev/null true 2>/dev/null; then
    echo "strace is missing or may not trace"
    exit 77
fi

# between NAME: calls of all ranks between the marks of grid NAME, "count call" a line.
between()
{
    for log in log.*; do
        awk -v mark="write(-1, \"$1\"" '
            index($0, mark) == 1 { inside = !inside; next }
            inside && /^[a-z_0-9]+\(/ { sub(/\(.*/, ""); n[$0]++ }
            END { for (call in n) print n[call], call }' "$log"
    done | awk '{ n[$2] += $1 } END { for (call in n) print n[call], call }' | sort -rn
}

# at_most LIMIT NAME IGNORED: fail where grid NAME has more than LIMIT calls but those IGNORED.
at_most()
{
    local calls count

    if ! grep -q "^write(-1, \"$2\"" log.*; then
        echo "FAILED: no rank has marked $2"
        exit 1
    fi
    calls=$(between "$2")
    count=$(echo "$calls" | awk -v ignored=" $3 " '
        NF && !index(ignored, " " $2 " ") { n += $1 } END { print n + 0 }')
    echo "$2: $count system calls, $(echo "${calls:-none}" | tr '\n' ' ')"
    if [ "$count" -gt "$1" ]; then
        echo "FAILED: more than $1"
        exit 1
    fi
}

rm -f log.*
strace -ff -o log "$program" --threads 1
for grid in columns stencil large; do
    at_most 0 "$grid" ""
done

# Of 16,000 tasks.
rm -f log.*
export OMPI_MCA_mpi_yield_when_idle=0
"${mpirun[@]}" -n 2 strace -ff -o log "$program" --threads 1
at_most 160 columns ""
at_most 160 stencil "sched_yield clock_nanosleep"
at_most 160 large "sched_yield clock_nanosleep process_vm_readv"

#TEST
