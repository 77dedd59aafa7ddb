#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# From a fresh clone to something that runs:
#
#   cmake/bootstrap.sh demo            build, make the five sample runs, compute their tSNR
#   cmake/bootstrap.sh test [ARG...]   build, run the tests; arguments go to ctest
#   cmake/bootstrap.sh build           build the libraries and programs
#   cmake/bootstrap.sh deps            only install what building and testing needs
#
# TEGULA_PRESET (release, debug, asan, tsan, mpich) picks what is built; release without it.
# Debian packages that are missing are installed when this runs as root or with a password-less
# sudo; otherwise the line that installs them is printed. With nothing missing it asks no network.
set -eu

cd "$(dirname "$0")/.."
preset=${TEGULA_PRESET:-release}
build=build
[ "$preset" = release ] || build=build-$preset

if [ "$(id -u)" = 0 ]; then
    export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi

# The packages of the given sections of packages.txt.
packages()
{
    awk -v wanted=" $* " '
        /^\[/ { in_wanted = index(wanted, " " substr($1, 2, length($1) - 2) " ") }
        /^[a-z]/ && in_wanted { print $1 }' cmake/packages.txt
}

# Those of them that are not installed.
missing()
{
    for package in $(packages "$@"); do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q ' installed$' ||
            printf '%s ' "$package"
    done
}

as_root()
{
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo -n "$@"
    fi
}

can_be_root()
{
    [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null
}

# Whether what [build] stands for is there, from wherever it came.
can_build()
{
    for tool in cc cmake ninja pkg-config mpicc mpirun; do
        command -v "$tool" >/dev/null || return 1
    done
    pkg-config --exists hwloc libxxhash libdeflate libzstd blosc json-c sleef zlib cmocka
}

# install SECTION...: see to it that the packages are there, or say what is to be done.
install()
{
    if ! command -v dpkg-query >/dev/null; then
        can_build && return 0
        echo "bootstrap.sh: this is no Debian system; please install what cmake/packages.txt lists" >&2
        return 1
    fi
    lacking=$(missing "$@")
    [ -n "$lacking" ] || return 0
    if can_be_root; then
        as_root apt-get update -q
        # shellcheck disable=SC2086
        as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get install -q -y --no-install-recommends $lacking
        return 0
    fi
    echo "Some packages are missing. As root:" >&2
    echo "    apt-get install --no-install-recommends $lacking" >&2
    if ! can_build; then
        echo "bootstrap.sh: without them this does not build" >&2
        return 1
    fi
    echo "What compiling needs is there: going on without them." >&2
}

# configure_and_build ON|OFF: with or without the tests.
configure_and_build()
{
    cmake --preset "$preset" -DTEGULA_TESTS="$1"
    cmake --build "$build" -j "$(nproc)"
}

demo()
{
    mkdir -p "$build/demo"
    rm -f "$build"/demo/*.h5
    echo
    echo "Five runs of a phantom, as a scanner would leave them:"
    "$build/bin/sample_app" "$build/demo"
    echo
    echo "Their tSNR: mpirun --oversubscribe -n 4 $build/bin/tsnr_app $build/demo/run-*.h5" \
        "-o $build/demo/tsnr.h5"
    OMPI_MCA_mpi_yield_when_idle=1 OMPI_MCA_hwloc_base_binding_policy=none \
        mpirun --oversubscribe -n 4 \
        "$build/bin/tsnr_app" "$build"/demo/run-*.h5 -o "$build/demo/tsnr.h5"
    echo
    echo "The maps /tsnr, /mean and /std are in $PWD/$build/demo/tsnr.h5;"
    echo "the runs and the true tSNR (truth.h5) lie beside it."
}

verb=${1:-}
[ $# = 0 ] || shift
case $verb in
deps)
    install build test
    ;;
build)
    install build
    configure_and_build OFF
    ;;
demo)
    install build
    configure_and_build OFF
    demo
    ;;
test)
    install build test
    configure_and_build ON
    ctest --test-dir "$build" -j2 --output-on-failure "$@"
    ;;
*)
    sed -n '6,9s/^# *//p' "$0" >&2
    exit 2
    ;;
esac
