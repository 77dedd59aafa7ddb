/* SPDX-License-Identifier: BSD-3-Clause */
/* The page of a run: sums, escaping, well-formedness, and its size for a large run. */
#include "slurp.h"

#include "observe/summary.h"

static const char *const names[] = {"read", "sum<0> & \"co\"", "never"};
static const char *const hosts[] = {"h1", "h<2>"};

static const tg_event events[] = {
    {.task = 0, .start = 10, .end = 14, .bytes = 1 << 20, .name = 0, .rank = 0},
    {.task = 1, .start = 10, .end = 12, .bytes = 1 << 20, .name = 0, .rank = 1},
    {.task = 2, .start = 14, .end = 18, .bytes = 8, .name = 1, .rank = 0},
    {.task = 1, .start = 12, .end = 13, .bytes = 512, .kind = TG_EVENT_SEND, .rank = 1},
};

/* Fails unless every element is closed in its order. */
static const char check_elements[] =
    "from html.parser import HTMLParser as P\n"
    "class C(P):\n"
    "    s = []\n"
    "    def handle_starttag(self, t, a):\n"
    "        if t != \"meta\": self.s.append(t)\n"
    "    def handle_endtag(self, t):\n"
    "        assert self.s.pop() == t, self.getpos()\n"
    "c = C(); c.feed(open(\"page.html\").read()); assert not c.s, c.s\n";

static tg_page small_page(void)
{
    return (tg_page){.command = "app <in> & out",
                     .machine = "2 hosts x 1 core, 2 ranks, 1 thread each",
                     .events = events,
                     .nevents = 4,
                     .names = names,
                     .nnames = 3,
                     .hosts = hosts,
                     .nranks = 2,
                     .bytes_read = 3 << 20};
}

static void events_are_added_up_by_function_and_rank(void **state)
{
    tg_page page = small_page();
    tg_summary s;

    (void)state;
    assert_int_equal(tg_summary_make(&page, &s), TG_OK);
    assert_float_equal(s.seconds, 8, 1e-12);
    assert_int_equal(s.ntasks, 3);
    assert_int_equal(s.nmessages, 1);
    assert_int_equal(s.message_bytes, 512);
    assert_float_equal(s.busy, 10, 1e-12);
    assert_float_equal(s.rank_busy[0], 8, 1e-12);
    assert_int_equal(s.nfunctions, 2);
    assert_int_equal(s.functions[0].name, 0);
    assert_int_equal(s.functions[0].count, 2);
    assert_float_equal(s.functions[0].most, 4, 1e-12);
    assert_float_equal(tg_summary_row_share(&s, 1, s.rank_busy[1], s.seconds), 0.25, 1e-12);
    tg_summary_clear(&s);
}

static void the_timeline_says_when_and_what(void **state)
{
    tg_page page = small_page();
    tg_summary s;
    double busy = 0;

    (void)state;
    assert_int_equal(tg_summary_make(&page, &s), TG_OK);
    assert_int_equal(s.nrows, 2);
    for (int c = 0; c < s.nrows * s.ncells; c++)
        busy += s.cells[c].busy;
    assert_float_equal(busy, s.busy, 1e-9);
    assert_int_equal(s.cells[0].name, 0);
    assert_int_equal(s.cells[s.ncells - 1].name, 1);
    assert_true(s.cells[s.ncells + s.ncells / 2].busy == 0);
    tg_summary_clear(&s);
}

static void the_page_is_whole_and_its_names_are_escaped(void **state)
{
    tg_page page = small_page();
    char *text;

    (void)state;
    assert_int_equal(tg_page_write("page.html", &page), TG_OK);
    text = slurp("page.html");
    assert_contains(text, "app &#60;in&#62; &#38; out");
    assert_contains(text, "sum&#60;0&#62; &#38; &#34;co&#34;");
    assert_contains(text, "rank 1 h&#60;2&#62;");
    assert_contains(text, "<td>read</td><td>3.0 MiB</td>");
    assert_contains(text, "<td>of the threads' time</td><td>63 %</td>");
    assert_lacks(text, "never");
    assert_lacks(text, "http");
    free(text);
    assert_python(check_elements);
    assert_no_temporary("page.html");
    unlink("page.html");
}

static void the_page_of_a_run_without_tasks_is_a_page(void **state)
{
    (void)state;
    assert_int_equal(tg_page_write("page.html", &(tg_page){.nranks = 1}), TG_OK);
    assert_python(check_elements);
    unlink("page.html");
    assert_int_equal(tg_page_write("page.html", &(tg_page){0}), TG_OK);
    unlink("page.html");
    assert_int_equal(tg_page_write("no/such/page.html", &(tg_page){0}), TG_EIO);
}

/* A million tasks on 1,000 ranks of 4 threads, one of them of no length. */
static void the_page_of_a_large_run_stays_small(void **state)
{
    enum { NEVENTS = 1000000, NRANKS = 1000 };
    tg_event *many = calloc(NEVENTS, sizeof *many);
    tg_page page = {.events = many, .nevents = NEVENTS, .names = names, .nnames = 3};
    char *text;

    (void)state;
    assert_non_null(many);
    page.nranks = NRANKS;
    for (int i = 0; i < NEVENTS; i++) {
        int turn = i / NRANKS / 4;

        many[i] = (tg_event){.task = i,
                             .start = turn,
                             .end = turn + 0.1 * (i % 11),
                             .name = (uint32_t)(i * 7 % 5),
                             .rank = i % NRANKS,
                             .thread = i / NRANKS % 4};
    }
    assert_int_equal(tg_page_write("page.html", &page), TG_OK);
    text = slurp("page.html");
    assert_contains(text, "<td>threads of a rank</td><td>4</td>");
    assert_contains(text, "ranks 992-999");
    assert_true(strlen(text) < 1 << 20);
    free(text);
    free(many);
    assert_python(check_elements);
    unlink("page.html");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_are_added_up_by_function_and_rank),
        cmocka_unit_test(the_timeline_says_when_and_what),
        cmocka_unit_test(the_page_is_whole_and_its_names_are_escaped),
        cmocka_unit_test(the_page_of_a_run_without_tasks_is_a_page),
        cmocka_unit_test(the_page_of_a_large_run_stays_small),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

//TEST
