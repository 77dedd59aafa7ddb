"""The peers of bench_arrays: arrays.py CASE ELEMENTS TURNS prints "NAME SECONDS RESULT" lines."""
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


def fastest(function, turns):
    best, result = float("inf"), None
    for _ in range(turns):
        start = time.perf_counter()
        result = function()
        best = min(best, time.perf_counter() - start)
    return best, float(result)


def main():
    case, n, turns = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    x, y, z = (np.linspace(i, 1000 + i, n) for i in range(3))
    operands, runs = {"x": x, "y": y, "z": z}, {}
    if case == "muladd_mean":
        runs["numpy"] = lambda: (x * y + z).mean()
        runs["numexpr"] = lambda: numexpr.evaluate("sum(x * y + z)", operands) / n
        make = lambda a, b, c: (a * b + c).mean()
    else:
        runs["numpy"] = lambda: (np.sin(x)**2 + np.cos(x)**2).sum()
        runs["numexpr"] = lambda: numexpr.evaluate("sum(sin(x)**2 + cos(x)**2)", operands)
        make = lambda a, b, c: (da.sin(a)**2 + da.cos(a)**2).sum()
    if numexpr is None:
        del runs["numexpr"]
    if da is not None:
        lazy = [da.from_array(a, chunks=max(n // 64, 1)) for a in (x, y, z)]
        runs["dask"] = lambda: make(*lazy).compute(scheduler="threads")
    for name, function in runs.items():
        seconds, result = fastest(function, turns)
        print(name, seconds, result)


if __name__ == "__main__":
    main()
