# SPDX-License-Identifier: BSD-3-Clause
"""HDF5 files in all layouts that h5py makes are read with the bits that h5py reads."""
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from formats_tool import DATA, check_files, check_reads, describe, h5py, np, random_values, tool

SHAPE = (13, 10, 7)
DTYPES = "i1 i2 i4 i8 u1 u2 u4 u8 f4 f8 c8 c16".split()


def file_with(name, **kw):
    """A new file with one dataset /d; returns its name and values."""
    options = {k: kw.pop(k) for k in ("libver", "userblock_size") if k in kw}
    with h5py.File(name, "w", **options) as file:
        file.create_dataset("d", **kw)
    if "userblock_size" in options:
        with open(name, "r+b") as file:
            file.write(b"user" * 8)
    return name


def every_dtype_in_both_byte_orders(rng):
    for layout in dict(), dict(chunks=(5, 4, 3), compression=4, shuffle=True):
        with h5py.File("types.h5", "w") as file:
            for order in "<>":
                for dtype in DTYPES:
                    file.create_dataset(order + dtype, **layout,
                                        data=random_values(rng, SHAPE, order + dtype))
            file.create_dataset("bool", data=random_values(rng, SHAPE, "?"), **layout)
            file.create_dataset("half", data=random_values(rng, SHAPE, "f2"), **layout)
            kind = h5py.enum_dtype({"A": 0, "B": 1, "C": 300}, basetype="i2")
            file.create_dataset("enum", data=rng.choice([0, 1, 300], SHAPE).astype(kind),
                                dtype=kind, **layout)
        files = []
        with h5py.File("types.h5") as file:
            for name, dataset in file.items():
                values = dataset[()]
                values = values.astype("f4" if name == "half" else values.dtype.newbyteorder("="))
                files.append((f"types.h5:/{name}", values))
        check_files(files, rng, 4)
    for name, values in files:
        assert describe(name)["dtype"] == values.dtype.name


def layouts(rng):
    """(name, options of create_dataset) of a dataset of int16."""
    yield "contiguous", {}
    for chunks in (1, 1, 1), (5, 4, 3), (13, 10, 7), (2, 10, 7), (13, 1, 7), (20, 3, 9):
        maxshape = tuple(max(n, c) for n, c in zip(SHAPE, chunks))
        chunked = dict(chunks=chunks, maxshape=maxshape)
        yield f"plain {chunks}", chunked
        yield f"gzip {chunks}", dict(chunked, compression="gzip")
        yield f"shuffle {chunks}", dict(chunked, compression=9, shuffle=True)
        yield f"fletcher {chunks}", dict(chunked, fletcher32=True)
        yield f"all {chunks}", dict(chunked, compression=1, shuffle=True, fletcher32=True)
    yield "lzf", dict(chunks=(5, 4, 3), compression="lzf", shuffle=True)
    yield "scaleoffset", dict(chunks=(5, 4, 3), scaleoffset=0)
    yield "unlimited", dict(chunks=(5, 4, 3), maxshape=(None, 10, None), compression=1)


def every_layout_of_old_and_new_libraries(rng):
    values = random_values(rng, SHAPE, "i2")
    for libver in "earliest", "latest":
        files = []
        for name, options in layouts(rng):
            options = dict(options, data=values, libver=libver)
            if libver == "latest":
                options["userblock_size"] = 1024
            files.append((file_with(f"{libver} {name}.h5", **options), values))
        check_files(files, rng, 8)


def parameters_of_the_whole_array_read_boxes_too(rng):
    values = random_values(rng, SHAPE, "f8")
    file_with("whole.h5", data=values, chunks=(5, 4, 3), compression=1, shuffle=True)
    check_reads("whole.h5", values, rng, command="whole")


def other_numbers_of_axes(rng):
    for shape in (), (0,), (4, 0, 3), (1,), (50,), (3, 2, 2, 2, 3, 2, 2, 1, 2):
        values = random_values(rng, shape, "i4")
        check_reads(file_with("axes.h5", data=values) + ":/d", values, rng, 5)
        if len(shape) and 0 not in shape:
            file_with("axes.h5", data=values, chunks=tuple((n + 1) // 2 for n in shape))
            check_reads("axes.h5:/d", values, rng, 5)


def chunks_never_written_are_fill_values(rng):
    chunked = dict(chunks=(5, 4, 3))
    for options in chunked, dict(chunked, compression=1), dict(chunked, compression="lzf"), dict():
        with h5py.File("fill.h5", "w") as file:
            for dtype in "i2", ">i4", "f2", ">f8", "?":
                for fill in None, np.array(-7, dtype):
                    name = f"{dtype} {fill}"
                    data = file.create_dataset(name, SHAPE, dtype, fillvalue=fill, **options)
                    if options:
                        data[3:9, 2:5] = 5
            files = [(f"fill.h5:/{name}", data[()].astype("f4" if "f2" in name else
                                                          data.dtype.newbyteorder("=")))
                     for name, data in file.items()]
            stored = {name: data.id.get_storage_size() for name, data in file.items()}
        check_files(files, rng, 5)
        if "compression" in options: # by ranks, which read what there is, not by the library
            for name, values in files:
                bytes = check_reads(name, values, rng, boxes=[([0, 0, 0], SHAPE)])
                assert bytes == stored[name.split(":/")[1]], (name, bytes)


def no_fill_values_are_zeros(rng):
    """What was never written and shall not be filled is what h5py makes of it."""
    for narrow in False, True:
        kind = h5py.h5t.STD_I32BE.copy()
        if narrow:
            kind.set_precision(20)
        for chunk in None, (5, 4, 3):
            with h5py.File("never.h5", "w") as file:
                plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
                plist.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
                plist.set_fill_value(np.array(9, "i4"))
                if chunk:
                    plist.set_chunk(chunk)
                h5py.h5d.create(file.id, b"d", kind, h5py.h5s.create_simple(SHAPE), plist)
            check_reads("never.h5", np.zeros(SHAPE, "i4"), rng)


def layouts_that_the_library_reads(rng):
    values = random_values(rng, SHAPE, "i4")
    with h5py.File("compact.h5", "w") as file:
        plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plist.set_layout(h5py.h5d.COMPACT)
        space = h5py.h5s.create_simple(SHAPE)
        h5py.h5d.create(file.id, b"d", h5py.h5t.NATIVE_INT32, space, plist).write(
            h5py.h5s.ALL, h5py.h5s.ALL, values)
    check_reads("compact.h5", values, rng)
    with h5py.File("external.h5", "w") as file:
        file.create_dataset("d", data=values, external=[("external.raw", 0, values.nbytes)])
    check_reads("external.h5", values, rng)
    layout = h5py.VirtualLayout(shape=(2, *SHAPE), dtype="i4")
    for i, name in enumerate(("compact.h5", "external.h5")):
        layout[i] = h5py.VirtualSource(name, "d", shape=SHAPE)
    with h5py.File("virtual.h5", "w", libver="latest") as file:
        file.create_virtual_dataset("d", layout)
    check_reads("virtual.h5", np.stack([values, values]), rng)


def links_are_followed_into_other_files(rng):
    """Also where both files have something at the same address, and from another folder."""
    values = [random_values(rng, SHAPE, "i4") for _ in range(4)]
    os.mkdir("other")
    with h5py.File("other/there.h5", "w") as file:
        file["plain"] = values[0]
        file.create_dataset("in/packed", data=values[1], chunks=(5, 4, 3), compression=1)
    with h5py.File("other/next.h5", "w") as file:
        file["on"] = h5py.ExternalLink("there.h5", "/plain")
    with h5py.File("here.h5", "w") as file:
        file["mine"] = values[2]
        file.create_dataset("packed", data=values[3], chunks=(5, 4, 3), compression=1)
        file["plain"] = h5py.ExternalLink("other/there.h5", "/plain")
        file["folder"] = h5py.ExternalLink("other/there.h5", "/in")
        file["twice"] = h5py.ExternalLink("other/next.h5", "/on")
        file["soft"] = h5py.SoftLink("/folder/packed")
        file["same"] = file["mine"]
        file["nothing"] = h5py.ExternalLink("other/there.h5", "/gone")
        file["nowhere"] = h5py.ExternalLink("gone.h5", "/plain")
    for name, wanted in ("mine", 2), ("same", 2), ("packed", 3), ("plain", 0), ("twice", 0), \
            ("folder/packed", 1), ("soft", 1):
        check_reads(f"here.h5:/{name}", values[wanted], rng, 4)
    for name in "nothing", "nowhere":
        tool("describe", f"here.h5:/{name}",
             fails=f"here.h5:/{name} is a link to something that is not there")


def bits_are_unsigned_integers(rng):
    files = []
    for order in "LE", "BE":
        for size in 8, 16, 32, 64:
            for chunked in False, True:
                values = random_values(rng, SHAPE, f"u{size // 8}")
                name = f"b{size}{order}{chunked}.h5"
                with h5py.File(name, "w") as file:
                    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
                    if chunked:
                        plist.set_chunk((5, 4, 3))
                        plist.set_deflate(1)
                    data = h5py.h5d.create(file.id, b"d", getattr(h5py.h5t, f"STD_B{size}{order}"),
                                           h5py.h5s.create_simple(SHAPE), plist)
                    data.write(h5py.h5s.ALL, h5py.h5s.ALL, values,
                               getattr(h5py.h5t, f"NATIVE_B{size}"))
                files.append((name, values))
    check_files(files, rng, 3)


def integers_of_odd_sizes_and_precision(rng):
    values = rng.integers(-2 ** 22, 2 ** 22, SHAPE)
    for order in h5py.h5t.ORDER_LE, h5py.h5t.ORDER_BE:
        kind = h5py.h5t.STD_I32LE.copy()
        kind.set_size(3)
        kind.set_precision(24)
        kind.set_order(order)
        with h5py.File("odd.h5", "w") as file:
            data = h5py.h5d.create(file.id, b"d", kind, h5py.h5s.create_simple(SHAPE))
            data.write(h5py.h5s.ALL, h5py.h5s.ALL, values, h5py.h5t.NATIVE_INT64)
        assert describe("odd.h5")["dtype"] == "int32"
        check_reads("odd.h5", values.astype("i4"), rng, 4)


def long_doubles_are_rounded(rng):
    values = random_values(rng, SHAPE, "f8").astype("g") / 3
    for options in dict(), dict(chunks=(5, 4, 3), compression=1, shuffle=True), \
            dict(chunks=(5, 4, 3), compression="lzf"):
        file_with("long.h5", data=values, **options)
        check_reads("long.h5", values.astype("f8"), rng, 4)


def filters_that_the_library_undoes(rng):
    """szip and n-bit, integers scaled to few bits, in old and new files."""
    values = random_values(rng, SHAPE, "i2") // 32
    kind = h5py.h5t.NATIVE_INT16.copy()
    kind.set_precision(11)
    for libver in "earliest", "latest":
        with h5py.File("filters.h5", "w", libver=libver) as file:
            plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
            plist.set_chunk((5, 4, 7))
            plist.set_filter(h5py.h5z.FILTER_NBIT)
            h5py.h5d.create(file.id, b"nbit", kind, h5py.h5s.create_simple(SHAPE), plist).write(
                h5py.h5s.ALL, h5py.h5s.ALL, values)
            if h5py.h5z.filter_avail(h5py.h5z.FILTER_SZIP):
                file.create_dataset("szip", data=values, chunks=(5, 4, 7), compression="szip")
            file.create_dataset("scale", data=values / 8, chunks=(5, 4, 7), scaleoffset=3)
            files = [(f"filters.h5:/{name}", file[name][()]) for name in file]
        check_files([(name, v.astype("i2" if v.dtype.kind == "i" else "f8"))
                     for name, v in files], rng, 5)


def filters_that_are_nowhere_say_so(rng):
    values = random_values(rng, SHAPE, "i2")
    file_with("gzip.h5", data=values, chunks=(5, 4, 3), compression=1)
    with open("gzip.h5", "r+b") as file:
        data = file.read()
        at = data.index(b"deflate")  # the message: filter, length of the name, flags, values, name
        assert data[at - 8:at - 6] == b"\1\0"
        file.seek(at - 8)
        file.write((32015).to_bytes(2, "little"))
    tool("describe", "gzip.h5",
         fails="gzip.h5:/d is stored with filter 32015 (deflate), which this HDF5 library does not")


def matlab_7_3_as_it_comes(rng):
    """A user block with MATLAB's text, column-major order, logicals and chars of its classes."""
    values = random_values(rng, (7, 6, 5), "f8")
    with h5py.File("m.mat.h5", "w", userblock_size=512, libver="earliest") as file:
        data = file.create_dataset("X", data=values.T, chunks=values.T.shape, compression=3)
        data.attrs["MATLAB_class"] = np.bytes_("double")
        turn = np.zeros((4, 3), [("real", "f8"), ("imag", "f8")])
        turn["real"], turn["imag"] = values[0, :4, :3], values[1, :4, :3]
        for name, options in ("z", dict()), ("packed", dict(chunks=(2, 2), compression=3)):
            file.create_dataset(name, data=turn, **options)
        mask = file.create_dataset("mask", data=(values[0] > 0).T.astype("u1"))
        mask.attrs["MATLAB_class"] = np.bytes_("logical")
        mask.attrs["MATLAB_int_decode"] = np.int32(1)
        text = file.create_dataset("text", data=np.array([[72], [105]], "u2"))
        text.attrs["MATLAB_class"] = np.bytes_("char")
        file.create_group("#refs#").create_dataset("a", data=np.zeros((2,), "u8"))
    with open("m.mat.h5", "r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\0\2IM")
    check_reads("m.mat.h5:/X", values.T, rng, 4)
    for name in "z", "packed":
        check_reads(f"m.mat.h5:/{name}", turn["real"] + 1j * turn["imag"], rng, 2)
    check_reads("m.mat.h5:/mask", (values[0] > 0).T.astype("u1"), rng, 2)
    os.rename("m.mat.h5", "m.mat") # what it is called does not matter
    check_reads("m.mat:/X", values.T, rng, 2)


def netcdf_4_as_it_comes(rng):
    try:
        import netCDF4
    except ImportError:
        print("skipped: netCDF4 is not installed")
        return
    values = random_values(rng, (20, 9, 8), "i2")
    with netCDF4.Dataset("n.nc", "w") as file:
        for name, length in ("time", None), ("lat", 9), ("lon", 8):
            file.createDimension(name, length)
        time = file.createVariable("time", "f8", ("time",))
        for name, options in ("plain", dict()), ("packed", dict(zlib=True, complevel=5)), \
                ("checked", dict(zlib=True, fletcher32=True, chunksizes=(7, 4, 3))), \
                ("big", dict(endian="big", zlib=True)):
            group = file if name == "plain" else file.createGroup(name)
            data = group.createVariable("v", "i2", ("time", "lat", "lon"), fill_value=-9, **options)
            data.set_auto_maskandscale(False)
            data[:] = values
        never = file.createVariable("never", "f4", ("lat", "lon"), zlib=True, fill_value=1e20)
        time[:] = np.arange(20)
    for name in "/v", "/packed/v", "/checked/v", "/big/v":
        check_reads("n.nc:" + name, values, rng, 4)
    check_reads("n.nc:/never", np.full((9, 8), 1e20, "f4"), rng, 2)


def many_chunks_are_found_quickly(rng):
    values = random_values(rng, (400, 500), "i2")
    for libver in "earliest", "latest":
        file_with("many.h5", data=values, chunks=(2, 2), libver=libver)
        check_reads("many.h5", values, rng, 3)


def ranks_read_side_by_side(rng):
    values = random_values(rng, (60, 50, 40), "i2")
    for n, options in (2, dict()), (3, dict(chunks=(16, 16, 16), compression=1, shuffle=True)), \
            (2, dict(chunks=(16, 16, 16), compression="lzf")):
        file_with("ranks.h5", data=values, **options)
        check_reads("ranks.h5", values, rng, 40, n=n)


def only_the_chunks_of_a_box_are_read(rng):
    values = rng.integers(0, 9999, (200, 100, 100)).astype("i4")
    box = [([1, 1, 1], [3, 3, 3])]
    file_with("part.h5", data=values, chunks=(20, 20, 20), compression=1)
    assert check_reads("part.h5", values, rng, boxes=box) < 20 ** 3 * 4
    file_with("part.h5", data=values, chunks=(20, 20, 20))
    assert check_reads("part.h5", values, rng, boxes=box) <= (2 * 400 + 2 * 20 + 3) * 4
    assert check_reads("part.h5", values, rng, boxes=[([0, 0, 0], [18, 20, 20])]) == 20 ** 3 * 4
    check_reads("part.h5", values, rng, 200)
    file_with("part.h5", data=values, chunks=(60, 50, 64))
    assert check_reads("part.h5", values, rng, boxes=[([5, 0, 0], [5, 100, 100])]) \
        <= 5 * 2 * 50 * 128 * 4
    check_reads("part.h5", values, rng, 200)
    file_with("part.h5", data=values)
    assert check_reads("part.h5", values, rng, boxes=[([50, 0, 0], [2, 100, 100])]) == 80000


def header_facts_are_attributes(rng):
    affine = rng.standard_normal((4, 4))
    with h5py.File("facts.h5", "w") as file:
        data = file.create_dataset("d", data=np.ones((3, 4), "i2"))
        data.attrs.update(scl_slope=np.float32(0.1), scl_inter=-3, affine=affine, spacing=[2.0, 3],
                          qform_code=1, sform_code=np.int16(4), xyz_units="mm",
                          time_units=np.bytes_(b"s"), descrip="of a test")
    facts = describe("facts.h5")
    assert float(facts["slope"]) == float(np.float32(0.1)) and float(facts["inter"]) == -3
    assert (facts["affine"] == affine.ravel()).all() and (facts["spacing"] == [2, 3]).all()
    assert facts["codes"] == (1, 4) and facts["units"] == "mm,s"
    assert facts["description"] == "of a test"


def the_dataset_that_is_meant(rng):
    with h5py.File("pick.h5", "w") as file:
        file["x/y/deep"] = np.arange(12, dtype="i2").reshape(3, 4)
        file["again"] = file["x/y/deep"]
        file["soft"] = h5py.SoftLink("/x/y/deep")
        file["line"] = np.arange(5.0)
        file["words"] = ["a", "b"]
    assert describe("pick.h5")["shape"] == (3, 4)
    assert describe("pick.h5:/soft")["shape"] == (3, 4)
    tool("describe", "pick.h5:/nothing", fails=["pick.h5 has no dataset /nothing; it holds /",
                                                "(3, 4) int16", "/line (5,) float64"])
    tool("describe", "pick.h5:/x", fails="pick.h5:/x is a group, not a dataset; it holds")
    tool("describe", "pick.h5:/words", fails="pick.h5:/words holds strings: integers, floats")
    with h5py.File("pick.h5", "a") as file:
        file["z"] = np.zeros((2, 2, 2), "f4")
    tool("describe", "pick.h5", fails=["pick.h5 holds 2 datasets with 2 or more axes: /",
                                       "/z (2, 2, 2) float32: name one, as pick.h5:/"])
    with h5py.File("none.h5", "w") as file:
        file["line"] = np.arange(5.0)
    tool("describe", "none.h5", fails="no dataset of numbers with 2 or more axes; it holds /line")
    with h5py.File("none.h5", "w") as file:
        file["null"] = h5py.Empty("f4")
    tool("describe", "none.h5", fails="it holds 1 dataset, none of numbers")
    tool("describe", "none.h5:/null", fails="none.h5:/null holds no values")
    with h5py.File("pick:/odd.h5".replace(":/", "_"), "w") as file:
        file["record"] = np.zeros((2, 2), [("r", "f4"), ("j", "f4")])
        file["list"] = np.zeros((2, 2), [("r", "f4", (3,)), ("i", "f4")])
    tool("describe", "pick_odd.h5:/record", fails="holds compounds (records)")
    tool("describe", "pick_odd.h5:/list", fails="holds compounds (records)")
    os.makedirs("a:", exist_ok=True)
    file_with("a:/b.h5", data=np.zeros((2, 5)))
    assert describe("a:/b.h5")["shape"] == (2, 5) and describe("a:/b.h5:/d")["shape"] == (2, 5)


def what_is_no_hdf5_says_so(rng):
    with open("notes.h5", "w") as file:
        file.write("these are notes\n" * 100)
    tool("describe", "notes.h5",
         fails="notes.h5 is not an HDF5 file: it has no HDF5 signature")
    with open("notes.txt", "w") as file:
        file.write("these are notes\n")
    tool("describe", "notes.txt", fails="notes.txt is no file of a known format (HDF5, NIfTI, ")
    open("empty.h5", "w").close()
    tool("describe", "empty.h5", fails="empty.h5: is empty")
    tool("describe", "missing.h5:/d", fails="missing.h5: no such file or directory")


def reductions_read_what_they_reduce(rng):
    """Shuffled chunks are reduced as they are read: the bits are those of plain chunks."""
    lines = ("x.std(-1)", "x.mean(-1)", "x.var((1, 2))", "x.sum(0)", "x.max(-1)", "x.argmin(-1)",
             "x.std()", "concatenate((x, y), -1).std(-1)", "x.min(-1) + x.max(-1)",
             "concatenate((x, x), -1).mean(-1)", "x[1::2, :, 3:].std(-1)")
    program = os.path.join(os.environ["TEGULA_BUILD"], "bin", "calc_app")
    for dtype in "i2 u2 i4 u8 f4 f8 i1 c8".split():
        for shape, chunks in ((4, 6, 100), (2, 3, 100)), ((5, 3, 700), (2, 3, 300)):
            values = [random_values(rng, shape, dtype) for _ in "xy"]
            for name, how in ("apart", dict(shuffle=True, compression=1)), ("plain", {}):
                with h5py.File(name + ".h5", "w") as file:
                    for dataset, data in zip("xy", values):
                        file.create_dataset(dataset, data=data, chunks=chunks, **how)
            out = []
            for name in "apart", "plain":
                with open("lines", "w") as script:
                    script.writelines(f"save({line}, '{name}-{i}.npy')\n"
                                      for i, line in enumerate(lines)
                                      if dtype != "c8" or "min" not in line and "max" not in line)
                subprocess.run([program, "-f", "lines", f"x={name}.h5:/x", f"y={name}.h5:/y"],
                               check=True, stdout=subprocess.DEVNULL)
                out.append([np.load(f"{name}-{i}.npy").tobytes() for i in range(len(lines))
                            if os.path.exists(f"{name}-{i}.npy")])
            assert out[0] and out[0] == out[1], (dtype, shape)


def damage_is_a_sentence(rng):
    values = random_values(rng, (64, 64), "i2")
    file_with("good.h5", data=values, chunks=(16, 16), compression=4, shuffle=True,
              fletcher32=True)
    good = open("good.h5", "rb").read()
    with open("short.h5", "wb") as file:
        file.write(good[:len(good) * 2 // 3])
    tool("describe", "short.h5", fails="short.h5 cannot be opened as HDF5: truncated file")
    with h5py.File("good.h5") as file:
        info = file["d"].id.get_chunk_info(5)
    for at, name in (info.byte_offset + 20, "flip"), (info.byte_offset + info.size - 1, "sum"):
        with open("bad.h5", "wb") as file:
            file.write(good[:at] + bytes([good[at] ^ 1]) + good[at + 1:])
        tool("read", "bad.h5", "out", fails=["bad.h5:/d: chunk (1, 1) at byte",
                                             "its checksum is not that of its bytes"])
    file_with("good.h5", data=values, chunks=(16, 16), compression=4)
    good = open("good.h5", "rb").read()
    with h5py.File("good.h5") as file:
        info = file["d"].id.get_chunk_info(5)
    at = info.byte_offset + info.size // 2
    with open("bad.h5", "wb") as file:
        file.write(good[:at] + bytes(8) + good[at + 8:])
    tool("read", "bad.h5", "out", fails=["bad.h5:/d: chunk (1, 1) at byte", "damaged"])


def flipped_bytes_never_crash(rng):
    values = random_values(rng, (32, 32), "i2")
    for options in dict(chunks=(8, 8), compression=4), dict(), \
            dict(chunks=(8, 8), maxshape=(None, 32), compression="lzf", libver="latest"):
        file_with("good.h5", data=values, **options)
        good = open("good.h5", "rb").read()
        for _ in range(12):
            bad = bytearray(good)
            for at in rng.integers(0, min(len(good), 3000), 4):
                bad[at] ^= 1 << int(rng.integers(0, 8))
            with open("flip.h5", "wb") as file:
                file.write(bad)
            survives("flip.h5")


def survives(name):
    """Reading ends, well or with a sentence."""
    try:
        tool("read", name, "out")
    except AssertionError as error:
        assert "exit 1\n" in str(error) and str(error).count("\n") <= 2, str(error)


def real_images(rng):
    if not os.path.isdir(DATA):
        print("skipped: no shared data")
        return
    for name in "nuclei-2d.h5", "nuclei-3d.h5":
        path = os.path.join(DATA, "images", name)
        with h5py.File(path) as file:
            for dataset in "raw", "label":
                check_reads(f"{path}:/{dataset}", file[dataset][()], rng, 10)


TESTS = [every_dtype_in_both_byte_orders, every_layout_of_old_and_new_libraries,
         parameters_of_the_whole_array_read_boxes_too, other_numbers_of_axes,
         chunks_never_written_are_fill_values, no_fill_values_are_zeros,
         layouts_that_the_library_reads,
         links_are_followed_into_other_files, bits_are_unsigned_integers,
         integers_of_odd_sizes_and_precision, long_doubles_are_rounded,
         filters_that_the_library_undoes, filters_that_are_nowhere_say_so,
         matlab_7_3_as_it_comes, netcdf_4_as_it_comes,
         many_chunks_are_found_quickly, ranks_read_side_by_side, only_the_chunks_of_a_box_are_read,
         header_facts_are_attributes, the_dataset_that_is_meant, what_is_no_hdf5_says_so,
         reductions_read_what_they_reduce, damage_is_a_sentence,
         flipped_bytes_never_crash, real_images]

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
