#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# A hostile store behind the real interface: results lie in memory full of garbage that is spoilt
# when they are let go, and messages are delivered late and in another order. Nothing may change.
set -eu

read -ra mpirun <<<"${TEGULA_MPIRUN:-mpirun --oversubscribe}"

programs=$TEGULA_BUILD/tests/runtime/exec

for seed in 1 2 3; do
    for n in 2 3 5; do
        for test in test_compute test_tasks test_futures test_takeover; do
            TEGULA_HOSTILE=$seed "${mpirun[@]}" -n "$n" "$programs/$test" >out.txt 2>&1 || {
                cat out.txt
                echo "FAILED: $test on $n ranks, TEGULA_HOSTILE=$seed"
                exit 1
            }
        done
    done
done

"$TEGULA_BUILD/bin/sample_app" --like small runs
"$TEGULA_BUILD/bin/tsnr_app" runs/run-*.h5 -o want.h5 --detrend 1
for seed in 1 2 3; do
    TEGULA_HOSTILE=$seed "${mpirun[@]}" -n 4 \
        "$TEGULA_BUILD/bin/tsnr_app" runs/run-*.h5 -o got.h5 --detrend 1
    cmp want.h5 got.h5
done

#TEST timeout=300
