#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The runtime with another MPI than the one this build uses: built with Debian's MPICH, its tests
# pass. All tests with it: TEGULA_PRESET=mpich ./cmake/bootstrap.sh test
set -eu

if ! command -v mpicc.mpich >/dev/null || ! command -v mpiexec.mpich >/dev/null; then
    echo "MPICH is missing: packages libmpich-dev and mpich"
    exit 77
fi
if [ "${TEGULA_TEST_PATIENCE:-1}" != 1 ] || [[ ${TEGULA_MPIRUN-} == *mpich* ]]; then
    echo "nothing new to see in this build"
    exit 77
fi

tests=(test_compute test_tasks test_futures test_takeover test_counts)

cmake -S "$TEGULA_SOURCE" -B build --preset mpich -DCMAKE_BUILD_TYPE=Debug \
    -DCMAKE_C_FLAGS_DEBUG=-O0 >cmake.log
cmake --build build -j 2 --target runtime-base-test_large "${tests[@]/#/runtime-exec-}" \
    >>cmake.log ||
    {
        cat cmake.log
        exit 1
    }
if ! ldd build/lib/libtegula_runtime.so | grep -q libmpich; then
    echo "the runtime is not linked with MPICH"
    exit 1
fi
for test in "${tests[@]}"; do
    for n in 1 2 5; do
        echo "== $test on $n ranks"
        mpiexec.mpich -n "$n" "build/tests/runtime/exec/$test" --threads 1 >out.txt 2>&1 || {
            cat out.txt
            exit 1
        }
    done
done
"build/tests/runtime/exec/${tests[0]}"
build/tests/runtime/base/test_large # Debian's MPICH comes with UCX, which changes mremap

#TEST timeout=400
