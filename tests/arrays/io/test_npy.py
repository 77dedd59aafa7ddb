# SPDX-License-Identifier: BSD-3-Clause
"""npy files: all that numpy.save makes is read, and what is written is what it would have made."""
import io
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from formats_tool import check_files, check_reads, describe, np, random_values, tool

DTYPES = "? i1 i2 i4 i8 u1 u2 u4 u8 f4 f8".split()


def every_dtype_order_and_version(rng):
    files = []
    for dtype in DTYPES + ["f2"]:
        for order in "<>":
            for version in (1, 0), (2, 0), (3, 0):
                for memory in "CF":
                    name = f"{order}{dtype.replace('?', 'b')}{version[0]}{memory}.npy"
                    values = random_values(rng, (9, 8, 7), np.dtype(dtype).newbyteorder(order))
                    with open(name, "wb") as file:
                        np.lib.format.write_array(file, np.asarray(values, order=memory), version)
                    wide = values.astype("f4") if dtype == "f2" else values.astype(dtype)
                    # Boxes are those of the storage, the transpose of an array in Fortran order.
                    files.append((name, wide.T if memory == "F" else wide))
    check_files(files, rng, 4)
    for name, values in files[::11]:
        facts = describe(name)
        assert facts["dtype"] == values.dtype.name, (name, facts)
        assert facts["reversed"] == str(int(name.endswith("F.npy")))


def halves_are_widened_exactly(rng):
    values = np.arange(65536, dtype="u2").view("f2")
    np.save("half.npy", values)
    wide = values.astype("f4")
    wide = np.where(np.isnan(wide), (values.view("u2").astype("u4") >> 15 << 31 | 0x7f800000
                                     | (values.view("u2") & 1023).astype("u4") << 13).view("f4"),
                    wide)
    check_reads("half.npy", wide, rng)


def other_numbers_of_axes(rng):
    for shape in (), (0,), (7,), (3, 0, 2), (2,) * 16:
        values = random_values(rng, shape, "f8")
        np.save("axes.npy", values)
        check_reads("axes.npy", values, rng, 4)
        tool("store", "axes.npy", "out.npy", "-")
        assert open("out.npy", "rb").read() == open("axes.npy", "rb").read(), shape


def written_as_numpy_writes(rng):
    for n, dtype in enumerate(DTYPES):
        values = random_values(rng, (40, 31, 22), dtype)
        np.save("in.npy", values)
        np.save("fortran.npy", np.asfortranarray(values))
        for source, cut in ("in.npy", "7,31,22"), ("in.npy", "40,16,5"), ("fortran.npy", "9,-1,8"):
            tool("store", source, "out.npy", "-", "cut", cut, n=1 + n % 3)
            assert open("out.npy", "rb").read() == open("in.npy", "rb").read(), (dtype, cut)


def ranks_read_side_by_side(rng):
    values = random_values(rng, (60, 50, 40), "i2")
    np.save("ranks.npy", values)
    check_reads("ranks.npy", values, rng, 40, n=3)


def what_cannot_be_read_says_so(rng):
    np.save("good.npy", np.arange(12.0).reshape(3, 4))
    good = open("good.npy", "rb").read()

    def bad(data, *says):
        with open("bad.npy", "wb") as file:
            file.write(data)
        tool("describe", "bad.npy", fails=["bad.npy", *says])

    bad(good[:-1], "ends early: needs 224 bytes, has 223")
    bad(good[:50], "ends within its header")
    bad(good[:8], "ends within its header")
    bad(b"\x93NUMPY\x04\x00" + good[8:], "version 4")
    bad(good.replace(b"'shape': (3", b"'shape': (x"), "no shape")
    bad(good.replace(b"'descr'", b"'descx'"), "damaged")
    bad(good.replace(b"<f8", b"<U8"), "'<U8'")
    bad(good.replace(b"(3, 4)", b"(3, 5)"), "ends early")
    bad(good.replace(b"(3, 4), }   ", b"(1000000000000000000,4)"), "")
    record = io.BytesIO()
    np.save(record, np.zeros(3, [("a", "i4"), ("b", "f8")]))
    bad(record.getvalue(), "holds records")
    bad(b"x" * 100, "is not an npy file: it has no NumPy magic")


TESTS = [every_dtype_order_and_version, halves_are_widened_exactly, other_numbers_of_axes,
         written_as_numpy_writes, ranks_read_side_by_side, what_cannot_be_read_says_so]

if __name__ == "__main__":
    for test in TESTS:
        if len(sys.argv) > 1 and test.__name__ not in sys.argv[1:]:
            continue
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            test(np.random.default_rng(5))
            os.chdir("/")
        print("ok", test.__name__, flush=True)

#TEST timeout=300
