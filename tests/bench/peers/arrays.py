"""The peers of bench_arrays; bench_arrays/peer.c says what they are asked and answer."""
import sys
import time

import numpy as np

try:
    import numexpr
except ImportError:
    numexpr = None
try:
    import dask.array as da
except ImportError:
    da = None
try:
    from scipy import ndimage
except ImportError:
    ndimage = None


def operand(k, dtype, shape):
    place = np.arange(np.prod(shape, dtype=np.int64), dtype=np.uint64) + np.uint64(1000003 * k)
    value = (place * np.uint64(2654435761) >> np.uint64(13) & np.uint64(1023)).astype(np.int16)
    value = (value - 512).reshape(shape)
    return value.astype(dtype) / np.dtype(dtype).type(512) if dtype.startswith("f") else value


def prepare(words, numpy_text, numexpr_text, dask_text):
    """A function for each peer that has the case."""
    dtype, count, shape = words[1], int(words[2]), tuple(map(int, words[3:]))
    names = dict(zip("xyz", (operand(k, dtype, shape) for k in range(count))))
    turns = {"numpy": lambda: eval(numpy_text, {"np": np, "ndimage": ndimage}, names)}
    if numexpr is not None and numexpr_text:
        variables = dict(names)
        if numexpr_text.endswith("t"):
            variables["t"] = names["x"].T
        turns["numexpr"] = lambda: numexpr.evaluate(numexpr_text, variables)
    if da is not None and dask_text:
        lazy = {name: da.from_array(a).persist() for name, a in names.items()}

        def run():
            result = eval(dask_text, {"da": da, "np": np, "ndimage": ndimage}, lazy)
            result.persist(scheduler="threads")
        turns["dask"] = run
    return turns


def main():
    turns = {}
    for line in sys.stdin:
        head, *texts = line.rstrip("\n").split("\t")
        words = head.split()
        if words[0] == "case":
            turns = prepare(words, *texts)
            print("ready", flush=True)
            continue
        seconds = float("nan")
        if words[1] in turns:
            start = time.perf_counter()
            turns[words[1]]()
            seconds = time.perf_counter() - start
        print(seconds, flush=True)


if __name__ == "__main__":
    main()
