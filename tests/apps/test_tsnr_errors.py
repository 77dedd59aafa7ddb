#!/usr/bin/env python3
"""Bad input of tsnr_app: one clear sentence, once, on stderr; exit status 1 or 2; no hang; nothing
left behind; on one rank and on four."""
import gzip
import os
import shutil
import sys
import unittest

import h5py
import nibabel
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from tegula_py import TestCase, run

RANKS = (None, 4)  # None: one rank without mpirun, which waits for 2 s when its only rank fails


def write_h5(path, shape, name="bold"):
    with h5py.File(path, "w") as file:
        file[name] = np.arange(np.prod(shape), dtype=np.int16).reshape(shape)


class Errors(TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        write_h5(os.path.join(cls.folder, "good.h5"), (6, 5, 4, 9))
        write_h5(os.path.join(cls.folder, "other.h5"), (6, 5, 3, 9))
        write_h5(os.path.join(cls.folder, "mask.h5"), (6, 5, 5))

    def check(self, arguments, words, status=(1,), output="out.h5", ranks=RANKS):
        """Run on 1 and 4 ranks: all of `words` are on stderr, in either case, once, and the folder
        is as it was."""
        arguments = [str(argument) for argument in arguments]
        if output:
            arguments += ["-o", output]
        for n in ranks:
            before = self.listing()
            done = run("tsnr_app", *arguments, n=n, timeout=60, status=None, cwd=self.folder)
            said = f"{' '.join(arguments)} on {n} ranks: status {done.returncode}\n{done.stderr}"
            self.assertIn(done.returncode, status, said)
            self.assertEqual(done.stdout, "", said)
            for word in words:
                self.assertIn(word.lower(), done.stderr.lower(), said)
            messages = [line for line in done.stderr.splitlines() if line.startswith("tsnr_app:")]
            self.assertEqual(len(messages), 1, said)
            self.assertEqual(self.listing(), before, said)

    def listing(self):
        return sorted((os.path.join(folder, name), os.path.getsize(os.path.join(folder, name)))
                      for folder, _, names in os.walk(self.folder) for name in names)

    def test_no_run(self):
        self.check([], ["RUN"], status=(2,))

    def test_no_such_file(self):
        self.check(["good.h5", "nowhere.h5"], ["nowhere.h5", "No such file"], ranks=(None, 1, 4))

    def test_no_such_dataset(self):
        self.check(["good.h5:/tsnr"], ["good.h5", "/tsnr"])

    def test_a_folder_as_run(self):
        os.makedirs(self.path("folder.h5"), exist_ok=True)
        self.check(["folder.h5"], ["folder.h5"])

    def test_text_named_h5(self):
        with open(self.path("text.h5"), "w", encoding="utf-8") as file:
            file.write("This is no HDF5 file.\n" * 50)
        self.check(["text.h5"], ["text.h5", "HDF5"])

    def test_text_named_nifti(self):
        with open(self.path("text.nii"), "w", encoding="utf-8") as file:
            file.write("This is no NIfTI file.\n" * 50)
        self.check(["text.nii"], ["text.nii", "NIfTI"])

    def test_an_empty_file(self):
        for name in ("empty.h5", "empty.nii", "empty.nii.gz"):
            open(self.path(name), "w", encoding="utf-8").close()
            self.check([name], [name])

    def test_shapes_that_differ(self):
        self.check(["good.h5", "other.h5"],
                   ["good.h5", "other.h5", "(6, 5, 4, 9)", "(6, 5, 3, 9)", "axis -1"])

    def test_several_datasets_to_choose_from(self):
        write_h5(self.path("two.h5"), (3, 4), "first")
        with h5py.File(self.path("two.h5"), "a") as file:
            file["second"] = np.zeros((2, 2))
        self.check(["two.h5"], ["two.h5", "/first", "/second"])

    def test_a_dataset_of_strings(self):
        with h5py.File(self.path("strings.h5"), "w") as file:
            file["names"] = np.array([[b"one", b"two"], [b"three", b"four"]])
        self.check(["strings.h5:/names"], ["strings.h5", "/names", "string"])
        self.check(["strings.h5"], ["strings.h5"])

    def test_truncated_nifti(self):
        image = nibabel.Nifti1Image(np.random.default_rng(1).integers(
            0, 999, (16, 16, 8, 20), dtype=np.int16), np.eye(4))
        nibabel.save(image, self.path("whole.nii.gz"))
        nibabel.save(image, self.path("whole.nii"))
        for name in ("whole.nii.gz", "whole.nii"):
            with open(self.path(name), "rb") as whole, open(self.path("cut-" + name), "wb") as cut:
                data = whole.read()
                cut.write(data[:len(data) * 2 // 3])
            self.check(["cut-" + name], ["cut-" + name])

    def test_damaged_gzip(self):
        data = bytearray(gzip.compress(bytes(352) + os.urandom(4000)))
        with open(self.path("damaged.nii.gz"), "wb") as file:
            file.write(data)
        self.check(["damaged.nii.gz"], ["damaged.nii.gz", "NIfTI"])

    def test_truncated_hdf5(self):
        with h5py.File(self.path("whole.h5"), "w") as file:
            file.create_dataset("bold", data=np.arange(60000, dtype=np.int16).reshape(20, 20, 150),
                                chunks=(5, 5, 150), compression="gzip")
        with open(self.path("whole.h5"), "rb") as whole, open(self.path("cut.h5"), "wb") as cut:
            data = whole.read()
            cut.write(data[:len(data) * 2 // 3])
        self.check(["cut.h5"], ["cut.h5"])

    def test_axis_out_of_range(self):
        self.check(["good.h5", "--axis", 7], ["axis 7"])
        self.check(["good.h5", "--axis", "-5"], ["axis -5"])

    def test_output_in_a_folder_that_is_not_there(self):
        self.check(["good.h5"], ["nowhere/out.h5", "No such file"], output="nowhere/out.h5")

    def test_output_is_a_folder(self):
        os.makedirs(self.path("taken.h5"), exist_ok=True)
        self.check(["good.h5"], ["taken.h5", "directory"], output="taken.h5")

    def test_output_where_nobody_may_write(self): # not even root
        self.check(["good.h5"], ["/proc/out.h5"], output="/proc/out.h5")

    def test_output_of_an_unknown_format(self):
        self.check(["good.h5"], ["out.txt", ".h5", ".nii"], status=(1, 2), output="out.txt")

    def test_output_over_an_input(self):
        self.check(["good.h5"], ["good.h5 is an input"], output="good.h5")
        self.check(["good.h5:/bold"], ["good.h5 is an input"], output="./good.h5")

    def test_an_older_output_stays_when_a_run_is_bad(self):
        shutil.copy(self.path("good.h5"), self.path("older.h5"))
        with open(self.path("older.h5"), "rb") as file:
            before = file.read()
        self.check(["good.h5", "nowhere.h5"], ["nowhere.h5"], output="older.h5")
        with open(self.path("older.h5"), "rb") as file:
            self.assertEqual(file.read(), before)

    def test_a_mask_of_another_shape(self):
        self.check(["good.h5", "--mask", "mask.h5"], ["mask.h5", "(6, 5, 5)", "(6, 5, 4)"])
        self.check(["good.h5", "--mask", "none.nii"], ["none.nii", "No such file"])

    def test_bad_options(self):
        for option, words in ((["--zero", "one"], ["--zero", "'one'", "zero, nan, ieee"]),
                              (["--dtype", "int16"], ["--dtype", "'int16'", "float64, float32"]),
                              (["--ddof", "1x"], ["--ddof", "'1x'"]),
                              (["--axis", "last"], ["--axis", "'last'"]),
                              (["--detrend", "-1"], ["--detrend", "-1"]),
                              (["--threads", "none"], ["threads", "none"])):
            self.check(["good.h5", *option], words, status=(2,))

    def test_a_run_without_axes(self):
        with h5py.File(self.path("number.h5"), "w") as file:
            file["a"] = 3.0
        self.check(["number.h5:/a"], ["number.h5:/a has no axes"])
        self.check([""], ["empty name"])

    def test_bad_chunks(self):
        self.check(["good.h5", "--chunks", "2,2"], ["2,2"], status=(1, 2))
        self.check(["good.h5", "--chunks", "a,b,c,d"], ["a,b,c,d"], status=(1, 2))

    def test_an_unknown_option(self):
        for n in RANKS:
            done = run("tsnr_app", "good.h5", "--unheard-of", n=n, timeout=60, status=2,
                       cwd=self.folder)
            self.assertEqual(done.stderr.count("unrecognized option '--unheard-of'"), 1,
                             done.stderr)
            self.assertEqual(done.stdout, "")

    def test_a_pipe_as_run(self):
        os.mkfifo(self.path("pipe.h5"))
        self.check(["pipe.h5"], ["pipe.h5"])
        os.unlink(self.path("pipe.h5"))


if __name__ == "__main__":
    unittest.main(verbosity=2)

#TEST timeout=400
