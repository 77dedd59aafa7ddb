#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The page of operators in the documentation is the one that the table of operators gives. To mend:
#     build/bin/calc_app --list-operators > docs/operators.md
set -eu

"$TEGULA_BUILD/bin/calc_app" --list-operators >operators.md
diff "$TEGULA_SOURCE/docs/operators.md" operators.md
