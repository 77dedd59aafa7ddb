#!/usr/bin/env python3
"""Calls with odd and wrong arguments: what NumPy computes as well is equal, the rest is refused.

usage: test_calls.py [--count N] [--seed S] [--wrong P] [--only mean,pad] [--show N]

No call may end the program or hang it: one sentence says what is wrong, with the column. Where both
we and NumPy compute, shapes, dtypes and values agree. What only one of the two takes is counted and
not judged, since NumPy's releases differ in it; --show prints some. NumPy runs in a process of its
own: some calls end or hang SciPy.
"""
import argparse
import collections
import multiprocessing
import os
import queue
import random
import re
import shutil
import sys
import tempfile
import time
import warnings

import numpy as np

import calls
import numpy2
import session

from tegula_py import run

BATCH = 500
SENTENCE = re.compile(r"[^\n]{3,400} \(column \d+\)$")
DIFFERENT = re.compile("|".join((
    # Elements that a ufunc's where= leaves out are not defined.
    r"where=",
    # Of labels that are not there SciPy takes any element, ours is NaN; it forgets broadcast axes.
    r"ndimage\.median|center_of_mass|_position\(",
    # Dask's dtype=; NumPy's goes to the function.
    r"apply_along_axis.*dtype=",
    # NumPy adds in dtype=, which wraps or drops what is imaginary.
    r"\b(nan)?(var|std|mean)\(",
    # Integers are places; differences are of float32; bins that contradict their edges.
    r"(quantile|percentile)\(.*(1|True|int64|\[)|histogram\(complex",
    # [] has no dtype of its own; None is float64 for empty(); tolerances are numbers here.
    r"\[\]|indices\(.*None|isclose\(",
    # Of what is not unique, not sorted, though it has to be.
    r"isin\(|in1d\(|searchsorted\(",
    # Below 0 SciPy converts as C likes.
    r"grey_|tophat|morphological",
    # Others in NumPy 2, or any of equal elements.
    r"nan_to_num|clip|floor|ceil|trunc|argsort|delete",
)))


def numpy_says(lines, arrays, replies):
    """Of each line a list of arrays and whether it gives several, or the error's text."""
    sys.stderr = open(os.devnull, "w", encoding="utf-8")
    space = {**numpy2.namespace(arrays), "da": numpy2.MODULE}
    for line in lines:
        try:
            result = eval(line, dict(space))
            several = isinstance(result, (tuple, list))
            parts = [np.asarray(p) for p in (result if several else [result])]
            replies.put((parts, several) if all(p.dtype.kind in "biufc" for p in parts) else
                      "no array of numbers")
        except Exception as error:  # pylint: disable=broad-except
            replies.put(f"{type(error).__name__}: {error}")


def heard(replies, peer):
    """What a peer says within ten seconds, or the text "died"."""
    for _ in range(50):
        alive = peer.is_alive()
        try:
            return replies.get(timeout=0.2)
        except queue.Empty:
            if not alive:
                break
    return "died"


def in_numpy(lines, arrays):
    """As numpy_says, as a list; the text "died" for a line that ends or hangs it."""
    said = []
    while len(said) < len(lines):
        replies = multiprocessing.Queue()
        peer = multiprocessing.Process(target=numpy_says, args=(lines[len(said):], arrays, replies))
        peer.start()
        while len(said) < len(lines):
            said.append(heard(replies, peer))
            if isinstance(said[-1], str) and said[-1] == "died":
                break
        peer.kill()
        peer.join()
    return said


def agrees(got, want):
    """None, or what differs: by far, since test_peers.py looks at the last digits."""
    if want.dtype == np.float16:  # of lists of bools, in which nothing is computed here
        want = want.astype(np.float32)
    if got.shape != want.shape or got.dtype != want.dtype:
        return f"{got.dtype} {got.shape}, not {want.dtype} {want.shape}"
    with np.errstate(all="ignore"):
        good = np.array_equal(got, want) if got.dtype.kind not in "fc" else \
            np.allclose(got, want, rtol=1e-3, atol=1e-3, equal_nan=True)
    return None if good else f"{got.ravel()[:6]}, not {want.ravel()[:6]}"


def judge(line, message, found, want):
    """What became of a call, and what is to be said of it; "wrong" is a failure."""
    if message is not None and not SENTENCE.match(message):
        return "wrong", f"no sentence with a column: {message}"
    if isinstance(want, str):
        return ("refused by both", message) if message else ("ours alone", f"NumPy: {want}")
    if message is not None:
        return "NumPy's alone", message
    if any(a is None for a in found):
        return "wrong", "neither a result nor a message"
    wrong = next(filter(None, map(agrees, found, want[0])), None)
    return ("wrong", wrong) if wrong and not DIFFERENT.search(line) else ("equal", wrong)


def statement(k, line, want):
    """The line with names for what it gives, which it saves, and the names."""
    count = 0 if isinstance(want, str) else len(want[0])
    names = [f"v{k}_{i}" for i in range(count)]
    targets = ", ".join(names) + ("," if count == 1 and want[1] else "")
    saves = [f"save({v}, '{v}.npy')" for v in names]
    return "; ".join([f"{targets or '_'} = {line}", *saves]), names


def batch(count, options, r):
    folder = tempfile.mkdtemp(prefix="calls-", dir="/dev/shm" if os.path.isdir("/dev/shm") else ".")
    try:
        arrays, setup = calls.pool(folder, r)
        caller = calls.Caller(r, arrays, options.wrong)
        lines = [caller.call(r.choice(options.operators)) for _ in range(count)]
        wants = in_numpy(lines, arrays)
        script = [statement(k, *pair) for k, pair in enumerate(zip(lines, wants))]
        messages = session.run(setup + [text for text, _ in script], folder, r.choice([1, 1, 3]))
        for k, (line, want) in enumerate(zip(lines, wants)):
            found = [session.load(os.path.join(folder, f"{v}.npy")) for v in script[k][1]]
            yield line, *judge(line, messages.get(len(setup) + k), found, want)
    finally:
        shutil.rmtree(folder)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=5 * int(os.environ.get("TEGULA_PEERS", "300")))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--wrong", type=float, default=0.05, help="arguments that are nonsense")
    parser.add_argument("--only", type=lambda s: s.split(","), help="operators")
    parser.add_argument("--show", type=int, default=0, help="calls printed that one side refuses")
    return parser.parse_args()


def main():
    options, start = arguments(), time.time()
    options.operators = [o for o in calls.operators(run("calc_app", "--list-operators").stdout)
                         if options.only is None or o[0] in options.only]
    kinds = collections.Counter()
    warnings.simplefilter("ignore")
    for at in range(0, options.count, BATCH):
        r = random.Random(options.seed + at)
        try:
            for line, kind, text in batch(min(BATCH, options.count - at), options, r):
                kinds[kind] += 1
                if kind == "wrong" or (kind.endswith("alone") and kinds[kind] <= options.show):
                    print(f"{kind}: {line}\n    {text}")
        except session.Crash as error:
            kinds["wrong"] += 1
            print(f"seed {options.seed + at}: {error}")
    print(", ".join(f"{n} {kind}" for kind, n in sorted(kinds.items())),
          f"of {len(options.operators)} operators, {time.time() - start:.0f} s")
    return 1 if kinds["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())

#TEST timeout=300
