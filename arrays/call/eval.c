/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The evaluator: trees become values. Arrays stay lazy; what stands in a tree of constants is
 * Python's own arithmetic.
 */
#include "call/eval.h"

#include <inttypes.h>
#include <string.h>

typedef tg_status evaluate(tg_calc *calc, const tg_scope *scope, const tg_tree *tree,
                           tg_datum *out);

static tg_status eval_constant(tg_calc *calc, const tg_scope *scope, const tg_tree *tree,
                               tg_datum *out)
{
    (void)calc;
    (void)scope;
    *out = tree->value;
    return TG_OK;
}

static tg_status eval_name(tg_calc *calc, const tg_scope *scope, const tg_tree *tree, tg_datum *out)
{
    const tg_datum *value = tg_scope_get(scope, tree->text);

    if (!value)
        return tg_builtin_name(calc, tree->text, out);
    *out = *value;
    return TG_OK;
}

/* Items one by one, those of "*x" among them. */
static tg_status eval_items(tg_calc *calc, const tg_scope *scope, const tg_tree *tree,
                            tg_datum_kind kind, tg_datum *out)
{
    tg_status status = TG_OK;
    tg_datum list = {.kind = kind}, inner;
    int64_t capacity = tree->count;

    list.items = tg_datum_items(calc->ctx, capacity);
    TG_NEED(list.items, TG_ENOMEM, "%d items", tree->count);
    for (int i = 0; i < tree->count; i++) {
        const tg_tree *item = tree->items[i];

        if (item->kind != TG_TREE_STAR) {
            TG_TRY(tg_eval(calc, scope, item, &list.items[list.count++]));
            continue;
        }
        TG_TRY(tg_eval(calc, scope, item->items[0], &inner));
        TG_TRY(tg_eval_items(calc, &inner, &inner));
        tg_datum *grown = tg_datum_items(calc->ctx, capacity += inner.count);
        TG_NEED(grown && capacity <= TG_MAX_ITEMS, TG_EARG, "more than %d items", TG_MAX_ITEMS);
        memcpy(grown, list.items, (size_t)list.count * sizeof *grown);
        list.items = grown;
        for (int64_t k = 0; k < inner.count; k++)
            list.items[list.count++] = inner.items[k];
    }
    *out = list;
out:
    return status;
}

static tg_status eval_tuple(tg_calc *calc, const tg_scope *scope, const tg_tree *tree,
                            tg_datum *out)
{
    return eval_items(calc, scope, tree, TG_DATUM_TUPLE, out);
}

static tg_status eval_list(tg_calc *calc, const tg_scope *scope, const tg_tree *tree, tg_datum *out)
{
    return eval_items(calc, scope, tree, TG_DATUM_LIST, out);
}

static tg_status eval_dict(tg_calc *calc, const tg_scope *scope, const tg_tree *tree, tg_datum *out)
{
    return eval_items(calc, scope, tree, TG_DATUM_DICT, out);
}

static tg_status eval_unary(tg_calc *calc, const tg_scope *scope, const tg_tree *tree,
                            tg_datum *out)
{
    tg_status status = TG_OK;
    tg_datum operand;

    TG_TRY(tg_eval(calc, scope, tree->items[0], &operand));
    TG_TRY(tg_eval_unary(calc, tree->text, &operand, out));
out:
    return status;
}

static tg_status eval_binary(tg_calc *calc, const tg_scope *scope, const tg_tree *tree,
                             tg_datum *out)
{
    tg_status status = TG_OK;
    tg_datum left, right;

    TG_TRY(tg_eval(calc, scope, tree->items[0], &left));
    TG_TRY(tg_eval(calc, scope, tree->items[1], &right));
    TG_TRY(tg_eval_binary(calc, tree->text, &left, &right, out));
out:
    return status;
}

/* a < b < c is (a < b) and (b < c), b evaluated once; arrays then have no one truth. */
static tg_status eval_compare(tg_calc *calc, const tg_scope *scope, const tg_tree *tree,
                              tg_datum *out)
{
    tg_status status = TG_OK;
    tg_datum left, right, result = {0};
    bool truth = true;

    TG_TRY(tg_eval(calc, scope, tree->items[0], &left));
    for (int i = 1; i < tree->count; i++) {
        const tg_tree *step = tree->items[i];

        if (i > 1)
            status = tg_datum_truth(&result, &truth);
        if (status != TG_OK && !calc->where)
            calc->where = step->where;
        TG_TRY(status);
        if (!truth)
            break;
        TG_TRY(tg_eval(calc, scope, step->items[0], &right));
        status = tg_eval_compare(calc, step->text, &left, &right, &result);
        if (status != TG_OK && !calc->where)
            calc->where = step->where;
        TG_TRY(status);
        left = right;
    }
    *out = result;
out:
    return status;
}

static tg_status eval_not(tg_calc *calc, const tg_scope *scope, const tg_tree *tree, tg_datum *out)
{
    tg_status status = TG_OK;
    tg_datum operand;
    bool truth = false;

    TG_TRY(tg_eval(calc, scope, tree->items[0], &operand));
    TG_TRY(tg_datum_truth(&operand, &truth));
    *out = (tg_datum){.kind = TG_DATUM_BOOL, .truth = !truth};
out:
    return status;
}

/* The operand that decides. */
static tg_status eval_and_or(tg_calc *calc, const tg_scope *scope, const tg_tree *tree,
                             tg_datum *out)
{
    tg_status status = TG_OK;
    bool truth = false;

    TG_TRY(tg_eval(calc, scope, tree->items[0], out));
    TG_TRY(tg_datum_truth(out, &truth));
    if (truth == (tree->kind == TG_TREE_AND))
        TG_TRY(tg_eval(calc, scope, tree->items[1], out));
out:
    return status;
}

static tg_status eval_if(tg_calc *calc, const tg_scope *scope, const tg_tree *tree, tg_datum *out)
{
    tg_status status = TG_OK;
    tg_datum condition;
    bool truth = false;

    TG_TRY(tg_eval(calc, scope, tree->items[1], &condition));
    TG_TRY(tg_datum_truth(&condition, &truth));
    TG_TRY(tg_eval(calc, scope, tree->items[truth ? 0 : 2], out));
out:
    return status;
}

/* A list in the making. */
struct growing {
    tg_datum list;
    int64_t capacity;
};

static tg_status append(tg_calc *calc, struct growing *to, const tg_datum *item)
{
    tg_status status = TG_OK;

    if (to->list.count == to->capacity) {
        int64_t capacity = to->capacity ? 2 * to->capacity : 8;
        tg_datum *items = tg_datum_items(calc->ctx, capacity);

        TG_NEED(items && capacity <= 2 * TG_MAX_ITEMS, TG_EARG, "more than %d items", TG_MAX_ITEMS);
        if (to->list.count > 0)
            memcpy(items, to->list.items, (size_t)to->list.count * sizeof *items);
        to->list.items = items;
        to->capacity = capacity;
    }
    to->list.items[to->list.count++] = *item;
out:
    return status;
}

/* The items of "for" number `level` and of those within it. */
static tg_status comprehend(tg_calc *calc, tg_scope *scope, const tg_tree *tree, int level,
                            struct growing *to)
{
    tg_status status = TG_OK;
    const tg_tree *loop = level < tree->count ? tree->items[level] : NULL;
    tg_datum sequence, value;

    if (!loop) {
        TG_TRY(tg_eval(calc, scope, tree->items[0], &value));
        return append(calc, to, &value);
    }
    TG_TRY(tg_eval(calc, scope, loop->items[1], &sequence));
    TG_TRY(tg_eval_items(calc, &sequence, &sequence));
    for (int64_t i = 0; i < sequence.count; i++) {
        bool wanted = true;

        TG_TRY(tg_eval_assign(calc, scope, loop->items[0], &sequence.items[i]));
        for (int k = 2; k < loop->count && wanted; k++) {
            TG_TRY(tg_eval(calc, scope, loop->items[k], &value));
            TG_TRY(tg_datum_truth(&value, &wanted));
        }
        if (wanted)
            TG_TRY(comprehend(calc, scope, tree, level + 1, to));
    }
out:
    return status;
}

/* [element for target in sequence if condition for ...] */
static tg_status eval_comprehension(tg_calc *calc, const tg_scope *scope, const tg_tree *tree,
                                    tg_datum *out)
{
    tg_status status = TG_OK;
    tg_scope inner = {.parent = scope};
    struct growing list = {.list.kind = TG_DATUM_LIST};

    TG_TRY(comprehend(calc, &inner, tree, 1, &list));
    *out = list.list;
out:
    return status;
}

static tg_status eval_attribute(tg_calc *calc, const tg_scope *scope, const tg_tree *tree,
                                tg_datum *out)
{
    tg_status status = TG_OK;
    tg_datum object;

    TG_TRY(tg_eval(calc, scope, tree->items[0], &object));
    TG_TRY(tg_eval_attribute(calc, &object, tree->text, out));
out:
    return status;
}

static tg_status eval_slice(tg_calc *calc, const tg_scope *scope, const tg_tree *tree,
                            tg_datum *out)
{
    tg_status status = TG_OK;
    tg_datum *parts = tg_datum_items(calc->ctx, 3);

    TG_NEED(parts, TG_ENOMEM, "a slice");
    for (int i = 0; i < 3; i++)
        if (tree->items[i])
            TG_TRY(tg_eval(calc, scope, tree->items[i], &parts[i]));
    *out = (tg_datum){.kind = TG_DATUM_SLICE, .items = parts, .count = 3};
out:
    return status;
}

static tg_status eval_subscript(tg_calc *calc, const tg_scope *scope, const tg_tree *tree,
                                tg_datum *out)
{
    tg_status status = TG_OK;
    tg_datum object, index;

    TG_TRY(tg_eval(calc, scope, tree->items[0], &object));
    TG_TRY(tg_eval(calc, scope, tree->items[1], &index));
    TG_TRY(tg_eval_subscript(calc, &object, &index, out));
out:
    return status;
}

static tg_status eval_misplaced(tg_calc *calc, const tg_scope *scope, const tg_tree *tree,
                                tg_datum *out)
{
    (void)calc;
    (void)scope;
    (void)tree;
    (void)out;
    return tg_fail(TG_EARG, "can't use starred expression here");
}

static evaluate *const table[] = {
    [TG_TREE_CONSTANT] = eval_constant,
    [TG_TREE_NAME] = eval_name,
    [TG_TREE_TUPLE] = eval_tuple,
    [TG_TREE_LIST] = eval_list,
    [TG_TREE_DICT] = eval_dict,
    [TG_TREE_UNARY] = eval_unary,
    [TG_TREE_BINARY] = eval_binary,
    [TG_TREE_COMPARE] = eval_compare,
    [TG_TREE_STEP] = eval_misplaced,
    [TG_TREE_NOT] = eval_not,
    [TG_TREE_AND] = eval_and_or,
    [TG_TREE_OR] = eval_and_or,
    [TG_TREE_IF] = eval_if,
    [TG_TREE_LAMBDA] = tg_eval_lambda,
    [TG_TREE_COMPREHEND] = eval_comprehension,
    [TG_TREE_FOR] = eval_misplaced,
    [TG_TREE_FORMAT] = tg_eval_format,
    [TG_TREE_ATTRIBUTE] = eval_attribute,
    [TG_TREE_CALL] = tg_eval_call,
    [TG_TREE_KEYWORD] = eval_misplaced,
    [TG_TREE_STAR] = eval_misplaced,
    [TG_TREE_SUBSCRIPT] = eval_subscript,
    [TG_TREE_SLICE] = eval_slice,
};

tg_status tg_eval(tg_calc *calc, const tg_scope *scope, const tg_tree *tree, tg_datum *out)
{
    tg_status status = TG_OK;

    calc->levels++;
    TG_NEED(calc->levels <= TG_MAX_LEVELS, TG_EARG, "maximum recursion depth exceeded");
    TG_NEED(++calc->steps <= TG_MAX_STEPS, TG_EARG, "the line takes more than %d steps",
            TG_MAX_STEPS);
    *out = (tg_datum){0};
    TG_TRY(table[tree->kind](calc, scope, tree, out));
out:
    calc->levels--;
    if (status != TG_OK && !calc->where && tree->where >= calc->text &&
        tree->where <= calc->text + calc->text_size)
        calc->where = tree->where;
    return status;
}
