#!/usr/bin/env python3
"""Every elementwise kernel against NumPy's ufunc of its name: all dtypes, corner values.

Integers, bools and what is exact must be equal, bit for bit but for the sign of a zero that NumPy
leaves open; the rest within 4 units in the last place of long double's result, or closer than
NumPy. Complex results are measured by their magnitude. Where NumPy computes in float16 we take
float32; where its current release differs from the one that runs here, the table NEWER says how.
"""
import ctypes
import os
import re
import subprocess
import sys
import unittest

import numpy as np

sys.path.insert(0, os.path.join(os.environ.get("TEGULA_SOURCE", "."), "tests", "support"))

LIBRARY = os.environ.get("TEGULA_KERNELS") or os.path.join(
    os.environ.get("TEGULA_BUILD", "build"), "lib", "libtegula.so")
DTYPES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
          "float32", "float64", "complex64", "complex128"]


def load_sanitiser_first():
    """A sanitiser of the library must come before Python's own libraries: begin again with it."""
    needs = subprocess.run(["readelf", "-d", LIBRARY], capture_output=True, text=True, check=True)
    sanitiser = re.search(r"NEEDED.*\[(lib[at]san\S*)\]", needs.stdout)
    if sanitiser and "LD_PRELOAD" not in os.environ:
        os.environ.update(LD_PRELOAD=sanitiser.group(1), ASAN_OPTIONS="detect_leaks=0")
        os.execv(sys.executable, [sys.executable, *sys.argv])


if __name__ == "__main__":
    load_sanitiser_first()

RULE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, *[ctypes.POINTER(ctypes.c_int)] * 3)
CHECK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int64, ctypes.POINTER(ctypes.c_void_p),
                         ctypes.c_int)
LOOP = ctypes.CFUNCTYPE(None, ctypes.c_int64, ctypes.POINTER(ctypes.c_void_p), ctypes.c_void_p)


class Row(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("arity", ctypes.c_int), ("resolve", RULE),
                ("loops", ctypes.c_void_p * len(DTYPES)), ("mixed", ctypes.c_void_p * 2),
                ("key", ctypes.c_int), ("apart", ctypes.c_uint), ("check", ctypes.c_void_p)]


def load():
    library = ctypes.CDLL(LIBRARY, mode=ctypes.RTLD_GLOBAL)
    library.tg_elementwise_find.restype = ctypes.POINTER(Row)
    library.tg_elementwise_find.argtypes = [ctypes.c_char_p]
    library.tg_elementwise_row.restype = ctypes.POINTER(Row)
    library.tg_elementwise_loop.restype = ctypes.c_void_p
    return library


KERNELS = load()


class Refused(Exception):
    """The operator is not defined for these dtypes or values."""


def pointers(arrays):
    return (ctypes.c_void_p * len(arrays))(*[a.ctypes.data for a in arrays])


def apply(name, arrays):
    """The kernel's result for arrays of one length."""
    row = KERNELS.tg_elementwise_find(name.encode()).contents
    given = (ctypes.c_int * 3)(*[DTYPES.index(str(a.dtype)) for a in arrays])
    operands, result = (ctypes.c_int * 3)(), ctypes.c_int()
    if row.resolve(ctypes.addressof(row), given, operands, ctypes.byref(result)) != 0:
        raise Refused
    converted = []
    for a, to in zip(arrays, operands):
        b = np.empty(a.shape, DTYPES[to])
        KERNELS.tg_convert(ctypes.c_int64(a.size), DTYPES.index(str(a.dtype)),
                           ctypes.c_void_p(np.ascontiguousarray(a).ctypes.data), to,
                           ctypes.c_void_p(b.ctypes.data))
        converted.append(b)
    n, out = arrays[0].size, np.empty(arrays[0].shape, DTYPES[result.value])
    if row.check and CHECK(row.check)(n, pointers(converted), operands[row.key]) != 0:
        raise Refused
    LOOP(KERNELS.tg_elementwise_loop(ctypes.byref(row), operands))(n, pointers(converted),
                                                                   out.ctypes.data)
    return out


def reals(dtype):
    info = np.finfo(dtype)
    corners = [0.0, -0.0, 1, -1, 2, -2, 0.5, -0.5, 1.5, 2.5, -2.5, 3, 7, -7, 10, 0.1, -0.3, np.pi,
               -np.e, np.inf, -np.inf, np.nan, info.max, info.min, info.tiny, -info.tiny,
               info.smallest_subnormal, -info.smallest_subnormal * 3, info.eps, 1 + info.eps,
               1 - info.epsneg, 1e5, -1e5, 2.0**31, 2.0**53, -2.0**63, 87.5, 88.8, -104, 89.2, 709,
               710, 710.4, -745, 1e-5, -1e-5, 1e19, 1e-30, 1e22]
    random = np.random.default_rng(3)
    few = np.concatenate([random.normal(0, 1, 30), random.normal(0, 100, 30),
                          10 ** random.uniform(-30, 30, 20)])
    with np.errstate(all="ignore"):
        return np.array([*corners, *few], np.float64).astype(dtype)


def values(dtype):
    dtype = np.dtype(dtype)
    if dtype == bool:
        return np.array([False, True])
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        some = [info.min, info.min + 1, info.max, info.max - 1, 0, 1, 2, 3, 5, 7, 8, 10, 12, 31, 33,
                63, 64, 65, 100]
        return np.array(some + ([-1, -2, -3, -7, -8, -64, -100] if info.min < 0 else []), dtype)
    if dtype.kind == "f":
        return reals(dtype)
    part = reals(np.float32 if dtype == np.complex64 else np.float64)
    part = np.concatenate([part[:29], part[-60::3]])
    z = np.empty(part.size**2, dtype)
    z.real, z.imag = np.repeat(part, part.size), np.tile(part, part.size)
    return z


def pairs(dtype_a, dtype_b):
    a, b = values(dtype_a), values(dtype_b)
    if a.size > 200:
        a = a[::23]
    if b.size > 200:
        b = b[::19]
    return np.repeat(a, b.size), np.tile(b, a.size)


def sign(z):
    """NumPy 2: of complex numbers z / |z|."""
    if z.dtype.kind != "c":
        return np.sign(z)
    r = np.abs(z)
    return np.where(r == 0, 0, z / np.where(r == 0, 1, r)).astype(z.dtype)


def whole(name):
    """NumPy 2.1: integers and bools are their own."""
    return lambda x: x.copy() if x.dtype.kind in "biu" else getattr(np, name)(x)


def compare(name):
    """NumPy 2: int64 and uint64 by value."""
    def function(a, b):
        if {a.dtype.kind, b.dtype.kind} == {"i", "u"}:
            return getattr(np, name)(a.astype(object), b.astype(object)).astype(bool)
        return getattr(np, name)(a, b)
    return function


def sinc(x):
    x = x.astype(np.float64) if x.dtype.kind in "biu" else x
    return np.sinc(x)


def i0(x):
    if x.dtype.kind == "c":
        raise TypeError
    wide = x.astype(np.float64)
    wide = np.where(np.isinf(wide), np.inf, np.i0(np.where(np.isinf(wide), 0, wide)))
    return wide.astype(x.dtype if x.dtype.kind == "f" else np.float64)


def bit_count(x):
    if x.dtype.kind not in "biu":
        raise TypeError
    return np.array([bin(abs(int(v))).count("1") for v in x], np.uint8)


NEWER = {
    "sign": sign, "floor": whole("floor"), "ceil": whole("ceil"), "trunc": whole("trunc"),
    **{name: compare(name) for name in ("equal", "not_equal", "less", "less_equal", "greater",
                                        "greater_equal")},
    "sinc": sinc, "i0": i0, "bitwise_count": bit_count,
    "modf_fraction": lambda x: np.modf(x)[0], "modf_integer": lambda x: np.modf(x)[1],
    "frexp_mantissa": lambda x: np.frexp(x)[0], "frexp_exponent": lambda x: np.frexp(x)[1],
}
UNARY = """negative positive absolute fabs sign reciprocal square sqrt cbrt exp exp2 expm1 log log2
    log10 log1p sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arccosh arctanh degrees
    radians rint floor ceil trunc invert logical_not isnan isinf isfinite isneginf isposinf signbit
    spacing conjugate sinc i0 bitwise_count modf_fraction modf_integer frexp_mantissa
    frexp_exponent""".split()
BINARY = """add subtract multiply divide floor_divide remainder fmod power float_power logaddexp
    logaddexp2 arctan2 hypot equal not_equal less less_equal greater greater_equal logical_and
    logical_or logical_xor bitwise_and bitwise_or bitwise_xor left_shift right_shift gcd lcm maximum
    minimum fmax fmin heaviside copysign nextafter ldexp""".split()
INEXACT = """cbrt exp exp2 expm1 log log2 log10 log1p sin cos tan arcsin arccos arctan sinh cosh
    tanh arcsinh arccosh arctanh sinc i0 float_power power logaddexp logaddexp2 arctan2
    hypot""".split()
COMPLEX_INEXACT = INEXACT + ["absolute", "sqrt", "sign", "multiply", "divide", "square",
                             "reciprocal"]
CANCELS = ("logaddexp", "logaddexp2")  # of numbers of unlike signs


def widened(name, arrays):
    """Arrays in float32 where NumPy would compute them in float16."""
    out = []
    for i, a in enumerate(arrays):
        if name == "ldexp" and i == 1:
            out.append(a)
            continue
        small = a.dtype in (np.dtype(bool), np.dtype(np.int8), np.dtype(np.uint8))
        out.append(a.astype(np.float32) if small else a)
    return out


def numpy_result(name, arrays):
    function = NEWER.get(name) or getattr(np, name)
    try:
        with np.errstate(all="ignore"):
            result = function(*arrays)
            if result.dtype == np.float16:
                result = function(*widened(name, arrays))
            elif name in ("frexp_exponent", "signbit"):
                result = function(*widened(name, arrays))
    except (TypeError, ValueError):
        raise Refused from None
    return result


def long_result(name, arrays, like):
    """The same in long double; None where there is no such thing."""
    kind = np.clongdouble if any(a.dtype.kind == "c" for a in arrays) else np.longdouble
    if name == "i0":
        return i0(arrays[0].astype(np.float64))
    if name == "sinc":  # pi is rounded in float64
        return np.sinc(arrays[0].astype(np.complex128 if kind == np.clongdouble else np.float64))
    if name == "log1p" and kind == np.clongdouble:  # NumPy's has cancelled
        z = arrays[0].astype(kind)
        near = np.log1p(z.real * (2 + z.real) + z.imag**2) / 2
        with np.errstate(all="ignore"):
            return np.where(np.abs(z) < 0.5, near, np.log(1 + z).real) + 1j * np.log(1 + z).imag
    function = np.power if name == "float_power" else NEWER.get(name) or getattr(np, name)
    arrays = [a.astype(like.dtype) if a.dtype.kind in "biu" and like.dtype.kind in "fc" else a
              for a in arrays]
    with np.errstate(all="ignore"):
        return function(*[a.astype(kind) for a in arrays])


def ulps(got, want, dtype):
    """Distance in units in the last place of `dtype`; infinite where one is NaN or infinite."""
    got, want = np.asarray(got, np.longdouble), np.asarray(want, np.longdouble)
    info = np.finfo(dtype)
    with np.errstate(all="ignore"):
        beyond = np.abs(want) > np.longdouble(info.max) * (1 + np.longdouble(info.eps) / 4)
        want = np.where(beyond, np.copysign(np.inf, want), want)
        unit = np.maximum(2 ** np.floor(np.log2(np.abs(want))) * np.longdouble(info.eps),
                          info.smallest_subnormal)
        far = np.abs(got - want) / unit
    same = (got == want) | (np.isnan(got) & np.isnan(want))
    return np.where(same, 0, np.where(np.isfinite(far), far, np.inf))


def complex_ulps(got, want, dtype):
    part = np.float32 if dtype == np.complex64 else np.float64
    with np.errstate(all="ignore"):
        size = np.abs(want)
        near = np.isfinite(got.real) & np.isfinite(got.imag) & np.isfinite(want)
        unit = np.maximum(2 ** np.floor(np.log2(size)) * np.longdouble(np.finfo(part).eps),
                          np.finfo(part).smallest_subnormal)
        far = np.abs(got.astype(np.clongdouble) - want) / unit
    parts = np.maximum(ulps(got.real, want.real, part), ulps(got.imag, want.imag, part))
    return np.where(near, far, parts)


def errors(name, arrays, got, want):
    """Indices at which the result is wrong."""
    exact = got.dtype.kind in "biu" or name not in (
        COMPLEX_INEXACT if any(a.dtype.kind == "c" for a in arrays) else INEXACT)
    if exact:
        with np.errstate(all="ignore"):
            return np.flatnonzero((got != want) & ~(np.isnan(got) & np.isnan(want)))
    distance = complex_ulps if got.dtype.kind == "c" else ulps
    true = long_result(name, arrays, got)
    ours, theirs = distance(got, true, got.dtype), distance(want, true, got.dtype)
    wrong = (ours > 4) & (ours > theirs)
    if name in CANCELS:
        with np.errstate(all="ignore"):
            size = np.maximum(np.abs(arrays[0]), np.abs(arrays[1])).astype(np.longdouble)
            wrong &= np.abs(got - true) > 4 * np.finfo(got.dtype).eps * size
    if name in ("power", "float_power") and got.dtype.kind == "c":  # exp(b log a) magnifies
        with np.errstate(all="ignore"):
            exponent = np.abs(arrays[1] * np.log(arrays[0].astype(np.complex128)))
            wrong &= ours > 4 + 2 * np.where(np.isfinite(exponent), exponent, 0)
    if got.dtype.kind == "c" or name == "i0":  # NumPy's formulas overflow before the result
        wrong &= np.isfinite(want)
    return np.flatnonzero(wrong)


class Ufuncs(unittest.TestCase):
    def compare(self, name, arrays):
        try:
            want = numpy_result(name, arrays)
        except Refused:
            with self.assertRaises(Refused):
                apply(name, arrays)
            return
        got = apply(name, arrays)
        self.assertEqual(got.dtype, want.dtype)
        wrong = errors(name, arrays, got, want)
        text = [f"{name}({', '.join(repr(a[i]) for a in arrays)}) = {got[i]!r}, not {want[i]!r}"
                for i in wrong[:5]]
        self.assertEqual(len(wrong), 0, f"{len(wrong)} wrong:\n" + "\n".join(text))

    def test_unary(self):
        for name in UNARY:
            for dtype in DTYPES:
                if dtype.startswith("complex") and name in COMPLEX_INEXACT:
                    continue
                with self.subTest(name=name, dtype=dtype):
                    self.compare(name, [values(dtype)])

    def test_complex_functions(self):
        """Finite values: on infinite ones C libraries differ from each other."""
        for name in UNARY:
            for dtype in ("complex64", "complex128"):
                z = values(dtype)
                with self.subTest(name=name, dtype=dtype):
                    self.compare(name, [z[np.isfinite(z) & (np.abs(z) < 1e15)]])

    def test_binary(self):
        for name in BINARY:
            for a in DTYPES:
                for b in DTYPES:
                    with self.subTest(name=name, dtypes=(a, b)):
                        self.compare(name, self.suitable(name, *pairs(a, b)))

    @staticmethod
    def suitable(name, a, b):
        """Without what is an error in NumPy or has no value there."""
        if name == "power" and a.dtype.kind in "biu" and b.dtype.kind in "biu":
            common = np.result_type(a, b)
            keep = b >= 0 if common.kind in "biu" else slice(None)
            return a[keep], b[keep]
        if "c" in (a.dtype.kind, b.dtype.kind) and name in ("power", "float_power", "divide",
                                                            "multiply"):
            keep = np.isfinite(a) & np.isfinite(b)
            for x in (a, b):
                with np.errstate(all="ignore"):
                    keep &= (np.abs(x) < 1e3) & ((np.abs(x) > 1e-15) | (x == 0))
            return a[keep], b[keep]
        return a, b

    def test_a_negative_power_of_integers_is_refused(self):
        with self.assertRaises(Refused):
            apply("power", [np.array([2, 1]), np.array([1, -1])])
        np.testing.assert_array_equal(apply("power", [np.array([-3, 0]), np.array([3, 0])]),
                                      [-27, 1])

    def test_selection(self):
        condition = np.array([0.0, np.nan, 2, -0.0])
        a, b = np.arange(4, dtype=np.int8), np.arange(10, 14, dtype=np.uint8)
        np.testing.assert_array_equal(apply("where", [condition, a, b]),
                                      np.where(condition != 0, a, b))
        for dtype in DTYPES[1:]:
            x = values(dtype)
            low, high = np.full_like(x, 2), np.full_like(x, 5)
            with np.errstate(all="ignore"):
                np.testing.assert_array_equal(apply("clip", [x, low, high]), np.clip(x, 2, 5))

    def test_choosing_out_of_range_is_refused(self):
        count = np.full(3, 4)
        np.testing.assert_array_equal(apply("choose_index", [np.array([0, 3, 1]), count]),
                                      [0, 3, 1])
        for bad in (-1, 4):
            with self.assertRaises(Refused):
                apply("choose_index", [np.array([0, bad, 1]), count])

    def test_conversion(self):
        for a in DTYPES:
            for b in DTYPES:
                x = values(a)
                if x.dtype.kind in "fc" and b[0] in "iu":  # out of range: test_elementwise
                    with np.errstate(all="ignore"):
                        x = x[np.abs(x.real) < 100]
                    x = np.abs(x.real).astype(x.dtype) if b[0] == "u" else x
                with np.errstate(all="ignore"), self.subTest(a=a, b=b):
                    out = np.empty(x.shape, b)
                    KERNELS.tg_convert(ctypes.c_int64(x.size), DTYPES.index(a),
                                       ctypes.c_void_p(x.ctypes.data), DTYPES.index(b),
                                       ctypes.c_void_p(out.ctypes.data))
                    np.testing.assert_array_equal(out, (x.real if b[0] in "iuf" else x).astype(b))


if __name__ == "__main__":
    unittest.main()

#TEST timeout=300
