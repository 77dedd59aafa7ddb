#!/usr/bin/env python3
"""tsnr_app against NumPy, Connectome Workbench and nipype's formula, and against itself.

The same checks run on small sample runs and, where they are, on real ones.
"""
import os
import sys
import unittest
import unittest.mock

import h5py
import nibabel
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from tegula_py import BOLD, SHARED, TestCase, datasets, run, table


def read(path):
    """Scaled values in float64, without nibabel's own rounding."""
    image = nibabel.load(path)
    slope, inter = image.dataobj.slope, image.dataobj.inter
    return np.asarray(image.dataobj.get_unscaled(), np.float64) * slope + inter


def constant(data):
    return (data == data[..., :1]).all(-1)


def detrend(data, degree):
    """nipype.algorithms.confounds.regress_poly: Legendre polynomials over the whole time."""
    time = np.linspace(-1, 1, data.shape[-1])
    model = np.stack([np.polynomial.Legendre.basis(k)(time) for k in range(degree + 1)], axis=1)
    beta = data.reshape(-1, data.shape[-1]) @ np.linalg.pinv(model).T
    return data - (beta[:, 1:] @ model[:, 1:].T).reshape(data.shape)


def maps(data, ddof=0, still=None):
    """Mean, standard deviation and tSNR; exactly 0 where nothing varies."""
    still = constant(data) if still is None else still
    mean, std = data.mean(-1), np.where(still, 0, data.std(-1, ddof=ddof))
    tsnr = np.divide(mean, std, out=np.zeros_like(mean), where=std > 0)
    return {"mean": mean, "std": std, "tsnr": tsnr}


class Checks:
    """What holds for any runs: `paths`, their values `parts`, `data`: joined, `want`: the maps."""

    @classmethod
    def use(cls, paths):
        cls.paths = paths
        cls.parts = [read(path) for path in paths]
        cls.data = np.concatenate(cls.parts, axis=-1)
        cls.still = constant(cls.data)
        cls.want = maps(cls.data)

    def tsnr(self, name, *options, n=2, inputs=None):
        return run("tsnr_app", *(inputs or self.paths), "-o", self.path(name), *options, n=n)

    def check(self, got, want, tolerance, what):
        for name in ("mean", "std", "tsnr"):
            self.assert_close(got[name], want[name], tolerance, f"{what}: {name}")

    def assert_same_files(self, one, other):
        """Attributes and layout as well: h5diff and cmp find nothing."""
        with open(self.path(one), "rb") as first, open(self.path(other), "rb") as second:
            self.assertEqual(first.read(), second.read(), f"{one} and {other} differ")

    def test_maps_equal_numpy_and_constants_have_std_0(self):
        self.tsnr("plain.h5")
        got = datasets(self.path("plain.h5"))
        self.assertEqual(sorted(got), ["mean", "std", "tsnr"])
        self.assertEqual({map.dtype for map in got.values()}, {np.dtype(np.float64)})
        self.check(got, self.want, 1e-12, "default")
        self.assertTrue((got["std"][self.still] == 0).all())
        self.assertTrue((got["std"][~self.still] > 0).all())
        self.assertTrue((got["tsnr"][self.still] == 0).all())

    def test_bits_are_the_same_on_any_ranks_and_from_hdf5(self):
        self.tsnr("n1.h5", n=1)
        want = datasets(self.path("n1.h5"))
        for n in (None, 2, 3, 4, 8):
            self.tsnr(f"n{n}.h5", n=n)
            self.assert_same_bits(datasets(self.path(f"n{n}.h5")), want, f"{n} ranks")
            self.assert_same_files("n1.h5", f"n{n}.h5")
        imports = {"contiguous": (), "deflate": ("--deflate", "4", "--shuffle"),
                   "chunked": ("--chunks", "8,16,5,7")}
        for name, options in imports.items():
            run("import_app", *self.paths, "-o", self.path(name), *options, n=2)
            files = [os.path.join(self.path(name), os.path.basename(path).split(".")[0] + ".h5")
                     for path in self.paths]
            for n in (1, 3):
                with unittest.mock.patch.dict(os.environ, TEGULA_HISTORY="none"):
                    self.tsnr("n1.h5", n=1)
                    self.tsnr(f"{name}{n}.h5", n=n, inputs=files)
                self.assert_same_bits(datasets(self.path(f"{name}{n}.h5")), want, name)
                self.assert_same_files("n1.h5", f"{name}{n}.h5")

    def test_ddof_1_divides_by_one_less(self):
        self.tsnr("ddof.h5", "--ddof", "1")
        self.check(datasets(self.path("ddof.h5")), maps(self.data, 1), 1e-12, "--ddof 1")

    def test_detrend_removes_polynomials_and_keeps_the_mean(self):
        for degree in (1, 2):
            self.tsnr("detrend.h5", "--detrend", degree, n=degree)
            got = datasets(self.path("detrend.h5"))
            want = maps(detrend(self.data, degree), still=self.still)
            self.check(got, want, 1e-9, f"--detrend {degree}")
            self.assertTrue((got["std"][self.still] == 0).all())
        self.tsnr("again.h5", "--detrend", 2, n=5)
        self.assert_same_bits(datasets(self.path("again.h5")), got, "detrend on 5 ranks")

    def test_zero_says_what_tsnr_is_where_nothing_varies(self):
        with np.errstate(all="ignore"):
            ieee = self.want["mean"][self.still] / 0.0
        fills = {"zero": np.zeros_like(ieee), "nan": np.full_like(ieee, np.nan), "ieee": ieee}
        for name, fill in fills.items():
            self.tsnr("zero.h5", "--zero", name)
            got = datasets(self.path("zero.h5"))
            np.testing.assert_array_equal(got["tsnr"][self.still], fill, name)
            self.assert_close(got["tsnr"][~self.still], self.want["tsnr"][~self.still], 1e-12, name)

    def test_mask_leaves_zeros_outside(self):
        inside = self.want["mean"] > np.median(self.want["mean"])
        image = nibabel.Nifti1Image(inside.astype(np.uint8), np.eye(4))
        nibabel.save(image, self.path("mask.nii.gz"))
        shown = table(self.tsnr("mask.h5", "--mask", self.path("mask.nii.gz")).stdout)
        want = {name: np.where(inside, map, 0) for name, map in self.want.items()}
        self.check(datasets(self.path("mask.h5")), want, 1e-12, "--mask")
        varies = want["std"] > 0
        self.assertEqual(int(shown["with std > 0"]), varies.sum())
        self.assert_close(float(shown["median tSNR"]), np.median(want["tsnr"][varies]), 1e-5, "")

    def test_per_run_adds_maps_of_each_run_and_their_average(self):
        once = table(self.tsnr("once.h5").stdout)["bytes read"]
        shown = table(self.tsnr("each.h5", "--per-run", n=3).stdout)
        self.assertEqual(shown["bytes read"], once, "data are read once")
        got = datasets(self.path("each.h5"))
        want = {f"run-{i}/{name}": map for i, part in enumerate(self.parts, 1)
                for name, map in maps(part).items()}
        want.update(self.want)
        want["average/tsnr"] = np.mean([maps(part)["tsnr"] for part in self.parts], axis=0)
        self.assertEqual(sorted(got), sorted(want))
        for name, map in want.items():
            self.assert_close(got[name], map, 1e-12, name)
        plain = datasets(self.path("once.h5"))
        self.assert_same_bits({name: got[name] for name in plain}, plain, "beside --per-run")

    def test_table_tells_what_was_done(self):
        shown = table(run("tsnr_app", *self.paths, n=2).stdout)
        varies = self.want["std"] > 0
        self.assertEqual(shown["runs"], str(len(self.paths)))
        self.assertEqual(shown["shape"], str(self.data.shape))
        self.assertEqual(shown["volumes"], str(self.data.shape[-1]))
        self.assertEqual(shown["voxels"], str(varies.size))
        self.assertEqual(shown["with std > 0"], str(varies.sum()))
        median = np.median(self.want["tsnr"][varies])
        self.assert_close(float(shown["median tSNR"]), median, 1e-5, "median")
        self.assertGreater(int(shown["bytes read"]), 0)
        self.assertGreater(float(shown["seconds"]), 0)

    def test_nifti_output_has_three_files_and_the_affine(self):
        for ending in (".nii", ".nii.gz"):
            self.tsnr("map" + ending)
            for name in self.want:
                suffix = "" if name == "tsnr" else "_" + name
                image = nibabel.load(self.path("map" + suffix + ending))
                self.assertEqual(image.get_data_dtype(), np.float32)
                self.assert_close(image.get_fdata(), self.want[name], 1e-6, name + ending)
                first = nibabel.load(self.paths[0])
                np.testing.assert_allclose(image.affine, first.affine, rtol=1e-6)
                self.assertEqual(image.header.get_zooms(), first.header.get_zooms()[:3])

    def test_nifti_output_of_each_run(self):
        self.tsnr("t.nii.gz", "--per-run")
        names = [f"t{run}{map}.nii.gz" for run in
                 ("", *(f"_run-{i + 1}" for i in range(len(self.parts))))
                 for map in ("", "_mean", "_std")]
        made = [name for name in os.listdir(self.folder) if name.startswith("t") and "nii" in name]
        self.assertEqual(sorted(made), sorted(names + ["t_average.nii.gz"]))
        got = nibabel.load(self.path("t_run-2_mean.nii.gz")).get_fdata()
        self.assert_close(got, self.parts[1].mean(-1), 1e-6, "mean of run 2")

    def test_float32_is_the_rounded_float64(self):
        self.tsnr("wide.h5")
        self.tsnr("narrow.h5", "--dtype", "float32", "--chunks", "auto")
        wide = datasets(self.path("wide.h5"))
        narrow = {name: map.astype(np.float32) for name, map in wide.items()}
        self.assert_same_bits(datasets(self.path("narrow.h5")), narrow, "--dtype float32")

    def test_another_axis_joins_and_reduces_there(self):
        same = [self.paths[0], self.paths[0]]
        self.tsnr("axis.h5", "--axis", "0", inputs=same)
        data = np.concatenate([self.parts[0]] * 2, axis=0)
        self.check(datasets(self.path("axis.h5")), maps(np.moveaxis(data, 0, -1)), 1e-12, "--axis")

    def test_import_and_export_give_the_same_image_back(self):
        run("import_app", self.paths[0], "-o", self.path("one.h5"), n=2)
        run("export_app", self.path("one.h5"), "-o", self.path("back.nii.gz"), n=2)
        with h5py.File(self.path("one.h5")) as file:
            stored = nibabel.load(self.paths[0]).dataobj.get_unscaled()
            np.testing.assert_array_equal(file["bold"][...], stored)
        first, back = nibabel.load(self.paths[0]), nibabel.load(self.path("back.nii.gz"))
        np.testing.assert_allclose(back.affine, first.affine, rtol=1e-6)
        self.assertEqual(back.header.get_zooms(), first.header.get_zooms())
        self.assertEqual(back.header["dim"].tolist(), first.header["dim"].tolist())
        if first.header["descrip"]:
            self.assertEqual(back.header["descrip"], first.header["descrip"])
        self.assert_close(read(self.path("back.nii.gz")), self.parts[0], 1e-6, "values")


class SampleRuns(Checks, TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        run("sample_app", "--like", "small", "--format", "nii.gz", cls.folder)
        paths = [os.path.join(cls.folder, f"run-{i}.nii.gz") for i in range(1, 4)]
        for path in paths:
            cls.give_header(path, 0.75)
        cls.use(paths)

    @staticmethod
    def give_header(path, slope):
        """Write the image again with a header as scanners leave it."""
        affine = [[-2, 0, 0.1, 30], [0, 2.5, 0, -40], [0.1, 0, 3, 5], [0, 0, 0, 1]]
        image = nibabel.Nifti1Image(np.asarray(nibabel.load(path).dataobj), np.array(affine))
        image.header.set_zooms((*image.header.get_zooms()[:3], 2.0))
        image.header.set_slope_inter(slope, -12.5)
        nibabel.save(image, path)

    def test_runs_of_different_slopes(self):
        run("sample_app", "--like", "small", "--format", "nii.gz", self.path("mixed"))
        paths = [os.path.join(self.path("mixed"), f"run-{i}.nii.gz") for i in range(1, 4)]
        for path, slope in zip(paths, (0.75, 0.1, 75.5)):
            self.give_header(path, slope)
        data = np.concatenate([read(path) for path in paths], axis=-1)
        for n in (1, 4):
            self.tsnr(f"mixed{n}.h5", inputs=paths, n=n)
        got = datasets(self.path("mixed4.h5"))
        self.check(got, maps(data), 1e-12, "different slopes")
        self.assert_same_bits(got, datasets(self.path("mixed1.h5")), "different slopes")


@unittest.skipUnless(os.path.exists(BOLD[0]), "no shared data")
class RealRuns(Checks, TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.use(BOLD)

    def test_5263_voxels_do_not_vary(self):
        self.tsnr("real.h5")
        self.assertEqual((datasets(self.path("real.h5"))["std"] == 0).sum(), 5263)

    def test_maps_equal_connectome_workbench(self):
        for name, ddof, file in (("mean", 0, "mean"), ("std", 0, "std-ddof0"),
                                 ("std", 1, "std-ddof1"), ("tsnr", 1, "tsnr-ddof1")):
            self.tsnr("real.h5", "--ddof", ddof)
            got = datasets(self.path("real.h5"))[name]
            expected = os.path.join(SHARED, "data", "expected", f"bold-{file}.nii.gz")
            want = nibabel.load(expected).get_fdata()
            self.assert_close(got[~self.still], want[~self.still], 1e-5, file)


if __name__ == "__main__":
    unittest.main(verbosity=2)

#TEST timeout=400
