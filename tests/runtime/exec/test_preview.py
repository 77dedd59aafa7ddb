#!/usr/bin/env python3
"""--preview and --machine: what a plan would cost is printed, nothing is run or written."""
import os
import re
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "support"))
from tegula_py import BUILD, MPI_ENVIRONMENT, TestCase, run

import h5py
import numpy as np

# delayed_app's first computation: add(inc(1), inc(2)), none of which says how long it takes.
GOLDEN = """\
plan for 2 hosts x 2 cores, 4 ranks, 1 thread each
tasks                              3
messages                           2  one a result and rank that needs it
bytes between ranks              0 B
  between hosts                  0 B  in 1 message
  within an L3 cache             0 B  in 1 message
work                          3.0 ms  in tasks
makespan                      2.0 ms  predicted; 1 times the larger bound
  lower bound: work           750 us  work / 4 threads
  lower bound: path           2.0 ms  critical path
load of a rank, least           0 us  in tasks
  median                      500 us
  most                        2.0 ms
peak memory of a rank           48 B  of results, at most
  all ranks                     96 B  sum of their peaks
  with the process          ??.? MiB  program, libraries, plan
3 of 3 tasks do not say how long they take: 1 ms each
2 of 3 tasks do not say how large their results are: 0 B
Nothing was run.
"""


def preview(*options, **how):
    return run("delayed_app", "--seconds", "100", "--preview", *options, **how)


def without_sizes(text):
    """What the machine's libraries take is its own affair."""
    return re.sub(r"(with the process) +\S+ MiB", r"\1          ??.? MiB", text)


class Table(TestCase):
    def test_the_table_reads_as_written_on_any_number_of_ranks(self):
        for n in (None, 1, 3):
            said = preview("--machine", "host:2 core:2", n=n)
            self.assertEqual(without_sizes(said.stdout), GOLDEN)
            self.assertEqual(said.stderr, "")

    def test_without_a_machine_it_is_for_the_ranks_that_run(self):
        said = preview("--threads=1", n=3)
        self.assertRegex(said.stdout, r"^plan for 1 host .*, 3 ranks, 1 thread each")

    def test_threads_take_several_cores_each(self):
        said = preview("--machine", "host:4 pack:2 core:8", "--threads", "4")
        self.assertIn("16 ranks, 4 threads each\n", said.stdout)
        self.assertIn("work / 64 threads\n", said.stdout)

    def test_a_large_machine_needs_no_such_machine(self):
        said = preview("--machine", "host:512 pack:2 core:64", timeout=60)
        self.assertIn("65536 ranks", said.stdout)

    def test_the_environment_has_twins(self):
        said = subprocess.run([os.path.join(BUILD, "bin", "delayed_app")], capture_output=True,
                              text=True, timeout=60,
                              env={**MPI_ENVIRONMENT, **os.environ, "TEGULA_PREVIEW": "1",
                                   "TEGULA_MACHINE": "host:2 core:2"})
        self.assertEqual((said.returncode, without_sizes(said.stdout)), (0, GOLDEN))

    def test_the_graph_is_drawn_all_the_same(self):
        path = self.path("graph.dot")
        preview("--graph", path)
        with open(path, encoding="utf-8") as file:
            self.assertEqual(file.read().count("add"), 1)


class Futures(TestCase):
    def test_work_that_is_submitted_is_not_run_either(self):
        for n in (1, 2):
            said = run(os.path.join("..", "tests", "runtime", "exec", "test_futures"), "--preview",
                       "--threads=1", n=n, status=None)
            self.assertRegex(said.stdout, r"tasks +8\n")
            self.assertTrue(said.stdout.endswith("Nothing was run.\n"), said.stdout)


class BadUsage(TestCase):
    def test_a_machine_is_only_for_a_preview(self):
        for n in (None, 3):
            said = run("delayed_app", "--machine", "core:3", n=n, status=None)
            self.assertIn(said.returncode, (1, 2))
            self.assertEqual(said.stderr.count("only together with --preview"), 1, said.stderr)
        self.assertEqual(run("delayed_app", "--machine", "core:3", status=2).stdout, "")

    def test_a_machine_that_cannot_be_read_is_named(self):
        for spec, named in (("core:x", "column 6"), ("rack:2", "'rack' is no level"),
                            ("nowhere.xml", "nowhere.xml")):
            said = preview("--machine", spec, status=2)
            self.assertIn(named, said.stderr)
            self.assertEqual(said.stdout, "")


class Files(TestCase):
    def setUp(self):
        with h5py.File(self.path("run.h5"), "w") as file:
            file.create_dataset("bold", data=np.arange(4 * 4 * 8, dtype="<i2").reshape(4, 4, 8),
                                chunks=(2, 4, 8))

    def test_a_store_leaves_no_file_and_keeps_the_old_one(self):
        for n in (1, 3):
            for name in ("out.h5", "out.nii.gz"):
                before = sorted(os.listdir(self.folder))
                said = run("tsnr_app", "--preview", self.path("run.h5"), "-o", self.path(name), n=n)
                self.assertTrue(said.stdout.endswith("Nothing was run.\n"), said.stdout)
                self.assertEqual(said.stderr, "")
                self.assertEqual(sorted(os.listdir(self.folder)), before)
        with open(self.path("old.h5"), "w", encoding="utf-8") as file:
            file.write("old")
        run("tsnr_app", "--preview", self.path("run.h5"), "-o", self.path("old.h5"))
        with open(self.path("old.h5"), encoding="utf-8") as file:
            self.assertEqual(file.read(), "old")

    def test_an_input_that_is_wrong_fails_all_the_same(self):
        said = run("tsnr_app", "--preview", self.path("none.h5"), status=1)
        self.assertIn("none.h5", said.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)

#TEST
