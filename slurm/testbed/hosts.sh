#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Several hosts without Slurm: runs a command on h1, from where `mpirun -n 8 PROGRAM` fills
# h1, h2, ... in turn and `mpirun --host h2:1,h4:1 ...` picks. Options are those of cluster.sh.
exec "$(dirname "${BASH_SOURCE[0]}")/cluster.sh" --no-slurm "$@"
