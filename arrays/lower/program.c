/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Elementwise programs: one task a chunk. Single values travel in the parameters; a transposed
 * operand is the chunk it is made of, walked with its strides in another order. An operand that is
 * put together from parts of other chunks, transposed or not, is used where the parts lie:
 *
 *     operand  | a | b  |        result  | 1 | 2  |     the program runs over each part
 *              | c | d  |   ->           | 3 | 4  |     of the result in turn
 */
#include "lower/program.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <tegula/runtime.h>

#include "kernel/copy.h"
#include "lower/gather.h"

/* What one step is thought to cost: bytes of output a second. */
#define STEP_RATE 2e9

/* Elements that a part of an operand has on average at least: else the operand is put together. */
#define LEAST_PART 2048

/* A single value in the parameters of a task; complex128 needs two. */
#define CONSTANT_WORDS 2

static tg_status read_operands(tg_reader *reader, tg_task *task, int ndim, tg_program *program,
                               tg_operand *operands)
{
    tg_status status = TG_OK;

    program->ninputs = tg_read_int(reader);
    program->nsteps = tg_read_int(reader);
    for (int i = 0; i < program->ninputs; i++) {
        int64_t input = tg_read(reader);

        program->inputs[i] = (tg_dtype)tg_read(reader);
        if (input < 0)
            operands[i].data = tg_read_list(reader, CONSTANT_WORDS);
        else
            operands[i].data = tg_task_input(task, (int)input, NULL);
        memcpy(operands[i].stride, tg_read_list(reader, ndim),
               (size_t)ndim * sizeof *operands[i].stride);
        TG_NEED(operands[i].data, TG_EINTERNAL, "a program without input %" PRId64, input);
    }
out:
    return status;
}

static void read_steps(tg_reader *reader, tg_program *program)
{
    for (int s = 0; s < program->nsteps; s++) {
        tg_step *step = &program->steps[s];

        step->op = tg_read_static(reader);
        step->result = (tg_dtype)tg_read(reader);
        for (int i = 0; i < step->op->arity; i++) {
            step->in[i] = tg_read_int(reader);
            step->operands[i] = (tg_dtype)tg_read(reader);
        }
    }
}

tg_status tg_read_program(tg_reader *reader, tg_task *task, int ndim, tg_program **program,
                          tg_operand **operands)
{
    tg_status status = TG_OK;

    *program = tg_task_scratch(task, sizeof **program);
    *operands = tg_task_scratch(task, TG_PROGRAM_MAX_INPUTS * sizeof **operands);
    TG_NEED(*program && *operands, TG_ENOMEM, "a program over a chunk");
    TG_TRY(read_operands(reader, task, ndim, *program, *operands));
    read_steps(reader, *program);
out:
    return status;
}

static tg_status run_program(tg_task *task)
{
    tg_status status = TG_OK;
    tg_reader reader = tg_reader_begin(task);
    tg_program *program = NULL;
    tg_operand *operands = NULL;
    size_t bytes = (size_t)tg_read(&reader);
    int ndim = tg_read_int(&reader);
    const int64_t *shape = tg_read_list(&reader, ndim);
    void *out = tg_task_output(task, bytes);

    TG_NEED(out || bytes == 0, TG_ENOMEM, "a chunk of %zu bytes", bytes);
    if (bytes == 0)
        goto out;
    TG_TRY(tg_read_program(&reader, task, ndim, &program, &operands));
    TG_TRY(tg_program_run(program, operands, ndim, shape, out, task));
out:
    return status;
}

/* The operand in parts, and where the program runs: a part after the other. */
struct parts {
    int operand, first; /* which, and the task's first input that it is made of */
    int ndim;
    const int64_t *axis; /* of the result, of each of its axes [ndim] */
    tg_gather_axis axes[TG_MAX_NDIM];
    int64_t at[TG_MAX_NDIM]; /* the segment of each axis */
};

static struct parts read_parts(tg_reader *reader)
{
    struct parts parts = {.operand = tg_read_int(reader)};

    parts.first = tg_read_int(reader);
    parts.ndim = tg_read_int(reader);
    parts.axis = tg_read_list(reader, parts.ndim);
    tg_gather_read(reader, parts.ndim, parts.axes);
    return parts;
}

static bool next_part(struct parts *parts)
{
    for (int e = parts->ndim - 1; e >= 0; e--) {
        if (++parts->at[e] < parts->axes[e].nsegments)
            return true;
        parts->at[e] = 0;
    }
    return false;
}

/* The box of the result that a part gives, from `start` on; the operand becomes that part. */
static void find_part(const struct parts *parts, tg_task *task, size_t itemsize, int64_t *start,
                      int64_t *count, tg_operand *operand)
{
    int64_t length[TG_MAX_NDIM], stride[TG_MAX_NDIM], input = 0, from = 0;

    for (int e = 0; e < parts->ndim; e++) {
        const tg_gather_axis *axis = &parts->axes[e];
        const int64_t chunk = axis->segment[parts->at[e]].chunk;

        input = input * axis->nchunks + chunk;
        length[e] = axis->length[chunk];
    }
    tg_strides(parts->ndim, length, itemsize, stride);
    memset(operand->stride, 0, sizeof operand->stride);
    for (int e = 0; e < parts->ndim; e++) {
        const tg_gather_axis *axis = &parts->axes[e];
        const tg_segment *s = &axis->segment[parts->at[e]];
        const int d = (int)parts->axis[e];

        from += s->from * stride[e];
        if (axis->nsegments == 1 && s->count == 1)
            continue; /* one element for all of the axis */
        start[d] = s->to;
        count[d] = s->count;
        operand->stride[d] = s->step * stride[e];
    }
    operand->data = (const char *)tg_task_input(task, parts->first + (int)input, NULL) + from;
}

static tg_status run_part(tg_task *task, const struct parts *parts, const tg_program *program,
                          const tg_operand *operands, int ndim, const int64_t *shape, char *out,
                          tg_program_machine *machine)
{
    const size_t size = tg_dtype_size(program->steps[program->nsteps - 1].result);
    int64_t start[TG_MAX_NDIM] = {0}, count[TG_MAX_NDIM], pitch[TG_MAX_NDIM], at = 0;
    tg_operand own[TG_PROGRAM_MAX_INPUTS];

    memcpy(own, operands, (size_t)program->ninputs * sizeof *own);
    memcpy(count, shape, (size_t)ndim * sizeof *count);
    find_part(parts, task, tg_dtype_size(program->inputs[parts->operand]), start, count,
              &own[parts->operand]);
    tg_strides(ndim, shape, 1, pitch);
    for (int d = 0; d < ndim; d++) {
        at += start[d] * pitch[d];
        for (int i = 0; i < program->ninputs; i++)
            if (i != parts->operand)
                own[i].data = (const char *)own[i].data + start[d] * own[i].stride[d];
    }
    return tg_program_box(machine, own, ndim, count, out + at * (int64_t)size, pitch);
}

static tg_status run_parts(tg_task *task)
{
    tg_status status = TG_OK;
    tg_reader reader = tg_reader_begin(task);
    tg_program *program = NULL;
    tg_operand *operands = NULL;
    tg_program_machine *machine = NULL;
    size_t bytes = (size_t)tg_read(&reader);
    int ndim = tg_read_int(&reader);
    const int64_t *shape = tg_read_list(&reader, ndim);
    struct parts parts = read_parts(&reader);
    void *out = tg_task_output(task, bytes);

    TG_NEED(out, TG_ENOMEM, "a chunk of %zu bytes", bytes);
    TG_TRY(tg_read_program(&reader, task, ndim, &program, &operands));
    TG_TRY(tg_program_begin(program, task, &machine));
    do
        TG_TRY(run_part(task, &parts, program, operands, ndim, shape, out, machine));
    while (next_part(&parts));
out:
    return status;
}

/* An operand's chunk as it lies in memory: that of an array of which the operand is a view. */
struct piece {
    const tg_array *array;
    int64_t index[TG_MAX_NDIM];
    int64_t stride[TG_MAX_NDIM]; /* bytes, over the axes of the program's result; 0: broadcast */
    int64_t axis[TG_MAX_NDIM];   /* of the result, of each of the array's axes */
};

/* The chunk of input i that meets a chunk of the result. Transpositions are seen through. */
static struct piece piece_of(const tg_array *a, int i, const int64_t *index)
{
    struct piece piece = {.array = a->inputs[i]};
    int64_t count[TG_MAX_NDIM], stride[TG_MAX_NDIM];
    int axis[TG_MAX_NDIM];

    for (int d = 0; d < a->ndim; d++)
        axis[d] = tg_operand_axis(piece.array, a->ndim, a->shape, d);
    while (piece.array->class == &tg_class_transpose) {
        const tg_transpose_params *params = piece.array->params;

        for (int d = 0; d < a->ndim; d++)
            axis[d] = axis[d] < 0 ? -1 : params->axis[axis[d]];
        piece.array = piece.array->inputs[0];
    }
    for (int d = 0; d < a->ndim; d++)
        if (axis[d] >= 0) {
            piece.index[axis[d]] = index[d];
            piece.axis[axis[d]] = d;
        }
    for (int d = 0; d < piece.array->ndim; d++)
        count[d] = piece.array->grid.length[d][piece.index[d]];
    tg_strides(piece.array->ndim, count, tg_dtype_size(piece.array->dtype), stride);
    for (int d = 0; d < a->ndim; d++)
        piece.stride[d] = axis[d] < 0 || piece.array->shape[axis[d]] == 1 ? 0 : stride[axis[d]];
    return piece;
}

static void add_constant(tg_words *words, const tg_array *a, const tg_array *input)
{
    const tg_memory_params *params = input->params;
    int64_t value[CONSTANT_WORDS] = {0};

    memcpy(value, params->data, params->size);
    tg_words_add(words, -1);
    tg_words_add(words, input->dtype);
    tg_words_add_list(words, CONSTANT_WORDS, value);
    for (int d = 0; d < a->ndim; d++)
        tg_words_add(words, 0);
}

static void add_steps(tg_words *words, const tg_program *program)
{
    for (int s = 0; s < program->nsteps; s++) {
        const tg_step *step = &program->steps[s];

        tg_words_add_static(words, step->op);
        tg_words_add(words, step->result);
        for (int i = 0; i < step->op->arity; i++) {
            tg_words_add(words, step->in[i]);
            tg_words_add(words, step->operands[i]);
        }
    }
}

tg_status tg_lower_operands(tg_lowering *lowering, const tg_array *a, const int64_t *index,
                            int64_t *inputs, int *ninputs)
{
    tg_status status = TG_OK;

    *ninputs = 0;
    for (int i = 0; i < a->ninputs; i++) {
        struct piece piece;

        if (tg_is_constant(a->inputs[i]))
            continue;
        piece = piece_of(a, i, index);
        TG_TRY(tg_lower_chunk(lowering, piece.array, piece.index, &inputs[(*ninputs)++]));
    }
out:
    return status;
}

/* Operands are the task's inputs from `first` on; that in parts (-1: none) is left to its parts, of
 * which `part` is the first. */
static void add_program(tg_words *words, const tg_array *a, const int64_t *index, int first,
                        int in_parts, int part)
{
    const tg_program *program = a->params;

    tg_words_add(words, program->ninputs);
    tg_words_add(words, program->nsteps);
    for (int i = 0, input = first; i < a->ninputs; i++) {
        struct piece piece;

        if (tg_is_constant(a->inputs[i])) {
            add_constant(words, a, a->inputs[i]);
            continue;
        }
        piece = piece_of(a, i, index);
        tg_words_add(words, i == in_parts ? part : input++);
        tg_words_add(words, a->inputs[i]->dtype);
        tg_words_add_list(words, a->ndim, piece.stride);
    }
    add_steps(words, program);
}

void tg_words_add_program(tg_words *words, const tg_array *a, const int64_t *index, int first)
{
    add_program(words, a, index, first, -1, -1);
}

double tg_program_seconds(const tg_array *a, int64_t elements)
{
    const tg_program *program = a->params;

    return (double)elements * (double)tg_dtype_size(a->dtype) * program->nsteps / STEP_RATE;
}

static tg_task_spec spec_of(const tg_array *a, int64_t elements)
{
    const tg_program *program = a->params;

    return (tg_task_spec){
        .name = program->nsteps == 1 ? program->steps[0].op->name : "elementwise",
        .output_bytes = (size_t)elements * tg_dtype_size(a->dtype),
        .seconds = tg_program_seconds(a, elements),
    };
}

static void add_box(tg_words *words, const tg_task_spec *spec, int ndim, const int64_t *count)
{
    tg_words_add(words, (int64_t)spec->output_bytes);
    tg_words_add(words, ndim);
    tg_words_add_list(words, ndim, count);
}

/* An operand in parts that are worth running over one by one; -1: none. Where memory is limited
 * chunks are put together first, so that fewer are needed at a time. */
static tg_status find_parts(tg_lowering *lowering, const tg_array *a, const int64_t *index,
                            int64_t elements, int *found, struct piece *piece, tg_gathering *g)
{
    tg_status status = TG_OK;

    *found = -1;
    for (int i = 0; elements > 0 && tg_memory(lowering->ctx) == 0 && i < a->ninputs; i++) {
        tg_lowered *input = NULL;

        if (tg_is_constant(a->inputs[i]))
            continue;
        *piece = piece_of(a, i, index);
        if (!tg_is_gathered(piece->array))
            continue;
        TG_TRY(tg_lower_node(lowering, piece->array, &input));
        TG_TRY(tg_gather_begin(lowering, input, piece->index, g));
        if (!tg_gather_is_one_chunk(g) && tg_gather_boxes(g) <= elements / LEAST_PART) {
            *found = i;
            goto out;
        }
        tg_gather_end(g);
        *g = (tg_gathering){0};
    }
out:
    return status;
}

/* The task's inputs: those of all other operands, then the parts' chunks. */
static tg_status add_in_parts(tg_lowering *lowering, const tg_array *a, const int64_t *index,
                              int operand, const struct piece *piece, tg_gathering *g,
                              const int64_t *count, tg_task_spec *spec, int64_t *task)
{
    tg_status status = TG_OK;
    int64_t *inputs = NULL;
    int nothers = 0;

    inputs = calloc((size_t)g->ninputs + TG_PROGRAM_MAX_INPUTS, sizeof *inputs);
    TG_NEED(inputs, TG_ENOMEM, "a chunk made of %" PRId64 " chunks", g->ninputs);
    for (int i = 0; i < a->ninputs; i++) {
        const struct piece other = piece_of(a, i, index);

        if (!tg_is_constant(a->inputs[i]) && i != operand)
            TG_TRY(tg_lower_chunk(lowering, other.array, other.index, &inputs[nothers++]));
    }
    TG_TRY(tg_gather_inputs(g));
    memcpy(inputs + nothers, g->inputs, (size_t)g->ninputs * sizeof *inputs);
    add_box(&lowering->words, spec, a->ndim, count);
    tg_words_add(&lowering->words, operand);
    tg_words_add(&lowering->words, nothers);
    tg_words_add(&lowering->words, g->ndim);
    tg_words_add_list(&lowering->words, g->ndim, piece->axis);
    tg_gather_add_words(g);
    add_program(&lowering->words, a, index, 0, operand, nothers);
    spec->function = run_parts;
    spec->inputs = inputs;
    spec->ninputs = nothers + (int)g->ninputs;
    TG_TRY(tg_lower_add(lowering, spec, task));
out:
    free(inputs);
    return status;
}

tg_status tg_lower_program(tg_lowering *lowering, const tg_lowered *a, const int64_t *index,
                           int64_t *task)
{
    tg_status status = TG_OK;
    int64_t start[TG_MAX_NDIM], count[TG_MAX_NDIM], inputs[TG_PROGRAM_MAX_INPUTS];
    const int64_t elements = tg_chunk_box(a, index, start, count);
    tg_task_spec spec = spec_of(a->node, elements);
    tg_gathering g = {0};
    struct piece piece;
    int operand;

    TG_TRY(find_parts(lowering, a->node, index, elements, &operand, &piece, &g));
    if (operand >= 0) {
        TG_TRY(add_in_parts(lowering, a->node, index, operand, &piece, &g, count, &spec, task));
        goto out;
    }
    TG_TRY(tg_lower_operands(lowering, a->node, index, inputs, &spec.ninputs));
    spec.function = run_program;
    spec.inputs = inputs;
    add_box(&lowering->words, &spec, a->node->ndim, count);
    tg_words_add_program(&lowering->words, a->node, index, 0);
    TG_TRY(tg_lower_add(lowering, &spec, task));
out:
    tg_gather_end(&g);
    return status;
}
