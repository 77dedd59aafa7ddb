/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A workload in plain MPI, as one would write it by hand: at step s
 *   MPI_Irecv for each input of mine that another rank makes   (tag: both columns)
 *   MPI_Isend of each output of step s - 1 to each task of another rank that needs it
 *   MPI_Waitall -> my tasks
 * Outputs of two steps are kept in turns. All lists are made before the clock starts.
 */
#include "bench_graph/system.h"

#include <stdlib.h>
#include <string.h>

#include <mpi.h>

/* A dependence between ranks: bytes to or from a peer. */
typedef struct edge {
    void *bytes;
    int32_t peer, tag;
} edge;

/* A task of mine: where its inputs lie. */
typedef struct job {
    const void **inputs;
    int32_t ninputs, column;
    void *output;
} job;

/* One step of this rank. */
typedef struct stage {
    edge *receives, *sends;
    job *jobs;
    int32_t nreceives, nsends, njobs;
} stage;

struct plain {
    workload w;
    int rank, nranks;
    char *outputs; /* [2][width][output], mine filled */
    char *inbox;   /* [width][MAX_INPUTS][output] */
    stage *stages; /* [steps] */
    MPI_Request *requests;
    void *scratch;
};

static int owner(const plain *p, int column)
{
    return (int)((int64_t)column * p->nranks / p->w.width);
}

static void *output_of(plain *p, int step, int column)
{
    return p->outputs + (size_t)((step & 1) * p->w.width + column) * (size_t)p->w.output;
}

static void *inbox_of(plain *p, int column, int i)
{
    return p->inbox + (size_t)(column * MAX_INPUTS + i) * (size_t)p->w.output;
}

static bool add_job(plain *p, stage *its, int step, int column)
{
    int32_t columns[MAX_INPUTS];
    const int n = workload_inputs(&p->w, step, column, columns);
    job *j = &its->jobs[its->njobs++];

    *j = (job){.ninputs = n, .column = column, .output = output_of(p, step, column)};
    j->inputs = calloc((size_t)n + 1, sizeof *j->inputs);
    if (!j->inputs)
        return false;
    for (int i = 0; i < n; i++) {
        const int from = owner(p, columns[i]);

        j->inputs[i] =
            from == p->rank ? output_of(p, step - 1, columns[i]) : inbox_of(p, column, i);
        if (from != p->rank)
            its->receives[its->nreceives++] =
                (edge){inbox_of(p, column, i), from, columns[i] * p->w.width + column};
    }
    return true;
}

/* What tasks of other ranks need of my outputs of the step before. */
static void add_sends(plain *p, stage *its, int step, int column)
{
    int32_t columns[MAX_INPUTS];
    const int n = workload_inputs(&p->w, step, column, columns);

    for (int i = 0; i < n; i++)
        if (owner(p, columns[i]) == p->rank)
            its->sends[its->nsends++] = (edge){output_of(p, step - 1, columns[i]), owner(p, column),
                                               columns[i] * p->w.width + column};
}

/* Give back what a list did not need. */
static void *shrink(void *list, int32_t n, size_t size)
{
    void *shrunk = realloc(list, ((size_t)n + 1) * size);

    return shrunk ? shrunk : list;
}

static bool make_stage(plain *p, int step)
{
    stage *its = &p->stages[step];
    const size_t most = (size_t)p->w.width * MAX_INPUTS;

    its->receives = calloc(most, sizeof *its->receives);
    its->sends = calloc(most, sizeof *its->sends);
    its->jobs = calloc((size_t)p->w.width, sizeof *its->jobs);
    if (!its->receives || !its->sends || !its->jobs)
        return false;
    for (int c = 0; c < workload_width(&p->w, step); c++) {
        if (owner(p, c) != p->rank)
            add_sends(p, its, step, c);
        else if (!add_job(p, its, step, c))
            return false;
    }
    its->receives = shrink(its->receives, its->nreceives, sizeof *its->receives);
    its->sends = shrink(its->sends, its->nsends, sizeof *its->sends);
    return true;
}

plain *plain_create(const workload *w)
{
    plain *p = calloc(1, sizeof *p);
    const size_t width = (size_t)w->width;
    int ok = p != NULL;

    if (!p)
        return NULL;
    p->w = *w;
    MPI_Comm_rank(MPI_COMM_WORLD, &p->rank);
    MPI_Comm_size(MPI_COMM_WORLD, &p->nranks);
    p->outputs = calloc(2 * width, (size_t)w->output);
    p->inbox = calloc(width * MAX_INPUTS, (size_t)w->output);
    p->stages = calloc((size_t)w->steps, sizeof *p->stages);
    p->requests = calloc(2 * width * MAX_INPUTS, sizeof *p->requests);
    p->scratch = calloc(1, w->kernel == MEMORY ? SCRATCH : 1);
    ok = p->outputs && p->inbox && p->stages && p->requests && p->scratch;
    for (int s = 0; ok && s < w->steps; s++)
        ok = make_stage(p, s);
    MPI_Allreduce(MPI_IN_PLACE, &ok, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
    if (!ok) {
        plain_destroy(p);
        return NULL;
    }
    return p;
}

void plain_destroy(plain *p)
{
    if (!p)
        return;
    for (int s = 0; p->stages && s < p->w.steps; s++) {
        for (int i = 0; i < p->stages[s].njobs; i++)
            free(p->stages[s].jobs[i].inputs);
        free(p->stages[s].jobs);
        free(p->stages[s].receives);
        free(p->stages[s].sends);
    }
    free(p->outputs);
    free(p->inbox);
    free(p->stages);
    free(p->requests);
    free(p->scratch);
    free(p);
}

static void exchange(plain *p, const stage *its)
{
    int n = 0;

    for (int i = 0; i < its->nreceives; i++)
        MPI_Irecv(its->receives[i].bytes, p->w.output, MPI_BYTE, its->receives[i].peer,
                  its->receives[i].tag, MPI_COMM_WORLD, &p->requests[n++]);
    for (int i = 0; i < its->nsends; i++)
        MPI_Isend(its->sends[i].bytes, p->w.output, MPI_BYTE, its->sends[i].peer, its->sends[i].tag,
                  MPI_COMM_WORLD, &p->requests[n++]);
    if (n > 0)
        MPI_Waitall(n, p->requests, MPI_STATUSES_IGNORE);
}

bool plain_run(plain *p, uint32_t iterations, timing *out)
{
    int wrong = 0;
    double start;

    p->w.iterations = iterations;
    MPI_Barrier(MPI_COMM_WORLD);
    start = bench_now();
    for (int s = 0; s < p->w.steps; s++) {
        const stage *its = &p->stages[s];

        exchange(p, its);
        for (int i = 0; i < its->njobs; i++) {
            const job *j = &its->jobs[i];

            wrong +=
                !workload_run(&p->w, s, j->column, j->inputs, j->ninputs, j->output, p->scratch);
        }
    }
    MPI_Barrier(MPI_COMM_WORLD);
    *out = (timing){.run = bench_now() - start};
    MPI_Allreduce(MPI_IN_PLACE, &out->run, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
    MPI_Allreduce(MPI_IN_PLACE, &wrong, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    return wrong == 0;
}
