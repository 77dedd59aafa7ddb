#!/usr/bin/env python3
"""sample_app: the values are those of an independent NumPy version of the phantom, the same at any
rank count and in any format, and their estimates lie near the truth beside them."""
import os
import sys
import unittest

import h5py
import nibabel
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from tegula_py import TestCase, datasets, run

LESSON = (184, 238, 76, 173, 88)
SMALL = (12, 20, 8)
PHANTOM = (  # centre, radius, baseline, bits of the noise, slope
    ((0, 0, 0), (880, 970, 930), 420, (4, 4, 4, 4), 0),
    ((0, 0, 0), (820, 900, 860), 130, (3, 3, 2, 2), 0),
    ((0, 0, 0), (770, 850, 800), 1000, (5, 5, 5, 5), 6),
    ((0, -30, 0), (600, 680, 630), 850, (4, 4, 5, 5), 8),
    ((-190, 60, 100), (120, 330, 190), 1350, (6, 6, 6, 6), 0),
    ((190, 60, 100), (120, 330, 190), 1350, (6, 6, 5, 5), 0),
    ((0, -420, -330), (260, 200, 210), 930, (5, 5, 6, 6), 0),
    ((-420, 0, -140), (170, 150, 170), 700, (0, 0, 0, 0), 0),
)


def quotient(a, b):
    """Integer division towards zero, as C's."""
    return np.sign(a) * np.sign(b) * (np.abs(a) // np.abs(b))


def paint(space):
    """Baseline and part (-1: outside) of each voxel."""
    grid = [quotient((2 * axis + 1 - n) * 1024, n) for axis, n in zip(np.indices(space), space)]
    baseline, part = np.zeros(space, np.int64), np.full(space, -1)
    for p, (centre, radius, base, _, slope) in enumerate(PHANTOM):
        distance = sum(quotient((x - c) * 1024, r) ** 2 for x, c, r in zip(grid, centre, radius))
        painted = np.full(space, base)
        if slope:
            painted += quotient(quotient(base * sum(grid), 3072), slope)
        inside = distance <= 1024 * 1024
        baseline[inside], part[inside] = painted[inside], p
    return baseline, part


def mix(x):
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xbf58476d1ce4e5b9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94d049bb133111eb)
    return x ^ (x >> np.uint64(31))


def sample_run(space, volumes, number, seed=0):
    baseline, part = paint(space)
    with np.errstate(over="ignore"):
        stream = mix(np.uint64(seed) + mix(np.uint64(number)))
        index = np.arange(np.prod(space) * volumes, dtype=np.uint64).reshape(*space, volumes)
        hashes = mix(stream + index * np.uint64(0x9e3779b97f4a7c15))
    values = np.repeat(baseline[..., None], volumes, axis=-1)
    for p, (_, _, _, bits, _) in enumerate(PHANTOM):
        here = part == p
        for i, b in enumerate(bits):
            field = hashes[here] >> np.uint64(16 * i) & np.uint64(2 ** b - 1)
            values[here] += field.astype(np.int64)
        values[here] -= sum(2 ** b - 1 for b in bits) // 2
    return values.astype(np.int16)


class Sample(TestCase):
    def make(self, name, *options, n=None):
        return run("sample_app", *options, self.path(name), n=n)

    def runs(self, name, count=3, ending="h5"):
        paths = [os.path.join(self.path(name), f"run-{i}.{ending}") for i in range(1, count + 1)]
        if ending == "h5":
            return [datasets(path)["bold"] for path in paths]
        return [np.asarray(nibabel.load(path).dataobj) for path in paths]

    def test_values_are_the_same_on_any_ranks_and_in_any_format(self):
        want = [sample_run((16, 16, 8), volumes, i) for i, volumes in enumerate(SMALL, 1)]
        formats = (("h5", ()), ("nii", ()), ("nii.gz", ()),
                   ("h5", ("--deflate", "6", "--shuffle", "--chunks", "5,16,-1,4")))
        for n in (None, 1, 2, 3, 4, 8):
            for ending, options in formats if n in (1, 3) else formats[:1]:
                said = self.make("small", "--like", "small", "--format", ending, *options, n=n)
                for got, its in zip(self.runs("small", ending=ending), want):
                    self.assertEqual(got.dtype, np.int16)
                    np.testing.assert_array_equal(got, its, f"{n} ranks, {ending} {options}")
                total = sum(int(its.sum(dtype=np.int64)) for its in want)
                self.assertIn(f"sum of all values {total}", said.stdout)

    def test_files_are_the_same_bytes_on_any_ranks(self):
        def content(n):
            self.make("bytes", "--like", "small", "--format", "nii.gz", n=n)
            found = {}
            for name in sorted(os.listdir(self.path("bytes"))):
                with open(os.path.join(self.path("bytes"), name), "rb") as file:
                    found[name] = file.read()
            del found["truth.h5"]
            return found
        self.assertEqual(content(1), content(4))

    def test_chunks_and_compression_are_as_asked(self):
        self.make("plain", "--like", "small")
        self.make("chunked", "--like", "small", "--deflate", "3", "--shuffle",
                  "--chunks", "8,8,8,-1")
        with h5py.File(os.path.join(self.path("plain"), "run-1.h5")) as file:
            self.assertIsNone(file["bold"].chunks)
        with h5py.File(os.path.join(self.path("chunked"), "run-1.h5")) as file:
            self.assertEqual(file["bold"].chunks, (8, 8, 8, 12))
            self.assertEqual((file["bold"].compression, file["bold"].shuffle), ("gzip", True))

    def test_seed_changes_the_noise_only(self):
        self.make("seed", "--like", "small", "--seed", "7")
        for i, (got, volumes) in enumerate(zip(self.runs("seed"), SMALL), 1):
            np.testing.assert_array_equal(got, sample_run((16, 16, 8), volumes, i, seed=7))

    def test_estimates_of_the_lesson_are_near_the_truth(self):
        self.make("lesson", n=2)
        parts = self.runs("lesson", 5)
        self.assertEqual([part.shape for part in parts], [(64, 64, 30, n) for n in LESSON])
        data = np.concatenate(parts, axis=-1)
        truth = datasets(os.path.join(self.path("lesson"), "truth.h5"))
        varies, n = truth["std"] > 0, data.shape[-1]
        np.testing.assert_array_equal(data.std(-1)[~varies], 0)
        np.testing.assert_array_equal(data[..., 0][~varies], truth["mean"][~varies])
        self.assertTrue((truth["mean"][~varies] > 0).any(), "a constant that is not 0")
        error = np.abs(data.mean(-1) - truth["mean"])[varies] / truth["std"][varies] * n ** 0.5
        self.assertLess(error.max(), 6)  # standard errors
        self.assertAlmostEqual(np.sqrt((error ** 2).mean()), 1, delta=0.02)
        ratio = data.std(-1)[varies] / truth["std"][varies]
        self.assertAlmostEqual((ratio ** 2).mean() * n / (n - 1), 1, delta=0.001)
        np.testing.assert_allclose(truth["tsnr"][varies], (truth["mean"] / truth["std"])[varies])
        np.testing.assert_array_equal(truth["mask"], truth["mean"] > 0)

    def test_bad_usage(self):
        for options in ((), ("a", "b"), ("--like", "none", "a"), ("--format", "txt", "a"),
                        ("--deflate", "10", "a")):
            said = run("sample_app", *options, n=2, status=2, cwd=self.folder)
            self.assertEqual(said.stderr.count("sample_app:"), 1, said.stderr)
        said = run("sample_app", "no/such/folder", n=2, status=1, cwd=self.folder)
        self.assertIn("no/such/folder", said.stderr)
        run("sample_app", "--chunks", "1,2", "new", n=2, status=1, cwd=self.folder)
        self.assertFalse(os.path.exists(self.path("new")), "a folder for nothing")


if __name__ == "__main__":
    unittest.main(verbosity=2)

#TEST timeout=240
