/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Elementwise programs: one task a chunk. Single values travel in the parameters; a transposed
 * operand is the chunk it is made of, walked with its strides in another order.
 */
#include "lower/program.h"

#include <inttypes.h>
#include <string.h>

#include "kernel/copy.h"

/* What one step is thought to cost: bytes of output a second. */
#define STEP_RATE 2e9

/* A single value in the parameters of a task; complex128 needs two. */
#define CONSTANT_WORDS 2

/* ---- the task ---- */

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

/* ---- its parameters ---- */

/* An operand's chunk as it lies in memory: that of an array of which the operand is a view. */
struct piece {
    const tg_array *array;
    int64_t index[TG_MAX_NDIM];
    int64_t stride[TG_MAX_NDIM]; /* bytes, over the axes of the program's result; 0: broadcast */
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
        if (axis[d] >= 0)
            piece.index[axis[d]] = index[d];
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

void tg_words_add_program(tg_words *words, const tg_array *a, const int64_t *index, int first)
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
        tg_words_add(words, input++);
        tg_words_add(words, a->inputs[i]->dtype);
        tg_words_add_list(words, a->ndim, piece.stride);
    }
    add_steps(words, program);
}

double tg_program_seconds(const tg_array *a, int64_t elements)
{
    const tg_program *program = a->params;

    return (double)elements * (double)tg_dtype_size(a->dtype) * program->nsteps / STEP_RATE;
}

tg_status tg_lower_program(tg_lowering *lowering, const tg_lowered *a, const int64_t *index,
                           int64_t *task)
{
    tg_status status = TG_OK;
    const tg_program *program = a->node->params;
    tg_words *words = &lowering->words;
    int64_t start[TG_MAX_NDIM], count[TG_MAX_NDIM], inputs[TG_PROGRAM_MAX_INPUTS];
    int64_t elements = tg_chunk_box(a, index, start, count);
    tg_task_spec spec = {.function = run_program, .name = "elementwise", .inputs = inputs};

    TG_TRY(tg_lower_operands(lowering, a->node, index, inputs, &spec.ninputs));
    spec.output_bytes = (size_t)elements * tg_dtype_size(a->node->dtype);
    spec.seconds = tg_program_seconds(a->node, elements);
    if (program->nsteps == 1)
        spec.name = program->steps[0].op->name;
    tg_words_add(words, (int64_t)spec.output_bytes);
    tg_words_add(words, a->node->ndim);
    tg_words_add_list(words, a->node->ndim, count);
    tg_words_add_program(words, a->node, index, 0);
    TG_TRY(tg_lower_add(lowering, &spec, task));
out:
    return status;
}
