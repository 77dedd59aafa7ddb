#!/usr/bin/env python3
"""delayed_app: right answers in order, and calls that run side by side on all ranks.

Nothing is timed: the results say on which rank they were made and which calls overlapped.
"""
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from tegula_py import TestCase, run

NUMBER = re.compile(r"\s+\d+\.\d\d s$", re.M)
ANSWER = """\
add(inc(1), inc(2)) = 5
2 3 4 5 6 7 8 9
sum 44
one by one: 12 22, the shared inc ran twice
together: 12 22, the shared inc ran once
"""
CALLS = re.compile(r"increments: (\d+) ranks of (\d+), at most (\d+) at once, (\d+) threads a rank")


class Delayed(TestCase):
    def lesson(self, *options, seconds=0.02, n=None):
        return run("delayed_app", "--seconds", seconds, "--verbose", *options, n=n)

    def test_answers_are_the_same_on_any_ranks(self):
        for n in (None, 1, 2, 3, 4, 8):
            self.assertEqual(NUMBER.sub("", self.lesson(n=n).stdout), ANSWER, f"{n} ranks")

    def test_increments_run_side_by_side_on_all_ranks(self):
        for n in (1, 2, 8):
            said = self.lesson(seconds=0.4, n=n).stderr
            used, ranks, at_once, threads = map(int, CALLS.search(said).groups())
            self.assertEqual(ranks, n)
            self.assertEqual(used, n, "ranks that made an increment")
            self.assertEqual(at_once, min(8, n * threads), f"{n} ranks of {threads} threads")

    def test_picture_of_the_graph(self):
        for ending, start in (("dot", "digraph"), ("svg", "<?xml")):
            self.lesson("--visualize", self.path("graph." + ending))
            with open(self.path("graph." + ending), encoding="utf-8") as file:
                text = file.read()
            self.assertTrue(text.lstrip().startswith(start), text[:200])
            self.assertIn("inc", text)
            self.assertIn("add", text)

    def test_bad_usage(self):
        for options in (("--seconds", "soon"), ("--seconds", "-1"), ("an-argument",)):
            said = run("delayed_app", *options, n=2, status=2)
            self.assertEqual(said.stderr.count("delayed_app:"), 1, said.stderr)
        said = run("delayed_app", "--seconds", "0", "--visualize", "nowhere/graph.dot", status=1)
        self.assertIn("nowhere/graph.dot", said.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)

#TEST timeout=180
