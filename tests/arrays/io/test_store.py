# SPDX-License-Identifier: BSD-3-Clause
"""What is stored in HDF5 and NIfTI is what h5py and nibabel then read, facts included."""
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from formats_tool import BUILD, ENVIRONMENT, describe, h5py, nibabel, np, random_values, tool

DTYPES = "? i1 i2 i4 i8 u1 u2 u4 u8 f4 f8 c8 c16".split()


def source(name, values, **attributes):
    with h5py.File(name, "w") as file:
        file["d"] = values
        file["d"].attrs.update(attributes)


def every_dtype(rng):
    for dtype in DTYPES:
        values = random_values(rng, (9, 8, 7), dtype)
        source("in.h5", values)
        tool("store", "in.h5", "out.h5", "/a/b/c", "cut", "4,8,3")
        tool("store", "in.h5", "packed.h5", "c", "deflate", 4, "shuffle", 1, n=2)
        for name, path in ("out.h5", "/a/b/c"), ("packed.h5", "/c"):
            with h5py.File(name) as file:
                assert file[path].dtype == values.dtype and (file[path][()] == values).all()
        tool("store", "in.h5", "out.nii.gz", "-", "cut", "4,8,3")
        image = nibabel.load("out.nii.gz")
        assert image.get_data_dtype() == (np.uint8 if dtype == "?" else values.dtype)
        assert (np.asarray(image.dataobj) == values).all()


def hdf5_layouts(rng):
    values = random_values(rng, (40, 31, 22), "i4")
    source("in.h5", values)
    for options, chunks in ((), None), (("chunks", "8,8,8"), (8, 8, 8)), \
            (("chunks", "16,-1,10", "deflate", 1), (16, 31, 10)), \
            (("chunks", "100,1,22", "shuffle", 1), (40, 1, 22)), \
            (("deflate", 9, "shuffle", 1), (40, 31, 22)):
        for cut in "auto", "7,31,22", "40,16,5":
            for n in 1, 3:
                tool("store", "in.h5", "out.h5", "/d", "cut", cut, *options, n=n)
                with h5py.File("out.h5") as file:
                    data = file["d"]
                    assert (data[()] == values).all(), (options, cut, n)
                    assert data.chunks == chunks, (data.chunks, chunks)
                    assert data.shuffle == ("shuffle" in options)
                    assert (data.compression == "gzip") == ("deflate" in options)


def chunks_that_do_not_compress(rng):
    values = rng.integers(0, 256, (64, 64), "u1")
    source("in.h5", values)
    tool("store", "in.h5", "out.h5", "/d", "chunks", "32,32", "deflate", 6)
    with h5py.File("out.h5") as file:
        assert (file["d"][()] == values).all()
        assert file["d"].id.get_chunk_info(0).filter_mask == 1


def other_numbers_of_axes(rng):
    for shape in (), (1,), (0,), (3, 0, 2), (2, 3, 2, 1, 2, 2, 2, 3, 2):
        values = random_values(rng, shape, "f8")
        source("in.h5", values)
        for options in (), ("deflate", 3):
            tool("store", "in.h5:/d", "out.h5", "/d", *options)
            with h5py.File("out.h5") as file:
                assert file["d"].shape == shape and (file["d"][()] == values).all()
    tool("store", "in.h5:/d", "out.nii", "-", fails="NIfTI holds at most 7 axes, the array has 9")
    source("in.h5", np.zeros((3, 0)))
    tool("store", "in.h5", "out.nii", "-", fails="NIfTI cannot hold an axis of length 0")
    assert sorted(os.listdir()) == ["in.h5", "out.h5"]


def attributes_and_history(rng):
    affine = rng.standard_normal((4, 4))
    source("in.h5", np.ones((3, 4), "i2"), scl_slope=0.1, scl_inter=4.0, affine=affine,
           spacing=[2.0, 3], sform_code=4, xyz_units="mm", time_units="s", descrip="theirs")
    tool("store", "in.h5", "out.h5", "/d", "deflate", 1)
    with h5py.File("out.h5") as file:
        attrs = dict(file["d"].attrs)
    assert (attrs["affine"] == affine).all() and (attrs["spacing"] == [2, 3]).all()
    assert attrs["scl_slope"] == 0.1 and attrs["scl_inter"] == 4 and attrs["sform_code"] == 4
    assert attrs["xyz_units"] == "mm" and attrs["time_units"] == "s"
    assert attrs["note"] == "made by a test" and (attrs["numbers"] == [1, 2.5, 3]).all()
    assert attrs["descrip"] == "the caller's"
    # What may differ between equal results is left out: the output's name, common options.
    assert re.fullmatch(r"test_formats store in.h5 /d deflate 1 \[Tegula [0-9.]+\]",
                        attrs["history"]), attrs["history"]
    tool("store", "in.h5", "out.h5", "/d", "--threads", 2, environment={"TEGULA_HISTORY": "none"})
    with h5py.File("out.h5") as file:
        assert "history" not in file["d"].attrs


def nifti_there_and_back(rng):
    affine = np.diag([2.0, 3, -4, 1])
    affine[:3, 3] = 1, 2, 3
    values = random_values(rng, (21, 20, 19, 18), "i2")
    image = nibabel.Nifti1Image(values, affine)
    image.header.set_xyzt_units("mm", "sec")
    image.header.set_zooms((2, 3, 4, 1.5))
    image.to_filename("in.nii.gz")
    for name in "out.nii", "out.nii.gz":
        for n in 1, 3:
            tool("store", "in.nii.gz", name, "-", "cut", "8,-1,5,7", n=n)
            back = nibabel.load(name)
            assert type(back) is nibabel.Nifti1Image
            assert (np.asarray(back.dataobj) == values).all()
            assert np.allclose(back.affine, affine)
            assert np.allclose(back.header.get_zooms(), (2, 3, 4, 1.5))
            assert back.header.get_xyzt_units() == ("mm", "sec")
            assert back.header["descrip"].item().startswith(b"Tegula ")
            assert back.header["dim"].tolist() == [4, 21, 20, 19, 18, 1, 1, 1]
    tool("store", "in.nii.gz", "out.h5", "/bold", "deflate", 1)
    assert (describe("out.h5")["affine"] == affine.ravel()).all()
    tool("store", "out.h5", "again.nii", "-")
    assert (np.asarray(nibabel.load("again.nii").dataobj) == values).all()
    image.header["descrip"] = b"TE=34"
    image.to_filename("in.nii.gz")
    tool("store", "in.nii.gz", "out.nii", "-")
    assert nibabel.load("out.nii").header["descrip"].item() == b"TE=34"
    tool("store", "in.nii.gz", "out.h5", "/", fails="out.h5:/ cannot be created: name already")


def orientation_codes(rng):
    values = np.zeros((4, 3, 2), "f4")
    affine = nibabel.affines.from_matvec(
        nibabel.eulerangles.euler2mat(0.3, 0.2, 0.1) @ np.diag([2, 2, 3]), [5, 6, 7])
    for qform, sform in (1, 0), (0, 4), (1, 1), (0, 0):
        image = nibabel.Nifti1Image(values, None)
        image.header.set_zooms((2, 2, 3))
        image.header.set_qform(affine if qform else None, qform)
        image.header.set_sform(affine if sform else None, sform)
        image.to_filename("in.nii")
        want = nibabel.load("in.nii")
        tool("store", "in.nii", "out.nii", "-")
        back = nibabel.load("out.nii")
        assert np.allclose(back.affine, want.affine, atol=1e-5), (qform, sform)
        if qform or sform:
            assert int(back.header["qform_code"]) == qform
            assert int(back.header["sform_code"]) == sform


def long_axes_make_nifti2(rng):
    values = random_values(rng, (40000, 2), "i2")
    source("in.h5", values)
    for name in "out.nii", "out.nii.gz":
        tool("store", "in.h5", name, "-")
        back = nibabel.load(name)
        assert type(back) is nibabel.Nifti2Image and (np.asarray(back.dataobj) == values).all()


def what_cannot_be_written_says_so(rng):
    values = random_values(rng, (30, 30), "f8")
    source("in.h5", values)
    tool("store", "in.h5", "missing/out.h5", "/d", fails="missing")
    tool("store", "in.h5", "out.h5", "/d", "chunks", "8", fails="8")
    tool("store", "in.h5", "out.h5", "/d", "deflate", 12, fails="deflate level 12 is not in 0..9")
    assert os.listdir() == ["in.h5"]


def a_full_disk_is_a_sentence(rng):
    """In a namespace of our own with a tiny file system, where the system lets us."""
    script = ("mount -t tmpfs -o size=300k none full && exec \"$@\"")
    os.mkdir("full")
    probe = subprocess.run(["unshare", "-m", "sh", "-c", script, "sh", "true"],
                           capture_output=True)
    if probe.returncode:
        print("skipped: no mount namespaces")
        return
    source("in.h5", rng.standard_normal((300, 400)))
    program = os.path.join(BUILD, "tests", "arrays", "io", "test_formats")
    for name, *options in ("full/o.h5",), ("full/o.h5", "deflate", "1"), ("full/o.nii",), \
            ("full/o.nii.gz",):
        done = subprocess.run(["unshare", "-m", "sh", "-c", script + "; ls full", "sh", program,
                               "store", "in.h5", name, "/d", *options], capture_output=True,
                              text=True, env={**ENVIRONMENT, **os.environ}, timeout=60)
        assert done.returncode == 1, (name, done)
        assert "o space left on device" in done.stderr and done.stderr.count("\n") == 1, done


def a_limit_on_files_is_a_sentence(rng):
    source("in.h5", rng.standard_normal((1000, 1000)))  # the limit leaves MPI its shared memory
    program = os.path.join(BUILD, "tests", "arrays", "io", "test_formats")
    for name, *options in ("o.h5",), ("o.h5", "deflate", "1"), ("o.nii",), ("o.npy",):
        done = subprocess.run(["prlimit", "--fsize=6000000", program, "store", "in.h5", name, "/d",
                               *options], capture_output=True, text=True, timeout=60,
                              env={**ENVIRONMENT, **os.environ})
        assert done.returncode == 1, (name, done)
        assert "file too large" in done.stderr.lower() and done.stderr.count("\n") == 1, done
        assert os.listdir() == ["in.h5"]


def datasets_are_added_to_a_file(rng):
    values = random_values(rng, (40, 31, 22), "i4")
    source("in.h5", values)
    with h5py.File("out.h5", "w", userblock_size=512) as file:
        file.create_dataset("g/old", data=values + 1, chunks=(9, 9, 9), compression=3)
    with open("out.h5", "r+b") as file:
        file.write(b"user" * 100)
    tool("store", "in.h5", "out.h5", "/new", "append", 1, n=2)
    tool("store", "in.h5", "out.h5", "/g/packed", "append", 1, "deflate", 1, n=3)
    tool("store", "out.h5:/new", "out.h5", "/own", "append", 1)
    tool("store", "in.h5", "fresh.h5", "/d", "append", 1)
    assert open("out.h5", "rb").read(400) == b"user" * 100
    with h5py.File("out.h5") as file:
        for name in "new", "g/packed", "own":
            assert (file[name][()] == values).all(), name
        assert (file["g/old"][()] == values + 1).all()
    before = open("out.h5", "rb").read()
    tool("store", "in.h5", "out.h5", "/new", "append", 1, fails="out.h5:/new cannot be created")
    assert open("out.h5", "rb").read() == before
    np.save("out.npy", values)
    tool("store", "in.h5", "out.npy", "-", "append", 1, fails="out.npy: an npy file holds one")
    os.rename("out.npy", "npy.h5")
    tool("store", "in.h5", "npy.h5", "/d", "append", 1, fails="npy.h5 is an npy file")
    assert sorted(os.listdir()) == ["fresh.h5", "in.h5", "npy.h5", "out.h5"]


def files_that_others_write_are_not_added_to(rng):
    """What they write later would be in no file; those who read go on with what they have."""
    values = random_values(rng, (10, 9), "i4")
    source("in.h5", values)
    with h5py.File("out.h5", "w") as file:
        file["old"] = values
        file.flush()
        tool("store", "in.h5", "out.h5", "/new", "append", 1,
             fails="out.h5 cannot be added to: another program is writing to it")
        file["late"] = values
    with h5py.File("out.h5") as file:
        tool("store", "in.h5", "out.h5", "/new", "append", 1)
        assert (file["late"][()] == values).all()
    with h5py.File("out.h5") as file:
        assert sorted(file) == ["late", "new", "old"]


def links_are_written_through(rng):
    values = random_values(rng, (10, 9), "i4")
    source("in.h5", values)
    os.makedirs("far/away")
    for link, to in ("out.h5", "far/one.h5"), ("far/one.h5", "away/two.h5"), \
            ("far.npy", os.path.abspath("far/away/x.npy")), ("circle.h5", "circle.h5"):
        os.symlink(to, link)
    tool("store", "in.h5", "out.h5", "/a") # to what is not there yet
    tool("store", "in.h5", "out.h5", "/b", "append", 1)
    with h5py.File("far/away/two.h5") as file:
        assert sorted(file) == ["a", "b"] and (file["b"][()] == values).all()
    tool("store", "in.h5", "far.npy", "-")
    assert (np.load("far/away/x.npy") == values).all()
    assert all(map(os.path.islink, ("out.h5", "far/one.h5", "far.npy")))
    tool("store", "in.h5", "circle.h5", "/a", fails="circle.h5 cannot be written: its links go in")
    tool("store", "far/away/two.h5:/a", "out.h5", "/a", fails="two.h5 is an input")


def the_whole_nifti_header_travels(rng):
    values = random_values(rng, (7, 6, 5, 4), "i2")
    for kind, order in (nibabel.Nifti1Image, "<"), (nibabel.Nifti1Image, ">"), \
            (nibabel.Nifti2Image, ">"):
        header = kind.header_class(endianness=order)
        header.set_data_dtype("i2")
        image = kind(values, np.diag([2, 3, 4, 1]), header)
        header = image.header
        header.set_intent("f test", (2, 10), name="an intent")
        header.set_dim_info(freq=1, phase=0, slice=2)
        header["cal_max"], header["toffset"], header["slice_code"] = 77, 1.5, 3
        header["aux_file"] = b"aux"
        image.set_qform(np.diag([1.0, 1, 1, 1]), 1)
        image.to_filename("in.nii.gz")
        want = nibabel.load("in.nii.gz").header
        tool("store", "in.nii.gz", "there.h5", "/d")
        tool("store", "there.h5", "back.nii", "-")
        got = nibabel.load("back.nii").header
        assert (np.asarray(nibabel.load("back.nii").dataobj) == values).all()
        if kind is nibabel.Nifti1Image:
            for field in want.keys():
                if field not in ("sizeof_hdr", "vox_offset", "scl_slope", "scl_inter", "descrip",
                                 "regular", "glmin"):
                    assert (got[field] == want[field]).all(), (field, got[field], want[field])
        assert got.get_intent() == want.get_intent() and got["toffset"] == 1.5
        with h5py.File("there.h5", "a") as file: # what was changed there counts
            file["d"].attrs["affine"] = np.diag([5.0, 6, 7, 1])
        tool("store", "there.h5", "back.nii", "-")
        assert (nibabel.load("back.nii").affine == np.diag([5, 6, 7, 1])).all()


def files_that_change_meanwhile_are_refused(rng):
    values = random_values(rng, (20, 10, 10), "i2")
    source("in.h5", values)
    with h5py.File("packed.h5", "w") as file:
        file.create_dataset("d", data=values, chunks=(5, 5, 5), compression=1)
    with h5py.File("big-endian.h5", "w") as file:
        file["d"] = values.astype(">i2")
    for name in "out.nii", "out.nii.gz":
        tool("store", "in.h5", name, "-")
    for name in "in.h5", "packed.h5", "big-endian.h5", "out.nii", "out.nii.gz":
        size = os.path.getsize(name)
        tool("read", name, "out", "0,0,0:2,2,2", "+",
             fails=f"{name} changed while it was read: it had {size} bytes, now it has {size + 1}")


TESTS = [every_dtype, hdf5_layouts, chunks_that_do_not_compress, other_numbers_of_axes,
         attributes_and_history, datasets_are_added_to_a_file,
         files_that_others_write_are_not_added_to, links_are_written_through,
         the_whole_nifti_header_travels, nifti_there_and_back, orientation_codes,
         long_axes_make_nifti2, files_that_change_meanwhile_are_refused,
         what_cannot_be_written_says_so,
         a_full_disk_is_a_sentence, a_limit_on_files_is_a_sentence]

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
