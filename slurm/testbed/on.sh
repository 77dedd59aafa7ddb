#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# on.sh HOST COMMAND [ARG...]: runs COMMAND on a host of the testbed, in the current folder.
# Only from inside the testbed. (Not `ip netns exec`: that mounts a new /sys without the control
# groups that slurmd looks for.)
set -eu

read -r pid <"$TESTBED_DIR/host/$1" || { echo "testbed: no host $1" >&2; exit 125; }
shift
exec nsenter -t "$pid" -n -u -m --wd="$PWD" -- "$@"
