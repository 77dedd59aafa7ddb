# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# What every script of the testbed needs: how it speaks and how it waits. Sourced, not run.

say() { printf 'testbed: %s\n' "$*" >&2; }

# The testbed itself failed: a status that no sensible command returns.
die() { say "$@"; exit 125; }

# This machine cannot hold a testbed: ctest reads 77 as "skipped".
skip() { say "$@"; exit 77; }

usage_error() { say "$@"; exit 2; }

# wait_until SECONDS COMMAND...: polls until COMMAND succeeds; fails when the time is over.
wait_until() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.05
    done
}
