"""calc_app as a program: files in and out, scripts, errors, what it explains."""
import os
import re
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TEGULA_SOURCE"], "tests", "support"))

import h5py
import nibabel
import numpy as np
from tegula_py import BUILD, TestCase, datasets, run


class CalcApp(TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bold = np.random.default_rng(1).integers(-500, 500, (12, 10, 6, 20), dtype=np.int16)
        cls.h5 = os.path.join(cls.folder, "run.h5")
        with h5py.File(cls.h5, "w") as file:
            file.create_dataset("bold", data=cls.bold, chunks=(6, 5, 6, 20))
            file.create_dataset("mask", data=cls.bold[..., 0] > 0)

    def calc(self, *arguments, **more):
        return run("calc_app", *arguments, **more)

    def fails(self, status, *arguments, n=None):
        return self.calc(*arguments, status=status, n=n).stderr

    def script(self, *lines):
        path = self.path("script.txt")
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        return path

    def test_a_value_is_printed(self):
        for n in (None, 1, 3):
            out = self.calc("x.mean(-1).max()", f"x={self.h5}:/bold", n=n).stdout
            self.assertEqual(out, f"{self.bold.mean(-1).max()}\n")

    def test_several_files_and_statements(self):
        out = self.calc("y = x.astype(float) - x.mean(-1, keepdims=True); (y * y).sum(); y.shape",
                        f"x={self.h5}:/bold", f"m={self.h5}:/mask").stdout.splitlines()
        self.assertEqual(out[1], "(12, 10, 6, 20)")
        want = ((self.bold - self.bold.mean(-1, keepdims=True))**2).sum()
        self.assertAlmostEqual(float(out[0]) / want, 1, 12)

    def test_results_go_to_files_by_their_endings(self):
        want = self.bold.mean(-1)
        for n in (None, 2):
            for name in ("o.h5:/map", "o.h5", "o.npy", "o.nii.gz", "o.nii"):
                path = self.path(name)
                self.calc("x.mean(-1)", f"x={self.h5}:/bold", "-o", path, n=n)
                path = path.split(":/")[0]
                if path.endswith(".npy"):
                    got = np.load(path)
                elif path.endswith(".h5"):
                    got = datasets(path)["map" if ":/" in name else "data"]
                else:
                    got = nibabel.load(path).get_fdata()
                self.assertEqual(got.tobytes(), want.tobytes(), name)

    def test_a_script_runs_line_by_line(self):
        script = self.script("# a comment", "", f'x = open("{self.h5}:/bold")', "y = x.sum(-1)",
                             f'save(y, "{self.path("r.npy")}")', "y.max(); x.shape  # two values",
                             "import numpy as np", f'np.save("{self.path("s.npy")}", y * 2)',
                             f'open("{self.h5}:/bold", chunks=(4, 5, -1, "auto")).chunks')
        for n in (None, 2):
            out = self.calc("-f", script, n=n).stdout.splitlines()
            want = self.bold.sum(-1)
            self.assertEqual(out, [str(want.max()), "(12, 10, 6, 20)",
                                   "((4, 4, 4), (5, 5), (6,), (20,))"])
            self.assertTrue(np.array_equal(np.load(self.path("r.npy")), want))
            self.assertTrue(np.array_equal(np.load(self.path("s.npy")), want * 2))

    def test_a_script_comes_from_standard_input_as_well(self):
        done = subprocess.run([os.path.join(BUILD, "bin", "calc_app"), "-f", "-"], text=True,
                              input="a = 2\na ** 5\n", capture_output=True, timeout=60, check=True)
        self.assertEqual(done.stdout, "32\n")

    def test_a_bad_line_ends_a_script_or_is_passed_over(self):
        script = self.script("1 + 1", "2 + ", "undefined", "3 + 3")
        for n in (None, 3):
            stopped = self.calc("-f", script, status=1, n=n)
            self.assertEqual(stopped.stdout, "2\n")
            self.assertIn("line 2: invalid syntax", stopped.stderr)
            self.assertNotIn("line 3", stopped.stderr)
            went_on = self.calc("-f", script, "--keep-going", status=1, n=n)
            self.assertEqual(went_on.stdout, "2\n6\n")
            self.assertIn("line 2: invalid syntax", went_on.stderr)
            self.assertIn("line 3: name 'undefined' is not defined (column 1)", went_on.stderr)
            self.assertIn("2 of 4 lines failed", went_on.stderr)

    def test_a_task_that_fails_is_a_line_that_fails(self):
        broken = self.path("broken.h5")
        with open(self.h5, "rb") as file, open(broken, "wb") as out:
            out.write(file.read()[:20000])
        script = self.script(f'x = open("{broken}:/bold")', "x.sum()", "7")
        result = self.calc("-f", script, "--keep-going", status=1, n=2)
        self.assertEqual(result.stdout, "7\n")

    def test_errors_point_at_the_column(self):
        err = self.fails(1, "x.mean(-1) + nothing * 2", f"x={self.h5}:/bold", n=3)
        self.assertIn("calc_app: name 'nothing' is not defined (column 14)\n"
                      "    x.mean(-1) + nothing * 2\n"
                      "                 ^\n", err)
        err = self.fails(1, "x.mean(axis=7)", f"x={self.h5}:/bold")
        self.assertIn("axis 7 is out of range for an array of 4 axes", err)
        self.assertIn("\n      ^", err)
        self.assertIn("Did you mean: 'mean'?", self.fails(1, "np.maen([1, 2])"))

    def test_bad_usage_is_status_2(self):
        self.assertIn("no expression", self.fails(2))
        self.assertIn("NAME=FILE", self.fails(2, "x", "y"))
        self.assertIn("NAME=FILE", self.fails(2, "x", "=y"))
        self.fails(2, "--no-such-option", "1")

    def test_inputs_and_outputs_that_cannot_be(self):
        self.assertIn("/nowhere.h5", self.fails(1, "x", "x=/nowhere.h5"))
        self.assertIn("letters, digits", self.fails(1, "x", f"1x={self.h5}:/bold"))
        self.assertIn("/nowhere.txt", self.fails(1, "-f", "/nowhere.txt"))
        self.assertIn("ending", self.fails(1, "np.array([1])", "-o", self.path("x.bogus")))
        self.assertIn("no expression", self.fails(1, "x = 1", "-o", self.path("x.npy")))
        self.assertIn("str", self.fails(1, "'text'", "-o", self.path("x.npy")))
        self.assertFalse(os.path.exists(self.path("x.npy")))

    def test_explain_tells_laws_chunks_tasks_and_bytes_and_reads_nothing(self):
        out = self.calc("--explain", "x.T.T.mean(-1)", f"x={self.h5}:/bold").stdout
        before, after = out.split("after the laws:\n")
        self.assertIn("transpose", before)
        self.assertNotIn("transpose", after)
        self.assertIn("laws:\n  transpose-up: ", before)
        self.assertIn("reduce(%0; mean, axes 3)", after)
        size = self.bold.nbytes
        self.assertIn(f"bytes to read: {size} of {size}, for {size} of elements\n", after)
        self.assertRegex(after, r"chunks: \d+\ntasks: \d+\n")

    def test_only_the_bytes_of_a_part_are_read_as_it_was_told(self):
        path = self.path("parts.h5")
        with h5py.File(path, "w") as file:
            file["plain"] = self.bold
            file.create_dataset("packed", data=self.bold, chunks=(3, 5, 6, 4), compression="gzip")
            file.create_dataset("cut", data=self.bold, chunks=(6, 5, 4, 7))
        np.save(self.path("part.npy"), self.bold)
        nibabel.save(nibabel.Nifti1Image(self.bold, np.eye(4)), self.path("part.nii"))
        self.calc("x", f"x={self.h5}:/bold", "-o", self.path("part.zarr"))
        for name in (f"{self.h5}:/bold", f"{path}:/plain", f"{path}:/packed", f"{path}:/cut",
                     self.path("part.npy"), self.path("part.nii"), self.path("part.zarr")):
            for line in ("x[5:10, ::3].mean()", "x.sum()", "x[1, 2, 3, 4]", "x[..., ::7].max()"):
                wanted = eval(line.rpartition(".")[0] if "(" in line else line,
                              {"x": self.bold}).nbytes
                out = self.calc("--explain", line, f"x={name}").stdout
                told = re.search(r"bytes to read: (\d+) of \d+, for (\d+) of elements\n", out)
                self.assertEqual(int(told[2]), wanted, f"{name} {line}")
                err = self.calc("--verbose", line, f"x={name}").stderr
                self.assertIn(f"{told[1]} bytes read", err, f"{name} {line}")
        out = self.calc("x[5:10, ::3].mean()", f"x={self.h5}:/bold", n=2).stdout
        self.assertEqual(out, f"{self.bold[5:10, ::3].mean()}\n")

    def test_lines_of_lessons(self):
        script = self.script(
            "import numpy as np", "import dask.array as da",
            "o = da.ones((10000, 10000), chunks=(1000, 1000))", "o[:10, 0]",
            "(np.sin(o[:, 0]) * o.T)[:5, :5]", "(da.sin(o[:, 0]) * o.T).shape",
            "a = da.ones((3, 1000, 1000), chunks=(1, 600, 600)) * np.arange(1, 4)[:, None, None]",
            "n = a / a.max(axis=(1, 2))[:, None, None]", "n.sum(), n.chunks",
            "da.ones((10000,) * 3, chunks=2000).T.sum().compute()",
            "x = np.arange(10000).reshape(100, 100).rechunk((10, 10)); y = x + x.T",
            "y[::2].shape", "y[::2, 50:].mean(axis=1)", "y = y.persist()", "y.sum()",
            "im = da.arange(10**6, chunks=10**5).reshape(1000, 1000)", "(im ** 2).sum()",
            "im[123, 456], (im * 10)[123, 456]")
        x = np.arange(10000).reshape(100, 100)
        y = x + x.T
        im = np.arange(10**6).reshape(1000, 1000)
        want = [np.ones(10), np.full((5, 5), np.sin(1.0)), (10000, 10000),
                (3000000.0, ((1, 1, 1), (600, 400), (600, 400))), 1e12, (50, 100),
                y[::2, 50:].mean(axis=1), y.sum(), (im**2).sum(), (123456, 1234560)]
        for n in (None, 3):
            self.assertEqual(self.calc("-f", script, n=n).stdout,
                             "".join(f"{value}\n" for value in want))

    def test_common_options_work(self):
        self.assertIn("Nothing was run", self.calc("--preview", "x.sum()",
                                                   f"x={self.h5}:/bold").stdout)
        self.assertEqual(self.calc("--threads", "2", "2*3").stdout, "6\n")
        self.assertIn("calc_app (Tegula)", self.calc("--version").stdout)


if __name__ == "__main__":
    unittest.main()

#TEST timeout=300
