/* SPDX-License-Identifier: BSD-3-Clause */
/** Everything a program needs: the runtime and the arrays. */
#ifndef TEGULA_TEGULA_H
#define TEGULA_TEGULA_H

#include <tegula/array.h>
#include <tegula/runtime.h>

#endif
