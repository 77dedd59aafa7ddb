#!/usr/bin/env python3
"""Memory predicted before a run is an upper bound of what is measured after it."""
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "support"))
from tegula_py import TestCase, run

UNITS = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
SAID = re.compile(r"memory of a rank: predicted (\S+) (\S+), measured (\S+) (\S+?)"
                  r"(, \d+ tasks? on other ranks than planned)?\n")


def memory_said(text):
    """(predicted, measured, taken over) in bytes of each run of the program."""
    return [(float(m[1]) * UNITS[m[2]], float(m[3]) * UNITS[m[4].rstrip(",")], m[5])
            for m in SAID.finditer(text)]


class Predicted(TestCase):
    def check(self, program, *arguments):
        planned = 0
        for ranks in (1, 2, 4):
            for threads in (1, 2):
                said = run(program, *arguments, "--verbose", "--threads", threads, n=ranks).stderr
                runs = memory_said(said)
                self.assertTrue(runs, said)
                for predicted, measured, taken in runs:
                    if taken is None:  # figures are rounded to two digits
                        self.assertLessEqual(measured, 1.06 * predicted, (ranks, threads, said))
                        self.assertLess(predicted, 5 * measured + 1024, (ranks, threads, said))
                        planned += 1
        self.assertGreater(planned, 0)

    def test_of_tsnr(self):
        run("sample_app", "--like", "small", self.path("runs"))
        names = sorted(os.listdir(self.path("runs")))
        runs = [self.path(os.path.join("runs", n)) for n in names if n.startswith("run")]
        self.check("tsnr_app", *runs, "-o", self.path("out.h5"))

    def test_of_sums_of_many_boxes(self):
        self.check(os.path.join("..", "tests", "runtime", "exec", "test_memory"))

    def test_is_in_the_report(self):
        page = self.path("page.html")
        run("delayed_app", "--seconds", "0", "--report", page, n=2)
        with open(page, encoding="utf-8") as file:
            self.assertRegex(file.read(), "memory of a rank</td><td>predicted .*, measured ")


if __name__ == "__main__":
    unittest.main(verbosity=2)

#TEST timeout=240
