#!/usr/bin/env python3
"""Arrays of all dtypes and shapes, printed: to the letter what NumPy prints.

usage: test_print.py [--count N] [--seed S]
"""
import argparse
import os
import sys
import tempfile

os.environ["NPY_PROMOTION_STATE"] = "weak"  # NEP 50, as NumPy 2 has it

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from tegula_py import run

DTYPES = "? i1 i2 i4 i8 u1 u2 u4 u8 f4 f8 c8 c16".split()
FORMS = ["{}"] * 6 + ["[{}]", "({}, 1.5)", "({},)", "{}.tolist()", "{}.ravel()[:3]", "str({})",
                      "repr({})", "np.array([{}])"]
SPECIAL = [0.0, -0.0, np.nan, np.inf, -np.inf, 1.5, -2, 1e300, 5e-324]
ROUND = [0.0, 1e8, 1e-4, 1e-3, 1.0, 1e4, 12345678.9, 99999999.0, 1e15, 1e16]


def shape(n):
    ndim = n.choice([1, 1, 1, 2, 2, 3, 4])
    if n.random() < 0.15:  # beyond the 1000 elements that NumPy prints in full
        return [(n.choice([1000, 1001, 2000]),), (40, 30), (2, 30, 20), (3, 4, 10, 9)][ndim - 1]
    return tuple(n.choice([0, 1, 2, 3, 4, 7, 12], ndim))


def floats(n, size):
    kind = n.integers(8)
    normal = n.standard_normal(size)
    if kind == 0:
        return normal
    if kind == 1:
        return normal * 10.0 ** n.integers(-20, 20, size)
    if kind == 2:
        return n.integers(-5, 5, size) * 1.0
    if kind == 3:
        return np.round(normal * 100, n.integers(4))
    if kind == 4:
        return n.choice(SPECIAL, size)
    if kind == 5:
        return n.choice(ROUND, size)
    if kind == 6:
        return normal * 10.0 ** n.integers(-300, 300)
    return np.full(size, n.choice(ROUND))


def array(n):
    dtype = np.dtype(n.choice(DTYPES))
    lengths = shape(n)
    size = int(np.prod(lengths))
    if dtype.kind == "b":
        a = n.integers(0, 2, size)
    elif dtype.kind in "iu":
        info = np.iinfo(dtype)
        low, high = (info.min, info.max) if n.random() < 0.5 else (0, n.choice([2, 10, 100]))
        a = n.integers(low, high, size, dtype=dtype, endpoint=True)
    elif dtype.kind == "f":
        a = floats(n, size)
    else:
        a = np.empty(size, complex)
        a.real, a.imag = floats(n, size), floats(n, size)
    return a.astype(dtype).reshape(lengths)


def differences(count, n, folder):
    wanted = []
    with open("script", "w", encoding="utf-8") as script:
        for k in range(count):
            a, form = array(n), n.choice(FORMS)
            np.save(os.path.join(folder, f"{k}.npy"), a)
            wanted.append(str(eval(form.format("a"), {"a": a, "np": np})))
            script.write(f"a = open('{folder}/{k}.npy'); print({form.format('a')}); print('@@')\n")
    said = run("calc_app", "-f", "script").stdout.split("@@\n")
    for k, want in enumerate(wanted):
        if said[k].rstrip("\n") != want.rstrip("\n"):
            yield f"array {k}: {said[k][:1500]}---- NumPy\n{want[:1500]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    np.seterr(all="ignore")
    with tempfile.TemporaryDirectory() as folder:
        found = list(differences(options.count, np.random.default_rng(options.seed), folder))
    print("\n".join(found[:5]))
    print(f"{len(found)} of {options.count} arrays are printed otherwise")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

#TEST timeout=120
