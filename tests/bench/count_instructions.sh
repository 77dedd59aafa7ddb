#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# count_instructions.sh [BENCH_GRAPH]: instructions the runtime needs for an empty task, counted
# by valgrind: the difference between a long and a short run over the difference in tasks, so that
# starting and ending do not count. Counts are the same on every machine of one compiler.
#
#   case=local   one rank, one thread, each task with the output of the one before as its input
#       total=             all instructions of the run
#       task=              of these in the task's own function, checks of inputs included; what it
#                          calls in the runtime (inputs, output) counts for the runtime
#       runtime=           the rest: begin, run, end
#   case=remote  two ranks, each task with one input here and one from the other rank
#       runtime=           running a task without its own function and its messages
#       send= receive=     of its messages, in MPI and in the runtime, without looking for arrivals
#       poll= polls=       looking for arrivals once; how often (waiting: not the same twice)
#   case=... functions=    the dearest functions by themselves, instructions a task
set -eu

bench=${1:-$(dirname "$0")/../../build/bin/bench_graph}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# run FILE RANKS PATTERN WIDTH STEPS
run()
{
    mpirun --oversubscribe -n "$2" valgrind -q --tool=callgrind --compress-strings=no \
        --compress-pos=no --callgrind-out-file="$1.%q{OMPI_COMM_WORLD_RANK}" \
        --toggle-collect=tg_session_wait --toggle-collect=tg_worker_serve \
        "$bench" --threads 1 --system ours --kernel empty --pattern "$3" --width "$4" \
        --steps "$5" --pairs 1 --repeat 1 >/dev/null 2>"$1.log" || cat "$1.log" >&2
}

# inclusive FILE FUNCTION: instructions in a function and below, whatever the linker adds to its
# name; calls FILE FUNCTION: how often.
inclusive()
{
    callgrind_annotate --inclusive=yes --threshold=100 "$1" 2>/dev/null |
        awk -v name=":$2" '{ gsub(",", "", $1)
            for (i = 2; i <= NF; i++) {
                its = $i
                sub(/\.(lto_priv|constprop|part|isra).*/, "", its)
                if (substr(its, length(its) - length(name) + 1) == name)
                    sum = sum > $1 ? sum : $1
            } } END { print sum + 0 }'
}

calls()
{
    awk -v name="cfn=$2" '$0 == name { hit = 1; next }
        /^calls=/ { if (hit) { split($1, a, "="); n += a[2] } hit = 0 } END { print n + 0 }' "$1"
}

exclusive()
{
    callgrind_annotate --threshold=100 "$1" 2>/dev/null |
        sed -nE 's/^ *([0-9,]+) \( *[0-9.]+%\) +[^ ]*:([^ :]+).*/\2 \1/p' |
        awk '{ gsub(",", "", $2); n[$1] += $2 } END { for (f in n) print f, n[f] }' | sort
}

# per_task COMMAND [FUNCTION]: of the long run less that of the short one, by task.
per_task()
{
    local long short

    long=$("$1" "$work/long.0" "${2-}")
    short=$("$1" "$work/short.0" "${2-}")
    awk -v a="$long" -v b="$short" -v n="$tasks" 'BEGIN { printf "%.0f", (a - b) / n }'
}

# functions NAME: the dearest functions.
functions()
{
    exclusive "$work/long.0" >"$work/a"
    exclusive "$work/short.0" >"$work/b"
    join -a 1 "$work/a" "$work/b" |
        awk -v n="$tasks" '{ printf "%.0f %s\n", ($2 - $3) / n, $1 }' | sort -rn | head -12 |
        awk -v name="$1" '{ text = text sep $2 ":" $1; sep = "," }
            END { print "case=" name " functions=" text }'
}

total()
{
    awk '/^(summary|totals):/ { n = $2 } END { print n }' "$1"
}

tasks=10000
run "$work/short" 1 no_comm 1 1000
run "$work/long" 1 no_comm 1 $((tasks + 1000))
all=$(per_task total)
own=$(($(per_task inclusive run_cell) - $(per_task inclusive tg_task_output) - \
    $(per_task inclusive tg_task_input) - $(per_task inclusive tg_task_params) - \
    $(per_task inclusive tg_task_ninputs)))
echo "case=local total=$all task=$own runtime=$((all - own))"
functions local

tasks=2000
run "$work/short" 2 stencil_1d 2 500
run "$work/long" 2 stencil_1d 2 $((tasks + 500))
own=$(($(per_task inclusive run_cell) - $(per_task inclusive tg_task_output) - \
    $(per_task inclusive tg_task_input) - $(per_task inclusive tg_task_params) - \
    $(per_task inclusive tg_task_ninputs)))
# Results leave while their task is handed over, so what sending takes is part of the step.
send=$(($(per_task inclusive tg_net_send) + $(per_task inclusive flush_all)))
runner=$(($(per_task inclusive tg_runner_run) - own - send))
receive=$(($(per_task inclusive tg_net_progress) - $(per_task inclusive PMPI_Test)))
polls=$(calls "$work/long.0" PMPI_Test)
poll=$(($(inclusive "$work/long.0" PMPI_Test) / (polls > 0 ? polls : 1)))
echo "case=remote runtime=$runner send=$send receive=$receive poll=$poll" \
    "polls=$(per_task calls PMPI_Test)"
functions remote
