/* SPDX-License-Identifier: BSD-3-Clause */
/** What the compiler is told beside the language. */
#ifndef TG_BASE_COMPILER_H
#define TG_BASE_COMPILER_H

/** Not to be inlined: the rare part of a function that is called for every task, whose common part
 * then needs no registers saved. */
#define TG_NOINLINE __attribute__((noinline))

/** To be inlined, however large: what every task passes through. */
#define TG_INLINE __attribute__((always_inline)) static inline

#endif
