/* SPDX-License-Identifier: BSD-3-Clause */
/* The mock of a task: lists of aligned memory. */
#include "task_mock.h"

#include <stdlib.h>
#include <string.h>

#define ALIGN       64
#define MAX_SCRATCH 64

struct tg_task {
    const tg_bytes *inputs;
    int ninputs;
    const void *params;
    size_t params_size;
    tg_bytes output;
    void *scratch[MAX_SCRATCH];
    int nscratch;
};

static void *aligned(size_t size)
{
    return aligned_alloc(ALIGN, (size + ALIGN) / ALIGN * ALIGN);
}

tg_task *task_mock_create(const tg_bytes *inputs, int ninputs, const void *params,
                          size_t params_size)
{
    tg_task *task = calloc(1, sizeof *task);

    if (!task)
        return NULL;
    task->inputs = inputs;
    task->ninputs = ninputs;
    task->params = params;
    task->params_size = params_size;
    return task;
}

tg_bytes task_mock_output(const tg_task *task)
{
    return task->output;
}

void task_mock_end(tg_task *task)
{
    for (int i = 0; i < task->nscratch; i++)
        free(task->scratch[i]);
    task->nscratch = 0;
}

void task_mock_destroy(tg_task **task)
{
    if (!*task)
        return;
    task_mock_end(*task);
    free((*task)->output.data);
    free(*task);
    *task = NULL;
}

const void *tg_task_input(const tg_task *task, int i, size_t *size)
{
    if (i < 0 || i >= task->ninputs)
        return NULL;
    if (size)
        *size = task->inputs[i].size;
    return task->inputs[i].data;
}

int tg_task_ninputs(const tg_task *task)
{
    return task->ninputs;
}

const void *tg_task_params(const tg_task *task, size_t *size)
{
    if (size)
        *size = task->params_size;
    return task->params;
}

void *tg_task_output(tg_task *task, size_t size)
{
    if (task->output.data)
        return NULL;
    task->output = (tg_bytes){aligned(size), size};
    return task->output.data;
}

void *tg_task_scratch(tg_task *task, size_t size)
{
    void *memory = task->nscratch < MAX_SCRATCH ? aligned(size) : NULL;

    if (memory) {
        memset(memory, 0xa5, size); /* its content is undefined */
        task->scratch[task->nscratch++] = memory;
    }
    return memory;
}
