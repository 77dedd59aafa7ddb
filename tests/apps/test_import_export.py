#!/usr/bin/env python3
"""import_app and export_app: every type, orientation and layout there and back; bad usage is one
sentence and leaves nothing behind."""
import os
import sys
import unittest

import h5py
import nibabel
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from tegula_py import TestCase, run

AFFINE = np.array([[-2, 0.25, 0, 31], [0.5, 1.75, 0, -7], [0, 0, 3, 5.5], [0, 0, 0, 1]])
OPTIONS = ((), ("--chunks", "auto,4,-1,3"), ("--deflate", "6", "--shuffle"))


class ThereAndBack(TestCase):
    def check(self, name):
        """Stored numbers, slope, intercept, affine, spacing and units come back."""
        first = nibabel.load(self.path(name))
        raw = np.asarray(first.dataobj.get_unscaled())
        for options, n, ending in zip(OPTIONS, (None, 3, 4), (".nii", ".nii.gz", ".nii")):
            run("import_app", self.path(name), "-o", self.path("there.h5"), *options, n=n)
            run("export_app", self.path("there.h5"), "-o", self.path("back" + ending), n=n)
            back = nibabel.load(self.path("back" + ending))
            what = f"{name}, {options}, {ending}"
            got = np.asarray(back.dataobj.get_unscaled())
            self.assertEqual(got.dtype, raw.dtype.newbyteorder("="), what)
            np.testing.assert_array_equal(got, raw, what)
            np.testing.assert_array_equal(back.affine, first.affine, what)
            np.testing.assert_allclose(back.header.get_zooms(), first.header.get_zooms(), 1e-6)
            for field in ("dim", "xyzt_units", "qform_code", "sform_code", "descrip"):
                np.testing.assert_array_equal(back.header[field], first.header[field],
                                              f"{what}: {field}")
            self.assertEqual((back.dataobj.slope, back.dataobj.inter),
                             (first.dataobj.slope, first.dataobj.inter), what)

    def test_types_orders_of_bytes_and_scaling(self):
        rng = np.random.default_rng(5)
        for order, dtype, slope in (("<", "i2", 0.0754), (">", "u2", None), ("<", "f4", None),
                                    (">", "f8", None), ("<", "u1", 2.5), (">", "i8", None)):
            large = nibabel.Nifti2Image if dtype == "i8" else nibabel.Nifti1Image
            header = large.header_class(endianness=order)
            header.set_data_dtype(dtype)
            header.set_slope_inter(slope, -12.5 if slope else None)
            image = large(rng.integers(0, 99, (5, 4, 3, 7)).astype(dtype), AFFINE, header)
            image.header.set_xyzt_units("mm", "sec")
            image.header.set_zooms((*image.header.get_zooms()[:3], 2.5))
            image.header["descrip"] = b"TE=34; there and back"
            image.set_sform(AFFINE, 2)
            image.set_qform(None, 0)
            nibabel.save(image, self.path("first.nii.gz"))
            self.check("first.nii.gz")

    def test_hdf5_without_facts_gets_a_plain_affine(self):
        values = np.arange(60, dtype=np.int32).reshape(5, 4, 3)
        with h5py.File(self.path("plain.h5"), "w") as file:
            file["a/b"] = values
        run("export_app", self.path("plain.h5"), "-o", self.path("plain.nii.gz"))
        image = nibabel.load(self.path("plain.nii.gz"))
        np.testing.assert_array_equal(np.asarray(image.dataobj), values)
        np.testing.assert_array_equal(image.affine, np.eye(4))


class Outputs(TestCase):
    """The same options in all programs, the format by the ending."""

    def test_are_of_every_format(self):
        maps = {}
        for i, form in enumerate(("h5", "zarr", "nii", "nii.gz", "npy")):
            runs, out = self.path("runs." + form), self.path("maps" + form.replace(".", "") + ".h5")
            run("sample_app", "--like", "small", "--format", form, runs, n=1 + i % 3)
            names = [f"{runs}/run-{r}.{form}" for r in (1, 2, 3)]
            run("tsnr_app", *names, "-o", out, "--deflate", "1", "--out-chunks", "8,8,8")
            with h5py.File(out) as file:
                maps[form] = file["tsnr"][()]
                self.assertEqual(file["std"].chunks, (8, 8, 8))
        for form in maps:
            self.assertEqual(maps[form].tobytes(), maps["h5"].tobytes(), form)
        name = f"{self.path('runs.h5')}/run-1.h5"
        run("tsnr_app", name, "-o", self.path("t.npy"))
        run("tsnr_app", name, "-o", self.path("t.zarr"), "--zarr", "3", "--codec", "zstd")
        run("export_app", self.path("t.zarr") + ":/tsnr", "-o", self.path("again.npy"))
        self.assertEqual(np.load(self.path("again.npy")).tobytes(),
                         np.load(self.path("t.npy")).tobytes())

    def test_are_added_to_what_is_there(self):
        np.save(self.path("x.npy"), np.arange(24.).reshape(4, 6))
        out, x = self.path("sums.h5"), "x=" + self.path("x.npy")
        run("calc_app", "x + 1", x, "-o", out + ":/one", "--out-chunks", "3,4")
        run("calc_app", "x + 2", x, "-o", out + ":/two", "--append", "--codec", "gzip")
        run("export_app", self.path("x.npy"), "-o", out, "--append", "--dataset", "/x")
        with h5py.File(out) as file:
            self.assertEqual((file["one"].chunks, file["two"].compression), ((3, 4), "gzip"))
            for name, more in ("one", 1), ("two", 2), ("x", 0):
                np.testing.assert_array_equal(file[name], np.load(self.path("x.npy")) + more)

    def test_plain_chunks_lie_at_pages(self):
        out = self.path("plain.h5")
        run("calc_app", "arange(2**20).reshape(1024, 1024)", "-o", out, "--out-chunks", "100,512",
            n=3)
        with h5py.File(out) as file:
            data = file["data"]
            np.testing.assert_array_equal(data, np.arange(2 ** 20).reshape(1024, 1024))
            places = [data.id.get_chunk_info(i).byte_offset for i in range(22)]
        self.assertEqual([p % 4096 for p in places], [0] * 22)


class BadUsage(TestCase):
    def check(self, program, arguments, words, status):
        for n in (None, 4):
            before = sorted(os.listdir(self.folder))
            said = run(program, *arguments, n=n, status=status, cwd=self.folder).stderr
            self.assertEqual(said.count(program + ": "), 1, said)
            self.assertIn(words, said)
            self.assertEqual(sorted(os.listdir(self.folder)), before)

    def test_is_one_sentence_and_leaves_nothing(self):
        image = nibabel.Nifti1Image(np.ones((3, 4, 5), np.int16), np.eye(4))
        nibabel.save(image, self.path("a.nii"))
        with h5py.File(self.path("a.h5"), "w") as file:
            file["bold"] = np.ones((3, 4, 5))
        for program, arguments, words, status in (
                ("import_app", ["-o", "x.h5"], "no input", 2),
                ("import_app", ["a.nii"], "no output", 2),
                ("import_app", ["a.nii", "-o", "x.nii"], "x.nii: the output is FILE.h5", 2),
                ("import_app", ["a.nii", "a.nii", "-o", "new"], "would both become new/a.h5", 2),
                ("import_app", ["a.nii", "none.nii", "-o", "new"], "none.nii: no such file", 1),
                ("import_app", ["a.nii", "-o", "x.h5", "--dataset", "/"], "x.h5:/ cannot be", 1),
                ("import_app", ["a.nii", "-o", "x.h5", "--chunks", "1,2"], "has 2 entries", 1),
                ("export_app", ["a.h5"], "no output", 2),
                ("export_app", ["a.h5", "-o", "x.txt"], "x.txt: the ending says no format", 1),
                ("export_app", ["a.h5", "-o", "x.zarr", "--codec", "none"], "no codec 'none'", 1),
                ("import_app", ["a.nii", "-o", "x.h5", "--deflate", "11"], "--deflate: '11'", 2),
                ("tsnr_app", ["a.h5", "-o", "x.h5", "--zarr", "4"], "'4' is no version", 2),
                ("export_app", ["a.h5", "-o", "x.nii", "--dtype", "x"], "no dtype 'x'", 1)):
            self.check(program, arguments, words, status)


if __name__ == "__main__":
    unittest.main(verbosity=2)

#TEST timeout=240
