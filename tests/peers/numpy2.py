"""NumPy's current release, whatever release is installed, and the functions that only Dask has.

What a line of a test means is what the current release says: Python's numbers are weak (NEP 50) in
all functions, names of the array standard exist, floor() of integers is integers. float16 is read
as float32, so a function of int8, uint8 or bool that gives float16 is computed on float32.

    namespace(variables) -> the names that a line may use, for eval() and exec()
"""
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy import ndimage

np.seterr(all="ignore")
if hasattr(np, "_set_promotion_state"):
    np._set_promotion_state("weak")

HALF = np.dtype(np.float16)
SMALL = (np.bool_, np.int8, np.uint8)
ALIASES = dict(acos="arccos", asin="arcsin", atan="arctan", acosh="arccosh", asinh="arcsinh",
               atanh="arctanh", atan2="arctan2", pow="power", concat="concatenate",
               permute_dims="transpose", bitwise_invert="invert", bitwise_left_shift="left_shift",
               bitwise_right_shift="right_shift", round_="round", around="round", fix="trunc",
               product="prod", abs="absolute", mod="remainder", true_divide="divide",
               deg2rad="radians", rad2deg="degrees", bitwise_not="invert", amin="min", amax="max",
               conj="conjugate")


def weak(value):
    return type(value) in (int, float, complex)


def weak_dtype(value, strong):
    """The dtype of a Python number that meets arrays of dtype `strong`."""
    kinds = {int: "iufc", float: "fc", complex: "c"}
    if strong.kind in kinds[type(value)]:
        return strong
    if isinstance(value, complex) and strong == np.float32:
        return np.dtype(np.complex64)
    return np.asarray(value).dtype


def firm(values):
    """Python's numbers among arrays as arrays of the dtype that they take."""
    strong = [np.asarray(v).dtype for v in values if not weak(v)]
    if not strong:
        return values
    dtype = np.result_type(*strong)
    return [np.asarray(v, weak_dtype(v, dtype)) if weak(v) else v for v in values]


def firm_ufunc(function):
    def call(*args, **kwargs):
        return function(*(args if "dtype" in kwargs else firm(args)), **kwargs)
    return call


def halves(result):
    parts = result if isinstance(result, (tuple, list)) else (result,)
    return any(getattr(p, "dtype", None) == HALF for p in parts)


def widened(value):
    if isinstance(value, (list, tuple)):
        return type(value)(widened(v) for v in value)
    small = getattr(value, "dtype", None) is not None and value.dtype.type in SMALL
    return np.asarray(value, np.float32) if small else value


def no_halves(function):
    """The same, on float32 where NumPy would compute in float16."""
    def call(*args, **kwargs):
        result = function(*args, **kwargs)
        if not halves(result):
            return result
        keys = {k: v if k in ("where", "condition") else widened(v) for k, v in kwargs.items()}
        return function(*map(widened, args), **keys)
    return call



def same_integers(name):
    def call(x, **kwargs):
        x = np.asarray(x)
        return x.copy() if x.dtype.kind in "biu" else getattr(np, name)(x, **kwargs)
    return call


def sign(x, **kwargs):
    dtype = np.sign(x, **kwargs).dtype
    x = np.asarray(x)
    if dtype.kind != "c":
        return np.sign(x, **kwargs)
    x = x.astype(dtype)
    size = np.hypot(x.real, x.imag)
    wide, tall = np.isinf(x.real), np.isinf(x.imag)
    result = np.where(x == 0, 0, x) / np.where(x == 0, 1, size)
    result = np.where(wide, np.copysign(1, x.real), result)
    result = np.where(tall, 1j * np.copysign(1, x.imag), result)
    return np.where(wide & tall | np.isnan(size), complex(np.nan, np.nan), result).astype(dtype)


def bitwise_count(x):
    x = np.asarray(x)
    x = x.astype(np.int8) if x.dtype == bool else x
    if x.dtype.kind not in "iu":
        raise TypeError("bitwise_count")
    bits = np.abs(x).view(f"u{x.itemsize}")
    return np.asarray(sum((bits >> np.asarray(k, bits.dtype)) & np.asarray(1, bits.dtype)
                          for k in range(8 * x.itemsize))).astype(np.uint8)


def where(condition, x, y):
    return np.where(condition, *firm([x, y]))


def clip(a, a_min=None, a_max=None, **kwargs):
    low, high = kwargs.get("min", a_min), kwargs.get("max", a_max)
    a, *bounds = firm([np.asarray(a)] + [b for b in (low, high) if b is not None])
    a = a.astype(np.result_type(a, *bounds))
    low = bounds.pop(0) if low is not None else None
    high = bounds.pop(0) if high is not None else None
    a = np.maximum(a, low) if low is not None else a
    return np.asarray(np.minimum(a, high) if high is not None else a)


def isclose(a, b, rtol=1e-5, atol=1e-8, equal_nan=False):
    return np.isclose(*firm([a, b]), rtol=rtol, atol=atol, equal_nan=equal_nan)


def sinc(x):
    x = np.asarray(x)
    return np.sinc(x).astype(x.dtype) if x.dtype in (np.float32, np.complex64) else np.sinc(x)


def take(a, indices, axis=None, mode="raise"):
    """Of an axis without elements NumPy's own never ends with mode="wrap"."""
    a = np.asarray(a)
    if np.size(indices) and (a.size if axis is None else a.shape[axis]) == 0:
        raise IndexError("cannot do a non-empty take from an empty axes.")
    return np.take(a, indices, axis, mode=mode)


def isin(element, test_elements, assume_unique=False, invert=False):
    """NumPy 1's table for integers fails for uint64."""
    return np.isin(element, test_elements, assume_unique, invert, kind="sort")


def in1d(element, test_elements, assume_unique=False, invert=False):
    return np.ravel(isin(element, test_elements, assume_unique, invert))


def pad(array, pad_width, mode="constant", **kwargs):
    """NumPy 1 wraps other than whole copies where the padding is longer than the axis."""
    array = np.asarray(array)
    if mode != "wrap" or 0 in array.shape:
        return np.pad(array, pad_width, mode, **kwargs)
    for axis, (low, high) in enumerate(np.broadcast_to(pad_width, (array.ndim, 2))):
        n = array.shape[axis]
        array = np.take(array, np.arange(-low, n + high) % n, axis)
    return array


def select(condlist, choicelist, default=0):
    *choices, last = firm([*choicelist, default])
    dtype = np.result_type(*choices, last)
    return np.select(condlist, [np.asarray(c, dtype) for c in choices], np.asarray(last, dtype))


def choose(a, choices, mode="raise"):
    return np.choose(a, firm(list(choices)), mode=mode)


def median(a, axis=None, **kwargs):
    """Beside an axis without elements NumPy cannot merge others; nanmedian takes this mean."""
    return (np.median if np.size(a) else np.mean)(a, axis, **kwargs)


def quantile(name):
    """A q that is one Python number is weak."""
    def call(a, q, *args, **kwargs):
        result = np.asarray(getattr(np, name)(a, q, *args, **kwargs))
        single = weak(q) and np.asarray(a).dtype == np.float32
        return result.astype(np.float32) if single else result
    return call


def place_of_number(name, fill):
    """NumPy takes a NaN for what it fills in, and says that this is not to be trusted."""
    def call(a, axis=None, **kwargs):
        a = np.asarray(a)
        if a.dtype.kind not in "fc" or not np.isnan(a).any():
            return getattr(np, name)(a, axis, **kwargs)
        if np.isnan(a).all(axis=axis).any():
            raise ValueError("All-NaN slice encountered")
        numbers = np.where(np.isnan(a), fill, a)
        best = (np.min if fill > 0 else np.max)(numbers, axis, keepdims=True)
        return np.argmax(a == best, axis, **kwargs)
    return call


def full_like(a, fill_value, dtype=None, **kwargs):
    return np.full_like(a, fill_value, dtype, **kwargs)


def compared(name):
    """Integers of both signs are compared by their values."""
    def call(x, y, **kwargs):
        a, b = np.asarray(x), np.asarray(y)
        if {a.dtype.kind, b.dtype.kind} == {"i", "u"}:
            return np.asarray(getattr(np, name)(a.astype(object), b.astype(object)), bool)
        return getattr(np, name)(x, y, **kwargs)
    return call



def in_axis(x, axis):
    axis = axis + x.ndim if axis < 0 else axis
    return lambda part: (slice(None),) * axis + (part,)


def topk(a, k, axis=-1):
    a = np.asarray(a)
    at, order = in_axis(a, axis), np.sort(a, axis)
    return order[at(slice(-1, -k - 1, -1))] if k > 0 else order[at(slice(None, -k))]


def argtopk(a, k, axis=-1):
    a = np.asarray(a)
    at = in_axis(a, axis)
    order = np.argsort(a, axis, kind="stable")
    if k <= 0:
        return order[at(slice(None, -k))]
    flipped = np.argsort(np.flip(a, axis), axis, kind="stable")
    return (a.shape[axis] - 1 - flipped)[at(slice(-1, -k - 1, -1))]


def coarsen(reduction, x, axes, trim_excess=False):
    x = np.asarray(x)
    axes = {axis % x.ndim: n for axis, n in axes.items()}
    shape, cut = [], []
    for axis, length in enumerate(x.shape):
        n = axes.get(axis, 1)
        if length % n and not trim_excess:
            raise ValueError("coarsen")
        cut.append(slice(0, length // n * n))
        shape += [length // n, n]
    return reduction(x[tuple(cut)].reshape(shape), axis=tuple(range(1, 2 * x.ndim, 2)))


def opened(arrays):
    """open(NAME, ...) of a line, from a table of arrays."""
    return lambda name, *args, **kwargs: arrays[name].copy()


def log1p_of_complex(z):
    """Exact for small z."""
    x, y = z.real, z.imag
    near = np.log1p(x * (2 + x) + y * y) / 2
    far = np.log(np.hypot(1 + x, y))
    return np.where(np.abs(z) < 1, near, far) + 1j * np.arctan2(y, 1 + x)


class Stride:
    sliding_window_view = staticmethod(sliding_window_view)


class Lib:
    stride_tricks = Stride


class Module:
    """Looks like numpy."""

    lib = Lib
    linalg = np.linalg
    own = dict(sign=sign, sinc=sinc, select=select, choose=choose, median=median, take=take,
               isin=isin, in1d=in1d, pad=pad, where=where, clip=clip,
               bitwise_count=bitwise_count, isclose=isclose, topk=topk, argtopk=argtopk,
               coarsen=coarsen, sliding_window_view=sliding_window_view,
               **{name: quantile(name) for name in ("quantile", "percentile", "nanquantile",
                                                    "nanpercentile")},
               nanargmin=place_of_number("nanargmin", np.inf),
               nanargmax=place_of_number("nanargmax", -np.inf),
               **{name: same_integers(name) for name in ("floor", "ceil", "trunc")},
               **{name: compared(name) for name in ("equal", "not_equal", "less", "less_equal",
                                                    "greater", "greater_equal")})

    def __init__(self):
        self.known = {}

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        if name not in self.known:
            base = ALIASES.get(name, name)
            found = self.own.get(base) or getattr(np, base)
            plain = isinstance(found, type) or not callable(found)
            if isinstance(found, np.ufunc):
                found = firm_ufunc(found)
            self.known[name] = found if plain else no_halves(found)
        return self.known[name]


MODULE = Module()


def namespace(variables):
    return {"np": MODULE, "ndimage": ndimage, "log1p_of_complex": log1p_of_complex,
            "nan": np.nan, "inf": np.inf, **variables}
