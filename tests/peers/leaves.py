"""Arrays that expressions start from: shapes, values and chunks at the edges of what is allowed.

    draw_shape, draw_values -> an array
    literal -> the text that makes it in a line
    draw_chunks -> a chunk grid of its shape, regular or not, as text
"""
import numpy as np

INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
FLOATS = ["float32", "float64"]
COMPLEX = ["complex64", "complex128"]
DTYPES = ["bool", *INTEGERS, *FLOATS, *FLOATS, *COMPLEX]
LENGTHS = [0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 7, 11]


def dtypes_of(kinds):
    return [name for name in DTYPES if np.dtype(name).kind in kinds]


def draw_shape(r, low=0, high=5):
    ndim = r.choice([n for n in (0, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5) if low <= n <= high])
    lengths = LENGTHS if ndim < 4 else LENGTHS[:8]
    shape = tuple(r.choice(lengths) for _ in range(ndim))
    return shape if 0 not in shape or r.random() < 0.4 else tuple(n or 2 for n in shape)


def integers(r, n, dtype, shape):
    info = np.iinfo(dtype)
    low, high = int(info.min), int(info.max)
    style = r.random()
    if style < 0.65:
        low, high = max(low, -100), min(high, 100)
    elif style < 0.8:
        low, high = max(low, -3), 5
    a = n.integers(low, high, shape, dtype=dtype, endpoint=True)
    if style > 0.9:
        a = np.where(n.random(shape) < 0.2, np.asarray(r.choice([info.min, info.max]), dtype), a)
    return a


def odd_floats(r, dtype):
    info = np.finfo(dtype)
    return r.choice([[np.nan], [np.inf, -np.inf], [0.0, -0.0], [np.nan, np.inf, -np.inf, -0.0],
                     [info.max, -info.max, info.tiny, info.smallest_subnormal]])


def floats(r, n, dtype, shape):
    style = r.random()
    if style < 0.4:
        a = n.normal(r.choice([0, 0, 1000]), r.choice([1, 1, 1e-3, 1e6]), shape)
    elif style < 0.6:
        a = n.integers(-20, 20, shape) / r.choice([1, 2, 8])
    elif style < 0.8:
        a = n.uniform(r.choice([-1, 0]), 1, shape)
    else:
        wide = 30 if dtype == np.float32 else 290
        a = n.normal(0, 1, shape) * 10.0 ** n.integers(-wide, wide, shape)
    a = np.asarray(a).astype(dtype)
    if r.random() < 0.25:
        odd = np.asarray(odd_floats(r, dtype), dtype)
        a = np.where(n.random(shape) < 0.2, odd[n.integers(0, len(odd), shape)], a)
    return np.asarray(a, dtype)


def draw_values(r, n, dtype, shape):
    dtype = np.dtype(dtype)
    if dtype == bool:
        return np.asarray(n.random(shape) < r.choice([0.5, 0.5, 0.1, 1]))
    if dtype.kind in "iu":
        return np.asarray(integers(r, n, dtype, shape), dtype)
    if dtype.kind == "f":
        return floats(r, n, dtype, shape)
    part = np.float32 if dtype == np.complex64 else np.float64
    a = np.empty(shape, dtype)
    a.real, a.imag = floats(r, n, part, shape), floats(r, n, part, shape)
    if r.random() < 0.3:
        a.imag = 0
    return a



def real_text(x):
    if x != x:
        return "np.nan"
    if x in (np.inf, -np.inf):
        return "np.inf" if x > 0 else "-np.inf"
    return repr(x)


def number_text(x):
    if isinstance(x, complex):
        return f"complex({real_text(x.real)}, {real_text(x.imag)})"
    if x == -2**63:  # not a number of 64 bits, whose negative is meant
        return "-9223372036854775807 - 1"
    return real_text(x) if isinstance(x, float) else repr(x)


def nested(items):
    if not isinstance(items, list):
        return number_text(items)
    return "[" + ", ".join(map(nested, items)) + "]"


def literal(a):
    """The text of an array, which gives its bits again."""
    dtype = "bool" if a.dtype == bool else f"np.{a.dtype}"
    if a.size == 0 and a.ndim != 1:
        return f"np.zeros({a.shape}, dtype={dtype})"
    if a.dtype == np.uint64:  # the largest are no integers of 64 bits with a sign
        return f"np.array({nested(a.astype(np.int64).tolist())}).astype(np.uint64)"
    return f"np.array({nested(a.tolist())}, dtype={dtype})"



def cut(r, length):
    """An irregular cut of an axis."""
    parts = []
    while length > 0:
        parts.append(r.randint(1, length))
        length -= parts[-1]
    return tuple(parts) or (0,)


def draw_chunks(r, shape):
    style = r.random()
    if not shape or style < 0.1:
        return "'auto'"
    if style < 0.2:
        return str(r.randint(1, 5))
    if style < 0.6:
        return repr(tuple(r.randint(1, max(n, 1)) if r.random() < 0.8 else -1 for n in shape))
    return repr(tuple(cut(r, n) for n in shape))
