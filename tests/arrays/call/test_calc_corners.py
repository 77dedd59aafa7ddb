"""calc_app against NumPy where arrays are empty, numbers are none, and arguments odd or wrong.

All topics are one session: a statement changes what the lines after it see.
"""
import os
import sys
import unittest

from scipy import ndimage

sys.path.insert(0, os.path.join(os.environ["TEGULA_SOURCE"], "tests", "support"))

from calc_lines import CalcLines, np, python_says

SETUP = """x = np.array([[1,2,3],[4,5,6],[7,8,9]])
e = np.zeros((0,3))
f4 = np.zeros((0,3), dtype=np.float32)
u8 = np.array([1,2,200], dtype=np.uint8)
b = np.array([True, False, True])
z = np.array([1+2j, 3, 2-1j])
gap = np.array([complex(np.nan, 1), complex(1, np.nan)])
big = np.array([2**62 + 1, 2**62 + 3])
n = np.array([1.0, np.nan, 3.0])
v = np.array([1.0, 2.0])
"""
TOPICS = {
    "quantiles of nothing": r"""
        np.nanquantile([], [0.1, 0.2], axis=0); np.nanquantile(f4, [0.1, 0.2], axis=0)
        np.nanpercentile(e > 0, [[10]], axis=1, keepdims=True); np.nanquantile(e, 2)
        np.quantile(e, 0.5, axis=0); np.quantile(e, 0.5, axis=1)
        np.percentile(x, 30, method='lower', interpolation='higher')
    """,
    "quantiles of large integers": r"""
        np.quantile(big, 0.5, method='lower'); np.quantile(big, 1); np.quantile(big, [0, 1])
        np.percentile(big.astype(np.uint64), [10, 90], method='nearest')
    """,
    "medians without a number": r"""
        np.nanmedian(gap); np.nanmedian(gap[:1]); np.nanmedian(gap[0]); np.nanmedian(gap[None], 1)
        np.nanmedian(gap[None], (0, 1)); np.median(gap); np.nanmedian(np.stack([gap, z[:2]]), 1)
        np.nanmedian(np.tile(gap, (2, 300)), 1)
    """,
    "histograms of complex numbers and of large integers": r"""
        np.histogram(z, bins=[0, 1, 2, 3]); np.histogram(z, bins=3, range=(0, 3))
        np.histogram(z, bins=[0, 1+1j, 2, 3]); np.histogram([1, 2, 3], bins=[0, 1+1j, 2, 3])
        np.histogram(np.array([], dtype=complex)); np.histogram([1j]); np.histogram(z, bins='auto')
        np.histogram(z, bins=3, density=True); np.histogram([1, 2], weights=[1j, 2])
        np.histogram([2**53, 2**53 + 1], bins=[2**53, 2**53 + 1, 2**53 + 2])
        np.histogram(np.arange(300)**2, bins='stone'); np.histogram([1, 2], bins=[[0, 1], [2, 3]])
        np.histogram(np.arange(300)**2, bins='stone', range=(0, 4000)); np.histogram(x, bins=2.5)
        np.histogram([1, 2, 3], bins=np.int64(2)); np.histogram([1, 1], bins='stone')
    """,
    "axes of numbers": r"""
        np.nanvar(np.array(3.0), axis=0); np.nanstd(np.array(np.nan), axis=-1); np.var(3.0, axis=0)
        np.nanvar(np.array(3.0), axis=-1, keepdims=True); np.nanvar(np.array(3), axis=0)
        np.nanmean(np.array(3), axis=0); np.nanmean(np.array(3.0), axis=0); np.max(3.0, axis=(0,))
    """,
    "degrees of freedom": r"""
        np.std(v, ddof=5); np.std(v, ddof=5, where=[True, True]); np.nanvar(n, ddof=5)
        np.var(v, ddof=2, where=[True, False]); np.nanvar(n, ddof=2, where=[True, True, False])
    """,
    "where and initial": r"""
        np.sum(v, where=[True, True, False]); np.nansum(v[:1], where=[True, False, True])
        np.sum(x[:1], axis=0, where=x > 2); np.sum(v, where=1); np.max(x, initial=np.nan)
        np.sum(x, initial=np.inf); np.sum(v, initial=1j); np.min(x, initial=2.5)
        np.max(x, initial=5); np.sum(x, keepdims=None); np.min(v, initial=0.5, where=v > 1)
    """,
    "covariances of nothing": r"""
        np.cov(e); np.cov(e, [1, 2]); np.corrcoef(e, v); np.cov(e, dtype=int)
        np.cov(x, dtype=int); np.corrcoef(x, dtype='i1')
    """,
    "partitions": r"""
        np.partition(e, 1); np.partition([], 5); np.partition(e.T, 5); np.argpartition(e.T, 5)
        np.partition(e, 7); np.partition(e, 1.5); np.partition([3, 1, 2], 3)
    """,
    "counts of nothing": r"""
        np.bincount([]); np.bincount([], minlength=2); np.bincount(e[:, 0])
    """,
    "values that do not fit": r"""
        np.array(np.nan, dtype=int); np.array([np.inf], dtype='i2'); np.array([1.7], dtype=int)
        np.full_like(u8, 2**70); np.full(2, 2**70, dtype='i8'); np.full_like(u8, 300)
        np.insert(x[0], 1, np.nan); np.insert(x[0], 1, 2.7); np.insert(u8, 1, [2.5, np.nan])
    """,
    "inserted values": r"""
        np.insert(np.zeros((4, 5)), 1, np.ones((4, 1)), axis=1); np.insert(x, 1, [7, 8, 9], axis=1)
        np.insert(np.zeros((2, 3)), 1, [[7], [8]], axis=1); np.insert(x, 1, [[7, 8, 9]], axis=0)
        np.insert(np.zeros((2, 3)), 1, [[7, 8]], axis=1); np.insert(x, [1], [7, 8, 9], axis=1)
        np.insert(np.zeros((2, 3)), [1], [[7], [8]], axis=1); np.insert(x, [[1]], 5)
        np.insert(np.zeros((2, 3, 4)), 0, np.ones((3, 2, 4)), axis=1).shape
    """,
    "conditions that are longer": r"""
        np.compress([True, False, False, False], x, axis=0); np.extract([True, False], 3)
        np.compress([False, False, False, True], x, axis=0); np.extract([False, True], 3)
    """,
    "padding": r"""
        np.pad([1, 2, 4], 2, mode='median'); np.pad([1, 2, 3, 4], 2, mode='median', stat_length=2)
        np.pad([1j, 2], 1, constant_values=1j); np.pad([1, 2], 1, constant_values=2**60 + 1)
        np.pad([1j, 2], 2, 'linear_ramp', end_values=1j); np.pad(x, [[1], [2]])
        np.pad(v, 1, constant_values=(-0.0, 0.0)); np.pad(u8, 1, constant_values=(7, 0))
        np.pad(x, (1, 2, 3)); np.pad(x, 1.0); np.pad(x, True); np.pad(x, np.array([[1, 0], [0, 2]]))
        np.pad(x, 1, 'maximum', stat_length=0); np.pad(x, 1, 'minimum', stat_length=-1)
        np.pad(x, ((1, 0), (0, 1)), constant_values=((5, 6), (7, 8)))
    """,
    "loops and castings": r"""
        np.sin(x, dtype=int); np.divide(x, 2, dtype=int); np.absolute(v, dtype=complex)
        np.ldexp(v, [1, 2], dtype='f8'); np.add(x, 1, dtype='f4'); np.equal(x, 1, dtype='f8')
        np.concatenate([f4, x], casting='no'); np.hstack([v, [1, 2]], casting='equiv')
        np.concatenate([f4, x], dtype='f4'); np.modf(v, dtype=int)
    """,
    "bools": r"""
        np.gradient(b); b.conjugate(); b.conj(); np.conjugate(b); np.clip(b, 0, 1)
    """,
    "castings that are not asked for": r"""
        np.add(x, 1.5, casting='no'); np.add(x, v[:1], casting='equiv'); np.sin(x, casting='no')
        np.add(x, x, casting='no'); np.sin(v, casting='no'); np.less(x, v[:1], casting='no')
        np.logical_and(x, v[:1], casting='no'); np.ldexp(v, [1, 2], casting='no')
        np.power(x, v[0:1], casting='safe'); np.divmod(x, v[:1], casting='no')
        np.frexp(v, dtype='f4'); np.frexp(x, dtype=float); np.modf(x, casting='no')
    """,
    "integers that are none": r"""
        np.sum(x, axis=[0]); np.sum(x, axis=True); np.max(x, (True,)); np.mean(x, np.array([0]))
        np.median(x, axis=[0]); np.flip(x, [0, 1]); np.flip(x, np.array([0])); x.std(axis=[0, 1])
        np.expand_dims(x, [0, 3]).shape; np.moveaxis(x, [0], [1]); np.squeeze(x[:1], [0])
        np.zeros((2, True)); np.zeros(np.array([2, 1])); np.ones((2, np.array([1])))
        x.reshape(True)
        x[0:np.array([1])]; x[np.array(1):]; np.linspace(0, 1, np.array([2])); np.repeat(x, 1j)
        np.repeat(x, 1.5); np.array_split(v, np.int64(2)); np.split(x, np.array([1]), 1)
        np.round(x, np.array([1])); np.eye(2, k=np.array([1])); np.sum(x, np.array(1))
    """,
    "ranges": r"""
        np.arange(start=2); np.arange(stop=3); np.arange(stop=3, step=2); np.arange(3, None, 2)
        np.arange(3j); np.arange(1j, 3+5j, 1+1j); np.arange(0, 5+5j, 1+1j)
        np.arange(5+5j, 0, -1-2j)
        np.arange(5, dtype=complex); np.arange(0, 3j, dtype='c8'); np.arange(0, 1j, 0j)
        np.arange(2, dtype=bool); np.arange(5, dtype=bool); np.arange()
    """,
    "variances of complex numbers in reals": r"""
        np.var(z, dtype=float); np.std(z, dtype='f4'); np.var(z, 0, float)
        np.var(z[None], 1, dtype=float, where=[True, False, True]); np.nanvar(gap, dtype='f4')
    """,
    "elements of complex images": r"""
        ndimage.center_of_mass(z); ndimage.center_of_mass(z[None], [1, 0, 2], 1)
        ndimage.variance(z, [0, 1, 2]); ndimage.standard_deviation(z, [0, 1, 1], 1)
        ndimage.extrema(z); ndimage.extrema(z, [1, 1, 0]); ndimage.extrema(z, [2, 1, 2], [1, 2])
        ndimage.minimum(z, [2, 1, 2], [1, 2, 3]); ndimage.maximum_position(z, [1, 2, 1], [2, 1])
        ndimage.median(z); ndimage.median(z, [1, 1, 0]); ndimage.median(z, [1, 2, 1], [2, 1])
        ndimage.sum_labels(z, [1, 2, 1], [1, 2]); ndimage.variance(z, [1, 2, 1], [1, 2])
    """,
    "traces": r"""
        x.trace(); np.trace(x, 1); np.trace(x, -1, 1, 0); np.trace(x > 2); np.trace(e); np.trace(v)
        np.trace(np.arange(24).reshape(2, 3, 4), 0, 1, 2); np.trace(x, 5); np.trace(x, 0, 1, 1)
        x.trace(dtype='i1'); np.trace(u8[None]); np.trace(z[None] * [[1], [2]], dtype=complex)
    """,
    "Python's numbers of arrays": r"""
        x.tolist(); np.array(3).tolist(); b.tolist(); z.tolist(); f4.tolist(); e.T.tolist()
        np.array([2**63, 1], dtype='u8').tolist(); np.array([-0.0, np.nan, np.inf]).tolist()
        x.item(4); x.item(1, 2); x.item((1, 2)); x.item(-1); x.item(9); x.item(1, 2, 0)
        x.item(0, 3)
        v.item(-1); np.array(5).item(); x.item(); b.item(1); z.item(0); len(x.tolist())
    """,
    "arrays that are equal": r"""
        np.allclose(v, v + 1e-9); np.allclose(v, v + 1); np.allclose(n, n, equal_nan=True)
        np.allclose(n, n); np.array_equal(x, x); np.array_equal(x, x[0]); np.array_equal(n, n)
        np.array_equal(gap, gap, equal_nan=True); np.array_equiv(v, [[1, 2], [1, 2]])
        np.array_equiv(v, x); np.array_equiv(e, []); np.allclose(v, x); np.allclose(e, e)
    """,
    "other forms of products": r"""
        np.einsum(x, [0, 1], x, [1, 2]); np.einsum(x, [0, 1], x, [0, 2], [2, 1])
        np.einsum(x, [0, 0])
        np.einsum(x, [0, ...], [..., 0]); np.einsum(x, [0, 52]); np.einsum(x, [26, 0]); np.einsum(x)
        np.einsum('ij,jk', x, x, optimize=True); np.einsum('ij->j', x, dtype='i2')
        np.einsum('i,i', b, b); np.einsum('ij->i', x, dtype='i2', casting='unsafe')
        np.matmul(x, x, axes=[(0, 1), (1, 0), (0, 1)]); np.matmul(x, v, axes=[(0, 1), 0, 0])
        np.matmul(x, x[0], axes=[(1, 0), 0, 0]); np.matmul(x, x, dtype=float); x.dot(x, out=None)
        np.matmul(x, x, axes=[(0, 1), (0, 1)]); np.matmul(v, v, dtype=int)
    """,
    "methods with all their arguments": r"""
        x.clip(2, max=5); x.clip(max=5); x.clip(2, 5); x.astype('i4', casting='safe'); x.copy('F')
        v.astype('f4', 'K', 'same_kind'); x.astype(float, order='F', casting='safe', copy=False)
        np.copy(x, order='C', subok=True); x.flat[2:4]; np.array(x.flat)
        np.where(x > 7); np.where(b); np.where(b, 1); np.where(x > 2, x, 0)
        np.isclose(v, [1.1, 2.1], rtol=[0.2, 0]); np.isclose(v, [1.1, 2.1], atol=np.array([0, 1]))
        np.linspace(0, 3.5, 4, dtype=bool); [a.shape for a in np.meshgrid(x, v)]
    """,
    "texts of numbers": r"""
        f'{np.float32(0.1)}|{f4.sum()}|{z[0]}|{np.int8(3)}|{v}'
        f'{1+2j:.3}|{2j:.3}|{1-2j:9.1f}'
        f'{1+2j:>20}|{-0.0+1j:+}|{1e20+1j:.2e}|{z[1]:.1f}|{1+2j:+.1f}|{2j:g}'; f'{1j:=10}'
        f'{1j:d}'; repr(v); repr('a'); repr(np.array([1e-4, 1e8], 'f4'))
        str(np.array([1e-4, 1e8], 'f4'))
        np.array([1e-4, 1e-3, 1e8], 'f4'); np.array([1e-4+1e8j, 1], 'c8')
    """,
    "other wrong calls": r"""
        np.choose([0], [[1]], mode='bad'); np.choose([0, 1], [1, 2], mode='raise')
        np.nansum(n, dtype=int); np.nanprod(n, dtype='i2')
        ndimage.morphological_laplace(x, 3, output=float); ndimage.morphological_gradient(x, 3)
        np.array([1, 2]).clip(5, min=3); np.tri(-1); np.tri(2, -3); np.dtype('>i4').itemsize
        np.tensordot(x, x, axes=np.int64(1)); np.tensordot(x, x, axes=1.5)
    """,
    "in place": r"""
        a = np.arange(4); a += 1.5; a; a /= 2; a += 2; a; a = np.arange(4.0); a += np.arange(4)
        a.dtype; a = np.ones(3, dtype='f4'); a *= np.ones(3); a.dtype; a += np.ones((2, 3)); a
        a = np.ones((3, 3), dtype=int); a[0] += 1.5; a[0, 0] += 1.5; a; a[:, 1] *= 3; a
        a = np.ones(3, dtype=bool); a &= [True, False, True]; a; a += 1; a = np.arange(4).sum()
        a += 1.5; a; a = 3; a /= 2; a; a = [1, 2]; a += [3]; a; a *= 2; a; sum([[1], [2]], [])
        a = np.array([1, 2]); a **= 2; a -= 1; a //= 2; a <<= 2; a |= 1; a
        a = np.ones(3); a[0] = 1j; a
        a = np.ones(3, dtype='i2'); a[0] = np.inf; a[1:] = [np.nan, 1]; a[0] = 2**70; a[0] = 1.75; a
    """,
    "means whose first element is far larger": r"""
        np.mean([1.0, 0, 0, 0, 0, 0, 0, 0, 0]); np.array([1] + [0] * 9, "f4").mean(dtype="f8")
        np.r_[np.ones(1), np.zeros(299)].mean(); np.array([[1.0] * 20] + [[0.0] * 20] * 6).mean(0)
        np.concatenate([np.ones(1), np.zeros(99999)]).mean(); np.mean([1 + 2j] + [0] * 8)
        np.concatenate([np.ones((1, 3)), np.zeros((98, 3))]).mean(axis=0)
    """,
    "labels where elements are none": r"""
        ndimage.find_objects(v)
        ndimage.minimum(n); ndimage.maximum(n, [1, 1, 2]); ndimage.minimum(n, [1, 1, 2], 1)
        ndimage.maximum(n, [1, 1, 2], [1, 2]); ndimage.minimum(n, [1, 1, 2], [1, 2])
        ndimage.maximum_position(n, [1, 1, 2], [1, 2]); ndimage.median(n, [1, 1, 1], 1)
    """,
    "complex numbers that are none": r"""
        np.arccos(gap * 0 + complex(0, np.nan)); np.sinh(complex(-np.inf, np.nan))
        np.arcsin(np.array([complex(np.inf, np.nan), complex(0, np.nan)]))
        np.sin(np.array([complex(np.nan, -np.inf), complex(np.nan, np.inf)]))
    """,
}


def scipy_too(lines, setup):
    return python_says(lines, setup, {"np": np, "ndimage": ndimage})


class Corners(CalcLines):
    def test_corners_are_numpy_s(self):
        self.compare("\n".join(TOPICS.values()), SETUP, others=scipy_too)

    def test_ranks_make_no_difference(self):
        self.compare("\n".join(TOPICS.values()), SETUP, n=3, others=scipy_too)

    def test_what_is_not_there_says_why(self):
        said = self.calc(["x.fill(0)", "x.tobytes()", "x.nobody"], SETUP)
        for text, part in zip(said, ["arrays never change", "no memory", "no attribute 'nobody'"]):
            self.assertIn(part, str(text))

    def test_more_objects_than_fit_are_refused(self):
        said, = self.calc(["ndimage.find_objects(2**40)"])
        self.assertIn("1099511627776 labels", str(said))


if __name__ == "__main__":
    unittest.main()

#TEST timeout=300
