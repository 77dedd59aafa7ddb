/* SPDX-License-Identifier: BSD-3-Clause */
/* The nodes below some roots in topological order, without recursion: expressions can be deep. */
#include <stdlib.h>

#include "expr/node.h"

static size_t slot_of(const tg_node_map *map, const tg_array *node)
{
    size_t slot = ((uintptr_t)node >> 4) * (size_t)0x9E3779B97F4A7C15u >> 20;

    for (slot &= map->capacity - 1; map->nodes[slot] && map->nodes[slot] != node;)
        slot = (slot + 1) & (map->capacity - 1);
    return slot;
}

static tg_status grow(tg_node_map *map)
{
    tg_status status = TG_OK;
    tg_node_map larger = {.capacity = map->capacity ? 2 * map->capacity : 64, .count = map->count};

    larger.nodes = calloc(larger.capacity, sizeof(const tg_array *));
    larger.values = calloc(larger.capacity, sizeof *larger.values);
    TG_NEED(larger.nodes && larger.values, TG_ENOMEM, "an index of %zu nodes", larger.capacity);
    for (size_t i = 0; i < map->capacity; i++) {
        if (map->nodes[i]) {
            size_t slot = slot_of(&larger, map->nodes[i]);

            larger.nodes[slot] = map->nodes[i];
            larger.values[slot] = map->values[i];
        }
    }
    tg_node_map_clear(map);
    *map = larger;
    larger = (tg_node_map){0};
out:
    tg_node_map_clear(&larger);
    return status;
}

int64_t tg_node_map_get(const tg_node_map *map, const tg_array *node)
{
    size_t slot = map->capacity ? slot_of(map, node) : 0;

    return map->capacity && map->nodes[slot] ? map->values[slot] : -1;
}

tg_status tg_node_map_put(tg_node_map *map, const tg_array *node, int64_t value)
{
    tg_status status = TG_OK;
    size_t slot;

    if (2 * map->count >= map->capacity)
        TG_TRY(grow(map));
    slot = slot_of(map, node);
    map->count += map->nodes[slot] ? 0 : 1;
    map->nodes[slot] = node;
    map->values[slot] = value;
out:
    return status;
}

void tg_node_map_clear(tg_node_map *map)
{
    free(map->nodes);
    free(map->values);
    *map = (tg_node_map){0};
}

/* A node on the way down and the next of its inputs to look at. */
struct visit {
    tg_array *node;
    int next;
};

struct stack {
    struct visit *items;
    size_t count, capacity;
};

static tg_status push(struct stack *stack, tg_array *node)
{
    tg_status status = TG_OK;

    if (stack->count == stack->capacity) {
        size_t capacity = stack->capacity ? 2 * stack->capacity : 64;
        struct visit *items = realloc(stack->items, capacity * sizeof *items);

        TG_NEED(items, TG_ENOMEM, "an expression %zu nodes deep", capacity);
        stack->items = items;
        stack->capacity = capacity;
    }
    stack->items[stack->count++] = (struct visit){.node = node};
out:
    return status;
}

static tg_status append(tg_order *order, size_t *capacity, tg_array *node)
{
    tg_status status = TG_OK;

    if ((size_t)order->count == *capacity) {
        size_t larger = *capacity ? 2 * *capacity : 64;
        tg_array **nodes = realloc(order->nodes, larger * sizeof(tg_array *));

        TG_NEED(nodes, TG_ENOMEM, "an expression of %zu nodes", larger);
        order->nodes = nodes;
        *capacity = larger;
    }
    TG_TRY(tg_node_map_put(&order->place, node, order->count));
    order->nodes[order->count++] = node;
out:
    return status;
}

/* Follow inputs down, append on the way up. Nodes are made after their inputs: no cycles. */
static tg_status visit(tg_order *order, size_t *capacity, struct stack *stack, tg_array *root)
{
    tg_status status = TG_OK;

    TG_TRY(push(stack, root));
    while (stack->count > 0) {
        struct visit *top = &stack->items[stack->count - 1];

        if (tg_node_map_get(&order->place, top->node) >= 0) {
            stack->count--;
        } else if (top->next < top->node->ninputs) {
            TG_TRY(push(stack, top->node->inputs[top->next++]));
        } else {
            TG_TRY(append(order, capacity, top->node));
            stack->count--;
        }
    }
out:
    return status;
}

tg_status tg_order_create(tg_array *const *roots, int nroots, tg_order *out)
{
    tg_status status = TG_OK;
    tg_order order = {0};
    struct stack stack = {0};
    size_t capacity = 0;

    for (int i = 0; i < nroots; i++)
        TG_TRY(visit(&order, &capacity, &stack, roots[i]));
    *out = order;
    order = (tg_order){0};
out:
    free(stack.items);
    tg_order_clear(&order);
    return status;
}

void tg_order_clear(tg_order *order)
{
    free(order->nodes);
    tg_node_map_clear(&order->place);
    *order = (tg_order){0};
}
