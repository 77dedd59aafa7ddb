"""calc_app's values against NumPy's: integers, bools and shapes equal, floats within 4 ulp.

The lines are written here once and run by both; results go through .npy files. Where NumPy itself
is not exact (sums, means) a result that is nearer to the one in long double than NumPy's counts as
right.
"""
import os
import re
import sys
import unittest

os.environ["NPY_PROMOTION_STATE"] = "weak"  # NEP 50, as NumPy 2 has it
sys.path.insert(0, os.path.join(os.environ["TEGULA_SOURCE"], "tests", "support"))

import numpy as np
from tegula_py import TestCase, run

np.seterr(all="ignore")

DTYPES = "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64".split()
FLOATS = ["float32", "float64"]
COMPLEX = ["complex64", "complex128"]
UNARY = """
    negative positive absolute sign reciprocal square sqrt cbrt exp exp2 expm1 log log2 log10
    log1p sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arccosh arctanh floor ceil trunc
    rint fabs logical_not invert isnan isinf isfinite signbit degrees radians sinc conjugate real
    imag
""".split()
WHOLE = "floor ceil trunc".split()  # of integers, they are integers since NumPy 2
BINARY = """
    add subtract multiply divide floor_divide remainder power fmod equal not_equal less less_equal
    greater greater_equal logical_and logical_or logical_xor bitwise_and bitwise_or bitwise_xor
    left_shift right_shift copysign nextafter hypot minimum maximum fmin fmax heaviside arctan2
    logaddexp logaddexp2
""".split()
OPERATORS = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "//": "floor_divide",
             "%": "remainder", "**": "power", "&": "bitwise_and", "|": "bitwise_or",
             "^": "bitwise_xor", "<<": "left_shift", ">>": "right_shift", "<": "less",
             "<=": "less_equal", "==": "equal", "!=": "not_equal", ">": "greater",
             ">=": "greater_equal"}
NUMBERS = ["2", "-3", "0.5", "True", "1e10"]
REDUCED = """
    a.sum(axis=0) a.mean(axis=1) a.std(axis=0) a.var(axis=(0,1)) a.min(axis=1) a.max(axis=0) a.sum()
    a.mean() a.std() a.var(ddof=1) a[::-1].sum(axis=1) a[1:,::2].mean(axis=0) (a*2).sum(axis=0)
    (a+a.T[:3,:3].sum()).mean() np.concatenate([a,a]).std(axis=0) a.sum(axis=-1,keepdims=True)
""".split()


def sample(dtype, shape, seed):
    """Numbers of all sizes, special ones among them."""
    random = np.random.default_rng(seed)
    if dtype == "bool":
        return random.integers(0, 2, shape).astype(bool)
    if dtype.startswith("complex"):
        part = "float32" if dtype == "complex64" else "float64"
        return (sample(part, shape, seed) + 1j * sample(part, shape, seed + 1)).astype(dtype)
    if dtype.startswith("float"):
        x = random.normal(size=shape) * 10.0**random.integers(-3, 4, shape)
        x.flat[:6] = [0, -0.0, np.inf, -np.inf, np.nan, 1]
        return x.astype(dtype)
    info = np.iinfo(dtype)
    x = random.integers(info.min, info.max, shape, dtype=dtype, endpoint=True)
    x.flat[::3] = random.integers(0 if info.min == 0 else -9, 9, shape).astype(dtype).flat[::3]
    return x


def steps(got, want):
    """Distance in units in the last place; equal infinities and NaNs are none."""
    if got.dtype.kind == "c":
        part = f"f{got.dtype.itemsize // 2}"
        return np.maximum(steps(got.real.astype(part), want.real.astype(part)),
                          steps(got.imag.astype(part), want.imag.astype(part)))
    same = (got == want) | (np.isnan(got) & np.isnan(want))
    apart = np.abs(got.astype(np.longdouble) - want) / np.spacing(np.abs(want))
    return np.where(same, 0, np.where(np.isnan(apart), np.inf, apart))


class Values(TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        page = run("calc_app", "--list-operators").stdout
        cls.names = set(re.findall(r"`(\w+)[(`]", page))

    def there(self, functions):
        """Those that are in the table of operators."""
        return [f for f in functions if f in self.names]

    def operators(self):
        return [op for op, name in OPERATORS.items() if name in self.names]

    def run_lines(self, lines, arrays, tolerance=4):
        """Compare the results of lines, each an expression over named arrays."""
        names = {"np": np, **arrays}
        script, kept = self.path("script.txt"), []
        with open(script, "w", encoding="utf-8") as file:
            for name, array in arrays.items():
                np.save(self.path(f"in_{name}.npy"), array)
                file.write(f'{name} = open("{self.path(f"in_{name}.npy")}")\n')
            for i, line in enumerate(lines):
                try:
                    want = np.asarray(eval(line, names))
                except Exception as error:
                    want = error
                kept.append((line, want, self.path(f"out_{i}.npy")))
                file.write(f'save({line}, "{kept[-1][2]}")\n')
        err = run("calc_app", "-f", script, "--keep-going", status=None, timeout=600).stderr
        said = dict(part.split(": ", 1) for part in err.split("\nline ") if ": " in part)
        for i, (line, want, path) in enumerate(kept):
            with self.subTest(line=line):
                self.check(line, want, path, said.get(str(i + 1 + len(arrays)), err), tolerance)
            if os.path.exists(path):
                os.unlink(path)

    def check(self, line, want, path, message, tolerance):
        if isinstance(want, Exception):
            self.assertFalse(os.path.exists(path), f"{line}: NumPy says {want}")
            return
        self.assertTrue(os.path.exists(path), f"{line}: {message}")
        got = np.load(path)
        if want.dtype == np.float16:  # which has no kernels here
            self.assertEqual(got.dtype, np.float32, line)
            self.assertEqual(got.shape, want.shape, line)
            return
        self.assertEqual((got.dtype, got.shape), (want.dtype, want.shape), line)
        if want.dtype.kind in "fc":
            worst = steps(got, want)
            at = np.unravel_index(worst.argmax(), worst.shape) if worst.size else ()
            self.assertLessEqual(worst.max(initial=0), tolerance,
                                 worst.size and f"{line}: {got[at]!r}, not {want[at]!r} at {at}")
        else:
            self.assertTrue(np.array_equal(got, want), f"{line}: {got}, not {want}")

    def test_functions_of_one_array(self):
        arrays = {dtype: sample(dtype, (4, 7), i) for i, dtype in enumerate(DTYPES)}
        self.run_lines([f"np.{f}({a})" for f in self.there(UNARY) for a in arrays
                        if (f not in WHOLE or a in FLOATS) and f"{f}({a})" != "sinc(float32)"],
                       arrays)  # which is float32 since NumPy 2

    def test_functions_of_two_arrays(self):
        arrays = {dtype: sample(dtype, (4, 7), i) for i, dtype in enumerate(DTYPES)}
        arrays.update({f"{dtype}_b": sample(dtype, (7,), i + 20) for i, dtype in enumerate(DTYPES)})
        self.run_lines([f"np.{f}({a}, {a}_b)" for f in self.there(BINARY) for a in DTYPES], arrays)

    def test_operators_between_all_dtypes(self):
        arrays = {dtype: sample(dtype, (3, 5), i) for i, dtype in enumerate(DTYPES)}
        self.run_lines([f"{a} {op} {b}" for op in self.operators() if op != "**"
                        for a in DTYPES for b in DTYPES], arrays)

    def test_operators_between_arrays_and_python_s_numbers(self):
        arrays = {dtype: sample(dtype, (9,), i) for i, dtype in enumerate(DTYPES)}
        self.run_lines([line for op in self.operators() for a in DTYPES for b in NUMBERS
                        for line in (f"{a} {op} {b}", f"{b} {op} {a}")
                        if b != "-3" or a[0] != "u"], arrays)  # NumPy 2 compares by value

    def test_conversion_between_all_dtypes(self):
        arrays = {dtype: np.abs(sample(dtype, (40,), i)) for i, dtype in enumerate(DTYPES)}
        for dtype in FLOATS:  # the others are undefined in C and in NumPy
            arrays[dtype] = np.linspace(0, 100, 40).astype(dtype)
        self.run_lines([f"{a}.astype(np.{b})" for a in DTYPES for b in DTYPES + COMPLEX
                        if b != "bool"], arrays)

    def test_reductions(self):
        random = np.random.default_rng(3)
        for dtype in DTYPES:
            a = sample(dtype, (5, 6), 4)
            if dtype in FLOATS:  # sums of numbers that cancel are another test's
                a = (random.random((5, 6)) + 0.5).astype(dtype)
            self.run_lines(REDUCED, {"a": a}, tolerance=16 if dtype == "float32" else 4)


if __name__ == "__main__":
    unittest.main()

#TEST timeout=600
