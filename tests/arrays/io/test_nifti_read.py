# SPDX-License-Identifier: BSD-3-Clause
"""NIfTI files are read with the bits and the facts that nibabel reads."""
import gzip
import os
import shutil
import struct
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from formats_tool import (DATA, check_files, check_reads, describe, nibabel, np, random_values,
                          tool)

DTYPES = "u1 i1 i2 u2 i4 u4 i8 u8 f4 f8".split()


def save(name, values, kind=nibabel.Nifti1Image, order="<", affine=None, **header):
    """Write raw values; returns them as the file's storage has them (axes reversed)."""
    image = kind(values, np.eye(4) if affine is None else affine, dtype=values.dtype)
    made = image.header.as_byteswapped(order)
    image = kind(values.astype(values.dtype.newbyteorder(order)), image.affine, made)
    for key, value in header.items():
        image.header[key] = value
    image.to_filename(name)
    return values.T


def every_dtype_order_and_version(rng):
    files = []
    for kind in nibabel.Nifti1Image, nibabel.Nifti2Image:
        for order in "<>":
            for dtype in DTYPES:
                for end in ".nii", ".nii.gz":
                    name = f"{kind.__name__}{ord(order)}{dtype}{end}"
                    values = random_values(rng, (7, 5, 4, 6), dtype)
                    files.append((name, save(name, values, kind, order)))
    for at in range(0, len(files), 20):
        check_files(files[at:at + 20], rng, 6)
        for name, values in files[at:at + 20:7]:
            facts = describe(name)
            assert facts["dtype"] == values.dtype.name and facts["shape"] == values.shape
            assert facts["reversed"] == "1"
            assert facts["sequential"] == str(int(name.endswith("gz")))


def trailing_axes_of_length_1_are_kept(rng):
    for shape in (5,), (5, 1), (4, 3, 2, 1), (4, 3, 1, 1, 2), (2, 3, 1, 2, 1, 2, 2):
        values = random_values(rng, shape, "i2")
        stored = save("axes.nii.gz", values)
        assert describe("axes.nii.gz")["shape"] == stored.shape
        check_reads("axes.nii.gz", stored, rng, 5)


def close(a, b):
    return np.allclose(a, b, rtol=1e-6, atol=1e-6)


def facts_are_those_of_nibabel(rng):
    angle = np.array([[np.cos(1), -np.sin(1), 0], [np.sin(1), np.cos(1), 0], [0, 0, 1]])
    affine = np.eye(4)
    affine[:3, :3] = angle @ np.diag([2, 3, -4.5])
    affine[:3, 3] = -20, 30.5, 7
    shear = affine.copy()
    shear[0, 1] += 0.7
    values = random_values(rng, (6, 5, 4, 3), "i2")
    for kind in nibabel.Nifti1Image, nibabel.Nifti2Image:
        for qform, sform in ((affine, 1), (None, 0)), ((None, 0), (shear, 4)), \
                ((affine, 3), (shear, 2)), ((None, 0), (None, 0)):
            image = kind(values, None)
            image.header.set_zooms((2, 3, 4.5, 1.25))
            image.header.set_xyzt_units("mm", "sec")
            image.header["descrip"] = "a test"
            image.header.set_qform(*qform)
            image.header.set_sform(*sform)
            image.header["scl_slope"], image.header["scl_inter"] = 0.1, -3.3
            image.to_filename("facts.nii")
            patch_scaling("facts.nii", kind, 0.1, -3.3)
            image = nibabel.load("facts.nii")
            facts = describe("facts.nii")
            assert close(facts["affine"], image.affine.ravel()), (facts, image.affine)
            assert close(facts["spacing"], image.header.get_zooms()), facts
            assert facts["units"] == "mm,s" and facts["description"] == "a test"
            assert facts["codes"] == (qform[1], sform[1])
            assert (float(facts["slope"]), float(facts["inter"])) == \
                (image.dataobj.slope, image.dataobj.inter)


def patch_scaling(name, kind, slope, inter):
    with open(name, "r+b") as file:
        file.seek(112 if kind is nibabel.Nifti1Image else 176)
        file.write(struct.pack("<ff" if kind is nibabel.Nifti1Image else "<dd", slope, inter))


def slopes_that_do_not_count(rng):
    values = random_values(rng, (6, 5, 4), "i2")
    for slope in 0, np.nan, np.inf:
        save("slope.nii", values)
        patch_scaling("slope.nii", nibabel.Nifti1Image, slope, 5)
        facts = describe("slope.nii")
        assert (facts["slope"], facts["inter"]) == ("1", "0")
    patch_scaling("slope.nii", nibabel.Nifti1Image, 2, np.nan)
    tool("describe", "slope.nii", fails="slope.nii: scl_slope is 2 but scl_inter is not finite")


def streams_go_on_and_back(rng):
    values = random_values(rng, (40, 30, 20, 60), "i2")
    stored = save("stream.nii.gz", values)
    rows = [([t, 0, 0, 0], [5, 20, 30, 40]) for t in range(0, 60, 5)]
    size = os.path.getsize("stream.nii.gz")
    once = check_reads("stream.nii.gz", stored, rng, boxes=rows)
    assert once <= size + 4096, f"{once} bytes read of {size}"
    check_reads("stream.nii.gz", stored, rng, boxes=rows[::-1])
    check_reads("stream.nii.gz", stored, rng, 20, n=2)


def several_members_and_padding(rng):
    values = random_values(rng, (20, 10, 10), "i2")
    stored = save("one.nii", values)
    data = open("one.nii", "rb").read()
    with open("many.nii.gz", "wb") as file:
        for at in range(0, len(data), 333):
            file.write(gzip.compress(data[at:at + 333]))
        file.write(bytes(100))
    check_reads("many.nii.gz", stored, rng)
    with open("extra.nii.gz", "wb") as file:
        file.write(gzip.compress(data + b"more" * 50000))
    check_reads("extra.nii.gz", stored, rng)


def short_files_say_what_is_missing(rng):
    values = random_values(rng, (20, 10, 10, 4), "i2")
    save("good.nii", values)
    data = open("good.nii", "rb").read()
    with open("short.nii", "wb") as file:
        file.write(data[:5000])
    tool("describe", "short.nii",
         fails=f"short.nii ends early: needs {len(data)} bytes, has 5000")
    with open("whole.nii.gz", "wb") as file:
        file.write(gzip.compress(data[:5000]))
    tool("read", "whole.nii.gz", "out",
         fails=f"whole.nii.gz ends early: needs {len(data)} bytes, inflated, has 5000")
    packed = gzip.compress(data)
    for cut in len(packed) // 2, len(packed) - 9, len(packed) - 4:
        with open("cut.nii.gz", "wb") as file:
            file.write(packed[:cut])
        tool("read", "cut.nii.gz", "out", fails="cut.nii.gz ends early: ")
    bad = bytearray(packed)
    bad[-6] ^= 1
    with open("crc.nii.gz", "wb") as file:
        file.write(bad)
    tool("read", "crc.nii.gz", "out", fails=["crc.nii.gz is damaged near byte",
                                             "incorrect data check"])
    for _ in range(12):
        bad = bytearray(packed)
        for at in rng.integers(0, len(bad), 3):
            bad[at] ^= 1 << int(rng.integers(0, 8))
        with open("flip.nii.gz", "wb") as file:
            file.write(bad)
        survives("flip.nii.gz")
        bad = bytearray(data)
        for at in rng.integers(0, 352, 3):
            bad[at] ^= 1 << int(rng.integers(0, 8))
        with open("flip.nii", "wb") as file:
            file.write(bad)
        survives("flip.nii")


def survives(name):
    """Reading ends, well or with a sentence."""
    try:
        tool("read", name, "out")
    except AssertionError as error:
        assert "exit 1\n" in str(error), str(error)


def what_cannot_be_read_says_so(rng):
    values = np.zeros((4, 4, 4), [("R", "u1"), ("G", "u1"), ("B", "u1")])
    nibabel.Nifti1Image(values, np.eye(4)).to_filename("rgb.nii")
    tool("describe", "rgb.nii", fails="rgb.nii holds RGB24: integers of 1 to 8 bytes, floats")
    nibabel.Nifti1Pair(np.zeros((4, 4), "i2"), np.eye(4)).to_filename("pair.hdr")
    os.unlink("pair.img")
    tool("describe", "pair.hdr", fails="pair.hdr is the header of a pair of files, but pair.img is")
    os.rename("pair.hdr", "pair")
    tool("describe", "pair", fails="but its name does not end with .hdr")
    nibabel.AnalyzeImage(np.zeros((4, 4), "i2"), np.eye(4)).to_filename("old.hdr")
    tool("describe", "old.img", fails="old.hdr is a header of Analyze 7.5")
    with open("text.nii", "w") as file:
        file.write("text" * 1000)
    tool("describe", "text.nii", fails="text.nii is not a NIfTI file: it has no NIfTI header")
    with gzip.open("text.nii.gz", "w") as file:
        file.write(b"text" * 1000)
    tool("describe", "text.nii.gz",
         fails="text.nii.gz is not a gzipped NIfTI file: it has no gzipped NIfTI header")
    save("set.nii", random_values(rng, (3, 3), "i2"))
    tool("describe", "set.nii:/data", fails="it has no datasets, so /data cannot be one")
    shutil.copy("set.nii", "unnamed")
    assert describe("unnamed")["shape"] == (3, 3)


def pairs_of_files(rng):
    files, values = [], random_values(rng, (6, 5, 4, 3), "i2")
    for kind, name in (nibabel.Nifti1Pair, "one"), (nibabel.Nifti2Pair, "two"):
        image = kind(values, np.diag([2, 3, 4, 1]))
        image.to_filename(name + ".hdr")
        image.to_filename(name + "z.hdr.gz")
        files += [(name + ending, values.T) for ending in (".hdr", ".img", "z.hdr.gz", "z.img.gz")]
        assert describe(name + ".img")["spacing"].tolist() == [2, 3, 4, 1]
        shutil.copy(name + "z.hdr.gz", name + "y.hdr.gz")
        shutil.copy(name + ".img", name + "y.img")
        files.append((name + "y.img", values.T))
    kind(-values, np.eye(4)).to_filename("two.hdr.gz") # beside a plain pair of this name
    files += [("two.hdr.gz", -values.T), ("two.img.gz", -values.T)]
    check_files(files, rng, 5)
    with open("one.img", "r+b") as file:
        file.truncate(100)
    tool("describe", "one.hdr", fails="one.img ends early: needs")


def complex_numbers(rng):
    files = []
    for order in "<>":
        for dtype in "c8", "c16":
            values = random_values(rng, (5, 4, 3), order + dtype)
            for ending in ".nii", ".nii.gz":
                name = f"{'lb'[order == '>']}{dtype}{ending}"
                save(name, values, order=order)
                files.append((name, values.astype(dtype).T))
                tool("store", name, "out" + ending, "-")
                again = nibabel.load("out" + ending)
                assert again.get_data_dtype() == np.dtype(dtype)
                assert (np.asarray(again.dataobj) == values).all()
    check_files(files, rng, 4)


def real_files(rng):
    if not os.path.isdir(DATA):
        print("skipped: no shared data")
        return
    for name in ("nifti/slope-inter.nii", "nifti/nifti2.nii.gz", "nifti/uint16.nii",
                 "nifti/pair-1.nii.gz", "bold/part-3.nii.gz"):
        path = os.path.join(DATA, name)
        image = nibabel.load(path)
        check_reads(path, np.asarray(image.dataobj.get_unscaled()).T, rng, 6)
        facts = describe(path)
        assert close(facts["affine"], image.affine.ravel()), name
        assert close(facts["spacing"], image.header.get_zooms()[::1]), name
        assert (float(facts["slope"]), float(facts["inter"])) == \
            (image.dataobj.slope, image.dataobj.inter), name


TESTS = [every_dtype_order_and_version, trailing_axes_of_length_1_are_kept,
         facts_are_those_of_nibabel, slopes_that_do_not_count, streams_go_on_and_back,
         several_members_and_padding, short_files_say_what_is_missing, what_cannot_be_read_says_so,
         pairs_of_files, complex_numbers, real_files]

if __name__ == "__main__":
    for test in TESTS:
        if len(sys.argv) > 1 and test.__name__ not in sys.argv[1:]:
            continue
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            test(np.random.default_rng(5))
            os.chdir("/")
        print("ok", test.__name__, flush=True)

#TEST timeout=600
