/* SPDX-License-Identifier: BSD-3-Clause */
/* Loops for x = a OP b; y = x OP c or c OP x, with the three operators that take a cycle or two. */
#include "kernel/pairs.h"

#include <string.h>

#include "kernel/types.h"

enum { ADD, SUBTRACT, MULTIPLY, OPERATORS };

#define LEFT(second, x, c)  ((x)second(c))
#define RIGHT(second, x, c) ((c)second(x))
#define LOOP(name, type, first, second, SIDE)                                                      \
    TG_CLONES static void name(int64_t n, const void *const *in, void *out)                        \
    {                                                                                              \
        const type *restrict a = in[0], *restrict b = in[1], *restrict c = in[2];                  \
        type *restrict y = out;                                                                    \
                                                                                                   \
        for (int64_t i = 0; i < n; i++)                                                            \
            y[i] = SIDE(second, a[i] first b[i], c[i]);                                            \
    }
#define SECONDS(type, word, first)                                                                 \
    LOOP(word##_add_left_##type, type, first, +, LEFT)                                             \
    LOOP(word##_subtract_left_##type, type, first, -, LEFT)                                        \
    LOOP(word##_multiply_left_##type, type, first, *, LEFT)                                        \
    LOOP(word##_subtract_right_##type, type, first, -, RIGHT)
#define FIRSTS(type)                                                                               \
    SECONDS(type, add, +)                                                                          \
    SECONDS(type, subtract, -)                                                                     \
    SECONDS(type, multiply, *)
FIRSTS(float)
FIRSTS(double)

/* Sums and products are the same from both sides. */
#define ROW(word, type)                                                                            \
    {                                                                                              \
        {word##_add_left_##type, word##_add_left_##type},                                          \
            {word##_subtract_left_##type, word##_subtract_right_##type},                           \
            {word##_multiply_left_##type, word##_multiply_left_##type},                            \
    }
static tg_loop *const loops[2][OPERATORS][OPERATORS][2] = {
    {ROW(add, float), ROW(subtract, float), ROW(multiply, float)},
    {ROW(add, double), ROW(subtract, double), ROW(multiply, double)},
};

static int operator_of(const tg_step *step)
{
    static const char *const names[OPERATORS] = {"add", "subtract", "multiply"};

    for (int i = 0; i < OPERATORS; i++)
        if (strcmp(step->op->name, names[i]) == 0)
            return i;
    return -1;
}

static tg_dtype register_dtype(const tg_program *program, int reg)
{
    return reg < program->ninputs ? program->inputs[reg]
                                  : program->steps[reg - program->ninputs].result;
}

/* Whether a step takes two operands of a dtype as they are. */
static bool is_plain(const tg_program *program, const tg_step *step, tg_dtype dtype)
{
    for (int i = 0; i < 2; i++)
        if (step->operands[i] != dtype || register_dtype(program, step->in[i]) != dtype)
            return false;
    return step->result == dtype;
}

static int count_uses(const tg_program *program, int reg)
{
    int uses = 0;

    for (int s = 0; s < program->nsteps; s++)
        for (int i = 0; i < program->steps[s].op->arity; i++)
            uses += program->steps[s].in[i] == reg;
    return uses;
}

tg_loop *tg_pair_loop(const tg_program *program, int s, int *other)
{
    const tg_step *step = &program->steps[s], *next = step + 1;
    const int reg = program->ninputs + s;
    int first, second;

    if (s + 1 >= program->nsteps || !tg_is_float(step->result))
        return NULL;
    first = operator_of(step);
    second = operator_of(next);
    if (first < 0 || second < 0 || !is_plain(program, step, step->result) ||
        !is_plain(program, next, step->result) || count_uses(program, reg) != 1 ||
        (next->in[0] != reg && next->in[1] != reg))
        return NULL;
    *other = next->in[next->in[0] == reg];
    return loops[step->result == TG_FLOAT64][first][second][next->in[0] != reg];
}
