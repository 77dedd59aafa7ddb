#!/usr/bin/env python3
"""--memory with --spill: arrays larger than memory give the same bits, nothing remains on the disk,
and what cannot fit is said before the start."""
import os
import re
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "support"))
from tegula_py import BUILD, MPI_ENVIRONMENT, MPIRUN, TestCase, run

import h5py
import numpy as np

SHAPE = (24, 20, 16, 256)  # 7,680 values of a volume, of 2 bytes each: 3.75 MiB
SPILLED = re.compile(r"spilled ([\d.]+) MiB to disk, [\d.]+ MiB there; ([\d.]+) MiB read back")
READ = re.compile(r"(\d+) bytes read, ")
TO_SERIES = 'save(x.rechunk((4, 5, 4, -1)), "{}")'  # the file is by volume
TWO_PASSES = 'save(x - x.mean(-1, keepdims=True), "{}")'


class Spill(TestCase):
    def setUp(self):
        super().setUp()
        self.disk = self.path("disk")
        os.makedirs(self.disk, exist_ok=True)
        self.file = self.path("volumes.h5")
        self.data = np.random.default_rng(7).integers(-3000, 3000, SHAPE, dtype=np.int16)
        with h5py.File(self.file, "w") as file:
            file.create_dataset("bold", data=self.data, chunks=(*SHAPE[:3], 1))

    def calc(self, line, name, *options, **how):
        script = self.path("script.txt")
        with open(script, "w", encoding="utf-8") as file:
            file.write(line.format(self.path(name)) + "\n")
        return run("calc_app", "--chunks", "24,20,16,1", "-f", script, f"x={self.file}:/bold",
                   "--progress", "none", *options, **how)

    def within(self, memory):
        return "--memory", memory, "--spill", self.disk, "--verbose"

    def result(self, name):
        with h5py.File(self.path(name)) as file:
            return file["data"][...]

    def check_spilled(self, said):
        amounts = SPILLED.search(said.stderr)
        self.assertTrue(amounts, said.stderr)
        self.assertGreater(float(amounts[1]), 0.2)
        self.assertGreater(float(amounts[2]), 0.2)
        self.assertEqual(os.listdir(self.disk), [])

    def test_time_series_of_volumes_are_whole_and_each_volume_is_read_once(self):
        for n, threads in ((1, 1), (2, 1), (1, 2), (2, 2)):
            said = self.calc(TO_SERIES, "series.h5", *self.within("192KiB"), "--threads", threads,
                             n=n)
            self.check_spilled(said)
            self.assertEqual(int(READ.search(said.stderr)[1]), self.data.nbytes)
            np.testing.assert_array_equal(self.result("series.h5"), self.data)

    def test_the_bits_are_those_without_a_limit(self):
        self.calc(TWO_PASSES, "whole.h5")
        whole = self.result("whole.h5")
        for n, threads in ((1, 1), (2, 1), (2, 2)):
            said = self.calc(TWO_PASSES, "parts.h5", *self.within("1MiB"), "--threads", threads,
                             n=n)
            self.check_spilled(said)
            np.testing.assert_array_equal(self.result("parts.h5").view(np.int64),
                                          whole.view(np.int64))

    def test_results_that_have_no_room_are_said_before_the_start(self):
        for n in (1, 2):
            said = self.calc(TO_SERIES, "none.h5", "--memory", "192KiB", n=n, status=None)
            self.assertEqual(said.returncode, 1, said.stderr)
            self.assertRegex(said.stderr, r"rank \d needs \d+ bytes for results that it has at one "
                             r"time, --memory allows a rank 196608: --spill DIR ")
            self.assertFalse(os.path.exists(self.path("none.h5")))

    def test_a_task_that_has_no_room_is_said_also_with_a_disk(self):
        for n in (1, 2):
            said = self.calc(TO_SERIES, "none.h5", *self.within("12KiB"), n=n, status=None)
            self.assertEqual(said.returncode, 1, said.stderr)
            self.assertRegex(said.stderr, r"task \d+ \(.*\) needs \d+ bytes for its inputs and its "
                             r"result, --memory allows a rank 12288: smaller chunks")

    def test_a_preview_says_it_too(self):
        said = self.calc(TO_SERIES, "series.h5", "--memory", "192KiB", "--preview", status=None)
        self.assertIn("peak memory of a rank", said.stdout)
        self.assertIn("--spill DIR puts on disk", said.stderr)

    def test_a_folder_that_is_none_is_named_once(self):
        for n in (1, 3):
            said = run("delayed_app", "--seconds", "0", "--memory", "1MiB", "--spill",
                       self.path("none"), n=n, status=None)
            self.assertEqual(said.returncode, 1, said.stderr)
            self.assertEqual(said.stderr.count(f"--spill {self.path('none')}: results cannot be "
                                               "put there: No such file or directory"), 1)

    def test_without_a_limit_it_is_bad_usage(self):
        said = run("delayed_app", "--spill", self.disk, status=2)
        self.assertIn("only together with --memory SIZE", said.stderr)

    def test_a_full_disk_ends_the_run_with_a_sentence(self):
        small = f"mount -t tmpfs -o size=512k none {self.disk} && exec \"$@\""
        unshare = ["unshare", "-m" if os.geteuid() == 0 else "-rm", "sh", "-c", small, "sh"]
        if subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode:
            self.skipTest("no file system can be mounted here")
        for n, threads in (("1", "1"), ("1", "3"), ("2", "1")):
            said = subprocess.run(
                [*unshare, *MPIRUN, "-n", n, os.path.join(BUILD, "bin", "calc_app"), "--chunks",
                 "24,20,16,1", "x.rechunk((4, 5, 4, -1))", f"x={self.file}:/bold", "-o",
                 self.path("full.h5"), "--threads", threads, "--progress", "none",
                 *self.within("192KiB")],
                env={**MPI_ENVIRONMENT, **os.environ}, capture_output=True, text=True, timeout=120,
                check=False)
            self.assertEqual(said.returncode, 1, said.stderr)
            self.assertRegex(said.stderr, f"--spill {self.disk}: a result cannot be written beside "
                             r"[\d.e-]+ GB of this rank: No space left on device")
            self.assertFalse([f for f in os.listdir(self.path(".")) if "full.h5" in f])

    def spilling_files(self, parent):
        """Files without a name that processes below `parent` have open in the folder."""
        found = []
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                for fd in os.listdir(f"/proc/{name}/fd"):
                    path = os.readlink(f"/proc/{name}/fd/{fd}")
                    if path.startswith(self.disk) and path.endswith("(deleted)"):
                        found.append((int(name), os.stat(f"/proc/{name}/fd/{fd}").st_blocks))
            except OSError:
                continue
        return found

    def test_nothing_remains_of_a_run_that_is_killed(self):
        command = [*MPIRUN, "-n", "2", os.path.join(BUILD, "bin", "calc_app"), "--chunks",
                   "24,20,16,1", "-f", self.path("script.txt"), f"x={self.file}:/bold",
                   "--progress", "none", *self.within("192KiB")]
        with open(self.path("script.txt"), "w", encoding="utf-8") as file:
            file.write(TO_SERIES.format(self.path("series.h5")) + "\n")
            file.write(TO_SERIES.format(self.path("series.h5")) + "\n" * 2)
        process = subprocess.Popen(command, env={**MPI_ENVIRONMENT, **os.environ},
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        seen, until = [], time.time() + 60
        while not any(blocks for _, blocks in seen) and process.poll() is None:
            self.assertLess(time.time(), until)
            seen = self.spilling_files(process.pid)
        self.assertEqual(os.listdir(self.disk), [])  # not even while it runs
        for pid, _ in seen:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        process.wait(60)
        self.assertTrue(seen)
        self.assertEqual(os.listdir(self.disk), [])
        self.assertEqual(self.spilling_files(process.pid), [])

    def test_a_hostile_store_changes_nothing(self):
        os.environ["TEGULA_HOSTILE"] = "1"
        try:
            for threads in (1, 2):
                said = self.calc(TO_SERIES, "series.h5", *self.within("192KiB"), "--threads",
                                 threads, n=2)
                self.check_spilled(said)
                np.testing.assert_array_equal(self.result("series.h5"), self.data)
        finally:
            del os.environ["TEGULA_HOSTILE"]


if __name__ == "__main__":
    unittest.main(verbosity=2)

#TEST timeout=400
