#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# format.sh SOURCE_DIR: all C code stands as clang-format (Debian's, .clang-format) would set it.
# To mend: clang-format -i FILE.
set -eu

cd "$1"
if ! command -v clang-format >/dev/null; then
    echo "clang-format is not installed: the formatting was not checked"
    exit 77
fi
find runtime arrays apps tests -name '*.[ch]' -print0 2>/dev/null |
    xargs -0 -r clang-format --dry-run -Werror
