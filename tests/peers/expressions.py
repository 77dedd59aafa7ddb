"""NumPy's side of test_random.py: values with bounds of their error, and operators on them.

An operator gives the array that NumPy's current release gives (NEP 50), whatever release runs here:
operands are converted explicitly, and 0-d arrays are not special. `err` bounds by how much a result
of ours may differ, element by element; None means not at all, bit for bit.
"""
import numpy as np

EPS = np.finfo(np.float64).eps


class Refused(Exception):
    """The operator is not defined: we must say so, too."""


class Value:
    def __init__(self, data, err=None, weak=False):
        self.data, self.err, self.weak = np.asarray(data), err, weak

    @property
    def dtype(self):
        return self.data.dtype

    def bound(self):
        return np.zeros(self.data.shape) if self.err is None else self.err


def fits(value, dtype):
    info = np.iinfo(dtype)
    return info.min <= value <= info.max


def weak_dtype(value, strong, compares):
    """The dtype of a Python number that meets arrays of dtype `strong`."""
    if isinstance(value, float):
        return strong if strong.kind == "f" else np.dtype(np.float64)
    if strong == bool:
        return np.dtype(np.int64)
    if strong.kind in "iu" and not fits(value, strong):
        if not compares:
            raise Refused
        return np.dtype(np.int64)
    return strong


def strong_operands(values, compares=False):
    """The operands as arrays, Python's numbers with the dtypes that they take."""
    dtypes = [v.dtype for v in values if not v.weak]
    strong = dtypes[0] if dtypes else None
    for dtype in dtypes[1:]:
        strong = np.promote_types(strong, dtype)
    arrays = []
    for v in values:
        if not v.weak:
            arrays.append(v.data)
        elif strong is None:
            arrays.append(np.asarray(v.data, np.float64 if v.dtype.kind == "f" else np.int64))
        else:
            arrays.append(np.asarray(v.data, weak_dtype(v.data.item(), strong, compares)))
    return arrays


def as_float64(a):
    return np.asarray(a, np.float64)


def rounding(result):
    return np.abs(as_float64(result)) * np.finfo(result.dtype).eps


def arithmetic(name, a, b):
    x, y = strong_operands([a, b])
    dtype = np.promote_types(x.dtype, y.dtype)
    if name == "subtract" and dtype == bool:
        raise Refused
    if name == "divide" and dtype.kind != "f":
        dtype = np.dtype(np.float64)
    x, y = x.astype(dtype), y.astype(dtype)
    result = np.asarray(getattr(np, name)(x, y))
    assert result.dtype == dtype, (name, result.dtype, dtype)
    if a.err is None and b.err is None:
        return Value(result)
    if dtype.kind != "f":
        raise AssertionError("inexact integers")
    x, y, ex, ey = as_float64(x), as_float64(y), a.bound(), b.bound()
    if name in ("add", "subtract"):
        err = ex + ey
    elif name == "multiply":
        err = np.abs(x) * ey + np.abs(y) * ex + ex * ey
    else:
        room = np.maximum(np.abs(y) - ey, 0)
        err = (ex + np.abs(x / y) * ey) / room
        err = np.where(ex + ey == 0, 0, err)
    return Value(result, np.broadcast_to(err, result.shape) + rounding(result))


def comparison(name, a, b):
    x, y = strong_operands([a, b], compares=True)
    if {x.dtype.kind, y.dtype.kind} == {"i", "u"}:
        x, y = x.astype(object), y.astype(object)  # exact, as in NumPy 2
    else:
        dtype = np.promote_types(x.dtype, y.dtype)
        x, y = x.astype(dtype), y.astype(dtype)
    return Value(np.asarray(getattr(np, name)(x, y)).astype(bool))


def unary(name, a):
    x = strong_operands([a])[0]
    if name == "negative" and x.dtype == bool:
        raise Refused
    if name == "sqrt":
        x = x.astype(np.promote_types(x.dtype, np.float32))
    result = np.asarray(getattr(np, name)(x))
    if a.err is None:
        return Value(result)
    err = a.bound()
    if name == "sqrt":
        low = np.maximum(as_float64(x) - err, 0)
        err = np.maximum(as_float64(result) - np.sqrt(low),
                         np.sqrt(as_float64(x) + err) - as_float64(result)) + rounding(result)
        err = np.where(as_float64(x) - a.bound() < 0, np.inf, err)
    return Value(result, err)


# Ufuncs of exact operands. Results of INEXACT ones are within 4 units in the last place of NumPy's,
# which is itself within 4 of the true ones.
EXACT = {1: """square sign rint floor ceil trunc isnan isinf isfinite signbit logical_not invert
                reciprocal fabs positive""".split(),
         2: """floor_divide remainder fmod maximum minimum fmax fmin bitwise_and bitwise_or
                bitwise_xor left_shift right_shift gcd lcm logical_and logical_or logical_xor
                copysign heaviside""".split()}
INEXACT = {1: """sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arccosh arctanh exp exp2
                  expm1 log log2 log10 log1p cbrt""".split(),
           2: "arctan2 hypot".split()}
LOGICAL = ("logical_and", "logical_or", "logical_xor", "logical_not")


def ufunc(name, values):
    arrays = [v.data for v in values] if name in LOGICAL else strong_operands(values)
    if name in ("floor", "ceil", "trunc") and arrays[0].dtype.kind in "biu":  # NumPy 2.1
        return Value(arrays[0])
    function = getattr(np, name)
    try:
        half = function(*[np.ones(1, a.dtype) for a in arrays]).dtype == np.float16
        if half or name == "signbit":
            small = (np.bool_, np.int8, np.uint8)
            arrays = [a.astype(np.float32) if a.dtype.type in small else a for a in arrays]
        result = np.asarray(function(*np.broadcast_arrays(*arrays)))
    except TypeError:
        raise Refused from None
    if name in EXACT[len(values)]:
        return Value(result)
    tiny = np.finfo(result.dtype).smallest_subnormal
    return Value(result, 8 * (rounding(result) + as_float64(tiny)))


def where(condition, a, b):
    x, y = strong_operands([a, b])
    dtype = np.promote_types(x.dtype, y.dtype)
    c = condition.data.astype(bool)
    result = np.asarray(np.where(c, x.astype(dtype), y.astype(dtype)))
    if a.err is None and b.err is None:
        return Value(result)
    return Value(result, np.asarray(np.where(c, a.bound(), b.bound())) + rounding(result))


def astype(a, dtype):
    x = strong_operands([a])[0]
    result = np.asarray(x.astype(dtype))
    if a.err is None:
        return Value(result)
    return Value(result, a.bound() + rounding(result))


def concatenate(values, axis):
    dtype = values[0].dtype
    for v in values:
        dtype = np.promote_types(dtype, v.dtype)
    result = np.concatenate([v.data.astype(dtype) for v in values], axis)
    if all(v.err is None for v in values):
        return Value(result)
    return Value(result, np.concatenate([v.bound() for v in values], axis) + rounding(result))


def transpose(a, axes):
    return Value(a.data.transpose(axes), None if a.err is None else a.err.transpose(axes))



def over(function, x, axes, keepdims):
    result = function(x, axis=axes, keepdims=keepdims)
    return np.asarray(result, object if x.dtype == object else None)


def count(shape, axes):
    n = 1
    for axis in range(len(shape)) if axes is None else axes:
        n *= shape[axis]
    return n


def float_of(dtype):
    return np.dtype(np.float32) if dtype == np.float32 else np.dtype(np.float64)


def extreme(name, a, axes, keepdims):
    try:
        result = over(getattr(np, name), a.data, axes, keepdims)
    except ValueError as error:
        raise Refused from error
    return Value(result, None if a.err is None else over(np.max, a.err, axes, keepdims))


def total(a, axes, keepdims):
    x = a.data
    if x.dtype.kind != "f":
        result = over(np.sum, x, axes, keepdims)
        return Value(result.astype(np.uint64 if x.dtype.kind == "u" else np.int64))
    wide = x.astype(np.longdouble)
    result = over(np.sum, wide, axes, keepdims).astype(x.dtype)
    scale = as_float64(over(np.sum, np.abs(wide), axes, keepdims))
    n = count(x.shape, axes)
    err = over(np.sum, a.bound(), axes, keepdims) + (n + 4) * EPS * scale + rounding(result)
    return Value(result, err)


def mean(a, axes, keepdims):
    x = a.data
    n = count(x.shape, axes)
    dtype = float_of(x.dtype)
    if x.dtype.kind != "f":
        exact = over(np.sum, x.astype(object), axes, keepdims)
        result = np.asarray(as_float64(exact / n if n else exact * np.nan))
        return Value(result, 4 * EPS * np.abs(result))
    wide = x.astype(np.longdouble)
    result = (over(np.sum, wide, axes, keepdims) / np.longdouble(n)).astype(dtype)
    scale = over(np.max, np.abs(wide), axes, keepdims) if n else np.zeros(result.shape)
    err = as_float64(scale) * EPS * 16 + rounding(result)
    return Value(result, err + (over(np.max, a.bound(), axes, keepdims) if n else 0))


def variance(a, axes, keepdims, ddof, root):
    x = a.data
    n = count(x.shape, axes)
    divisor = np.longdouble(max(n - ddof, 0))
    if x.dtype.kind != "f":
        wide = x.astype(object)
        squared = np.asarray(wide * wide, object)
        s, q = over(np.sum, wide, axes, keepdims), over(np.sum, squared, axes, keepdims)
        squares = np.asarray(n * q - s * s, object).astype(np.longdouble) / np.longdouble(n)
        scale = 0
    else:
        wide = x.astype(np.longdouble)
        middle = np.sum(wide, axis=axes, keepdims=True) / np.longdouble(n)
        squares = over(np.sum, (wide - middle) ** 2, axes, keepdims)
        scale = as_float64(over(np.max, np.abs(wide), axes, keepdims)) if n else 0
    var = as_float64(squares / divisor)
    size = n / float(divisor) if divisor else 0  # of the divisor's effect on the bounds
    err = 64 * EPS * np.abs(var) + 16 * EPS * scale * np.sqrt(np.abs(var) * size)
    err = err + (16 * EPS * scale) ** 2 * size
    dtype = float_of(x.dtype)
    if not root:
        result = var.astype(dtype)
        return Value(result, err + rounding(result))
    result = np.sqrt(var).astype(dtype)
    std = np.sqrt(var)
    with np.errstate(all="ignore"):
        err = np.where(err < var / 4, err / np.where(std > 0, std, 1), np.sqrt(err) * 2)
    return Value(result, err + rounding(result))


def detrended(a, axis, degree, root):
    x = np.moveaxis(as_float64(a.data), axis, -1)
    time = np.linspace(-1, 1, x.shape[-1])
    model = np.polynomial.legendre.legvander(time, degree)
    beta = x @ np.linalg.pinv(model).T
    rest = x - beta[..., 1:] @ model[:, 1:].T
    scale = np.abs(x).max(-1) if x.size else np.zeros(x.shape[:-1])
    result = rest.std(-1) if root else rest.mean(-1)
    return Value(result, scale * (1e-7 if root else 1e-12) + rounding(result))


def agrees(got, want):
    """None, or what is wrong with `got`."""
    if got.dtype != want.dtype or got.shape != want.data.shape:
        return f"{got.dtype} {got.shape}, not {want.dtype} {want.data.shape}"
    x, y = got, want.data
    same = (x == y) | ((x != x) & (y != y))
    if want.err is not None:
        bound = np.broadcast_to(want.err, y.shape)
        with np.errstate(all="ignore"):
            near = np.abs(x.astype(np.longdouble) - y.astype(np.longdouble)) <= bound
            # A bound that is not finite or overflows says that nothing is known.
            unknown = ~np.isfinite(bound)
        same = same | near | unknown
    if same.all():
        return None
    at = tuple(int(i) for i in np.argwhere(~same)[0])
    bound = "" if want.err is None else f" within {np.broadcast_to(want.err, y.shape)[at]}"
    return f"{(~same).sum()} of {same.size} differ, first at {at}: {x[at]!r}, not {y[at]!r}{bound}"
