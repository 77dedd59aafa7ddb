"""Whether a result of ours is right, beside NumPy's.

Integers, bools, shapes and dtypes are equal. So are floating-point numbers where IEEE 754 defines
them (arithmetic, square roots, what only moves elements). Other floats are within 4 units in the
last place (ulp) of NumPy's, or of the result in long double, or nearer to that than NumPy's. A sum
of terms, whatever they are, may be off by 4 ulp of the sum of the terms' magnitudes; a complex
number by 4 ulp of its modulus.
"""
import numpy as np

UNITS = 4
WIDE, WIDE_COMPLEX = np.longdouble, np.clongdouble


def lifted(a, integers=True):
    """The same numbers in long double."""
    if not isinstance(a, np.ndarray):
        return a
    if a.dtype.kind == "c":
        return a.astype(WIDE_COMPLEX)
    return a.astype(WIDE) if a.dtype.kind in ("fiu" if integers else "f") else a


def magnitude(a):
    """Absolute values in long double."""
    return np.abs(lifted(a)) if isinstance(a, np.ndarray) and a.dtype.kind in "iufc" else a


def wrong_kind(got, want):
    if got.dtype != want.dtype or got.shape != want.shape:
        return f"{got.dtype} {got.shape}, not {want.dtype} {want.shape}"
    return None


def equal(got, want, zeros=True):
    """Element by element; NaN equals NaN, and -0.0 not 0.0 where `zeros` is set."""
    if got.dtype.kind == "c":
        return equal(got.real, want.real, zeros) & equal(got.imag, want.imag, zeros)
    same = got == want
    if got.dtype.kind != "f":
        return same
    if zeros:
        same &= np.signbit(got) == np.signbit(want)
    return same | ((got != got) & (want != want))


def unit(x, dtype):
    """One ulp of `dtype` at x."""
    x = np.abs(np.asarray(x)).astype(dtype)
    return np.spacing(np.where(np.isfinite(x), x, dtype.type(0))).astype(WIDE)


def near_real(got, want, truth, room):
    """`room` is how much more than 4 ulp is allowed: inf where the terms' sum overflows."""
    dtype = got.dtype
    g, w = got.astype(WIDE), want.astype(WIDE)
    good = equal(got, want, zeros=False)
    good |= np.abs(g - w) <= UNITS * unit(w, dtype)
    if truth is not None:
        t = np.broadcast_to(truth.astype(dtype), got.shape)
        good |= equal(got, t, zeros=False)
        error = np.abs(g - truth)
        good |= error <= UNITS * unit(truth, dtype)
        worse = np.abs(w - truth)
        good |= (error <= worse) | (np.isfinite(error) & ~np.isfinite(worse))
    if room is not None:
        room = np.broadcast_to(np.asarray(room, WIDE), got.shape)
        good |= np.abs(g - w) <= room
        good |= ~np.isfinite(room)
        if truth is not None:
            good |= np.abs(g - truth) <= room
    return good


def near(got, want, truth, scale):
    dtype = got.real.dtype
    room = None
    if scale is not None:  # terms may overflow in one order of addition and not in another
        scale = np.where(np.isfinite(np.asarray(scale).astype(dtype)), scale, WIDE(np.inf))
        room = UNITS * np.finfo(dtype).eps * np.asarray(scale, WIDE)
    if got.dtype.kind == "f":
        if truth is not None and truth.dtype.kind == "c":
            truth = None
        return near_real(got, want, truth, room)
    modulus = UNITS * unit(np.abs(want), dtype)
    room = modulus if room is None else np.maximum(room, modulus)
    parts = [(None if truth is None else np.asarray(p(truth))) for p in (np.real, np.imag)]
    good = near_real(got.real, want.real, parts[0], room) & \
        near_real(got.imag, want.imag, parts[1], room)
    if truth is not None:  # of infinite numbers the parts say nothing
        good |= np.isinf(np.abs(truth).astype(dtype)) & ~np.isfinite(got)
    return good


def words(got, want, good, truth=None):
    at = tuple(int(i) for i in np.argwhere(~good)[0])
    extra = ""
    if truth is not None and np.shape(truth) == got.shape:
        extra = f" ({truth[at]!r} in long double)"
    return (f"{(~good).sum()} of {good.size} differ, first at {at}: "
            f"{got[at]!r}, not {want[at]!r}{extra}")


def same(got, want, zeros=True):
    """None, or what differs."""
    wrong = wrong_kind(got, want)
    if wrong:
        return wrong
    good = np.asarray(equal(got, want, zeros))
    return None if good.all() else words(got, want, good)


def close(got, want, truth_of, scale_of):
    """None, or what differs. The functions give the result in long double, and the sum of terms."""
    wrong = wrong_kind(got, want)
    if wrong or got.dtype.kind not in "fc":
        return wrong or same(got, want)
    good = np.asarray(equal(got, want, zeros=False))
    if good.all():
        return None
    good = np.asarray(near(got, want, None, None))
    if good.all():
        return None
    truth, scale = truth_of(), scale_of()
    good = np.asarray(near(got, want, truth, scale))
    return None if good.all() else words(got, want, good, truth)
