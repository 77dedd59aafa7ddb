/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Delayed functions: sequential-looking code that runs side by side on the ranks.
 *
 *   add(inc(1), inc(2))        5; the two increments run side by side
 *   inc(1), ..., inc(8)        2 ... 9 in order, sum 44
 *   two sums of one increment  the increment runs twice when they are computed one by one, once
 *                              when they are computed together
 *
 * Every function sleeps a while in place of work. Results carry where and when they were made, so
 * that what ran side by side, and how often, is seen and not guessed from the time it took.
 */
#include <argp.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <tegula/tegula.h>

enum { COUNT = 8 };

struct options {
    double seconds;      /* that each function sleeps */
    const char *picture; /* NULL: none */
};

/* Filled by the parser before the program proper starts, only read from then on. */
static struct options options = {.seconds = 1.0};

/* A number, and the call that made it. */
struct number {
    int value;
    int rank;
    double start, end;   /* seconds since 1970: comparable across hosts */
    double origin_start; /* when the first input's call began */
    int origin_rank;
};

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_REALTIME, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void nap(tg_task *task)
{
    const double *seconds = tg_task_input(task, tg_task_ninputs(task) - 1, NULL);
    struct timespec time = {.tv_sec = (time_t)*seconds};

    time.tv_nsec = (long)((*seconds - floor(*seconds)) * 1e9);
    while (nanosleep(&time, &time))
        continue; /* a signal: sleep the rest */
}

/* The output, stamped with who makes it; NULL when memory is out. */
static struct number *begin_number(tg_task *task)
{
    const struct number *first = tg_task_input(task, 0, NULL);
    struct number *number = tg_task_output(task, sizeof *number);

    if (number)
        *number = (struct number){.rank = tg_task_rank(task),
                                  .start = now(),
                                  .origin_start = first->start,
                                  .origin_rank = first->rank};
    return number;
}

static tg_status inc(tg_task *task)
{
    tg_status status = TG_OK;
    const struct number *x = tg_task_input(task, 0, NULL);
    struct number *y = begin_number(task);

    TG_NEED(y, TG_ENOMEM, "a number");
    nap(task);
    y->value = x->value + 1;
    y->end = now();
out:
    return status;
}

static tg_status add(tg_task *task)
{
    tg_status status = TG_OK;
    const struct number *x = tg_task_input(task, 0, NULL);
    const struct number *y = tg_task_input(task, 1, NULL);
    struct number *z = begin_number(task);

    TG_NEED(z, TG_ENOMEM, "a number");
    nap(task);
    z->value = x->value + y->value;
    z->end = now();
out:
    return status;
}

static tg_delayed *number(tg_ctx *ctx, int value)
{
    struct number known = {.value = value};

    return tg_value_bytes(ctx, &known, sizeof known);
}

/* Rank 0 talks while the others wait: what is printed is seen at once. */
static void elapsed(double start)
{
    printf("  %.2f s\n", now() - start);
    fflush(stdout);
}

static tg_status add_two(tg_ctx *ctx, tg_delayed *pause)
{
    tg_status status = TG_OK;
    struct number z = {0};
    double start = now();
    tg_delayed *x1 = tg_delay(ctx, inc, number(ctx, 1), pause);
    tg_delayed *x2 = tg_delay(ctx, inc, number(ctx, 2), pause);
    tg_delayed *sum = tg_delay(ctx, add, x1, x2, pause); /* nothing has run yet */

    if (options.picture)
        TG_TRY(tg_visualize(ctx, sum, options.picture));
    TG_TRY(tg_compute(ctx, sum, &z, sizeof z)); /* x1 and x2 run side by side */
    printf("add(inc(1), inc(2)) = %d", z.value);
    elapsed(start);
out:
    return status;
}

/* The most calls that were under way at one moment: it is the start of one of them. */
static int most_at_once(const struct number *calls, int n)
{
    int most = 0;

    for (int i = 0; i < n; i++) {
        int running = 0;
        for (int k = 0; k < n; k++)
            running += calls[k].start <= calls[i].start && calls[i].start < calls[k].end;
        most = running > most ? running : most;
    }
    return most;
}

static int ranks_used(const struct number *calls, int n)
{
    int used = 0;

    for (int i = 0; i < n; i++) {
        int k = 0;
        while (calls[k].rank != calls[i].rank)
            k++;
        used += k == i; /* the first call on its rank */
    }
    return used;
}

static tg_status eight_increments(tg_ctx *ctx, tg_delayed *pause)
{
    tg_status status = TG_OK;
    struct number results[COUNT] = {0};
    tg_target targets[COUNT];
    double start = now();
    int sum = 0;

    for (int i = 0; i < COUNT; i++)
        targets[i] = (tg_target){.node = tg_delay(ctx, inc, number(ctx, i + 1), pause),
                                 .result = &results[i],
                                 .size = sizeof results[i]};
    TG_TRY(tg_compute_all(ctx, targets, COUNT));
    for (int i = 0; i < COUNT; i++) {
        printf("%s%d", i ? " " : "", results[i].value);
        sum += results[i].value;
    }
    printf("\nsum %d", sum);
    elapsed(start);
    if (tg_verbosity(ctx) > 0)
        fprintf(stderr, "increments: %d ranks of %d, at most %d at once, %d threads a rank\n",
                ranks_used(results, COUNT), tg_nranks(ctx), most_at_once(results, COUNT),
                tg_nthreads(ctx));
out:
    return status;
}

/* How often inc was called to make what the two sums share. */
static const char *how_often(const struct number *a, const struct number *b)
{
    bool same_call = a->origin_rank == b->origin_rank && a->origin_start == b->origin_start;

    return same_call ? "once" : "twice";
}

static tg_status sharing(tg_ctx *ctx, tg_delayed *pause)
{
    tg_status status = TG_OK;
    struct number a = {0}, b = {0};
    double start = now();
    tg_delayed *shared = tg_delay(ctx, inc, number(ctx, 1), pause);
    tg_delayed *sum_a = tg_delay(ctx, add, shared, number(ctx, 10), pause);
    tg_delayed *sum_b = tg_delay(ctx, add, shared, number(ctx, 20), pause);

    TG_TRY(tg_compute(ctx, sum_a, &a, sizeof a));
    TG_TRY(tg_compute(ctx, sum_b, &b, sizeof b));
    printf("one by one: %d %d, the shared inc ran %s", a.value, b.value, how_often(&a, &b));
    elapsed(start);

    start = now();
    TG_TRY(tg_compute_all(ctx, (tg_target[]){{sum_a, &a, sizeof a}, {sum_b, &b, sizeof b}}, 2));
    printf("together: %d %d, the shared inc ran %s", a.value, b.value, how_often(&a, &b));
    elapsed(start);
out:
    return status;
}

static tg_status lesson(tg_ctx *ctx, int argc, char **argv)
{
    tg_status status = TG_OK;
    tg_delayed *pause = tg_value(ctx, double, options.seconds);

    TG_NEED(argc == 1, TG_EUSAGE, "'%s': delayed_app takes options only", argv[1]);
    TG_TRY(add_two(ctx, pause));
    TG_TRY(eight_increments(ctx, pause));
    TG_TRY(sharing(ctx, pause));
out:
    return status;
}

enum { KEY_SECONDS = 0x100, KEY_VISUALIZE };

static const struct argp_option option_table[] = {
    {"seconds", KEY_SECONDS, "S", 0, "How long each function sleeps (1)", 0},
    {"visualize", KEY_VISUALIZE, "FILE", 0,
     "Draw the graph of add(inc(1), inc(2)) to FILE.svg, .png, .pdf or .dot", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    char *end = NULL;

    switch (key) {
    case KEY_SECONDS:
        options.seconds = strtod(arg, &end);
        if (end == arg || *end || !(options.seconds >= 0 && options.seconds <= 3600)) {
            argp_error(state, "--seconds: '%s' is not a number from 0 to 3600", arg);
            return EINVAL;
        }
        return 0;
    case KEY_VISUALIZE:
        options.picture = arg;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {
    .options = option_table,
    .parser = parse,
    .doc =
        "The lesson on delayed functions: increments and sums that sleep a second each, recorded "
        "by sequential-looking code and computed side by side.\vPrinted are the answers and how "
        "long each part took; with --verbose also how many calls ran at once.",
};

int main(int argc, char **argv)
{
    return tg_run(argc, argv, lesson, &(tg_app){.argp = &parser});
}

//TEST np=1,2,3,4,8 args="--seconds 0.05" expect="sum 44"
//TEST np=1,4 name=once args="--seconds 0.05" expect="together: 12 22, the shared inc ran once"
