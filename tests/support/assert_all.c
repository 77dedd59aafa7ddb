/* SPDX-License-Identifier: BSD-3-Clause */
/* The agreement behind assert_all: one sum and one minimum over the ranks. */
#include "assert_all.h"

#include <limits.h>
#include <mpi.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

void assert_all_at(bool holds, const char *condition, const char *file, int line)
{
    int rank = 0;
    int failed = 0;
    int first = 0;

    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Allreduce(&(int){!holds}, &failed, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    MPI_Allreduce(&(int){holds ? INT_MAX : rank}, &first, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
    if (failed > 0) {
        print_error("%s is false on %d ranks, first on rank %d\n", condition, failed, first);
        _fail(file, line);
    }
}
