/* SPDX-License-Identifier: BSD-3-Clause */
/* Writing a part, column by column. */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/compiler.h"
#include "base/memory.h"
#include "place/planner.h"

/* A part being written: the tasks of the rank, and the arrays (plan.h), which lie one behind the
 * other. */
typedef struct part_writer {
    tg_plan *plan;
    const tg_part_head *head;
    int rank;
    const int32_t *mine, *values;
    unsigned char *at; /* behind the last array */
    int16_t *call;
    int32_t *affinity;
    uint8_t *flags;
    int64_t *handle;
    tg_need *need;
    float *output_bytes;
    uint32_t *input_begin;
    uint32_t *push_begin;
    tg_push *push;
    uint32_t *params_begin;
    uint8_t *params_pad;
    unsigned char *params;
} part_writer;

/* The next array, zeros behind it. */
static void *next_array(part_writer *w, int64_t count, size_t size)
{
    unsigned char *here = w->at, *end = here + (size_t)count * size;

    w->at = here + tg_round_up((size_t)count * size, TG_WIRE_STEP);
    memset(end, 0, (size_t)(w->at - end));
    return here;
}

static void *write_copy(part_writer *w, const void *data, int64_t count, size_t size)
{
    void *to = next_array(w, count, size);

    if (count)
        memcpy(to, data, (size_t)count * size);
    return to;
}

/* Elements of a column of the plan that no other part needs: moved, as the plan would else be as
 * large as the part. */
static void *write_move(part_writer *w, int32_t *column, int64_t begin, int64_t count)
{
    void *to = write_copy(w, column + begin, count, sizeof *column);

    tg_give_back(column, (size_t)begin * sizeof *column, (size_t)(begin + count) * sizeof *column);
    return to;
}

/* Where the arrays lie; those that need no look at tasks are written. */
static void lay_out(part_writer *w)
{
    tg_plan *p = w->plan;
    const tg_part_head *h = w->head;
    const int64_t n = h->ntasks, all = n + h->nvalues;

    write_copy(w, h, 1, sizeof *h);
    write_copy(w, p->function, h->nfunctions, sizeof *p->function);
    w->mine = write_move(w, p->mine, p->task_begin[w->rank], n);
    w->call = next_array(w, n, sizeof *w->call);
    w->affinity = next_array(w, h->has_affinities ? n : 0, sizeof *w->affinity);
    w->flags = next_array(w, n, sizeof *w->flags);
    w->handle = next_array(w, h->has_handles ? n : 0, sizeof *w->handle);
    w->need = next_array(w, h->has_needs ? n : 0, sizeof *w->need);
    w->output_bytes = next_array(w, n, sizeof *w->output_bytes);
    w->input_begin = next_array(w, n + 1, sizeof *w->input_begin);
    write_move(w, p->input, p->input_begin[w->rank], h->nedges);
    w->push_begin = next_array(w, n + 1, sizeof *w->push_begin);
    w->push = next_array(w, h->nsends, sizeof *w->push);
    write_copy(w, p->pin, h->npins, sizeof *p->pin);
    w->params_begin = next_array(w, all + 1, sizeof *w->params_begin);
    w->params_pad = next_array(w, all, sizeof *w->params_pad);
    w->params = next_array(w, h->params_bytes, 1);
}

/* So many tasks before their turn, what the graph's columns say of them is fetched. */
enum { AHEAD_COLUMNS = 16 };

/* Parameters of the number-th task or constant of the part; returns where the next ones begin. */
static inline uint32_t write_params(part_writer *w, int32_t task, int64_t number, uint32_t unit)
{
    const tg_graph *g = w->plan->graph;
    const uint32_t units = (uint32_t)tg_graph_params_units(g, task);

    w->params_begin[number] = unit;
    w->params_pad[number] = g->task[task].params_pad;
    if (units)
        memcpy(w->params + (size_t)unit * TG_PARAMS_UNIT, tg_graph_params(g, task),
               (size_t)units * TG_PARAMS_UNIT);
    return unit + units;
}

/* Inlined: to the compiler, what only fetches has no effect, and it leaves calls out. */
TG_INLINE void fetch_columns(const tg_graph *g, int32_t task)
{
    __builtin_prefetch(&g->task[task]);
}

/* Of the tasks, then the parameters of the constants. */
static void write_columns(part_writer *w)
{
    const tg_graph *g = w->plan->graph;
    const int32_t *mine = w->mine;
    const int64_t n = w->head->ntasks, nvalues = w->head->nvalues;
    uint32_t unit = 0, edge = 0;

    for (int64_t i = 0; i < n; i++) {
        const int32_t t = mine[i];

        if (i + AHEAD_COLUMNS < n)
            fetch_columns(g, mine[i + AHEAD_COLUMNS]);
        w->call[i] = tg_graph_is_resident(g, t) ? TG_CALL_RESIDENT : g->task[t].function;
        w->flags[i] = g->task[t].flags;
        w->output_bytes[i] = g->task[t].output_bytes;
        w->input_begin[i] = edge;
        edge += (uint32_t)tg_graph_ninputs_of_task(g, t);
        unit = write_params(w, t, i, unit);
    }
    w->input_begin[n] = edge;
    for (int64_t i = 0; i < nvalues; i++)
        unit = write_params(w, w->values[i], n + i, unit);
    w->params_begin[n + nvalues] = unit;
}

/* Those that few graphs have. */
static void write_rare_columns(part_writer *w)
{
    const tg_graph *g = w->plan->graph;
    const tg_part_head *h = w->head;

    for (int64_t i = 0; i < h->ntasks && h->has_affinities; i++)
        w->affinity[i] = g->affinity[w->mine[i]];
    for (int64_t i = 0; i < h->ntasks && h->has_handles; i++)
        w->handle[i] = g->handle[w->mine[i]];
    for (int64_t i = 0; i < h->ntasks && h->has_needs; i++)
        w->need[i] = g->need[w->mine[i]];
}

/* Tasks whose chains of arrivals are followed side by side, so that what is next in many of them
 * can be fetched before its turn. */
enum { CHAINS = 512 };

typedef struct chain {
    int32_t arrival;
    uint32_t end; /* behind where its push goes */
} chain;

/* Step along `n` chains, from each result's last arrival to its first; returns how many go on. */
static int follow_chains(part_writer *w, chain *chains, int n)
{
    const tg_plan *p = w->plan;
    int left = 0;

    for (int i = 0; i < n; i++) {
        const chain its = chains[i];
        const int32_t rank = tg_ranges_find(&p->arrivals, its.arrival - 1);
        const int32_t before = p->before[its.arrival];

        w->push[its.end - 1] = (tg_push){rank, p->arrival_slot[rank] + its.arrival};
        chains[left] = (chain){before, its.end - 1};
        left += before != 0;
        __builtin_prefetch(&p->before[before]);
    }
    return left;
}

static void write_pushes(part_writer *w)
{
    tg_plan *p = w->plan;
    const tg_sent *sent = p->sent + p->task_begin[w->rank];
    const int64_t n = w->head->ntasks;
    chain chains[CHAINS + 1];
    uint32_t push = 0;

    w->push_begin[0] = 0;
    for (int64_t i = 0; i < n;) {
        const int64_t end = n - i < CHAINS ? n : i + CHAINS;
        int nchains = 0;

        for (; i < end; i++) {
            push += (uint32_t)sent[i].count;
            w->push_begin[i + 1] = push;
            chains[nchains] = (chain){sent[i].last, push};
            nchains += sent[i].count != 0;
            __builtin_prefetch(&p->before[sent[i].last]);
        }
        while (nchains)
            nchains = follow_chains(w, chains, nchains);
    }
    tg_give_back(p->sent, (size_t)p->task_begin[w->rank] * sizeof *sent,
                 (size_t)(p->task_begin[w->rank] + n) * sizeof *sent);
}

void tg_plan_write(tg_plan *plan, int rank, void *bytes)
{
    const tg_part_head *head = &plan->head[rank];
    part_writer w = {.plan = plan,
                     .head = head,
                     .rank = rank,
                     .values = plan->value + plan->value_begin[rank],
                     .at = bytes};

    lay_out(&w);
    write_pushes(&w);
    write_columns(&w);
    write_rare_columns(&w);
    assert(w.at - (unsigned char *)bytes == tg_part_size(head));
}

int64_t tg_plan_size(const tg_plan *plan, int rank)
{
    const tg_part_head *head = &plan->head[rank];

    return rank == 0 || head->ntasks || head->nremote ? tg_part_size(head) : 0;
}

tg_status tg_plan_dump(tg_plan *plan, FILE *out)
{
    tg_status status = TG_OK;
    void *bytes = NULL;

    for (int r = 0; r < plan->nranks; r++) {
        const int64_t size = tg_plan_size(plan, r);
        tg_part part;

        if (size == 0)
            continue;
        bytes = tg_alloc_array(size, 1);
        TG_NEED(bytes, TG_ENOMEM, "out of memory: a part of %" PRId64 " bytes", size);
        tg_plan_write(plan, r, bytes);
        TG_TRY(tg_part_read(bytes, size, &part));
        tg_part_dump(&part, r, out);
        tg_free(bytes);
        bytes = NULL;
    }
    TG_NEED(!ferror(out), TG_EIO, "the dump of a plan cannot be written");
out:
    tg_free(bytes);
    return status;
}
