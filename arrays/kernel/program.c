/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The interpreter of elementwise programs.
 *
 * The result's elements are done in blocks of at most BLOCK: for each block the inputs are brought
 * into contiguous form (mostly they are and are used where they lie), then every step runs over the
 * block, and the last one writes to the result. Registers are a few blocks of scratch that stay in
 * the first caches.
 *
 *   collapse axes -> one axis, or the inner one short: blocks of the flat result, other inputs
 *                    gathered by runs
 *                 -> else: blocks of rows; an input that is transposed against the result is
 *                    gathered for a tile of rows at a time, so that its cache lines are used up;
 *                    a tile's rows lie far from each other and are asked for two rows ahead
 */
#include <stdlib.h>
#include <string.h>

#include "kernel/copy.h"
#include "kernel/elementwise.h"
#include "kernel/pairs.h"
#include "kernel/program.h"
#include "kernel/types.h"

#define BLOCK     4096 /* elements of a block */
#define TILE_ROWS 32   /* rows of a tile where an input is transposed */
#define TILE_COLS 256  /* columns of it: with the rows of other inputs it stays near */
#define PITCH                                                                                      \
    264             /* elements from row to row of a gathered one: not a power of two, so that
                          rows do not fall on the same lines of the cache */
#define SHORT  128  /* inner axes below go in flat blocks, where they lie side by side */
#define LINE   64   /* bytes of a cache line */
#define ASKED  2048 /* bytes of each input asked for before the next part */
#define AHEAD  2    /* rows */
#define NARROW 16   /* rows below are no tiles */

/* How an input becomes contiguous. */
typedef enum how {
    WHOLE,  /* contiguous as the result is */
    ONE,    /* one element, repeated */
    ROWS,   /* contiguous along the inner axis */
    REPEAT, /* the same along the inner axis */
    STRIDE, /* strided along the inner axis */
    CROSS,  /* transposed: gathered for a tile of rows */
} how;

typedef struct input {
    const char *data;
    int64_t stride[TG_MAX_NDIM]; /* bytes, over the collapsed axes */
    size_t size;                 /* bytes of an element */
    how how;
    char *buffer;     /* a block, or a tile of blocks for CROSS; NULL until it is needed */
    size_t room;      /* bytes of the buffer */
    int64_t laid_out; /* how many copies of the one element the buffer holds */
} input;

typedef struct tg_program_machine {
    const tg_program *program;
    int ndim;
    int64_t shape[TG_MAX_NDIM]; /* collapsed */
    int64_t pitch[TG_MAX_NDIM]; /* elements of the result, over the collapsed axes */
    int64_t total;              /* elements of the result */
    bool is_dense;              /* they lie side by side */
    bool is_flat;               /* goes in flat blocks */
    input inputs[TG_PROGRAM_MAX_INPUTS];
    int cross_axis;                       /* the axis of tiles of rows; -1: rows one by one */
    tg_loop *pairs[TG_PROGRAM_MAX_STEPS]; /* of a step with the next one; NULL: none */
    int others[TG_PROGRAM_MAX_STEPS];     /* register of the pair's third operand */
    char *steps[TG_PROGRAM_MAX_STEPS];    /* where each step but the last writes its block */
    char *converted[TG_MAX_OPERANDS];     /* operands of another dtype than their register */
    char *out;
    size_t out_size; /* bytes of an element */
    tg_task *scratch;
} machine;

static int64_t min64(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static bool can_merge(const machine *m, int d, const tg_operand *inputs, const int64_t *pitch,
                      int axis, const int64_t *shape)
{
    if (m->pitch[d] != pitch[axis] * shape[axis])
        return false;
    for (int i = 0; i < m->program->ninputs; i++) {
        if (m->inputs[i].stride[d] != inputs[i].stride[axis] * shape[axis])
            return false;
    }
    return true;
}

/* Drop axes of length 1 and merge neighbours that all inputs walk as one. The result's elements lie
 * side by side along the last one. */
static void collapse(machine *m, const tg_operand *inputs, int ndim, const int64_t *shape,
                     const int64_t *pitch)
{
    m->ndim = 0;
    m->total = 1;
    for (int axis = 0; axis < ndim; axis++) {
        m->total *= shape[axis];
        if (shape[axis] == 1)
            continue;
        if (m->ndim > 0 && can_merge(m, m->ndim - 1, inputs, pitch, axis, shape))
            m->shape[m->ndim - 1] *= shape[axis];
        else
            m->shape[m->ndim++] = shape[axis];
        m->pitch[m->ndim - 1] = pitch[axis];
        for (int i = 0; i < m->program->ninputs; i++)
            m->inputs[i].stride[m->ndim - 1] = inputs[i].stride[axis];
    }
    if (m->ndim == 0 || m->pitch[m->ndim - 1] != 1) {
        m->pitch[m->ndim] = 1;
        m->shape[m->ndim] = 1;
        for (int i = 0; i < m->program->ninputs; i++)
            m->inputs[i].stride[m->ndim] = (int64_t)m->inputs[i].size;
        m->ndim++;
    }
    m->is_dense = true;
    for (int64_t d = m->ndim - 1, elements = 1; d >= 0; elements *= m->shape[d--])
        m->is_dense = m->is_dense && m->pitch[d] == elements;
}

/* The axis on which the input moves least, if that is not the inner one; broadcast axes aside. */
static int nearest_axis(const machine *m, const input *in)
{
    int found = m->ndim - 1;

    for (int d = 0; d < m->ndim - 1; d++) {
        if (in->stride[d] != 0 && llabs(in->stride[d]) < llabs(in->stride[found]))
            found = d;
    }
    return found;
}

static how how_to_read(const machine *m, const input *in)
{
    int64_t contiguous[TG_MAX_NDIM];
    int64_t inner = in->stride[m->ndim - 1];
    bool whole = true, one = true;

    tg_strides(m->ndim, m->shape, in->size, contiguous);
    for (int d = 0; d < m->ndim; d++) {
        whole = whole && in->stride[d] == contiguous[d];
        one = one && in->stride[d] == 0;
    }
    if ((whole && m->is_dense) || one)
        return one ? ONE : WHOLE;
    if (inner == (int64_t)in->size || inner == 0)
        return inner == 0 ? REPEAT : ROWS;
    return nearest_axis(m, in) == m->ndim - 1 ? STRIDE : CROSS;
}

static void classify_inputs(machine *m)
{
    bool is_short = m->shape[m->ndim - 1] < SHORT;

    m->is_flat = m->is_dense && (is_short || m->ndim == 1);
    m->cross_axis = -1;
    for (int i = 0; i < m->program->ninputs; i++) {
        input *in = &m->inputs[i];

        in->how = how_to_read(m, in);
        if (in->how == CROSS && (m->is_flat || m->shape[m->ndim - 1] < NARROW))
            in->how = STRIDE;
        if (in->how == CROSS && m->cross_axis < 0)
            m->cross_axis = nearest_axis(m, in);
    }
}

/* Steps that run together with the next one, and are not the second of such a pair. */
static void find_pairs(machine *m)
{
    for (int s = 0; s < m->program->nsteps; s++) {
        m->pairs[s] = NULL;
        if (s == 0 || !m->pairs[s - 1])
            m->pairs[s] = tg_pair_loop(m->program, s, &m->others[s]);
    }
}

/* The last step that reads a register, of a pair the second; -1: none. */
static int last_use(const machine *m, int reg)
{
    const tg_program *program = m->program;

    for (int s = program->nsteps - 1; s >= 0; s--) {
        for (int i = 0; i < program->steps[s].op->arity; i++) {
            if (program->steps[s].in[i] == reg)
                return s + (m->pairs[s] != NULL);
        }
    }
    return -1;
}

/* Give each step but the last a block, taking again those that nobody reads any more. Returns how
 * many there are; slot[s] is the one of step s. */
static int assign_slots(const machine *m, int *slot)
{
    const tg_program *program = m->program;
    int busy_until[TG_PROGRAM_MAX_STEPS];
    int nslots = 0;

    for (int s = 0; s < program->nsteps - 1; s++) {
        int use = last_use(m, program->ninputs + s);
        int k = 0;

        while (k < nslots && busy_until[k] >= s)
            k++;
        if (k == nslots)
            nslots++;
        busy_until[k] = use > s ? use : s;
        slot[s] = k;
    }
    return nslots;
}

static tg_status allocate(machine *m)
{
    tg_status status = TG_OK;
    int slot[TG_PROGRAM_MAX_STEPS];
    int nslots = assign_slots(m, slot);
    const size_t block = BLOCK * sizeof(tg_complex128);
    size_t size = (size_t)(nslots + TG_MAX_OPERANDS) * block;
    char *at = tg_task_scratch(m->scratch, size);

    TG_NEED(at, TG_ENOMEM, "%zu bytes for the registers of an elementwise program", size);
    for (int s = 0; s < m->program->nsteps - 1; s++)
        m->steps[s] = at + (size_t)slot[s] * block;
    at += (size_t)nslots * block;
    for (int i = 0; i < TG_MAX_OPERANDS; i++, at += block)
        m->converted[i] = at;
out:
    return status;
}

/* Room for an input as it is read now, and one element laid out. */
static tg_status prepare_input(machine *m, input *in)
{
    tg_status status = TG_OK;
    size_t room = (size_t)(in->how == CROSS ? TILE_ROWS * PITCH : BLOCK) * in->size;
    int64_t copies = min64(BLOCK, m->total);

    if (in->how == WHOLE || (in->how == ROWS && !m->is_flat))
        return TG_OK;
    if (in->room < room) {
        in->buffer = tg_task_scratch(m->scratch, room);
        TG_NEED(in->buffer, TG_ENOMEM, "%zu bytes for an input of a program", room);
        in->room = room;
        in->laid_out = 0;
    }
    if (in->how == ONE && in->laid_out < copies)
        tg_copy_run(copies, in->size, in->data, 0, in->buffer);
    if (in->how != ONE)
        in->laid_out = 0;
    else if (in->laid_out < copies)
        in->laid_out = copies;
out:
    return status;
}

/* Elements [start, start + n) of the flat result, run by run along the inner axis. */
static void gather_flat(const machine *m, const input *in, int64_t start, int64_t n)
{
    int inner = m->ndim - 1;
    int64_t index[TG_MAX_NDIM];
    int64_t rest = start;
    const char *row = in->data;
    char *to = in->buffer;

    for (int d = inner; d >= 0; d--) {
        index[d] = rest % m->shape[d];
        rest /= m->shape[d];
        if (d < inner)
            row += index[d] * in->stride[d];
    }
    for (;;) {
        int64_t run = min64(n, m->shape[inner] - index[inner]);

        tg_copy_run(run, in->size, row + index[inner] * in->stride[inner], in->stride[inner], to);
        to += run * (int64_t)in->size;
        n -= run;
        if (n == 0)
            return;
        index[inner] = 0;
        for (int d = inner - 1; d >= 0; d--) {
            row += in->stride[d];
            if (++index[d] < m->shape[d])
                break;
            row -= index[d] * in->stride[d];
            index[d] = 0;
        }
    }
}

/* All steps over n elements; regs holds the inputs' blocks and gets those of the steps. */
static tg_status run_block(const machine *m, int64_t n, const void **regs, char *out)
{
    tg_status status = TG_OK;
    const tg_program *program = m->program;

    for (int s = 0; s < program->nsteps; s++) {
        const tg_step *step = &program->steps[s];
        const int last = s + (m->pairs[s] != NULL);
        char *to = last == program->nsteps - 1 ? out : m->steps[last];
        const void *in[TG_MAX_OPERANDS];

        if (m->pairs[s]) {
            in[0] = regs[step->in[0]];
            in[1] = regs[step->in[1]];
            in[2] = regs[m->others[s]];
            m->pairs[s](n, in, to);
            regs[program->ninputs + ++s] = to;
            continue;
        }
        for (int i = 0; i < step->op->arity; i++) {
            int reg = step->in[i];
            tg_dtype have = reg < program->ninputs ? program->inputs[reg]
                                                   : program->steps[reg - program->ninputs].result;
            in[i] = regs[reg];
            if (have != step->operands[i]) {
                tg_convert(n, have, in[i], step->operands[i], m->converted[i]);
                in[i] = m->converted[i];
            }
        }
        if (step->op->check)
            TG_TRY(step->op->check(n, in, step->operands[step->op->key]));
        tg_elementwise_loop(step->op, step->operands)(n, in, to);
        regs[program->ninputs + s] = to;
    }
out:
    return status;
}

/* Elements [first, last) of the flat result. */
static tg_status run_flat(const machine *m, int64_t first, int64_t last, char *out)
{
    tg_status status = TG_OK;
    const void *regs[TG_PROGRAM_MAX_INPUTS + TG_PROGRAM_MAX_STEPS];

    for (int64_t start = first; start < last; start += BLOCK) {
        int64_t n = min64(BLOCK, last - start);

        for (int i = 0; i < m->program->ninputs; i++) {
            const input *in = &m->inputs[i];

            regs[i] = in->how == WHOLE ? in->data + start * (int64_t)in->size : in->buffer;
            if (in->how != WHOLE && in->how != ONE)
                gather_flat(m, in, start, n);
        }
        TG_TRY(run_block(m, n, regs, out + (start - first) * (int64_t)m->out_size));
    }
out:
    return status;
}

/* A tile: `rows` rows along the cross axis from `row` on, n elements of each from `column` on; the
 * row's other indices are in `offset` (inputs) and `out`. */
typedef struct tile {
    int64_t row, rows, column, n;
    int64_t offset[TG_PROGRAM_MAX_INPUTS]; /* bytes */
    int64_t first;                         /* the row's first element in the result */
    int64_t pitch;                         /* elements of the result from row to row */
} tile;

static void gather_cross(const machine *m, const input *in, int64_t offset, const tile *t)
{
    int inner = m->ndim - 1;
    int64_t shape[2] = {t->rows, t->n};
    int64_t from[2] = {in->stride[m->cross_axis], in->stride[inner]};
    int64_t to[2] = {PITCH * (int64_t)in->size, (int64_t)in->size};

    tg_copy_box(2, shape, in->size, in->data + offset + t->row * from[0] + t->column * from[1],
                from, in->buffer, to);
}

static const void *row_of_input(const machine *m, const input *in, int64_t offset, const tile *t,
                                int64_t row)
{
    int64_t step = in->stride[m->ndim - 1];
    const char *from = in->data + offset + t->column * step;

    if (m->cross_axis >= 0)
        from += (t->row + row) * in->stride[m->cross_axis];
    switch (in->how) {
    case WHOLE:
    case ROWS:
        return from;
    case ONE:
        return in->buffer;
    case CROSS:
        return in->buffer + row * PITCH * (int64_t)in->size;
    default:
        tg_copy_run(t->n, in->size, from, step, in->buffer);
        return in->buffer;
    }
}

/* Ask for the lines of a row of a tile, which lies far from the one before it. */
static void prefetch_row(const machine *m, const tile *t, int64_t row)
{
    const int64_t at = t->first + (t->row + row) * t->pitch + t->column;
    const char *out = m->out + at * (int64_t)m->out_size;

    for (int64_t b = 0; b < t->n * (int64_t)m->out_size; b += LINE)
        __builtin_prefetch(out + b, 1);
    for (int i = 0; i < m->program->ninputs; i++) {
        const input *in = &m->inputs[i];

        if (in->how != ROWS)
            continue;
        const char *from = row_of_input(m, in, t->offset[i], t, row);
        for (int64_t b = 0; b < t->n * (int64_t)in->size; b += LINE)
            __builtin_prefetch(from + b);
    }
}

static tg_status run_tile(const machine *m, const tile *t)
{
    tg_status status = TG_OK;
    const void *regs[TG_PROGRAM_MAX_INPUTS + TG_PROGRAM_MAX_STEPS];

    for (int i = 0; i < m->program->ninputs; i++) {
        if (m->inputs[i].how == CROSS)
            gather_cross(m, &m->inputs[i], t->offset[i], t);
    }
    for (int64_t row = 0; row < t->rows; row++) {
        int64_t at = t->first + (t->row + row) * t->pitch + t->column;

        if (m->cross_axis >= 0 && row + AHEAD < t->rows)
            prefetch_row(m, t, row + AHEAD);
        for (int i = 0; i < m->program->ninputs; i++)
            regs[i] = row_of_input(m, &m->inputs[i], t->offset[i], t, row);
        TG_TRY(run_block(m, t->n, regs, m->out + at * (int64_t)m->out_size));
    }
out:
    return status;
}

/* All tiles with the given indices of the axes other than the inner and the cross axis. */
static tg_status run_plane(const machine *m, tile *t)
{
    tg_status status = TG_OK;
    int64_t columns = m->shape[m->ndim - 1];
    int64_t rows = m->cross_axis < 0 ? 1 : m->shape[m->cross_axis];
    int64_t most = m->cross_axis < 0 ? BLOCK : TILE_COLS;

    for (t->row = 0; t->row < rows; t->row += TILE_ROWS) {
        t->rows = min64(TILE_ROWS, rows - t->row);
        for (t->column = 0; t->column < columns; t->column += most) {
            t->n = min64(most, columns - t->column);
            TG_TRY(run_tile(m, t));
        }
    }
out:
    return status;
}

static tg_status run_rows(const machine *m)
{
    tg_status status = TG_OK;
    int64_t index[TG_MAX_NDIM];
    tile t;
    int d = 0;

    t.first = 0;
    t.pitch = m->cross_axis < 0 ? 0 : m->pitch[m->cross_axis];
    for (int i = 0; i < m->program->ninputs; i++)
        t.offset[i] = 0;
    for (d = 0; d < m->ndim; d++)
        index[d] = 0;
    do {
        TG_TRY(run_plane(m, &t));
        for (d = m->ndim - 2; d >= 0; d--) {
            int64_t step = 1;

            if (d == m->cross_axis)
                continue;
            if (++index[d] == m->shape[d]) {
                step = 1 - m->shape[d];
                index[d] = 0;
            }
            t.first += step * m->pitch[d];
            for (int i = 0; i < m->program->ninputs; i++)
                t.offset[i] += step * m->inputs[i].stride[d];
            if (step == 1)
                break;
        }
    } while (d >= 0);
out:
    return status;
}

tg_status tg_program_begin(const tg_program *program, tg_task *scratch, tg_program_machine **out)
{
    tg_status status = TG_OK;
    machine *m = tg_task_scratch(scratch, sizeof *m);

    TG_NEED(program->nsteps > 0, TG_EARG, "an elementwise program without steps");
    TG_NEED(m, TG_ENOMEM, "a program of %d steps", program->nsteps);
    memset(m, 0, sizeof *m);
    m->program = program;
    m->scratch = scratch;
    m->out_size = tg_dtype_size(program->steps[program->nsteps - 1].result);
    for (int i = 0; i < program->ninputs; i++)
        m->inputs[i].size = tg_dtype_size(program->inputs[i]);
    find_pairs(m);
    TG_TRY(allocate(m));
    *out = m;
out:
    return status;
}

/* Find how to go over a box. `pitch` as in tg_program_box. */
static tg_status lay_out(machine *m, const tg_operand *inputs, int ndim, const int64_t *shape,
                         const int64_t *pitch)
{
    tg_status status = TG_OK;

    for (int i = 0; i < m->program->ninputs; i++) {
        if (m->inputs[i].data != inputs[i].data)
            m->inputs[i].laid_out = 0;
        m->inputs[i].data = inputs[i].data;
    }
    collapse(m, inputs, ndim, shape, pitch);
    if (m->total == 0)
        return TG_OK;
    classify_inputs(m);
    for (int i = 0; i < m->program->ninputs; i++)
        TG_TRY(prepare_input(m, &m->inputs[i]));
out:
    return status;
}

tg_status tg_program_box(tg_program_machine *m, const tg_operand *inputs, int ndim,
                         const int64_t *shape, void *out, const int64_t *pitch)
{
    tg_status status = TG_OK;

    TG_TRY(lay_out(m, inputs, ndim, shape, pitch));
    m->out = out;
    if (m->total > 0)
        TG_TRY(m->is_flat ? run_flat(m, 0, m->total, out) : run_rows(m));
out:
    return status;
}

tg_status tg_program_lay_line(tg_program_machine *m, const tg_operand *inputs, int64_t n)
{
    return lay_out(m, inputs, 1, &n, &(int64_t){1});
}

/* Ask for the first bytes that inputs have from an element on. */
static void ask_for(const machine *m, int64_t first)
{
    for (int i = 0; i < m->program->ninputs; i++) {
        const input *in = &m->inputs[i];
        const char *at = in->data + first * (int64_t)in->size;

        for (int64_t b = 0; in->how == WHOLE && b < ASKED; b += LINE)
            __builtin_prefetch(at + b, 0, 2);
    }
}

tg_status tg_program_part(tg_program_machine *m, int64_t first, int64_t n, void *out)
{
    tg_status status = TG_OK;

    TG_TRY(run_flat(m, first, first + n, out));
    if (first + n < m->total)
        ask_for(m, first + n);
out:
    return status;
}

tg_status tg_program_run(const tg_program *program, const tg_operand *inputs, int ndim,
                         const int64_t *shape, void *out, tg_task *scratch)
{
    tg_status status = TG_OK;
    tg_program_machine *m = NULL;
    int64_t pitch[TG_MAX_NDIM];

    TG_TRY(tg_program_begin(program, scratch, &m));
    tg_strides(ndim, shape, 1, pitch);
    TG_TRY(tg_program_box(m, inputs, ndim, shape, out, pitch));
out:
    return status;
}
