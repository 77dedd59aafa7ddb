#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# simulate.sh [RANKS [SHAPE...]]: the real runtime on a simulated cluster (SimGrid's SMPI, Debian
# package libsimgrid-dev): RANKS hosts of one core in a fat tree, 16, 64 (default), 256 or 1024.
# Runs the graphs of bench_shapes (default: all), whose tasks sleep, and prints for each
#
#     case=NAME-RANKS ... run_s= predicted_s= ratio=     the simulated run over the forecast
#
# Builds into build-smpi. 64 ranks take some seconds a graph, 256 ten or twenty, 1,024 minutes.
# hwloc sees the real machine, so the planner is told of the simulated one.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
ranks=${1:-64}
[ $# = 0 ] || shift
[ $# != 0 ] || set -- tsnr stencil fft matmul random
case $ranks in
16) tree="2;4,4;1,2;1,1" ;;
64) tree="2;16,4;1,8;1,1" ;;
256) tree="2;16,16;1,8;1,1" ;;
1024) tree="2;32,32;1,16;1,1" ;;
*)
    sed -n '3,11s/^# *//p' "$0" >&2
    exit 2
    ;;
esac

# Ranks are copies of one program in one process: position-independent, the libraries inside it.
cmake -S "$root" -B "$root/build-smpi" -G Ninja -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_C_COMPILER=smpicc -DCMAKE_C_FLAGS=-fPIC -DBUILD_SHARED_LIBS=OFF -DTEGULA_TESTS=ON \
    >/dev/null
cmake --build "$root/build-smpi" --target bench_shapes >/dev/null

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/platform.xml" <<XML
<?xml version='1.0'?>
<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">
<platform version="4.1">
  <cluster id="c" prefix="node-" suffix="" radical="0-$((ranks - 1))" speed="10Gf" core="1"
    bw="12.5GBps" lat="500ns" sharing_policy="SPLITDUPLEX" topology="FAT_TREE"
    topo_parameters="$tree" loopback_bw="20GBps" loopback_lat="200ns"/>
</platform>
XML
seq -f 'node-%.0f' 0 $((ranks - 1)) >"$work/hosts"

# Computing is what tasks say that it takes; a look for messages 0.1 us, a message 1 us at each end
# and 0.1 ns a byte. SimGrid's own defaults for these are three times what clusters have.
options=(--cfg=smpi/simulate-computation:no --cfg=smpi/host-speed:10Gf --cfg=smpi/cpu-threshold:0
    --cfg=smpi/wtime:0 --cfg=smpi/grow-injected-times:no
    --cfg=smpi/test:1e-7 --cfg=smpi/iprobe:1e-7
    --cfg=smpi/async-small-thresh:65536 --cfg=smpi/send-is-detached-thresh:65536
    --cfg=smpi/barrier:ompi_bruck --cfg=smpi/bcast:binomial_tree
    --cfg=smpi/reduce:ompi_binomial --cfg=smpi/allreduce:rdb
    --cfg=smpi/os:0:1e-6:1e-10 --cfg=smpi/ois:0:1e-6:1e-10 --cfg=smpi/or:0:1e-6:1e-10
    --log=root.thres:critical)
for shape in "$@"; do
    # Deadlocks end with exit status 0: the line that a run prints is what counts.
    smpirun -np "$ranks" -platform "$work/platform.xml" -hostfile "$work/hosts" "${options[@]}" \
        "$root/build-smpi/bin/bench_shapes" --threads 1 --shape "$shape" \
        --plan-for "host:$ranks" >"$work/out" 2>&1 || true
    grep "^case=$shape-$ranks " "$work/out" || {
        tail "$work/out" >&2
        exit 1
    }
done
