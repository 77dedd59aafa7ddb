#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# What is installed can be used: two small programs are compiled against it, one way by pkg-config
# and one way by find_package, and give the right answers.
set -eu

read -ra mpirun <<<"${TEGULA_MPIRUN:-mpirun --oversubscribe}"

if grep -q '^TEGULA_SANITIZE:[A-Z]*=.' "$TEGULA_BUILD/CMakeCache.txt"; then
    echo "libraries with a sanitiser want programs with the same one: nothing to try here"
    exit 77
fi

here=$TEGULA_SOURCE/tests/install
prefix=$PWD/prefix
rm -rf prefix by-cmake
cmake --install "$TEGULA_BUILD" --prefix "$prefix" >install.log
pc=$(find "$prefix" -name tegula.pc)
export PKG_CONFIG_PATH=${pc%/*}

for name in tsnr lesson; do
    # shellcheck disable=SC2046
    cc -Wall -Wextra -Werror "$here/$name.c" -o "$name" $(pkg-config --cflags --libs tegula)
done
cmake -S "$here" -B by-cmake -G Ninja -DCMAKE_PREFIX_PATH="$prefix" >cmake.log
cmake --build by-cmake >>cmake.log

for run in ./lesson "${mpirun[*]} -n 2 ./lesson" by-cmake/lesson; do
    answer=$($run)
    if [ "$answer" != 5 ]; then
        echo "$run printed '$answer', not 5"
        exit 1
    fi
done

/usr/bin/python3 "$here/runs.py" make run-1.h5 run-2.h5
for program in ./tsnr by-cmake/tsnr; do
    rm -f out.h5
    "${mpirun[@]}" -n 2 "$program" run-1.h5 run-2.h5 out.h5
    /usr/bin/python3 "$here/runs.py" check out.h5 run-1.h5 run-2.h5
done

# The programs that were installed find their libraries there.
for program in "$prefix"/bin/*; do
    if ldd "$program" | grep -E 'libtegula[^ ]* => ' | grep -v "$prefix"; then
        echo "$program does not use the installed libraries"
        exit 1
    fi
done
rm -rf prefix by-cmake
#TEST timeout=180
