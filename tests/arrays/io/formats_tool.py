# SPDX-License-Identifier: BSD-3-Clause
"""What the tests of file formats share: test_formats.c run from Python, random boxes."""
import os
import subprocess
import sys
import tempfile

try:
    import h5py
    import nibabel
    import numpy as np
except ImportError as missing:
    print(f"skipped: {missing.name} is not installed")
    sys.exit(77)

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.environ.get("TEGULA_SOURCE", os.path.dirname(os.path.dirname(os.path.dirname(HERE))))
BUILD = os.environ.get("TEGULA_BUILD", os.path.join(SOURCE, "build"))
DATA = os.path.join(os.environ.get("TEGULA_SHARED",
                                   os.path.join(os.path.dirname(SOURCE), "shared")), "data")
MPIRUN = os.environ.get("TEGULA_MPIRUN", "mpirun --oversubscribe").split()
ENVIRONMENT = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
               "OMPI_MCA_hwloc_base_binding_policy": "none",
               "OMPI_MCA_btl_base_warn_component_unused": "0", "ASAN_OPTIONS": "detect_leaks=0"}


def tool(*arguments, n=None, fails=None, environment={}):
    """Run test_formats; its stdout. With `fails`, all of these texts must be in its complaint."""
    command = [os.path.join(BUILD, "tests", "arrays", "io", "test_formats"), *map(str, arguments)]
    if n:
        command = [*MPIRUN, "-n", str(n), *command]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100,
                          env={**ENVIRONMENT, **os.environ, **environment},
                          stdin=subprocess.DEVNULL)
    line = " ".join(command)
    if fails is None:
        assert done.returncode == 0, f"{line}: exit {done.returncode}\n{done.stderr}"
    else:
        texts = [fails] if isinstance(fails, str) else fails
        assert done.returncode == 1, f"{line}: exit {done.returncode}, not 1\n{done.stderr}"
        for text in texts:
            assert text in done.stderr, f"{line}: no '{text}' in\n{done.stderr}"
        assert done.stderr.strip().count("\n") == 0, f"more than a sentence:\n{done.stderr}"
    return done.stdout


def describe(name):
    """What the file says, as a dictionary of texts; lists of numbers where the key has them."""
    facts = dict((line.split(" ", 1) + [""])[:2] for line in tool("describe", name).splitlines())
    for key in "shape", "chunk", "codes":
        facts[key] = tuple(map(int, facts[key].split()))
    for key in "spacing", "affine":
        facts[key] = np.array(facts[key].split(), float)
    return facts


def boxes_of(rng, shape, count):
    """All of the array and `count` boxes somewhere in it."""
    boxes = [([0] * len(shape), list(shape))]
    for _ in range(count if len(shape) and 0 not in shape else 0):
        start = [int(rng.integers(0, n)) for n in shape]
        # Full axes are as interesting as short ones.
        size = [n - s if rng.random() < 0.3 else int(rng.integers(1, n - s + 1))
                for n, s in zip(shape, start)]
        boxes.append((start, size))
    return boxes


def check_reads(name, expected, rng, count=12, n=None, command="read", boxes=None):
    """Boxes of the file have the bits that the array has; bytes read from files are returned."""
    return check_files([(name, expected)], rng, count, n, command, boxes)


def check_files(files, rng, count=12, n=None, command="read", boxes=None):
    """check_reads of several (name, array) in one run."""
    words, wanted = [], []
    for name, expected in files:
        words.append("@" + name)
        for start, size in boxes or boxes_of(rng, expected.shape, count):
            words.append(",".join(map(str, start)) + ":" + ",".join(map(str, size)))
            part = expected[tuple(slice(s, s + c) for s, c in zip(start, size))]
            wanted.append((name, words[-1], np.ascontiguousarray(part).tobytes()))
    with tempfile.NamedTemporaryFile() as out:
        said = tool(command, files[0][0], out.name, *words, n=n)
        data = out.read()
    for name, word, want in wanted:
        assert data[:len(want)] == want, f"{name}: box {word} differs"
        data = data[len(want):]
    assert not data, f"{name}: {len(data)} bytes more than the boxes have"
    return int(said.split()[-1])


def random_values(rng, shape, dtype):
    """Values of a dtype that use its whole range; long runs compress well."""
    dtype = np.dtype(dtype)
    if dtype.kind == "b":
        return rng.random(shape) < 0.5
    if dtype.kind == "c":
        parts = random_values(rng, (2, *shape), f"{dtype.byteorder}f{dtype.itemsize // 2}")
        return (parts[0] + 1j * parts[1]).astype(dtype)
    if dtype.kind == "f":
        return (rng.standard_normal(shape) * 100).round(1).astype(dtype)
    info = np.iinfo(dtype)
    values = rng.integers(info.min, info.max, shape, dtype=dtype.newbyteorder("="), endpoint=True)
    if values.ndim:
        values[values.shape[0] // 2:] //= 16
    return values.astype(dtype)
