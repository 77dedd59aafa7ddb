#!/usr/bin/env python3
"""info_app says what files of all formats hold, also where much of it cannot be read."""
import os
import sys
import unittest

import h5py
import nibabel
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from tegula_py import TestCase, run


class Info(TestCase):
    def lines(self, *names, n=None):
        """stdout as lists of words."""
        out = run("info_app", *names, n=n, cwd=self.folder).stdout
        return [line.split() for line in out.splitlines()]

    def row(self, lines, name):
        found = [" ".join(words[1:]) for words in lines if words and words[0] == name]
        self.assertEqual(len(found), 1, lines)
        return found[0]

    def test_hdf5(self):
        with h5py.File(self.path("a.h5"), "w") as file:
            file.create_dataset("maps/packed", (40, 30), "i2", chunks=(8, 8), compression=4,
                                shuffle=True, fletcher32=True)
            file["maps/packed"][...] = 5
            file["big"] = np.ones((5, 6, 7), ">f4")
            file["names"] = ["a", "b"]
            file["record"] = np.zeros(3, [("a", "i4")])
            file["line"] = np.arange(10.0)
            file["soft"] = h5py.SoftLink("/maps/packed")
            file["there"] = h5py.ExternalLink("b.h5", "/x")
            file["maps/same"] = file["line"]
        for n in None, 3:
            lines = self.lines("a.h5", n=n)
            self.assertEqual(lines[0], ["a.h5:", "HDF5"])
            self.assertEqual(self.row(lines, "/"), "group")
            self.assertEqual(self.row(lines, "/maps"), "group")
            self.assertIn("(40, 30) int16, chunks (8, 8), shuffle, deflate 4, fletcher32, 2.34 kiB "
                          "(stored", self.row(lines, "/maps/packed"))
            self.assertEqual(self.row(lines, "/big"),
                             "(5, 6, 7) float32, contiguous, 840 B, converted when read")
            self.assertEqual(self.row(lines, "/names"), "(2,) strings, contiguous")
            self.assertEqual(self.row(lines, "/line"), "(10,) float64, contiguous, 80 B")
            self.assertEqual(self.row(lines, "/maps/same"), self.row(lines, "/line"))
            self.assertEqual(self.row(lines, "/soft"), "link to /maps/packed")
            self.assertEqual(self.row(lines, "/there"), "link to b.h5:/x")
        lines = self.lines("a.h5:/line")
        self.assertEqual([words[0] for words in lines if words][:3], ["a.h5:", "/line", "Array"])
        self.assertEqual(self.row(lines, "Shape"), "(10,) (10,)")
        lines = self.lines("a.h5:/maps/")
        self.assertEqual([words[0] for words in lines],
                         ["a.h5:", "/maps", "/maps/packed", "/maps/same"])
        lines = self.lines("a.h5:/maps/packed")
        self.assertEqual(self.row(lines, "Shape"), "(40, 30) (8, 8)")
        self.assertEqual(self.row(lines, "Count"), "20 tasks 20 chunks")
        self.assertEqual(self.row(lines, "Type"), "int16")
        self.assertIn("chunks (8, 8), shuffle", self.row(lines, "/maps/packed"))

    def test_what_is_too_much(self):
        """Many chunks are not counted one by one; sizes that fit in nothing are not negative."""
        with h5py.File(self.path("a.h5"), "w") as file:
            file.create_dataset("many", (10 ** 5, 10 ** 5), "i2", chunks=(16, 16))
            file.create_dataset("huge", (2 ** 62, 2 ** 60), "f8", chunks=(1000, 1000))
            file["axes"] = np.zeros((1,) * 20)
        lines = self.lines("a.h5:/many")
        self.assertIn("over 39062500 tasks 39062500 chunks".split(), [line[1:] for line in lines])
        self.assertIn("an array of too many axes", self.row(self.lines("a.h5"), "/axes"))
        self.assertNotIn("-", self.row(self.lines("a.h5"), "/huge"))

    def test_nifti_npy_and_zarr(self):
        image = nibabel.Nifti1Image(np.ones((5, 4, 3), np.int16), np.diag([2, 3, 4, 1]))
        image.header.set_slope_inter(2, 1)
        nibabel.save(image, self.path("a.nii.gz"))
        np.save(self.path("a.npy"), np.ones((5, 4), order="F"))
        run("import_app", self.path("a.nii.gz"), "-o", self.path("z.zarr"), "--codec", "zstd")
        lines = self.lines("a.nii.gz", "a.npy", "z.zarr")
        self.assertEqual(lines[0][0], "a.nii.gz:")
        self.assertIn(["Scaling", "2", "1"], lines)
        self.assertIn(["Spacing", "2", "3", "4"], lines)
        self.assertIn(["a.npy:", "npy"], lines)
        self.assertIn(["Shape", "(5,", "4)", "(5,", "4)"], lines)
        self.assertEqual(self.row(lines, "/bold"), "(5, 4, 3) int16, chunks (5, 4, 3), zstd, 120 B")

    def test_bad_names(self):
        np.save(self.path("a.npy"), np.ones((5, 4)))
        for name, words in (("none.h5", "none.h5: no such file"), ("a.npy:/x", "has no datasets"),
                            ("", "empty name")):
            said = run("info_app", name, status=1, cwd=self.folder).stderr
            self.assertIn(words, said)
            self.assertEqual(said.strip().count("\n"), 0, said)
            run("info_app", name, n=2, status=1, cwd=self.folder)
        self.assertIn("no file", run("info_app", status=2).stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)

#TEST timeout=240
