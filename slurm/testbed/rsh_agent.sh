#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# rsh_agent.sh [OPTION...] HOST COMMAND...: stands where mpirun expects ssh (plm_rsh_agent).
# Like ssh it passes none of the caller's environment on, so that a program which relies on it
# fails here too; mpirun -x passes variables.
set -eu

while [ "${1#-}" != "$1" ]; do
    shift
done
host=$1
shift
cd /
exec "$TESTBED/on.sh" "$host" env -i HOME="$HOME" PATH="$PATH" \
    TESTBED="$TESTBED" TESTBED_DIR="$TESTBED_DIR" /bin/sh -c "$*"
