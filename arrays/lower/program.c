/* SPDX-License-Identifier: BSD-3-Clause */
/* Elementwise programs: one task a chunk. Single values travel in the parameters. */
#include <inttypes.h>
#include <string.h>

#include "kernel/copy.h"
#include "kernel/program.h"
#include "lower/lowering.h"

/* What one step is thought to cost: bytes of output a second. */
#define STEP_RATE 2e9

/* A single value in the parameters of a task; complex128 needs two. */
#define CONSTANT_WORDS 2

/* ---- the task ---- */

static tg_status read_operands(tg_reader *reader, tg_task *task, int ndim, tg_program *program,
                               tg_operand *operands)
{
    tg_status status = TG_OK;

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

static tg_status run_program(tg_task *task)
{
    tg_status status = TG_OK;
    tg_reader reader = tg_reader_begin(task);
    tg_program *program = tg_task_scratch(task, sizeof *program);
    tg_operand *operands = tg_task_scratch(task, TG_PROGRAM_MAX_INPUTS * sizeof *operands);
    size_t bytes = (size_t)tg_read(&reader);
    int ndim = tg_read_int(&reader);
    const int64_t *shape = tg_read_list(&reader, ndim);
    void *out = tg_task_output(task, bytes);

    TG_NEED(program && operands && (out || bytes == 0), TG_ENOMEM, "a chunk of %zu bytes", bytes);
    if (bytes == 0)
        goto out;
    program->ninputs = tg_read_int(&reader);
    program->nsteps = tg_read_int(&reader);
    TG_TRY(read_operands(&reader, task, ndim, program, operands));
    read_steps(&reader, program);
    TG_TRY(tg_program_run(program, operands, ndim, shape, out, task));
out:
    return status;
}

/* ---- its parameters ---- */

/* Strides over the result's axes of an input chunk; 0 where it is broadcast. */
static void add_strides(tg_words *words, const tg_array *a, const tg_array *input,
                        const int64_t *in_index)
{
    int64_t count[TG_MAX_NDIM], stride[TG_MAX_NDIM];

    for (int d = 0; d < input->ndim; d++)
        count[d] = input->grid.length[d][in_index[d]];
    tg_strides(input->ndim, count, tg_dtype_size(input->dtype), stride);
    for (int d = 0; d < a->ndim; d++) {
        int axis = tg_operand_axis(input, a->ndim, a->shape, d);

        tg_words_add(words, axis < 0 || input->shape[axis] == 1 ? 0 : stride[axis]);
    }
}

/* The chunk of an input that meets a chunk of the result. */
static void operand_index(const tg_array *a, const tg_array *input, const int64_t *index,
                          int64_t *out)
{
    memset(out, 0, sizeof *out * TG_MAX_NDIM);
    for (int d = 0; d < a->ndim; d++) {
        int axis = tg_operand_axis(input, a->ndim, a->shape, d);

        if (axis >= 0)
            out[axis] = index[d];
    }
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

tg_status tg_lower_program(tg_lowering *lowering, const tg_lowered *a, const int64_t *index,
                           int64_t *task)
{
    tg_status status = TG_OK;
    const tg_program *program = a->node->params;
    tg_words *words = &lowering->words;
    int64_t start[TG_MAX_NDIM], count[TG_MAX_NDIM], in_index[TG_MAX_NDIM];
    int64_t inputs[TG_PROGRAM_MAX_INPUTS];
    size_t bytes = (size_t)tg_chunk_box(a, index, start, count) * tg_dtype_size(a->node->dtype);
    tg_task_spec spec = {.function = run_program, .name = "elementwise", .inputs = inputs};

    for (int i = 0; i < a->node->ninputs; i++) {
        if (tg_is_constant(a->node->inputs[i]))
            continue;
        operand_index(a->node, a->node->inputs[i], index, in_index);
        TG_TRY(tg_lower_chunk(lowering, a->node->inputs[i], in_index, &inputs[spec.ninputs++]));
    }
    spec.output_bytes = bytes;
    spec.seconds = (double)bytes * program->nsteps / STEP_RATE;
    if (program->nsteps == 1)
        spec.name = program->steps[0].op->name;
    tg_words_add(words, (int64_t)bytes);
    tg_words_add(words, a->node->ndim);
    tg_words_add_list(words, a->node->ndim, count);
    tg_words_add(words, program->ninputs);
    tg_words_add(words, program->nsteps);
    for (int i = 0, input = 0; i < a->node->ninputs; i++) {
        if (tg_is_constant(a->node->inputs[i])) {
            add_constant(words, a->node, a->node->inputs[i]);
            continue;
        }
        tg_words_add(words, input++);
        tg_words_add(words, a->node->inputs[i]->dtype);
        operand_index(a->node, a->node->inputs[i], index, in_index);
        add_strides(words, a->node, a->node->inputs[i], in_index);
    }
    add_steps(words, program);
    TG_TRY(tg_lower_add(lowering, &spec, task));
out:
    return status;
}
