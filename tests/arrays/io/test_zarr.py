# SPDX-License-Identifier: BSD-3-Clause
"""Zarr folders: version 2 against zarr-python, version 3 against files made by its rules."""
import base64
import itertools
import json
import os
import shutil
import struct
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from formats_tool import check_files, check_reads, describe, np, random_values, tool

try:
    import numcodecs
    import zarr
except ImportError as missing:
    print(f"skipped: {missing.name} is not installed")
    sys.exit(77)

DTYPES = "? i1 i2 i4 i8 u1 u2 u4 u8 f4 f8".split()
SHAPE = (13, 10, 7)


def every_dtype_in_both_byte_orders(rng):
    files = []
    for order in "<>":
        for dtype in DTYPES + ["f2"]:
            name = f"{'lb'[order == '>']}{dtype.replace('?', 'b')}.zarr"
            values = random_values(rng, SHAPE, np.dtype(dtype).newbyteorder(order))
            zarr.array(values, chunks=(5, 4, 3), store=zarr.DirectoryStore(name))
            files.append((name, values.astype("f4" if dtype == "f2" else dtype)))
    check_files(files, rng, 4)
    for name, values in files[::7]:
        assert describe(name)["dtype"] == values.dtype.name


def codecs_orders_and_separators(rng):
    values = random_values(rng, SHAPE, "i4")
    codecs = [None, numcodecs.Zlib(3), numcodecs.GZip(9), numcodecs.Zstd(5)]
    codecs += [numcodecs.Blosc(name, 5, shuffle) for name in ("lz4", "zstd", "blosclz", "zlib")
               for shuffle in (0, 1, 2)]
    codecs += [numcodecs.LZ4(), numcodecs.BZ2(), numcodecs.LZMA(), numcodecs.LZMA(format=2)]
    files = []
    for i, (codec, order) in enumerate(itertools.product(codecs, "CF")):
        name = f"c{i}.zarr"
        filters = [numcodecs.Shuffle(4)] if i % 3 == 0 else None
        zarr.array(values, chunks=[(5, 4, 3), (13, 10, 7), (20, 1, 9)][i % 3], order=order,
                   compressor=codec, filters=filters, store=zarr.DirectoryStore(name),
                   dimension_separator="./"[i % 2])
        files.append((name, values))
    check_files(files, rng, 5)


def filters_of_numcodecs(rng):
    values = random_values(rng, SHAPE, "i2")
    small = values % 100
    real = np.linspace(-5, 5, values.size).reshape(SHAPE)
    files = []
    for i, (data, *filters) in enumerate((
            (values, numcodecs.Delta("<i2")), (values, numcodecs.Delta("<i2", "<i8")),
            (values.astype("f4"), numcodecs.Delta("<f4")), (values, numcodecs.Delta(">i2")),
            (values.astype(">i2"), numcodecs.Delta(">i2"), numcodecs.Shuffle(2)),
            (small, numcodecs.FixedScaleOffset(-100, 1, "<i2", "|u1"), numcodecs.Delta("|u1")),
            (real, numcodecs.FixedScaleOffset(-5, 1000, "<f8", "<u2")),
            (real, numcodecs.Quantize(2, "<f8", "<f4")), (values, numcodecs.AsType("<f8", "<i2")),
            (values > 0, numcodecs.PackBits()), (values, numcodecs.CRC32()),
            (values, numcodecs.Adler32()), (real, numcodecs.BitRound(9)),
            (values, numcodecs.Delta("<i2"), numcodecs.CRC32()))):
        name = f"f{i}.zarr"
        array = zarr.array(data, chunks=(5, 4, 3), filters=filters, compressor=numcodecs.Zlib(1),
                           store=zarr.DirectoryStore(name))
        files.append((name, array[...].astype(data.dtype.newbyteorder("="))))
    check_files(files, rng, 5)


def fill_values_of_missing_chunks(rng):
    files = []
    for i, (dtype, fill) in enumerate((("i2", -7), ("f8", np.nan), ("f4", -np.inf), ("?", True),
                                       ("u8", 2 ** 64 - 1), ("f4", 0.1))):
        z = zarr.open(f"fill{i}.zarr", "w", shape=SHAPE, chunks=(5, 4, 3), dtype=dtype,
                      fill_value=fill)
        z[3:9, 2:5, 4:] = 1
        values = z[...]
        files.append((f"fill{i}.zarr", values))
    check_files(files, rng, 6)


def fill_values_of_every_form(rng):
    one = np.float32(2.5)
    files = []
    for i, (dtype, form, value) in enumerate((
            ("<f8", "NaN", np.nan), (">f4", "-Infinity", -np.inf), ("<f4", "Infinity", np.inf),
            ("<i4", None, 0), ("<c16", [1.5, "NaN"], complex(1.5, np.nan)), ("<i8", -2 ** 63, None),
            ("<u8", 2 ** 64 - 1, None), ("|b1", True, None), ("<i4", 2.0, 2),
            ("<f4", base64.b64encode(one.tobytes()).decode(), one),
            (">f4", base64.b64encode(one.newbyteorder(">").tobytes()).decode(), one))):
        for version in (2, 3) if dtype[0] != ">" else (2,):
            name, kind = f"form{i}.{version}.zarr", np.dtype(dtype).newbyteorder("=")
            os.mkdir(name)
            if version == 2:
                meta = dict(dtype=dtype, chunks=[2, 2], order="C", filters=None, compressor=None)
            else:
                meta = dict(node_type="array", data_type=kind.name, codecs=[LITTLE],
                            chunk_grid=dict(name="regular", configuration=dict(chunk_shape=[2, 2])),
                            chunk_key_encoding=dict(name="default"))
            with open(f"{name}/{'zarr.json' if version == 3 else '.zarray'}", "w") as file:
                json.dump(dict(meta, zarr_format=version, shape=[3, 4], fill_value=form), file)
            files.append((name, np.full((3, 4), form if value is None else value, kind)))
    for i, (dtype, form, bits) in enumerate((
            ("float32", "0x7fc00001", 0x7fc00001), ("float64", "0x8000000000000000", 1 << 63),
            ("float16", "0x3e00", 0x3fc00000), ("complex64", ["0x7f800000", 0], 0x7f800000))):
        write_v3(f"bits{i}.zarr", np.zeros((3, 4), dtype), (2, 2), form=form)
        size = {"float64": 8, "complex64": 8}.get(dtype, 4)
        kind = {"float16": "float32"}.get(dtype, dtype)
        files.append((f"bits{i}.zarr",
                      np.full((3, 4), bits, f"u{size}").view(kind).reshape(3, 4)))
    check_files(files, rng, 2)
    write_v3("bad.zarr", np.zeros((3, 4), "i2"), (2, 2), form="none")
    tool("describe", "bad.zarr", fails='bad.zarr: the fill value "none" is none for int16')


def other_numbers_of_axes(rng):
    for i, shape in enumerate(((), (0,), (7,), (3, 0, 2), (2,) * 9)):
        values = random_values(rng, shape, "f8")
        zarr.array(values, store=zarr.DirectoryStore(f"axes{i}.zarr"))
        check_reads(f"axes{i}.zarr", values, rng, 4)
        for version in 2, 3:
            shutil.rmtree("out.zarr", ignore_errors=True)
            tool("store", f"axes{i}.zarr", "out.zarr", "/d", "zarr", version)
            check_reads("out.zarr:/d", values, rng, 4)


def groups_and_names(rng):
    values = random_values(rng, SHAPE, "i2")
    group = zarr.open_group("g.zarr", "w")
    group.array("a/b", values, chunks=(5, 4, 3))
    group.array("line", np.arange(5))
    check_reads("g.zarr", values, rng, 2)
    check_reads("g.zarr:/a/b", values, rng, 2)
    check_reads("g.zarr/a/b", values, rng, 2)
    tool("describe", "g.zarr:/a", fails=["g.zarr:/a is a group, not an array", "/a/b (13, 10, 7)"])
    tool("describe", "g.zarr:/x", fails="g.zarr has no array /x; it holds /a/b (13, 10, 7) int16")
    group.array("c", values)
    tool("describe", "g.zarr", fails=["2 arrays", "/a/b", "/c"])


def written_arrays_are_read_by_zarr(rng):
    for i, dtype in enumerate(DTYPES):
        values = random_values(rng, (40, 31, 22), dtype)
        np.save("in.npy", values)
        options = [(), ("chunks", "16,-1,10", "deflate", 3), ("codec", "zstd", "shuffle", 1),
                   ("codec", "blosc", "deflate", 4, "shuffle", 1), ("codec", "gzip"),
                   ("codec", "lz4", "shuffle", 1), ("codec", "lzma", "deflate", 1),
                   ("codec", "bz2")][i % 8]
        for cut in "7,31,22", "40,16,5":
            tool("store", "in.npy", "out.zarr", "/a/b", "cut", cut, *options, n=1 + i % 3)
            array = zarr.open("out.zarr", "r")["a/b"]
            assert array.dtype == values.dtype and (array[...] == values).all(), (dtype, cut)
            assert array.attrs["note"] == "made by a test"
            assert array.attrs["numbers"] == [1, 2.5, 3]
            if "chunks" in options:
                assert array.chunks == (16, 31, 10) and array.compressor == numcodecs.Zlib(3)
            tool("store", "in.npy", "out3.zarr", "/a/b", "zarr", 3, "cut", cut, *options)
            check_reads("out3.zarr", values, rng, 3)
    assert sorted(os.listdir()) == ["in.npy", "out.zarr", "out3.zarr"]
    tool("store", "in.npy", "root.zarr", "/")
    assert (zarr.open("root.zarr", "r")[...] == values).all()


def bits_do_not_depend_on_ranks(rng):
    np.save("in.npy", random_values(rng, (40, 31, 22), "i2"))

    def tree(name):
        return {os.path.relpath(os.path.join(folder, file), name):
                open(os.path.join(folder, file), "rb").read()
                for folder, _, files in os.walk(name) for file in files}

    for n in 1, 3:
        tool("store", "in.npy", f"n{n}.zarr", "/d", "codec", "blosc", "chunks", "9,9,9", n=n)
    assert tree("n1.zarr") == tree("n3.zarr") and len(tree("n1.zarr")) == 5 * 4 * 3 + 3


def arrays_are_added(rng):
    values = random_values(rng, SHAPE, "i2")
    np.save("in.npy", values)
    for version in 2, 3:
        name = f"v{version}.zarr"
        tool("store", "in.npy", name, "/a/one", "zarr", version)
        tool("store", "in.npy", name, "/a/two", "zarr", version, "append", 1)
        tool("store", "in.npy", name, "/three", "zarr", version, "append", 1)
        for path in "/a/one", "/a/two", "/three":
            check_reads(f"{name}:{path}", values, rng, 2)
        tool("store", "in.npy", name, "/a/two", "zarr", version, "append", 1,
             fails=f"{name}:/a/two is there already")
    tool("store", "in.npy", "v2.zarr", "/x", "zarr", 3, "append", 1, fails="of Zarr version 2")
    tool("store", "in.npy", "v2.zarr", "/only") # without append the old one goes
    assert sorted(zarr.open("v2.zarr", "r")) == ["only"]
    os.mkdir("mine.zarr")
    with open("mine.zarr/precious", "w") as file:
        file.write("x")
    tool("store", "in.npy", "mine.zarr", "/d", fails="mine.zarr cannot be written: it is a dir")
    assert os.path.exists("mine.zarr/precious")
    assert sorted(os.listdir()) == ["in.npy", "mine.zarr", "v2.zarr", "v3.zarr"]


def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return struct.pack("<I", crc ^ 0xffffffff)


LITTLE = {"name": "bytes", "configuration": {"endian": "little"}}
ENCODE = {"gzip": lambda data: numcodecs.GZip(3).encode(data),
          "zstd": lambda data: numcodecs.Zstd(3).encode(data),
          "blosc": lambda data: numcodecs.Blosc("lz4", 5, 1).encode(np.frombuffer(data, "u1")),
          "crc32c": lambda data: data + crc32c(data),
          "numcodecs.zlib": lambda data: numcodecs.Zlib(3).encode(data),
          "numcodecs.lz4": lambda data: numcodecs.LZ4().encode(data),
          "numcodecs.bz2": lambda data: numcodecs.BZ2().encode(data),
          "https://codec.zarrs.dev/numcodecs/lzma": lambda data: numcodecs.LZMA().encode(data),
          "numcodecs.adler32": lambda data: numcodecs.Adler32().encode(data)}


def encoded(chunk, order, codecs, endian):
    data = np.ascontiguousarray(chunk.transpose(order)).astype(
        chunk.dtype.newbyteorder(endian)).tobytes()
    for codec in codecs:
        data = bytes(ENCODE[codec](data))
    return data


def cut(values, shape, fill):
    """(index, chunk filled up) of all chunks."""
    grid = [range(-(-n // c)) for n, c in zip(values.shape, shape)]
    for index in itertools.product(*grid):
        chunk = np.full(shape, fill, values.dtype)
        part = values[tuple(slice(i * c, i * c + c) for i, c in zip(index, shape))]
        chunk[tuple(slice(0, n) for n in part.shape)] = part
        yield index, chunk


def shard_of(chunk, inners, fill, start, order, codecs, endian):
    """A shard cut into inners[0], which are shards cut into inners[1], ..."""
    table, body, inner = b"", b"", inners[0]
    count = np.prod([c // i for c, i in zip(chunk.shape, inner)])
    base = int(count) * 16 + 4 if start else 0
    for index, part in cut(chunk, inner, fill):
        if (part == fill).all():
            table += b"\xff" * 16
            continue
        data = shard_of(part, inners[1:], fill, start, order, codecs, endian) if inners[1:] \
            else encoded(part, order, codecs, endian)
        table += struct.pack("<QQ", base + len(body), len(data))
        body += data
    table += crc32c(table)
    return table + body if start else body + table


def write_v3(name, values, chunk, fill=0, order=None, codecs=(), endian="<", inner=None,
             start=False, keys=("default", "/"), attributes={}, form=None, more={}):
    """By the specification (zarr core v3, sharding-indexed v1)."""
    order = list(order or range(values.ndim))
    chain = [{"name": "transpose", "configuration": {"order": order}}] \
        if order != sorted(order) else []
    chain += [{"name": "bytes", "configuration": {"endian": "little" if endian == "<" else "big"}}]
    chain += [{"name": c, "configuration": {}} for c in codecs]
    inners = [inner] if inner and np.ndim(inner) == 1 else inner or []
    for shape in reversed(inners):
        chain = [{"name": "sharding_indexed", "configuration": {
            "chunk_shape": shape, "codecs": chain, "index_location": "start" if start else "end",
            "index_codecs": [{"name": "bytes", "configuration": {"endian": "little"}},
                             {"name": "crc32c"}]}}]
    os.makedirs(name)
    with open(os.path.join(name, "zarr.json"), "w") as file:
        json.dump({"zarr_format": 3, "node_type": "array", "shape": values.shape,
                   "data_type": values.dtype.name, "codecs": chain, "attributes": attributes,
                   "fill_value": form or (fill if np.isfinite(fill) else "NaN"), **more,
                   "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": chunk}},
                   "chunk_key_encoding": {"name": keys[0],
                                          "configuration": {"separator": keys[1]}}}, file)
    for index, part in cut(values, chunk, fill):
        if (part == fill).all():
            continue
        key = keys[1].join((["c"] if keys[0] == "default" else []) + [str(i) for i in index])
        path = os.path.join(name, *key.split("/"))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(shard_of(part, inners, fill, start, order, codecs, endian) if inner
                       else encoded(part, order, codecs, endian))


def version_3_and_shards(rng):
    values = random_values(rng, SHAPE, "i2")
    values[:6] = 3
    real = np.where(rng.random(SHAPE) < 0.5, np.nan, 1.5)
    files = []
    for i, options in enumerate((
            dict(), dict(codecs=["gzip"]), dict(codecs=["zstd", "crc32c"]), dict(codecs=["blosc"]),
            dict(order=(2, 0, 1)), dict(order=(2, 1, 0), endian=">", codecs=["zstd"]),
            dict(codecs=["numcodecs.zlib"]), dict(codecs=["numcodecs.lz4", "numcodecs.adler32"]),
            dict(codecs=["numcodecs.bz2"]), dict(codecs=["https://codec.zarrs.dev/numcodecs/lzma"]),
            dict(keys=("v2", ".")), dict(keys=("default", ".")), dict(fill=3),
            dict(inner=(2, 2, 2)), dict(inner=(2, 2, 2), start=True, codecs=["zstd"]),
            dict(inner=(4, 4, 4), fill=3, codecs=["gzip", "crc32c"], order=(1, 2, 0)),
            dict(inner=((4, 2, 4), (2, 2, 2)), fill=3, codecs=["zstd"]),
            dict(inner=((4, 4, 4), (2, 4, 2), (1, 2, 2)), fill=3, start=True))):
        write_v3(f"v{i}.zarr", values, (4, 4, 4), **options)
        files.append((f"v{i}.zarr", values))
    write_v3("nan.zarr", real, (5, 5, 5), fill=np.nan)
    check_files(files + [("nan.zarr", real)], rng, 8)
    check_reads("v13.zarr", values, rng, 20, n=3)
    write_v3("more.zarr", values, (4, 4, 4), more={"new": {"must_understand": False}})
    check_reads("more.zarr", values, rng, 2)
    write_v3("strange.zarr", values, (4, 4, 4), more={"new": {}})
    tool("describe", "strange.zarr", fails="strange.zarr: 'new' in its metadata is not understood")


def facts_travel(rng):
    affine = rng.standard_normal((4, 4)).round(6)
    write_v3("in.zarr", random_values(rng, SHAPE, "i2"), (4, 4, 4), attributes=dict(
        affine=affine.tolist(), spacing=[2, 3, 4.5], scl_slope=0.1, scl_inter=4, xyz_units="mm",
        sform_code=4))
    tool("store", "in.zarr", "out.h5", "/d")
    for name, version in ("a.zarr", 2), ("b.zarr", 3):
        tool("store", "out.h5", name, "/d", "zarr", version)
        facts = describe(name)
        assert (facts["affine"] == affine.ravel()).all() and facts["slope"] == "0.10000000000000001"
        assert facts["spacing"].tolist() == [2, 3, 4.5] and facts["units"] == "mm,"


def what_cannot_be_read_says_so(rng):
    values = random_values(rng, SHAPE, "i2")
    raw = numcodecs.LZMA(format=3, filters=[dict(id=33, preset=1)])
    zarr.array(values, chunks=(5, 4, 3), compressor=raw, store=zarr.DirectoryStore("lzma.zarr"))
    with open("lzma.zarr/.zarray") as file:
        meta = dict(json.load(file), compressor=dict(id="lzma", format=3))
    with open("lzma.zarr/.zarray", "w") as file:
        json.dump(meta, file)
    tool("describe", "lzma.zarr", fails="lzma.zarr is stored with codec 'lzma' in raw format, ")
    write_v3("deep.zarr", values, (4, 4, 4), inner=((4, 4, 4),) * 3 + ((2, 2, 2),))
    tool("describe", "deep.zarr", fails="deep.zarr has shards within shards, more than 3 deep")
    write_v3("odd.zarr", values, (4, 4, 4))
    with open("odd.zarr/zarr.json") as file:
        text = file.read().replace('"name": "bytes"', '"name": "zfpy"')
    with open("odd.zarr/zarr.json", "w") as file:
        file.write(text)
    tool("describe", "odd.zarr", fails=["odd.zarr is stored with codec 'zfpy'", "zstd, blosc"])
    zarr.array(np.array(["a", "b"]), store=zarr.DirectoryStore("text.zarr"))
    tool("describe", "text.zarr", fails="text.zarr holds elements of type")
    zarr.array(values, chunks=(5, 4, 3), compressor=numcodecs.Zstd(),
               store=zarr.DirectoryStore("cut.zarr"))
    with open("cut.zarr/1.0.1", "r+b") as file:
        file.truncate(20)
    tool("read", "cut.zarr", "out", fails="cut.zarr/1.0.1: its zstd bytes are damaged")
    write_v3("shard.zarr", values, (4, 4, 4), inner=(2, 2, 2))
    with open("shard.zarr/c/1/0/0", "r+b") as file:
        file.seek(-7, 2)
        file.write(b"\1\1")
    tool("read", "shard.zarr", "out", fails="the checksum of its index")
    with open("cut.zarr/.zarray", "w") as file:
        file.write("{")
    tool("describe", "cut.zarr", fails="cut.zarr/.zarray is damaged")
    os.mkdir("empty.zarr")
    tool("describe", "empty.zarr", fails="empty.zarr: is a directory")


def raw_streams_of_lzma(rng):
    values = random_values(rng, (13, 10, 7), "i2")
    first = 1 << 62 | 1
    for i, filters in enumerate((
            [dict(id=33, preset=1)], [dict(id=33, dict_size=4096, lc=1, lp=2, pb=0)],
            [dict(id=first, preset=9)], [dict(id=3, dist=2), dict(id=33, preset=6 | 1 << 31)],
            [dict(id=4), dict(id=33)])):
        zarr.array(values, chunks=(5, 4, 3), store=zarr.DirectoryStore(f"raw{i}.zarr"),
                   compressor=numcodecs.LZMA(format=3, filters=filters))
        check_reads(f"raw{i}.zarr", values, rng, 3)


def damaged_folders_never_crash(rng):
    """Bytes flipped, cut off or put in anywhere: values, or a sentence that names the folder."""
    values = random_values(rng, (9, 8), "i2")
    zarr.array(values, chunks=(4, 4), compressor=numcodecs.Blosc("zstd", 3, 1),
               store=zarr.DirectoryStore("a.zarr"))
    zarr.array(values, chunks=(4, 4), compressor=numcodecs.LZMA(format=3, filters=[dict(id=33)]),
               filters=[numcodecs.Delta("i2")], order="F", store=zarr.DirectoryStore("b.zarr"))
    write_v3("c.zarr", values, (4, 4), codecs=["gzip", "crc32c"])
    write_v3("d.zarr", values, (4, 4), inner=((4, 2), (2, 2)), codecs=["numcodecs.lz4"])
    for i in range(int(os.environ.get("TEGULA_DAMAGES", 120))):
        shutil.rmtree("bad.zarr", ignore_errors=True)
        shutil.copytree(f"{'abcd'[i % 4]}.zarr", "bad.zarr")
        names = sorted(os.path.join(folder, file) for folder, _, files in os.walk("bad.zarr")
                       for file in files)
        meta = [name for name in names if name.endswith((".zarray", "zarr.json"))]
        name = str(rng.choice(meta if i % 3 else names))
        data = bytearray(open(name, "rb").read())
        at = int(rng.integers(0, len(data)))
        if i % 5 == 0:
            del data[at:]
        elif i % 5 == 1:
            data[at:at] = rng.choice([b"9", b"-", b'"', b"[", b"null", b"\0", b"1e400"])
        else:
            data[at] ^= 1 << int(rng.integers(0, 8))
        with open(name, "wb") as file:
            file.write(data)
        try:
            tool("read", "bad.zarr", "out")
        except AssertionError as error:
            text = str(error)
            assert "exit 1\n" in text and text.count("\n") <= 2 and "bad.zarr" in text.split(
                "\n", 1)[1], (i, name, bytes(data), text)


TESTS = [every_dtype_in_both_byte_orders, codecs_orders_and_separators, filters_of_numcodecs,
         fill_values_of_missing_chunks, fill_values_of_every_form, other_numbers_of_axes,
         groups_and_names, written_arrays_are_read_by_zarr, bits_do_not_depend_on_ranks,
         arrays_are_added, version_3_and_shards, facts_travel, what_cannot_be_read_says_so,
         raw_streams_of_lzma, damaged_folders_never_crash]

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
