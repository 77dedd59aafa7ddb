/* SPDX-License-Identifier: BSD-3-Clause */
/* Pictures of graphs: the source, drawing it where Graphviz is, and doing without. */
#include "slurp.h"

#include "observe/picture.h"

static const tg_picture_node nodes[] = {
    {.label = "1", .shape = TG_PICTURE_DATA},
    {.label = "inc \"x\"", .group = 2},
    {.label = "line\nbreak", .shape = TG_PICTURE_DATA},
};
static const int64_t edges[][2] = {{0, 1}, {1, 2}};

static void the_source_has_nodes_and_edges(void **state)
{
    char *text;

    (void)state;
    assert_int_equal(tg_picture_write("graph.dot", 3, nodes, 2, edges), TG_OK);
    text = slurp("graph.dot");
    assert_contains(text, "digraph tegula {");
    assert_contains(text, "n0 [shape=box, label=\"1\"];");
    assert_contains(text, "n1 [shape=circle, label=\"inc \\\"x\\\"\", style=filled, fillcolor=");
    assert_contains(text, "label=\"line\\nbreak\"");
    assert_contains(text, "n0 -> n1;");
    assert_contains(text, "n1 -> n2;");
    free(text);
    assert_no_temporary("graph.dot");
    unlink("graph.dot");
}

static void a_picture_is_drawn_where_graphviz_is(void **state)
{
    char *text;

    (void)state;
    if (system("dot -V 2>/dev/null") != 0)
        skip();
    assert_int_equal(tg_picture_write("my graph.SVG", 3, nodes, 2, edges), TG_OK);
    text = slurp("my graph.SVG");
    assert_contains(text, "<svg");
    assert_contains(text, "inc &quot;x&quot;");
    free(text);
    assert_int_equal(access("my graph.dot", F_OK), -1);
    assert_no_temporary("my graph.SVG");
    assert_no_temporary("my graph.dot");
    unlink("my graph.SVG");
    assert_int_equal(tg_picture_write("graph.png", 3, nodes, 2, edges), TG_OK);
    text = slurp("graph.png");
    assert_memory_equal(text, "\x89PNG", 4);
    free(text);
    unlink("graph.png");
}

static void without_graphviz_the_source_is_kept(void **state)
{
    char *path = strdup(getenv("PATH"));
    char *text;

    (void)state;
    setenv("PATH", "/nowhere", 1);
    assert_int_equal(tg_picture_write("graph.pdf", 3, nodes, 2, edges), TG_OK);
    setenv("PATH", path, 1);
    free(path);
    text = slurp("graph.dot");
    assert_contains(text, "n1 -> n2;");
    free(text);
    assert_int_equal(access("graph.pdf", F_OK), -1);
    assert_no_temporary("graph.pdf");
    unlink("graph.dot");
}

static void what_cannot_be_drawn_is_refused(void **state)
{
    static const int64_t wrong[][2] = {{0, 3}};

    (void)state;
    assert_int_equal(tg_picture_write("graph.jpeg", 3, nodes, 2, edges), TG_EARG);
    assert_non_null(strstr(tg_message(), "graph.jpeg: a picture of a graph ends in .dot"));
    assert_int_equal(tg_picture_write("graph.dot", 3, nodes, 1, wrong), TG_EARG);
    assert_non_null(strstr(tg_message(), "edge 0 ends at node 3 of 3"));
    assert_int_equal(tg_picture_write("no/such/graph.svg", 3, nodes, 2, edges), TG_EIO);
    assert_int_equal(access("graph.dot", F_OK), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_source_has_nodes_and_edges),
        cmocka_unit_test(a_picture_is_drawn_where_graphviz_is),
        cmocka_unit_test(without_graphviz_the_source_is_kept),
        cmocka_unit_test(what_cannot_be_drawn_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

//TEST
