/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * See place_gains.h. On a rank of a host that neither makes an input of the task nor uses its
 * result, every input comes from another host, and every rank that uses the result gets it from
 * another host. On other ranks this is saved:
 *
 *     an input's own host: its bytes come from inside    top + bytes, inside - bytes
 *     the rank that makes it                             inside + bytes
 *     a rank that gets it anyway, for another user       top or inside + bytes
 *     a host of r ranks that use the result              top + r bytes, inside - r bytes
 *     one of these ranks                                 inside + bytes
 */
#include "place/place_gains.h"

#include <inttypes.h>

#include "base/memory.h"

static tg_status find_users(tg_gains *s)
{
    tg_status status = TG_OK;
    const tg_placer *p = s->p;
    const tg_graph *g = p->graph;
    const int64_t n = p->level_begin[p->nlevels];
    uint32_t *begin = tg_alloc_array(g->ntasks + 2, sizeof *begin);

    s->user_begin = begin;
    s->user = tg_alloc_array(tg_graph_nedges(g), sizeof *s->user);
    TG_NEED(begin && s->user, TG_ENOMEM, "out of memory: users of %" PRId64 " tasks", g->ntasks);
    for (int64_t i = 0; i < n; i++)
        for (int k = 0; k < tg_graph_ninputs(g, p->by_level[i]); k++)
            begin[tg_graph_inputs(g, p->by_level[i])[k] + 2]++;
    for (int64_t t = 2; t < g->ntasks + 2; t++)
        begin[t] += begin[t - 1];
    for (int64_t i = 0; i < n; i++)
        for (int k = 0; k < tg_graph_ninputs(g, p->by_level[i]); k++)
            s->user[begin[tg_graph_inputs(g, p->by_level[i])[k] + 1]++] = p->by_level[i];
out:
    return status;
}

tg_status tg_gains_create(const tg_placer *p, tg_gains *out)
{
    tg_status status = TG_OK;
    const int32_t n = p->machine->nranks;
    tg_gains s = {.p = p,
                  .by_rank = tg_alloc_array(n, sizeof *s.by_rank),
                  .by_host = tg_alloc_array(p->machine->nhosts, sizeof *s.by_host),
                  .rank = tg_alloc_array(n, sizeof *s.rank)};

    TG_NEED(s.by_rank && s.by_host && s.rank, TG_ENOMEM, "out of memory: %" PRId32 " ranks", n);
    TG_TRY(find_users(&s));
    *out = s;
    s = (tg_gains){0};
out:
    tg_gains_clear(&s);
    return status;
}

void tg_gains_clear(tg_gains *s)
{
    tg_free(s->user_begin);
    tg_free(s->user);
    tg_free(s->by_rank);
    tg_free(s->by_host);
    tg_free(s->rank);
    *s = (tg_gains){0};
}

double tg_gains_effort(const tg_gains *s)
{
    double effort = 0;

    for (int64_t t = 0; t < s->p->graph->ntasks; t++) {
        const double users = s->user_begin[t + 1] - s->user_begin[t];

        effort += users + users * users;
    }
    return effort;
}

static tg_sent *saving_of(tg_saving *its, int64_t look)
{
    if (its->look != look) {
        its->look = look;
        its->sent = (tg_sent){0};
    }
    return &its->sent;
}

static tg_sent *save_on_rank(tg_gains *s, int32_t rank)
{
    if (s->by_rank[rank].look != s->nlooks)
        s->rank[s->nranks++] = rank;
    return saving_of(&s->by_rank[rank], s->nlooks);
}

static tg_sent *save_on_host(tg_gains *s, int32_t host, double bytes)
{
    tg_sent *its = saving_of(&s->by_host[host], s->nlooks);

    its->top += bytes;
    its->inside -= bytes;
    return its;
}

/* Is the rank seen for the first time with this result? */
static bool is_new(tg_gains *s, int32_t rank)
{
    if (s->by_rank[rank].seen == s->nresults)
        return false;
    s->by_rank[rank].seen = s->nresults;
    return true;
}

/* Bytes of a result; those that are not known count as a byte, so that messages do. */
static double bytes_of(const tg_gains *s, int32_t task)
{
    const double bytes = (double)s->p->graph->task[task].output_bytes;

    return bytes > 1 ? bytes : 1;
}

static void look_at_input(tg_gains *s, int32_t task, int32_t input)
{
    const int32_t *rank = s->p->out->rank, *host = s->p->machine->host;
    const int32_t maker = s->as[rank[input]];
    const double bytes = bytes_of(s, input);

    s->nresults++;
    (void)is_new(s, maker);
    save_on_host(s, host[maker], bytes)->inputs += bytes;
    save_on_rank(s, maker)->inside += bytes;
    for (uint32_t e = s->user_begin[input]; e < s->user_begin[input + 1]; e++) {
        const int32_t user = s->as[rank[s->user[e]]];
        tg_sent *its;

        if (s->user[e] == task || !is_new(s, user))
            continue;
        its = save_on_rank(s, user);
        if (host[user] == host[maker]) {
            its->inside += bytes;
        } else {
            its->top += bytes;
            its->inputs += bytes;
        }
    }
}

static void look_at_users(tg_gains *s, int32_t task)
{
    const double bytes = bytes_of(s, task);

    s->nresults++;
    for (uint32_t e = s->user_begin[task]; e < s->user_begin[task + 1]; e++) {
        const int32_t user = s->as[s->p->out->rank[s->user[e]]];

        if (!is_new(s, user))
            continue;
        (void)save_on_host(s, s->p->machine->host[user], bytes);
        save_on_rank(s, user)->inside += bytes;
    }
}

double tg_gains_top_bytes(tg_gains *s)
{
    const int32_t *rank = s->p->out->rank, *host = s->p->machine->host;
    double bytes = 0;

    for (int64_t t = 0; t < s->p->graph->ntasks; t++) {
        s->nresults++;
        for (uint32_t e = s->user_begin[t]; e < s->user_begin[t + 1] && rank[t] >= 0; e++)
            if (is_new(s, rank[s->user[e]]) && host[rank[s->user[e]]] != host[rank[t]])
                bytes += bytes_of(s, (int32_t)t);
    }
    return bytes;
}

void tg_gains_look_at(tg_gains *s, int32_t task)
{
    const tg_graph *g = s->p->graph;

    s->nlooks++;
    s->nranks = 0;
    for (int k = 0; k < tg_graph_ninputs(g, task); k++)
        if (s->p->out->rank[tg_graph_inputs(g, task)[k]] >= 0)
            look_at_input(s, task, tg_graph_inputs(g, task)[k]);
    look_at_users(s, task);
}

static tg_sent saved(const tg_gains *s, int32_t rank)
{
    const int32_t as = s->as[rank];
    const tg_saving *here = &s->by_rank[as], *near = &s->by_host[s->p->machine->host[as]];
    tg_sent sum = {0};

    if (here->look == s->nlooks)
        sum = here->sent;
    if (near->look == s->nlooks) {
        sum.top += near->sent.top;
        sum.inside += near->sent.inside;
        sum.inputs += near->sent.inputs;
    }
    return sum;
}

tg_sent tg_gains_of(const tg_gains *s, int32_t from, int32_t to)
{
    const tg_sent before = saved(s, from), after = saved(s, to);

    return (tg_sent){after.top - before.top, after.inside - before.inside,
                     after.inputs - before.inputs};
}
