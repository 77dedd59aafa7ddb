#!/usr/bin/env python3
"""tg_run: the common command line, exit statuses on every rank, ending early."""
import json
import os
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "support"))
from tegula_py import BUILD, MPI_ENVIRONMENT, MPIRUN, PATIENCE, TestCase, run


def quick(*options, **how):
    return run("delayed_app", "--seconds", "0", *options, **how)


class CommandLine(TestCase):
    def test_help_and_version_go_to_stdout_once(self):
        for n in (None, 3):
            said = quick("--help", n=n)
            self.assertEqual(said.stdout.count("--scheduler=KIND"), 1)
            self.assertIn("--seconds=S", said.stdout)
            self.assertEqual(said.stderr, "")
            said = quick("--version", n=n)
            self.assertEqual(said.stdout, "delayed_app (Tegula) 0.1.0\n")
            self.assertIn("Usage: delayed_app", quick("--usage", n=n).stdout)

    def test_bad_options_are_bad_usage_and_named_once(self):
        for bad, named in (("--bogus", "--bogus"), ("--threads=0", "--threads: '0'"),
                           ("--threads=2x", "'2x'"), ("--retries=-1", "--retries"),
                           ("--scheduler=round", "none of shared, dedicated"),
                           ("--progress=some", "none of auto, bar, log, none"),
                           ("--seed=one", "--seed"), ("--trace=", "--trace: empty"),
                           ("--graph=x.doc", "x.doc"), ("--trace=in.h5", "end in .json"),
                           ("--report=in.h5", "'in.h5' does not end in .html")):
            for n in (None, 3):
                said = quick(bad, n=n, status=None)
                self.assertIn(said.returncode, (1, 2), said)
                self.assertEqual(said.stderr.count(named), 1, said.stderr)

    def test_the_environment_has_a_twin_of_each_option(self):
        def with_environment(**variables):
            return subprocess.run([os.path.join(BUILD, "bin", "delayed_app"), "--seconds", "0"],
                                  env={**MPI_ENVIRONMENT, **os.environ, **variables},
                                  capture_output=True, text=True, timeout=60)

        said = with_environment(TEGULA_VERBOSE="1", TEGULA_THREADS="3")
        self.assertEqual(said.returncode, 0)
        self.assertIn("3 threads", said.stderr)
        said = with_environment(TEGULA_THREADS="many")
        self.assertEqual(said.returncode, 2)
        self.assertIn("TEGULA_THREADS: 'many' is not a whole number", said.stderr)

    def test_a_limit_of_memory_is_a_size_and_kept_to(self):
        for bad in ("x", "3XB", "-1GB", "0", "1Gi1"):
            self.assertIn("is not a size", quick("--memory", bad, status=2).stderr)
        said = run("sample_app", "--like", "small", "--memory", "1KiB", self.path("none"), n=2,
                   status=1)
        self.assertRegex(said.stderr, r"needs \d+ bytes .* --memory allows a rank 1024")
        for size in ("4MB", "3.5MiB", "1g".upper(), "2GiB"):
            run("sample_app", "--like", "small", "--memory", size, self.path("some"), n=2)

    def test_the_command_line_goes_before_the_environment(self):
        os.environ["TEGULA_THREADS"] = "5"
        try:
            self.assertIn("2 threads", quick("--threads", "2", "--verbose").stderr)
        finally:
            del os.environ["TEGULA_THREADS"]

    def test_threads_of_a_lone_process_are_its_cores(self):
        cores = len(os.sched_getaffinity(0))
        self.assertIn(f"{cores} thread", quick("--verbose").stderr)

    def test_threads_are_bound_where_cores_are_not_shared(self):
        for options, n, said in ((("--threads", "2"), None, "2 threads bound to cores 0, 1"),
                                 (("--threads", "2", "--bind", "none"), None, "--bind none"),
                                 (("--threads", "99"), None, "more threads than cores"),
                                 (("--threads", "2"), 2, "other ranks share the cores")):
            if len(os.sched_getaffinity(0)) == 2 or "cores 0" not in said:
                self.assertIn(said, quick("--verbose", *options, n=n).stderr)
        os.environ["HWLOC_SYNTHETIC"] = "pack:2 numa:1 core:2 pu:1"  # memory is pooled by node
        try:
            said = quick("--verbose", "--threads", "4").stderr
        finally:
            del os.environ["HWLOC_SYNTHETIC"]
        self.assertIn("bound to cores 0, 1 (NUMA node 0), 2, 3 (NUMA node 1)", said)


class SideBySide(TestCase):
    def test_programs_without_a_launcher_do_not_disturb_each_other(self):
        command = [os.path.join(BUILD, "bin", "calc_app"), "ones(3).sum()"]
        environment = {**MPI_ENVIRONMENT, **os.environ}
        for _ in range(5):
            started = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        text=True, env=environment) for _ in range(12)]
            for process in started:
                self.assertEqual("3.0\n", process.communicate(timeout=120 * PATIENCE)[0])


class Observed(TestCase):
    def test_trace_has_every_task_of_every_rank(self):
        path = self.path("trace.json")
        run("delayed_app", "--seconds", "0.02", "--trace", path, n=4)
        with open(path, encoding="utf-8") as file:
            events = json.load(file)["traceEvents"]
        tasks = [e for e in events if e.get("ph") == "X"]
        self.assertEqual(sum(e["name"] == "inc" for e in tasks), 2 + 8 + 3)
        named = {e["pid"] for e in events if e.get("ph") == "M" and e["name"] == "process_name"}
        self.assertEqual(named, {0, 1, 2, 3})
        ranks = {e["pid"] for e in tasks} # a rank that starts late may lose all its tasks to others
        self.assertTrue(len(ranks) > 1 and ranks <= named, ranks)
        self.assertTrue(all(e["dur"] >= 0.02e6 for e in tasks if e["name"] == "inc"))

    def test_report_and_graphs_are_written(self):
        page, graph = self.path("report.html"), self.path("graph.dot")
        quick("--report", page, "--graph", graph, n=2)
        with open(page, encoding="utf-8") as file:
            self.assertIn("inc", file.read())
        with open(graph, encoding="utf-8") as file:
            self.assertEqual(file.read().count("add"), 1)
        self.assertTrue(os.path.exists(self.path("graph-2.dot")))

    def test_an_output_that_cannot_be_written_fails_the_program(self):
        for option, ending in (("--trace", ".json"), ("--report", ".html"), ("--graph", ".dot")):
            said = quick(option, "nowhere/x" + ending, n=2, status=1 + (ending != ".dot"))
            self.assertIn("nowhere/x", said.stderr)
            self.assertEqual(said.stdout, "", "before anything is computed")

    def test_results_that_cannot_be_printed_are_a_failure(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([os.path.join(BUILD, "bin", "delayed_app"), "--seconds", "0"],
                                  env={**MPI_ENVIRONMENT, **os.environ}, text=True, stdout=full,
                                  stderr=subprocess.PIPE, timeout=60)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("standard output cannot be written", done.stderr)


class EndingEarly(TestCase):
    def end_early(self, name, n):
        command = [*MPIRUN, "-n", str(n)] if n else []
        slow = min(PATIENCE, 4)
        command += [os.path.join(BUILD, "bin", "delayed_app"), "--seconds", str(2 * slow),
                    "--verbose"]
        with open(self.path("said"), "w+", encoding="utf-8") as said:
            process = subprocess.Popen(command, env={**MPI_ENVIRONMENT, **os.environ},
                                       stdout=said, stderr=said)
            try:
                self.wait_until_said(said.name, "rank 0 on ", 15 * slow)
                time.sleep(0.5 * slow)
                process.send_signal(getattr(signal, name))
                code = process.wait(timeout=60)
            finally:
                process.kill()
            said.seek(0)
            return code, said.read()

    def wait_until_said(self, path, text, seconds):
        """Ranks listen to signals by the time that they say where they are."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with open(path, encoding="utf-8") as file:
                if text in file.read():
                    return
            time.sleep(0.05)
        self.fail(f"no '{text}' after {seconds} s")

    def test_a_warning_ends_the_program_as_resumable(self):
        code, said = self.end_early("SIGUSR1", 3)
        self.assertEqual(code, 75, said)
        self.assertEqual(said.count("interrupted by signal"), 1, said)
        for name in ("SIGUSR1", "SIGTERM", "SIGINT"):
            code, said = self.end_early(name, None)
            self.assertEqual(code, 75, said)


if __name__ == "__main__":
    unittest.main(verbosity=2)

#TEST timeout=240
