/* SPDX-License-Identifier: BSD-3-Clause */
/* See alone.h. */
#include "exec/alone.h"

#include <stdbool.h>
#include <stdlib.h>

/* What launchers tell the processes that they start. */
static const char *const traces[] = {
    "OMPI_COMM_WORLD_SIZE", "PMIX_NAMESPACE", "PMIX_RANK", "PMI_SIZE", "PMI_RANK", "PMI_FD"};

/* Parameters of Open MPI; other libraries do not know them. Programs without a daemon would all
 * make and remove the same folder for their files, and get in each other's way: none needs one. */
static const struct {
    const char *name, *value;
} wishes[] = {{"OMPI_MCA_pml", "ob1"},
              {"OMPI_MCA_ess_singleton_isolated", "1"},
              {"OMPI_MCA_orte_create_session_dirs", "0"}};

enum { NTRACES = sizeof traces / sizeof *traces, NWISHES = sizeof wishes / sizeof *wishes };

static bool is_launched(void)
{
    for (int i = 0; i < NTRACES; i++)
        if (getenv(traces[i]))
            return true;
    return false;
}

unsigned tg_alone_begin(void)
{
    unsigned set = 0;

    if (is_launched())
        return 0;
    for (int i = 0; i < NWISHES; i++)
        if (!getenv(wishes[i].name) && setenv(wishes[i].name, wishes[i].value, 0) == 0)
            set |= 1u << i;
    return set;
}

void tg_alone_end(unsigned set)
{
    for (int i = 0; i < NWISHES; i++)
        if (set & 1u << i)
            unsetenv(wishes[i].name);
}
