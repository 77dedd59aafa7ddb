/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Lines to the process, and its answers:
 *
 *     case DTYPE OPERANDS LENGTH... TAB NUMPY TAB NUMEXPR TAB DASK     ready
 *     turn PEER                                                        SECONDS, nan
 */
#include "bench_arrays/case.h"

#include "bench_arrays/peer.h"

#include <inttypes.h>
#include <libgen.h>
#include <math.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

const char *const peer_names[PEERS] = {"numpy", "numexpr", "dask"};

extern char **environ;

tg_status peer_start(peer *p)
{
    tg_status status = TG_OK;
    char source[] = __FILE__, path[1200];
    char *command[] = {(char[]){"/usr/bin/python3"}, path, NULL};
    int down[2], up[2];
    posix_spawn_file_actions_t actions;

    snprintf(path, sizeof path, "%s/../peers/arrays.py", dirname(source));
    TG_NEED(pipe(down) == 0 && pipe(up) == 0, TG_EIO, "no pipe to the peers");
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, down[0], 0);
    posix_spawn_file_actions_adddup2(&actions, up[1], 1);
    posix_spawn_file_actions_addclose(&actions, down[1]);
    posix_spawn_file_actions_addclose(&actions, up[0]);
    TG_NEED(posix_spawn(&p->pid, command[0], &actions, NULL, command, environ) == 0, TG_EIO,
            "%s does not start", command[0]);
    posix_spawn_file_actions_destroy(&actions);
    close(down[0]);
    close(up[1]);
    p->to = fdopen(down[1], "w");
    p->from = fdopen(up[0], "r");
    TG_NEED(p->to && p->from, TG_ENOMEM, "pipes to the peers");
out:
    return status;
}

static const char *text_of(const char *expression)
{
    return expression ? expression : "";
}

tg_status peer_prepare(peer *p, const bench_case *which)
{
    tg_status status = TG_OK;
    char line[64];

    fprintf(p->to, "case %s %d", tg_dtype_name(which->dtype), which->noperands);
    for (int d = 0; d < which->ndim; d++)
        fprintf(p->to, " %" PRId64, which->shape[d]);
    fprintf(p->to, "\t%s\t%s\t%s\n", text_of(which->numpy), text_of(which->numexpr),
            text_of(which->dask));
    fflush(p->to);
    TG_NEED(fgets(line, sizeof line, p->from) && strcmp(line, "ready\n") == 0, TG_EIO,
            "%s: the peers are gone", which->name);
out:
    return status;
}

double peer_turn(peer *p, int i)
{
    char line[64];

    fprintf(p->to, "turn %s\n", peer_names[i]);
    fflush(p->to);
    return fgets(line, sizeof line, p->from) ? strtod(line, NULL) : NAN;
}

void peer_stop(peer *p)
{
    if (p->to)
        fclose(p->to);
    if (p->from)
        fclose(p->from);
    if (p->pid > 0)
        waitpid(p->pid, NULL, 0);
    *p = (peer){0};
}
